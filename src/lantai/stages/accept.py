"""accept 接收判定: a person takes a checked delivery in, gives records back with reasons, or decides they need no archiving.

Records whose arrival check passed are taken together; the rest wait without holding the others up.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from lantai import work
from lantai.core import access, beijing, officialdoc
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State, origins
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import ACCEPTED_SCANS
from lantai.shelves.ledger import entries
from lantai.stages import accepted, renditions, rest, succession
from lantai.stages.closing import close_if_done
from lantai.stages.succession import Terms

ACCEPTABLE = ("pass", "trial")
WORKER = "worker"
REASONS_APART = "；"


def settle(house: House, batch_id: str) -> None:
    """After description: accept what passed where the channel is taken automatically, else let the batch wait for a person."""
    batch = Batch.objects.get(id=batch_id)
    if batch.state not in ("checking", "waiting"):
        return
    _flag_failures(batch)
    succession.link(house, batch.id)
    work.enqueue("seal_reports", batch_id=batch.id)
    is_automatic = batch.channel in house.settings.accept_automatically or batch.facts.get(ACCEPTED_SCANS)
    if is_automatic and not accepted.stops(batch, is_trial=house.settings.kind == "trial"):
        _accept(house, batch, WORKER)
    else:
        Batch.objects.filter(id=batch_id, state="checking").update(state="waiting")
        close_if_done([batch_id])
    _mark_waiting(batch)


def _mark_waiting(batch: Batch) -> None:
    """What does not go on at once can be searched as it is; what goes on is indexed once it is arranged."""
    waiting = Record.objects.filter(batch_id=batch.id, state=State.DESCRIBED)
    if Batch.objects.filter(id=batch.id, state="accepted").exists():
        waiting = waiting.exclude(needs_attention="", conclusion__in=ACCEPTABLE)
    with transaction.atomic():
        queries.mark_for_index(list(waiting.values_list("id", flat=True)))
        work.enqueue("index")


def accept(house: House, actor: Actor, batch_id: str) -> int:
    """Accept the records of a batch that passed; return how many. The rest stay where they are.

    Raises Refusal where the actor may not accept, the batch is still being received, an item about it as a whole stands against it
    (BATCH-ITEMS-OPEN: each named), or nothing in it can be accepted.
    """
    batch = _batch(batch_id)
    _demand(actor, "intake:batch:accept", batch)
    if batch.state in ("receiving", "checking"):
        raise Refusal("BATCH-NOT-READY", batch.code)
    if against := accepted.stops(batch, is_trial=house.settings.kind == "trial"):
        raise Refusal("BATCH-ITEMS-OPEN", batch.code, against)
    return _accept(house, batch, actor.id)


def give_back(
    house: House, actor: Actor, batch_id: str, *, record_ids: Sequence[str] | None, reason: str, terms: Terms | None = None
) -> int:
    """Return records (all that still can be, where None) to the sender with a reason and the *terms*; return how many.

    Reason, message, deadline and the evidence of the gate are kept for the receipt. Raises Refusal where the actor may not, there is
    no reason, the deadline is no day to come, or nothing can be returned.
    """
    batch = _batch(batch_id)
    _demand(actor, "intake:batch:return", batch)
    if not reason.strip():
        raise Refusal("RETURN-REASON-MISSING", batch.code)
    given = terms or Terms()
    _demand_day(house, batch, given.deadline)
    rows = _movable(batch.id, "return", record_ids)
    if not rows:
        raise Refusal("RECORD-NOT-MOVABLE", batch.code, verb="退回")
    with transaction.atomic():
        told = {"reason": reason, "message": given.message, "deadline": given.deadline}
        moved = set(_leave(house, actor, rows, "return", "record:returned", told))
        succession.give_back(house, actor, [row for row in rows if row.id in moved], reasons=reason.split(REASONS_APART), terms=given)
        Batch.objects.filter(id=batch.id).update(return_reason=reason)
        close_if_done([batch.id])
    return len(moved)


def discard(house: House, actor: Actor, record_ids: Sequence[str], *, reason: str) -> int:
    """Decide that records need no archiving: their bytes go, the event stays. Only before numbering."""
    if not reason.strip():
        raise Refusal("DISCARD-REASON-MISSING", "、".join(record_ids[:3]))
    rows = list(Record.objects.filter(id__in=record_ids, state__in=origins("discard"), hold=False, quarantined=False))
    for row in rows:
        access.require(actor, "intake:record:discard", queries.access_facts(row))
    if not rows:
        raise Refusal("RECORD-NOT-MOVABLE", "、".join(record_ids), verb="不予归档")
    with transaction.atomic():
        moved = _leave(house, actor, rows, "discard", "record:discarded", {"reason": reason})
        close_if_done(row.batch_id for row in rows)
    renditions.forget(house, moved)
    queries.remove_staged(house.data, moved)
    return len(moved)


def resubmit(house: House, actor: Actor, record_ids: Sequence[str]) -> int:
    """Take returned records up again as they are (the sender has explained): they are checked anew."""
    rows = list(Record.objects.filter(id__in=record_ids, state=State.RETURNED))
    for row in rows:
        access.require(actor, "intake:batch:accept", queries.access_facts(row))
    with transaction.atomic():
        moved = _leave(house, actor, rows, "resubmit", "record:resubmitted", {})
        succession.taken_up_as_is(moved)
        for batch_id in {row.batch_id for row in rows}:
            Batch.objects.filter(id=batch_id).update(state="checking")
            work.enqueue("check", batch_id=batch_id)
    return len(moved)


def _batch(batch_id: str) -> Batch:
    batch = Batch.objects.filter(Q(id=batch_id) | Q(code=batch_id)).first()
    if batch is None:
        raise Refusal("BATCH-UNKNOWN", batch_id)
    return batch


def _demand(actor: Actor, action: str, batch: Batch) -> None:
    access.require(actor, action, {"department": batch.department}, where=batch.code)


def _demand_day(house: House, batch: Batch, deadline: str) -> None:
    """A deadline is a real day, not before today; none is fine."""
    if not deadline:
        return
    today = beijing.day(house.clock.now())
    if officialdoc.civil_date(deadline)[0] != deadline or len(deadline) != len(today) or deadline < today:
        raise Refusal("RETURN-DEADLINE-WRONG", batch.code, value=deadline)


def _flag_failures(batch: Batch) -> None:
    """A record that failed its check waits for a person, with the reason as its flag."""
    waiting = Record.objects.filter(batch_id=batch.id, state=State.DESCRIBED, needs_attention="")
    waiting.filter(conclusion="fail").update(needs_attention="CHECK-FAILED")
    waiting.filter(conclusion="error").update(needs_attention="CHECK-NOT-RUN")
    waiting.filter(conclusion="manual").update(needs_attention="CHECK-MANUAL")


def _accept(house: House, batch: Batch, actor_id: str) -> int:
    ready = Record.objects.filter(batch_id=batch.id, state=State.DESCRIBED, needs_attention="", conclusion__in=ACCEPTABLE)
    now = house.clock.now()
    with transaction.atomic():
        count = ready.count()
        if not count and actor_id != WORKER:
            if batch.state == "accepted":
                return 0
            raise Refusal("BATCH-NOTHING-TO-ACCEPT", batch.code)
        Batch.objects.filter(id=batch.id).update(state="accepted", accepted_by=actor_id, accepted_at=now)
        if count:
            entries.append(now, [entries.Entry("batch:accepted", actor_id, batch.id, {"records": count})], ids=house.ids)
            work.enqueue("arrange", batch_id=batch.id)
        close_if_done([batch.id])
    return count


def _movable(batch_id: str, verb: str, record_ids: Sequence[str] | None) -> list[Record]:
    rows = Record.objects.filter(batch_id=batch_id, state__in=origins(verb), hold=False, quarantined=False)
    return list(rows if record_ids is None else rows.filter(id__in=record_ids))


def _leave(house: House, actor: Actor, rows: list[Record], verb: str, event: str, body: dict[str, str]) -> list[str]:
    for row in rows:
        row.needs_attention = ""
    moved: list[str] = []
    for state in {row.state for row in rows}:
        moved += queries.move([row for row in rows if row.state == state], verb, ("needs_attention",))
    titles = {row.id: row.title[:500] for row in rows}
    told = [entries.Entry(event, actor.id, key, body | {"title": titles[key]}) for key in moved]
    entries.append(house.clock.now(), told, ids=house.ids)
    queries.mark_for_index(moved)
    work.enqueue("index")
    return moved


@work.task("settle", on_give_up=rest.batch)
def settle_task(batch_id: str) -> None:
    """Settle a described batch in the background."""
    settle(work.house(), batch_id)
