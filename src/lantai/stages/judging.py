"""Judging on arrival: the reports of records and of a whole batch, for whoever checks for the first time or again.

What another installation handed over is judged by the items of the transfer gate, all else by those of the arrival gate; the reports of
both stand in the column of the arrival gate, and say themselves by which items they were made.
"""

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
from lantai.stages import accepted, facts, grounds, transferred


def records(house: House, rows: Sequence[Record]) -> list[Report]:
    """Judge records on arrival, set their ``conclusion`` and return their reports; nothing is written."""
    files, documents = queries.files_of(rows), queries.documents_of(rows)
    engine, known = facts.engine(house), facts.duplicates(rows)
    today, schemes = beijing.day(house.clock.now()), _Schemes()
    borne = transferred.bearers([row for row in rows if transferred.gate_of(row.channel) is Gate.TRANSFER])
    let_pass = accepted.overruled(rows, files, Gate.ARRIVAL)
    reports: list[Report] = []
    for row in rows:
        parts = facts.documents(documents.get(row.id, []), files.get(row.id, []), row.arrival.get("declared", {}))
        told = facts.record(row, parts, today=today, engine_facts=engine, duplicates=known.get(row.id, {}))
        told = replace(told, overruled=let_pass.get(row.id, ()))
        scheme = schemes.of(row.channel, row.category)
        if scheme.gate is Gate.TRANSFER:
            told = transferred.record(house, told, borne.get(row.id, ()))
        results = checks.check_record(scheme.gate, told, scheme)
        reports.append(report(house, scheme, results, subject=checks.Subject("record", row.id), batch_id=row.batch_id, told=told))
        reports[-1].gate = Gate.ARRIVAL
        row.conclusion = reports[-1].conclusion
    return reports


def batch(house: House, row: Batch) -> Report:
    """Judge a batch as a whole on arrival and return its report; nothing is written."""
    told = facts.batch(row, today=beijing.day(house.clock.now()), engine_facts=facts.engine(house))
    told = replace(told, overruled=accepted.of_batch(row))
    scheme = _Schemes().of(row.channel)
    if scheme.gate is Gate.TRANSFER:
        told = transferred.batch(house, row, told)
    results = checks.check_batch(scheme.gate, told, scheme)
    made = report(house, scheme, results, subject=checks.Subject("batch", row.id), batch_id=row.id, told=told)
    made.gate = Gate.ARRIVAL
    return made


class _Schemes:
    """The schemes in force that judge arrivals, each gate's asked for once."""

    def __init__(self) -> None:
        self._known: dict[Gate, gates.Schemes] = {}

    def of(self, channel: str, category: str = "") -> checks.Scheme:
        """Return the scheme for what arrives by a channel."""
        gate = transferred.gate_of(channel)
        if gate not in self._known:
            self._known[gate] = gates.schemes(gate)
        return self._known[gate].of(category)


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
