"""验收: two persons sign what the inspection found; a batch that passes goes on, one that fails goes back whole."""

import hashlib

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BatchState, ItemState, Verdict
from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Acceptance, Item, Page, ScanBatch
from lantai.shelves.ledger import entries
from lantai.shelves.people.queries import are_one_person
from lantai.stages.digitise import inspecting, learning
from lantai.stages.digitise.inspecting import Standing


def sign(house: House, actor: Actor, batch_id: str, *, count: int) -> Acceptance:
    """Sign the inspection of a batch; the second signature concludes it. *count* is the number of pages in the sample, typed by hand.

    Refusals: ACCESS-REFUSED, DIGITISE-STATE, DIGITISE-UNDECIDED, DIGITISE-COUNT, DIGITISE-SAME-PERSON, DIGITISE-SIGNED-CHANGED.
    """
    access.require(actor, "digitise:batch:accept")
    batch = queries.batch(batch_id)
    stands = inspecting.standing(batch)
    row = _signable(batch, stands, count)
    digest = _digest(batch)
    if row.state == "signed":
        if are_one_person(row.first_by, actor.id):
            raise Refusal("DIGITISE-SAME-PERSON")
        if row.digest != digest:
            Acceptance.objects.filter(id=row.id).update(state="open", first_by="", first_at=None, digest="", version=F("version") + 1)
            raise Refusal("DIGITISE-SIGNED-CHANGED")
        return _conclude(house, actor, batch, row, stands)
    now = house.clock.now()
    with transaction.atomic():
        own = Acceptance.objects.filter(id=row.id, version=row.version, state="open")
        if not own.update(state="signed", first_by=actor.id, first_at=now, digest=digest, version=F("version") + 1):
            raise Refusal("DIGITISE-SIGNED-CHANGED")
        told = {"sampled": stands.figures.sampled, "good": stands.figures.good, "digest": digest, "place": "first"}
        entries.append(now, [entries.Entry("digitising:signed", actor.id, batch.id, told)], ids=house.ids)
    return Acceptance.objects.get(id=row.id)


def _signable(batch: ScanBatch, stands: Standing, count: int) -> Acceptance:
    row = stands.acceptance
    if row is None or row.state not in ("open", "signed"):
        raise Refusal("DIGITISE-UNDECIDED", "还没有抽样")
    if stands.figures.undecided:
        raise Refusal("DIGITISE-UNDECIDED", f"样本中 {stands.figures.undecided} 页还没有判定或待议")
    if stands.figures.sampled != row.sampled:
        raise Refusal("DIGITISE-UNDECIDED", "样本里有页已经重扫，请重新抽样")
    if count != row.sampled:
        raise Refusal("DIGITISE-COUNT", str(count), count=row.sampled)
    return row


def _digest(batch: ScanBatch) -> str:
    """Return the SHA-256 of what is signed: every page of the sample with its verdict."""
    return hashlib.sha256(canonical_json([list(row) for row in inspecting.pages_judged(batch.id)])).hexdigest()


def _conclude(house: House, actor: Actor, batch: ScanBatch, row: Acceptance, stands: Standing) -> Acceptance:
    """Close the acceptance: pass, and its items go on; or fail, and the whole batch goes back."""
    now, passes = house.clock.now(), stands.judged.passes
    values = {
        "state": "accepted" if passes else "rejected", "second_by": actor.id, "second_at": now, "good": stands.figures.good,
        "errors": stands.errors, "reasons": list(stands.judged.reasons),
    }  # fmt: skip
    told = {"sampled": row.sampled, "good": stands.figures.good, "seed": row.seed, "errors": stands.errors, "reasons": values["reasons"]}
    with transaction.atomic():
        own = Acceptance.objects.filter(id=row.id, version=row.version, state="signed")
        if not own.update(version=F("version") + 1, **values):
            raise Refusal("DIGITISE-SIGNED-CHANGED")
        sent = _send_back(batch)
        event = "digitising:accepted" if passes else "digitising:rejected"
        entries.append(
            now,
            [
                entries.Entry("digitising:signed", actor.id, batch.id, {"place": "second", "digest": row.digest}),
                entries.Entry(event, actor.id, batch.id, told | {"items": _accept(batch) if passes else 0, "sent_back": sent}),
            ],
            ids=house.ids,
        )
        state = BatchState.ACCEPTED if passes else BatchState.REJECTED
        ScanBatch.objects.filter(id=batch.id).update(state=state, version=F("version") + 1)
        Page.objects.filter(batch=batch, is_sampled=True).update(is_sampled=False)
        if passes:
            learning.learn(house, batch)
            work.enqueue("deliver_scans", batch_id=batch.id)
    return Acceptance.objects.get(id=row.id)


def _send_back(batch: ScanBatch) -> int:
    """Send the items back in which a page was found wanting: they are mended one by one, whatever becomes of the others."""
    wanting = Item.objects.filter(batch=batch, state=ItemState.CONFIRMED, pages__verdict=Verdict.RESCAN).distinct()
    count = 0
    for row in list(wanting):
        count += queries.move(row, "send_back", ItemState.RESCAN, {"draft": {"values": row.values, "seen": []}})
    return count


def _accept(batch: ScanBatch) -> int:
    return Item.objects.filter(batch=batch, state=ItemState.CONFIRMED).update(state=ItemState.ACCEPTED, version=F("version") + 1)
