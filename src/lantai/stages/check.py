"""check 检测: the arrival gate, record by record, then the batch as a whole. What could not be run is never a pass."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from lantai import work
from lantai.core import checks
from lantai.core.checks import EngineFacts, Gate, ItemResult
from lantai.core.events import instant_text
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.ledger import entries
from lantai.stages import facts, rest
from lantai.standards import da_t_70

__all__ = ["check"]


def check(house: House, batch_id: str) -> None:
    """Run the arrival gate over every received record of the batch, then over the batch, and queue its description."""
    scheme = da_t_70.scheme(Gate.ARRIVAL)
    with work.progress("check", batch_id, step="检测", total=queries.count(batch_id, State.RECEIVED)) as progress:
        for rows in queries.slices(batch_id, State.RECEIVED, house.settings.slice_records):
            _check_slice(house, batch_id, rows, scheme)
            progress.advance(len(rows))
    _check_batch(house, batch_id, scheme)


def _check_slice(house: House, batch_id: str, rows: list[Record], scheme: checks.Scheme) -> None:
    now = house.clock.now()
    files, documents = queries.files_of(rows), queries.documents_of(rows)
    engine, known = facts.engine(house), facts.duplicates(rows)
    reports: list[Report] = []
    for row in rows:
        parts = facts.documents(documents.get(row.id, []), files.get(row.id, []), row.arrival.get("declared", {}))
        told = facts.record(row, parts, today=now.strftime("%Y%m%d"), engine_facts=engine, duplicates=known.get(row.id, {}))
        results = checks.check_record(Gate.ARRIVAL, told, scheme)
        report = _report(house, "record", row.id, batch_id, results, engine=engine)
        row.conclusion = report.conclusion
        reports.append(report)
    with transaction.atomic():
        moved = set(queries.move(rows, "check", ("conclusion",)))
        insert(Report, [report for report in reports if report.subject_id in moved])
        body = {"records": sorted(moved), "conclusions": dict(Counter(row.conclusion for row in rows))}
        entries.append(now, [entries.Entry("record:checked", "worker", batch_id, body, "batch")], ids=house.ids)


def _report(house: House, kind: str, subject: str, batch_id: str, results: Sequence[ItemResult], *, engine: EngineFacts) -> Report:
    now, is_trial = house.clock.now(), house.settings.kind == "trial"
    report_id = house.ids.new()
    head = checks.head(
        Gate.ARRIVAL,
        results,
        subject=checks.Subject(kind, subject),
        run=checks.Run(report_id, da_t_70.scheme(Gate.ARRIVAL).version, started=instant_text(now)),
        engine=engine,
        is_trial=is_trial,
    )
    return Report(
        id=report_id,
        gate=Gate.ARRIVAL,
        subject_kind=kind,
        subject_id=subject,
        batch_id=batch_id,
        conclusion=str(head["conclusion"]),
        packed=checks.pack(head, results),
        created_at=now,
    )


def _check_batch(house: House, batch_id: str, scheme: checks.Scheme) -> None:
    """Judge the batch as a whole; its conclusion is the worst of its own and its records' conclusions."""
    now = house.clock.now()
    batch = Batch.objects.get(id=batch_id)
    told = facts.batch(batch, today=now.strftime("%Y%m%d"), engine_facts=facts.engine(house))
    results = checks.check_batch(Gate.ARRIVAL, told, scheme)
    report = _report(house, "batch", batch_id, batch_id, results, engine=told.engine)
    counts = Counter(Record.objects.filter(batch_id=batch_id).values_list("conclusion", flat=True))
    with transaction.atomic():
        if Batch.objects.filter(id=batch_id, state="checking").update(conclusion=report.conclusion):
            report.save(force_insert=True)
            body = {"conclusion": report.conclusion, "records": dict(counts)}
            entries.append(now, [entries.Entry("batch:checked", "worker", batch_id, body)], ids=house.ids)
        work.enqueue("describe", batch_id=batch_id)


@work.task("check", on_give_up=rest.batch)
def check_task(batch_id: str) -> None:
    """Check a batch in the background."""
    check(work.house(), batch_id)
