"""Judging at the arrival gate: the reports of records and of a whole batch, for whoever checks for the first time or again."""

from collections.abc import Sequence
from dataclasses import replace

from lantai.core import beijing, checks
from lantai.core.checks import BatchFacts, Conclusion, Gate, ItemResult, RecordFacts
from lantai.core.events import instant_text
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Report
from lantai.stages import accepted, facts, grounds


def records(house: House, rows: Sequence[Record]) -> list[Report]:
    """Run the arrival gate over records, set their ``conclusion`` and return their reports; nothing is written."""
    files, documents = queries.files_of(rows), queries.documents_of(rows)
    engine, known = facts.engine(house), facts.duplicates(rows)
    today, schemes = beijing.day(house.clock.now()), gates.schemes(Gate.ARRIVAL)
    let_pass = accepted.overruled(rows, files, Gate.ARRIVAL)
    reports: list[Report] = []
    for row in rows:
        parts = facts.documents(documents.get(row.id, []), files.get(row.id, []), row.arrival.get("declared", {}))
        told = facts.record(row, parts, today=today, engine_facts=engine, duplicates=known.get(row.id, {}))
        told = replace(told, overruled=let_pass.get(row.id, ()))
        scheme = schemes.of(row.category)
        results = checks.check_record(Gate.ARRIVAL, told, scheme)
        reports.append(report(house, scheme, results, subject=checks.Subject("record", row.id), batch_id=row.batch_id, told=told))
        row.conclusion = reports[-1].conclusion
    return reports


def batch(house: House, row: Batch) -> Report:
    """Run the arrival gate over a batch as a whole and return its report; nothing is written."""
    told = facts.batch(row, today=beijing.day(house.clock.now()), engine_facts=facts.engine(house))
    scheme = gates.schemes(Gate.ARRIVAL).of()
    results = checks.check_batch(Gate.ARRIVAL, told, scheme)
    return report(house, scheme, results, subject=checks.Subject("batch", row.id), batch_id=row.id, told=told)


def overall(batch_id: str, own: str) -> str:
    """Return the conclusion of a batch: the worst of its *own* and of those its records have now."""
    said = Record.objects.filter(batch_id=batch_id).exclude(conclusion="").values_list("conclusion", flat=True).distinct()
    return checks.worst(Conclusion(item) for item in (own, *said)).value


def report(
    house: House,
    scheme: checks.Scheme,
    results: Sequence[ItemResult],
    *,
    subject: checks.Subject,
    batch_id: str,
    told: RecordFacts | BatchFacts,
) -> Report:
    """Return the report of one run of a gate over what was *told*, concluded as the installation wants it; nothing is written."""
    now, report_id = house.clock.now(), house.ids.new()
    standing = grounds.of(scheme, told)
    head = checks.head(
        scheme.gate,
        results,
        subject=subject,
        run=checks.Run(report_id, scheme.version, started=instant_text(now), system=grounds.SYSTEM, grounds=standing),
        engine=told.engine,
        is_trial=house.settings.kind == "trial",
    )
    return Report(
        id=report_id,
        gate=scheme.gate,
        subject_kind=subject.kind,
        subject_id=subject.id,
        batch_id=batch_id,
        conclusion=str(head["conclusion"]),
        packed=checks.pack(head, results, standing.measured),
        created_at=now,
    )
