"""Putting records back as a trace of the journal has them; shared by the verb that takes an act back and by those that must end whole.

Compare-and-set twice: every value that the act wrote must still stand, and the row must not change while it is put back.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record, Volume
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act, Trace
from lantai.shelves.ledger import entries
from lantai.stages import binding, composing, revising

SLICE = 250
#: How long an act can be taken back.
FOR = timedelta(hours=12)


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


def spend(house: House) -> int:
    """Note of every act of late whose records have their codes fixed that nothing of it can be put back any more; return how many.

    For whoever fixes codes, afterwards: nobody is offered then to take back what would only be refused.
    """
    done = Act.objects.filter(state=journal.DONE, made_at__gte=house.clock.now() - FOR, done__gt=0)
    spent = [act.id for act in done if _is_spent(act)]
    return Act.objects.filter(id__in=spent, state=journal.DONE).update(state=journal.SPENT)


def _is_spent(act: Act) -> bool:
    """Tell whether nothing of an act can be put back: what was composed goes back whole, of the rest any record by itself."""
    if act.kind == binding.KIND:
        return Volume.objects.filter(id=act.asked["volume"], state=binding.FIXED).exists()
    is_fixed = Exists(Record.objects.filter(id=OuterRef("record_id")).exclude(code=""))
    if act.kind in composing.KINDS:
        return act.traces.filter(is_fixed).exists()
    return not act.traces.filter(~is_fixed).exists()


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
