"""undo 撤销: a person takes back an act of their own, after a reload as well; what anybody changed since stays as it is.

Compare-and-set twice: every value that the act wrote must still stand, and the row must not change while it is put back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act, Trace
from lantai.shelves.ledger import entries
from lantai.stages import revising

FOR = timedelta(hours=12)
SLICE = 100


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking back did: the act's title, how many records are as before, how many were overtaken by a later change."""

    title: str
    done: int
    overtaken: int


def last(house: House, actor: Actor) -> Act | None:
    """Return the last act that *actor* can take back, None where there is none."""
    return journal.last(actor.id, house.clock.now() - FOR)


def undo(house: House, actor: Actor, act_id: str = "") -> Undone:
    """Take back an act, the last one where none is named.

    Raises Refusal UNDO-NOTHING where there is no such act of *actor*, UNDO-OVERTAKEN where no record still is as the act left it.
    """
    access.require(actor, "holdings:record:revise")
    act = Act.objects.filter(id=act_id, actor=actor.id, state=journal.DONE).first() if act_id else last(house, actor)
    if act is None:
        raise Refusal("UNDO-NOTHING", act_id)
    done = 0
    for part in batched(act.traces.order_by("-id").iterator(chunk_size=1000), SLICE):
        done += _take_back(house, actor, act, part)
    if not done:
        raise Refusal("UNDO-OVERTAKEN", act.title)
    with transaction.atomic():
        Act.objects.filter(id=act.id, state=journal.DONE).update(state=journal.UNDONE)
        work.enqueue("index")
    return Undone(act.title, done, act.done - done)


def _take_back(house: House, actor: Actor, act: Act, traces: Sequence[Trace]) -> int:
    rows = {row.id: row for row in queries.revisable([trace.record_id for trace in traces])}
    standing = [trace for trace in traces if trace.record_id in rows and _stands(rows[trace.record_id], trace)]
    for trace in standing:
        revising.put(rows[trace.record_id], trace.before)
    with transaction.atomic():
        written = save_unchanged(Record, [rows[trace.record_id] for trace in standing], revising.COLUMNS)
        ids = {row.id for row in written}
        told = [
            entries.Entry("record:revised", actor.id, trace.record_id, {"before": trace.after, "after": trace.before, "undoes": act.id})
            for trace in standing
            if trace.record_id in ids
        ]
        entries.append(house.clock.now(), told, ids=house.ids)
        queries.mark_for_index(sorted(ids))
    return len(written)


def _stands(row: Record, trace: Trace) -> bool:
    """Tell whether every value that the act wrote is still there."""
    now = revising.snapshot(row)
    return all(now.get(name) == value for name, value in trace.after.items())
