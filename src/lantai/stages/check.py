"""check 检测: the arrival gate, record by record, then the batch as a whole. What could not be run is never a pass."""

from collections import Counter

from django.db import transaction

from lantai import work
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger import entries
from lantai.shelves.reports.queries import keep
from lantai.stages import judging, rest

__all__ = ["check"]


def check(house: House, batch_id: str) -> None:
    """Run the arrival gate over every received record of the batch, then over the batch, and queue its description."""
    with work.progress("check", batch_id, step="检测", total=queries.count(batch_id, State.RECEIVED)) as progress:
        for rows in queries.slices(batch_id, State.RECEIVED, house.settings.slice_records):
            _check_slice(house, batch_id, rows)
            progress.advance(len(rows))
    _check_batch(house, batch_id)


def _check_slice(house: House, batch_id: str, rows: list[Record]) -> None:
    reports = judging.records(house, rows)
    with transaction.atomic():
        moved = set(queries.move(rows, "check", ("conclusion",)))
        keep([report for report in reports if report.subject_id in moved])
        body = {"records": sorted(moved), "conclusions": dict(Counter(row.conclusion for row in rows))}
        entries.append(house.clock.now(), [entries.Entry("record:checked", "worker", batch_id, body, "batch")], ids=house.ids)


def _check_batch(house: House, batch_id: str) -> None:
    """Judge the batch as a whole; its conclusion is the worst of its own and its records' conclusions."""
    report = judging.batch(house, Batch.objects.get(id=batch_id))
    counts = Counter(Record.objects.filter(batch_id=batch_id).values_list("conclusion", flat=True))
    conclusion = judging.overall(batch_id, report.conclusion)
    with transaction.atomic():
        if Batch.objects.filter(id=batch_id, state="checking").update(conclusion=conclusion):
            keep([report])
            body = {"conclusion": conclusion, "records": dict(counts)}
            entries.append(house.clock.now(), [entries.Entry("batch:checked", "worker", batch_id, body)], ids=house.ids)
        work.enqueue("describe", batch_id=batch_id)


@work.task("check", on_give_up=rest.batch)
def check_task(batch_id: str) -> None:
    """Check a batch in the background."""
    check(work.house(), batch_id)
