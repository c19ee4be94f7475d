"""archive 归档: the finished package passes the archiving gate, is made durable and read back, and then the row says so.

Works record by record in slices: one batch root signed, one flush a slice, then a few records a transaction. A record keeps its number
whatever happens here. What an earlier run wrote but could not enter is taken up, not written twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core import beijing
from lantai.core.checks import Conclusion, Gate, Subject, check_batch, packed
from lantai.core.errors import Fault
from lantai.core.events import instant_text
from lantai.core.lifecycle import origins
from lantai.packages import layout, proof
from lantai.ports import House
from lantai.ports.store import Draft, content_of
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import numbers, queries
from lantai.shelves.holdings.models import NumberRange, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports.queries import keep
from lantai.stages import accepted, conduct, facts, fonds, judging, rest, roots, teaching
from lantai.stages.archive.build import Builder, Built, Material
from lantai.stages.closing import close_if_done
from lantai.standards.da_t_70 import telling

ARCHIVABLE = (Conclusion.PASS, Conclusion.TRIAL)
MESSAGE = "归档"
#: How many records one transaction enters: the write lock is held for well under a tenth of a second.
ENTERED = 50
# What a vault says where bytes are other ones than were checked.
DAMAGED = "STORE-DAMAGED"
# What it says where another worker has written the same record since we looked, or has taken back what we saw.
CONTENDED = frozenset({"STORE-CONFLICT", "STORE-ABSENT", "STORE-BUSY"})

__all__ = ["Event", "archive"]


@dataclass(frozen=True, slots=True)
class _Done:
    """A record whose package was judged and, where it passed, stands in the vault under that inventory."""

    row: Record
    conclusion: Conclusion
    report: dict[str, Any]
    inventory_sha256: str
    is_taken_up: bool = False
    batch: proof.Batch | None = None


def archive(house: House, range_id: str = "") -> int:
    """Archive every numbered record of a sealed range (of all ranges where empty); return how many were archived.

    Raises Fault, or FileNotFoundError for staged bytes that are gone, once all others are archived.
    """
    done, ledger = 0, conduct.Ledger(house)
    troubles: list[Exception] = []
    with work.progress("archive", range_id or "all", step="归档", total=_ready(range_id).count()) as progress:
        for rows in queries.in_slices(_ready(range_id), house.settings.slice_records):
            done += _archive_apart(house, rows, ledger, troubles)
            progress.advance(len(rows))
    if range_id:
        _report_range(house, range_id, is_changed=done > 0)
    for trouble in troubles:
        raise trouble
    return done


def _report_range(house: House, range_id: str, *, is_changed: bool) -> None:
    """Judge a sealed range as a whole, its numbers among those of its scope, whenever something of it was archived."""
    if not is_changed and Report.objects.filter(subject_id=range_id, gate=Gate.ARCHIVING).exists():
        return
    now, sealed = house.clock.now(), NumberRange.objects.get(id=range_id)
    conducted = conduct.Ledger(house).of_range(sealed)
    told = facts.sealed_range(sealed, today=beijing.day(now), engine_facts=facts.engine(house))
    told = replace(told, **conducted.told())
    scheme = gates.schemes(Gate.ARCHIVING).of()
    results = check_batch(Gate.ARCHIVING, told, scheme)
    subject = Subject("range", range_id, f"{sealed.scope} {sealed.first}-{sealed.last}")
    report = judging.report(house, scheme, results, subject=subject, batch_id="", told=told)
    body = {"gate": Gate.ARCHIVING.value, "scope": sealed.scope, "records": told.actual_records, "conclusion": report.conclusion}
    with transaction.atomic():
        keep([report])
        entries.append(now, [entries.Entry("record:checked", "worker", range_id, body, "range")], ids=house.ids)


def _ready(range_id: str) -> "QuerySet[Record]":
    chosen = numbers.in_range(range_id) if range_id else Record.objects.all()
    return chosen.filter(state__in=origins("archive"))


def _archive_apart(house: House, rows: list[Record], ledger: conduct.Ledger, troubles: list[Exception]) -> int:
    """Archive a slice; bytes that are not what was checked keep their own record out, which is noted, and no other."""
    try:
        return _archive_slice(house, rows, ledger)
    except (Fault, FileNotFoundError) as problem:
        if not _is_about_a_record(problem):
            raise
        if len(rows) == 1:
            troubles.append(problem)
            return 0
    half = len(rows) // 2
    return sum(_archive_apart(house, part, ledger, troubles) for part in (rows[:half], rows[half:]))


def _is_about_a_record(problem: Exception) -> bool:
    """Tell whether staged bytes are gone or other ones than were checked; anything else is about the vault and concerns every record."""
    is_gone = isinstance(problem, FileNotFoundError) or isinstance(problem.__cause__, FileNotFoundError)
    return is_gone or (isinstance(problem, Fault) and problem.code == DAMAGED)


def _archive_slice(house: House, rows: list[Record], ledger: conduct.Ledger) -> int:
    """Archive a slice; where another worker writes the same records at the same moment, what it wrote is taken up."""
    for is_last in (False, False, True):
        written = [row for row in rows if house.store.has(row.id, row.content_version + 1)]
        is_written = {row.id for row in written}
        try:
            done = [*_make(house, [row for row in rows if row.id not in is_written], ledger), *_taken_up(house, written)]
        except (Fault, FileNotFoundError) as problem:
            if is_last or not _is_contended(house, problem, [row for row in rows if row.id not in is_written]):
                raise
        else:
            return _apply(house, done)
    return 0


def _is_contended(house: House, problem: Exception, rows: Sequence[Record]) -> bool:
    """Tell whether another worker is behind a problem: it wrote one of *rows* meanwhile, and its staged bytes are gone."""
    if isinstance(problem, Fault) and problem.code in CONTENDED:
        return True
    return any(house.store.has(row.id, row.content_version + 1) for row in rows)


def _make(house: House, rows: Sequence[Record], ledger: conduct.Ledger) -> list["_Done"]:
    """Build, judge and write packages; those that the gate stops come back unwritten."""
    builder = Builder(house, gates.schemes(Gate.ARCHIVING), facts.engine(house), house.clock.now())
    built = [builder.build(item) for item in _materials(rows, ledger)]
    passed = [item for item in built if item.conclusion in ARCHIVABLE]
    proofs = proof.build([proof.Subject(item.value.id, item.value.version, item.contents) for item in passed], house.signer)
    stored = house.store.write([_draft(house, item, made) for item, made in zip(passed, proofs, strict=True)])
    sums = {item.record_id: item.inventory_sha256 for item in stored}
    signed = proof.batch(proofs[0]) if proofs else None
    return [_Done(item.material.row, item.conclusion, item.report, sums.get(item.value.id, ""), batch=signed) for item in built]


def _taken_up(house: House, rows: Sequence[Record]) -> list["_Done"]:
    """Return what an earlier run wrote but did not enter, once it is durable and has been read back; its own report counts."""
    sums = {item.record_id: item.inventory_sha256 for item in house.store.confirm([(row.id, row.content_version + 1) for row in rows])}
    done = []
    for row in rows:
        with house.store.open(row.id, layout.REPORT, row.content_version + 1) as stream:
            report = json.load(stream)
        with house.store.open(row.id, layout.PROOF, row.content_version + 1) as stream:
            signed = proof.batch(stream.read())
        done.append(_Done(row, Conclusion(report["conclusion"]), report, sums[row.id], is_taken_up=True, batch=signed))
    return done


def _materials(rows: Sequence[Record], ledger: conduct.Ledger) -> list[Material]:
    documents, files = queries.documents_of(rows), queries.files_of(rows)
    ranges, known = queries.ranges_at(rows), facts.duplicates(rows)
    told = ledger.of(rows, ranges)
    let_pass = accepted.overruled(rows, files, Gate.ARCHIVING)
    return [
        Material(
            row,
            tuple(documents.get(row.id, ())),
            tuple(files.get(row.id, ())),
            ranges[row.id].sealed_at if row.id in ranges else None,
            known.get(row.id, {}),
            told[row.id],
            let_pass.get(row.id, ()),
        )
        for row in rows
    ]


def _draft(house: House, item: Built, made: bytes) -> Draft:
    return Draft(
        record_id=item.value.id,
        version=item.value.version,
        files=(*item.contents, content_of(layout.PROOF, made)),
        created=instant_text(house.clock.now()),
        message=MESSAGE,
        user_name=fonds.name_of(house) or "兰台",
        user_address="urn:lantai:archive",
    )


def _apply(house: House, done: Sequence["_Done"]) -> int:
    """Say that the packages are the records, a few in a transaction: nobody waits for the write lock for long. Return how many moved."""
    return sum(_enter(house, part) for part in batched(done, ENTERED))


def _enter(house: House, done: Sequence["_Done"]) -> int:
    """Say it of a few in one transaction: state, version, report, event, index. What costs time is made ready before."""
    now = house.clock.now()
    for item in done:
        if item.conclusion in ARCHIVABLE:
            item.row.conclusion, item.row.archived_at = item.conclusion, now
            item.row.content_version += 1
    reports = {item.row.id: _report(item, now) for item in done}
    with transaction.atomic():
        passed = [item.row for item in done if item.conclusion in ARCHIVABLE]
        moved = set(queries.move(passed, "archive", ("conclusion", "content_version", "archived_at")))
        stopped = _stop([item for item in done if item.conclusion not in ARCHIVABLE])
        keep([reports[item.row.id] for item in _not_reported(done) if item.row.id in moved | stopped])
        told = [item for item in done if item.row.id in moved]
        entries.append(
            now, [*(_event(item) for item in told), *roots.told(item.batch for item in told if item.batch is not None)], ids=house.ids
        )
        queries.mark_for_index(sorted(moved | stopped))
        teaching.archived(house, [item.row for item in told], now)
        close_if_done(item.row.batch_id for item in done if item.row.id in moved)
        work.enqueue("index")
        if moved:
            roots.follow(house)
    queries.remove_staged(house.data, sorted(moved))
    return len(moved)


def _not_reported(done: Sequence["_Done"]) -> list["_Done"]:
    """Leave out what was taken up and whose report stands already: a report is never written twice."""
    taken_up = [item.report["id"] for item in done if item.is_taken_up]
    known = set(Report.objects.filter(id__in=taken_up).values_list("id", flat=True)) if taken_up else set()
    return [item for item in done if item.report["id"] not in known]


def _stop(items: Sequence["_Done"]) -> set[str]:
    """A record that the gate stops keeps its number and rests until a person looks. Return those that nobody stopped before."""
    stopped: set[str] = set()
    for item in items:
        code = "ARCHIVE-CHECK-NOT-RUN" if item.conclusion is Conclusion.ERROR else "ARCHIVE-CHECK-FAILED"
        if queries.need_attention([item.row.id], code):
            stopped.add(item.row.id)
    return stopped


def _report(item: "_Done", now: datetime) -> Report:
    return Report(
        id=item.report["id"],
        gate=Gate.ARCHIVING,
        subject_kind="record",
        subject_id=item.row.id,
        batch_id=item.row.batch_id,
        conclusion=item.conclusion,
        packed=packed(item.report, telling.made(str(item.report.get("rules", ""))) or telling.current(Gate.ARCHIVING)),
        created_at=now,
    )


def _event(item: "_Done") -> entries.Entry:
    row = item.row
    body = {
        "code": row.code,
        "title": row.title[:500],
        "version": row.content_version,
        "conclusion": row.conclusion,
        "inventory_sha256": item.inventory_sha256,
    }
    return entries.Entry("record:archived", "worker", row.id, body)


@work.task("archive", on_give_up=rest.numbered)
def archive_task(range_id: str = "") -> None:
    """Archive a sealed range in the background."""
    archive(work.house(), range_id)
