"""quarantine 隔离: what the security administrator does with sealed items. Nobody sees a name or content here, and no event tells any.

Two persons decide: the first proposes removal 清除 or release 解除 (a false alarm 误报), a second, another natural person with the
same right, confirms. Removal erases the sealed bytes and leaves a certificate in the ledger; release puts them back as a file, and
a new batch of the same channel and department takes it in, knowing by its digest that it is a false alarm.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lantai import work
from lantai.core.access import Actor, require
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.record import Channel
from lantai.packages import sealing
from lantai.ports.house import House
from lantai.shelves.databases import lock
from lantai.shelves.intake import queries
from lantai.shelves.intake.models import Batch, Quarantine
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.queries import are_one_person
from lantai.stages.capture import sources
from lantai.stages.capture.enter import FALSE_ALARM

DECISIONS: dict[str, str] = {"remove": "清除", "release": "解除隔离"}
_LEFT_ALONE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A sealed item as the list shows it: batch, place in it, when; who proposed what, where somebody has.

    ``batch_count`` is the number of items of the same batch still held; ``proposed_by`` an account id.
    """

    id: str
    batch_code: str
    batch_count: int
    position: int
    sealed_at: datetime
    decision: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did: ``state`` held (a second person is awaited), removed or released.

    On release ``restore_path`` is the file put back, which bears its original name where that was sealed with it and is erased once
    it has been received; ``batch_id`` is the batch that takes it in.
    """

    state: str
    restore_path: Path | None = None
    batch_id: str = ""


def held(house: House, actor: Actor) -> tuple[HeldItem, ...]:
    """List the items awaiting a decision, oldest first."""
    require(actor, "quarantine:item:list")
    items = list(Quarantine.objects.filter(state="held").select_related("batch").order_by("created_at", "id"))
    counts = Counter(item.batch_id for item in items)
    return tuple(
        HeldItem(
            id=item.id,
            batch_code=item.batch.code,
            batch_count=counts[item.batch_id],
            position=item.position,
            sealed_at=item.created_at,
            decision=item.decision,
            proposed_by=item.first_person,
        )
        for item in items
    )


def decide(house: House, actor: Actor, item_id: str, *, decision: str) -> Outcome:
    """Propose or confirm *decision* (``remove`` or ``release``) for an item.

    The first person may change the own proposal. Refusals: ACCESS-REFUSED, QUARANTINE-DECISION, QUARANTINE-UNKNOWN,
    QUARANTINE-SECOND-PERSON (the proposer cannot confirm), QUARANTINE-DISAGREE, QUARANTINE-CHANGED. Faults: QUARANTINE-DAMAGED,
    QUARANTINE-KEY. Dying anywhere leaves an item that can be decided again or a rest that :func:`sweep` erases: bytes are put
    back before the state says so, and the sealed ones erased right after it.
    """
    if decision not in DECISIONS:
        raise Refusal("QUARANTINE-DECISION", decision)
    require(actor, f"quarantine:item:{decision}", where=item_id)
    item = Quarantine.objects.filter(id=item_id, state="held").select_related("batch").first()
    if item is None:
        raise Refusal("QUARANTINE-UNKNOWN", item_id)
    is_own = not item.first_person or are_one_person(item.first_person, actor.id)
    if is_own and item.decision == decision:
        raise Refusal("QUARANTINE-SECOND-PERSON", item_id)
    if is_own:
        return _propose(house, actor, item, decision)
    if item.decision != decision:
        raise Refusal("QUARANTINE-DISAGREE", DECISIONS[item.decision])
    return _confirm(house, actor, item, decision)


def restore_path(house: House, item: Quarantine) -> Path:
    """Return the folder into which an item is put back; its own, so that equal names never meet."""
    return house.staging / item.batch_id / "released" / item.id


def sweep(house: House) -> int:
    """Erase what a crash left: sealed bytes of decided items, plain bytes of items still held. Return how many files went.

    What is younger than an hour may still be in somebody's hands and is left; so are sealed files that no row names
    (``sealing.strays``): capture may be about to write their row.
    """
    count = 0
    for item in Quarantine.objects.exclude(state="held"):
        count += (house.data / "quarantine" / item.sealed_name).exists()
        _erase_sealed(house, item)
    return count + sum(_erase_restored(house, item) for item in Quarantine.objects.filter(state="held") if _is_old(house, item))


def _propose(house: House, actor: Actor, item: Quarantine, decision: str) -> Outcome:
    _apply(house, actor, item, event="quarantine:proposed", decision=decision, first_person=actor.id)
    return Outcome("held")


def _confirm(house: House, actor: Actor, item: Quarantine, decision: str) -> Outcome:
    if decision == "release":
        return _release(house, actor, item)
    columns = {"state": "removed", "second_person": actor.id, "decided_at": house.clock.now()}
    _apply(house, actor, item, event="quarantine:removed", **columns)
    item.state, item.second_person = "removed", actor.id
    _erase_sealed(house, item)
    return Outcome("removed")


def _release(house: House, actor: Actor, item: Quarantine) -> Outcome:
    """Put the bytes back, then say so together with the batch that takes them in."""
    restored = sealing.unseal(house.data, item.sealed_name, restore_path(house, item))
    columns = {"state": "released", "second_person": actor.id, "decided_at": house.clock.now()}
    try:
        with transaction.atomic():
            _apply(house, actor, item, event="quarantine:released", **columns)
            batch = _open_batch(house, actor, item, restored)
    except Refusal:
        _erase_restored(house, item)
        raise
    item.state = "released"
    _erase_sealed(house, item)
    return Outcome("released", restored, batch.id)


def _open_batch(house: House, actor: Actor, item: Quarantine, restored: Path) -> Batch:
    """Open a batch of the same channel and department for a false alarm; its submitter is the sender's."""
    origin, now = item.batch, house.clock.now()
    batch = Batch(id=house.ids.new(), channel=_channel(origin.channel), department=origin.department, submitter=origin.submitter)
    batch.is_upload, batch.created_at = True, now
    sources.remember(house, batch, [restored.parent], title=f"{origin.code} 解除隔离（误报）")
    batch.facts = dict(batch.facts) | {FALSE_ALARM: [_sha256(restored)]}
    batch.code = queries.next_batch_code(now)
    batch.save(force_insert=True)
    append(now, [Entry("batch:opened", actor.id, batch.id, {"code": batch.code, "title": batch.title})], ids=house.ids)
    work.enqueue("receive", batch_id=batch.id)
    return batch


def _channel(channel: str) -> str:
    """A catalogue's row is no catalogue by itself."""
    return Channel.MANUAL if channel == Channel.CATALOGUE else channel


def _erase_sealed(house: House, item: Quarantine) -> None:
    """Erase the sealed bytes of a decided item; for a removed one leave the certificate that this was done, once."""
    sealing.destroy(house.data, item.sealed_name)
    if item.state != "removed":
        return
    with transaction.atomic():
        lock(f"quarantine {item.id}")
        if Event.objects.filter(object_id=item.id, type="quarantine:erased").exists():
            return
        body = {
            "batch": item.batch_id,
            "position": item.position,
            "sealed_at": instant_text(item.created_at),
            "persons": [item.first_person, item.second_person],
            "method": "overwritten once with random bytes, flushed, unlinked",
        }
        append(house.clock.now(), [Entry("quarantine:erased", "worker", item.id, body)], ids=house.ids)


def _is_old(house: House, item: Quarantine) -> bool:
    folder = restore_path(house, item)
    return folder.exists() and house.clock.now().timestamp() - folder.stat().st_mtime > _LEFT_ALONE_SECONDS


def _erase_restored(house: House, item: Quarantine) -> int:
    plain = list(restore_path(house, item).glob("*"))
    for path in plain:
        sealing.erase(path)
    return len(plain)


def _apply(house: House, actor: Actor, item: Quarantine, *, event: str, **columns: object) -> None:
    """Write the new state if nobody else moved the item meanwhile; the event holds the batch and the item's random id only."""
    with transaction.atomic():
        rows = Quarantine.objects.filter(id=item.id, state="held", version=item.version)
        if not rows.update(version=item.version + 1, **columns):
            raise Refusal("QUARANTINE-CHANGED", item.id)
        append(house.clock.now(), [Entry(event, actor.id, item.id, {"batch": item.batch_id})], ids=house.ids)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
