"""Putting records back as a trace of the journal has them; shared by the verb that takes an act back and by those that must end whole.

Compare-and-set twice: every value that the act wrote must still stand, and the row must not change while it is put back.
"""

from collections.abc import Callable, Sequence
from itertools import batched

from django.db import transaction
from django.db.models import F

from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal.models import Act, Trace
from lantai.shelves.ledger import entries
from lantai.stages import binding, composing, revising

SLICE = 250


def put_back(house: House, act: Act, actor_id: str, seen: Callable[[int], object] = int) -> int:
    """Put back every record that still is as the act left it, slice by slice, with an event each; return how many.

    The act counts what it has done still; *seen* hears how many records were looked at.
    """
    if act.kind in composing.KINDS:
        return composing.put_back(house, act, actor_id)
    if act.kind == binding.KIND:
        return binding.put_back(house, act, actor_id)
    parts = batched(act.traces.order_by("-id").iterator(chunk_size=1000), SLICE)
    back = 0
    for part in parts:
        back += _slice(house, act, actor_id, part)
        seen(len(part))
    return back


def _slice(house: House, act: Act, actor_id: str, traces: Sequence[Trace]) -> int:
    rows = {row.id: row for row in queries.revisable([trace.record_id for trace in traces])}
    standing = [trace for trace in traces if trace.record_id in rows and _stands(rows[trace.record_id], trace)]
    for trace in standing:
        revising.put(rows[trace.record_id], trace.before)
    columns = revising.columns(trace.before for trace in standing)
    with transaction.atomic():
        written = save_unchanged(Record, [rows[trace.record_id] for trace in standing], columns)
        Act.objects.filter(id=act.id).update(done=F("done") - len(written))
        ids = {row.id for row in written}
        told = [
            entries.Entry("record:revised", actor_id, trace.record_id, {"before": trace.after, "after": trace.before, "undoes": act.id})
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
