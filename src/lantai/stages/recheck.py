"""recheck 补检: once a virus engine answers, what nobody could scan before is scanned, and goes before its gate again.

Three kinds wait for an engine: records whose arrival check could not be run, numbered records that the archiving gate could not
judge, and records of a trial installation that were archived without an engine. The first two go on by themselves where they pass.
The third get a report of the preservation gate, and the conclusion ``pass`` where the archiving gate, run again, asks for no excuse.
An infected one is flagged for a person; nothing is ever removed. What an engine cannot judge is tried a few times, then it waits for
a person too.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.db import transaction
from django.db.models import F, QuerySet

from lantai import work
from lantai.core import checks
from lantai.core.checks import Conclusion, EngineFacts, Gate
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import numbers, queries
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.ledger import entries
from lantai.shelves.reports.queries import keep
from lantai.stages import accepted, facts, judging, rest
from lantai.stages.preserved import Preserved

WORKER = "worker"
CHUNK_BYTES = 1024 * 1024
TRIES = 5
FLAGS = {
    Conclusion.PASS: "",
    Conclusion.TRIAL: "",
    Conclusion.FAIL: "CHECK-FAILED",
    Conclusion.MANUAL: "CHECK-MANUAL",
    Conclusion.ERROR: "CHECK-NOT-RUN",
}


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A file that was scanned now: its row with the new verdict, and whether its bytes still have their digest."""

    item: ComputerFile
    is_same: bool


def recheck(house: House) -> int:
    """Scan and judge again what waits for an engine; return how many records that were. Does nothing without a fresh engine."""
    if not is_ready(house):
        return 0
    count = 0
    with work.progress("recheck", "all", step="补检") as progress:
        for waiting, act in ((unchecked(), _arrival), (unarchived(), _numbered), (archived_unscanned(), _archived)):
            for rows in _slices(waiting, house.settings.slice_records):
                act(house, rows)
                count += len(rows)
                progress.advance(len(rows))
    return count


def is_ready(house: House) -> bool:
    """Tell whether an engine answers whose signatures are not known to be older than the setting allows."""
    engine = facts.engine(house)
    try:
        age = (house.clock.now().date() - date.fromisoformat(engine.signatures_date)).days
    except ValueError:
        age = 0
    return engine.is_ready and age <= engine.allowed_days


def is_due() -> bool:
    """Tell whether anything waits for an engine."""
    return any(waiting.exists() for waiting in (unchecked(), unarchived(), archived_unscanned()))


def unchecked() -> "QuerySet[Record]":
    """Records whose arrival check could not be run."""
    return _free(State.DESCRIBED).filter(needs_attention="CHECK-NOT-RUN")


def unarchived() -> "QuerySet[Record]":
    """Numbered records that the archiving gate could not judge."""
    return _free(State.NUMBERED).filter(needs_attention="ARCHIVE-CHECK-NOT-RUN")


def archived_unscanned() -> "QuerySet[Record]":
    """Records of a trial installation that were archived with files that no engine has called clean."""
    unseen = ComputerFile.objects.exclude(virus="clean").exclude(virus__startswith="infected")
    return _free(State.ARCHIVED).filter(needs_attention="", conclusion=Conclusion.TRIAL, id__in=unseen.values("record_id"))


def _free(state: State) -> "QuerySet[Record]":
    return Record.objects.filter(state=state, hold=False, quarantined=False, attempts__lt=TRIES)


def _slices(waiting: "QuerySet[Record]", size: int) -> Iterator[list[Record]]:
    """Yield each waiting record once, even where it goes on waiting."""
    last = ""
    while rows := list(waiting.filter(id__gt=last).order_by("id")[:size]):
        last = rows[-1].id
        yield rows


# --- at the arrival gate


def _arrival(house: House, rows: list[Record]) -> None:
    rows = _scan_staged(house, rows)
    accepted.void(rows, Gate.ARRIVAL)
    reports = judging.records(house, rows)
    for row in rows:
        row.needs_attention = FLAGS[Conclusion(row.conclusion)]
        row.attempts = row.attempts + 1 if row.conclusion == Conclusion.ERROR else 0
    with transaction.atomic():
        written = set(queries.save_unmoved(rows, ("conclusion", "needs_attention", "attempts")))
        keep([report for report in reports if report.subject_id in written])
        by_batch: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            if row.id in written:
                by_batch[row.batch_id].append(row)
        for batch_id, members in by_batch.items():
            _tell_batch(house, batch_id, members)


def _tell_batch(house: House, batch_id: str, rows: list[Record]) -> None:
    """Judge the batch anew, tell of it, and let go on what was accepted already, or what is accepted by itself now."""
    batch = Batch.objects.get(id=batch_id)
    report = judging.batch(house, batch)
    keep([report])
    Batch.objects.filter(id=batch_id).update(conclusion=judging.overall(batch_id, report.conclusion), version=F("version") + 1)
    body = {"records": [row.id for row in rows], "conclusions": dict(Counter(row.conclusion for row in rows))}
    entries.append(house.clock.now(), [entries.Entry("record:rechecked", WORKER, batch_id, body, "batch")], ids=house.ids)
    queries.mark_for_index([row.id for row in rows])
    work.enqueue("index")
    work.enqueue("seal_reports", batch_id=batch_id)
    if batch.state == "accepted":
        work.enqueue("arrange", batch_id=batch_id)
    elif batch.state == "waiting":
        work.enqueue("settle", batch_id=batch_id)


# --- before the archiving gate


def _numbered(house: House, rows: list[Record]) -> None:
    """Scan what is staged and let the records go before the archiving gate again, which judges by itself."""
    rows = _scan_staged(house, rows)
    for row in rows:
        row.needs_attention = ""
        row.attempts += 1
    with transaction.atomic():
        written = queries.save_unmoved(rows, ("needs_attention", "attempts"))
        told = [entries.Entry("record:rechecked", WORKER, key, {"gate": Gate.ARCHIVING.value}) for key in written]
        entries.append(house.clock.now(), told, ids=house.ids)
        for range_id in numbers.ranges_of(Record.objects.filter(id__in=written)):
            work.enqueue("archive", range_id=range_id)


def _scan_staged(house: House, rows: Sequence[Record]) -> list[Record]:
    """Scan the staged files that no engine has called clean and return the records whose bytes are what was received.

    A record with a staged file that is gone or changed waits for a person with that reason; the others go on.
    """
    scanned: list[ComputerFile] = []
    damaged: set[str] = set()
    for files in queries.files_of(rows).values():
        for item in files:
            if not item.staged or item.virus == "clean":
                continue
            try:
                result = _scan(house, item, (house.data / item.staged).open("rb"))
            except OSError:
                damaged.add(item.record_id)
                continue
            scanned.append(result.item)
            if not result.is_same:
                damaged.add(item.record_id)
    with transaction.atomic():
        ComputerFile.objects.bulk_update(scanned, ["virus"])
        Record.objects.filter(id__in=damaged).update(needs_attention="STAGED-DAMAGED", version=F("version") + 1)
    return [row for row in rows if row.id not in damaged]


# --- in the vault


def _archived(house: House, rows: list[Record]) -> None:
    """Scan files out of the vault, report on their records at the preservation gate, and conclude as the archiving gate does now."""
    documents, files = queries.documents_of(rows), queries.files_of(rows)
    engine, known = facts.engine(house), facts.duplicates(rows)
    changed: list[ComputerFile] = []
    reports: dict[str, Report] = {}
    preserving, archiving = gates.schemes(Gate.PRESERVATION), gates.schemes(Gate.ARCHIVING)
    for row in rows:
        own = files.get(row.id, [])
        scanned = [_scan(house, item, house.store.open(row.id, item.path, row.content_version)) for item in own if item.virus != "clean"]
        preserved = Preserved(row, documents.get(row.id, []), own, known.get(row.id, {}), all(result.is_same for result in scanned))
        told = preserved.facts(house, engine)
        scheme = preserving.of(row.category, described_by=told.described_by)
        results = checks.check_record(Gate.PRESERVATION, told, scheme)
        subject = checks.Subject("record", row.id, row.code, row.title)
        reports[row.id] = judging.report(house, scheme, results, subject=subject, batch_id=row.batch_id, told=told)
        changed += [result.item for result in scanned]
        again = checks.check_record(Gate.ARCHIVING, told, archiving.of(row.category, described_by=told.described_by))
        _conclude(row, own, checks.conclude(again, house.settings.kind == "trial"))
    _apply_archived(house, rows, reports, changed, engine=engine)


def _conclude(row: Record, files: Sequence[ComputerFile], conclusion: Conclusion) -> None:
    """Take over what the gate concluded; a record that is not clean or not whole waits for a person."""
    is_infected = any(item.virus.startswith("infected") for item in files)
    row.attempts = 0 if conclusion is Conclusion.PASS else row.attempts + 1
    if conclusion is Conclusion.PASS or is_infected:
        row.conclusion = conclusion
    if is_infected:
        row.needs_attention = "VIRUS-FOUND"
    elif conclusion is Conclusion.FAIL:
        row.needs_attention = "RECHECK-FAILED"


def _apply_archived(
    house: House, rows: list[Record], reports: dict[str, Report], changed: list[ComputerFile], *, engine: EngineFacts
) -> None:
    with transaction.atomic():
        written = queries.save_unmoved(rows, ("conclusion", "needs_attention", "attempts"))
        ComputerFile.objects.bulk_update([item for item in changed if item.record_id in set(written)], ["virus"])
        keep([reports[key] for key in written])
        concluded = {row.id: row.conclusion for row in rows}
        told = [
            entries.Entry(
                "record:rechecked",
                WORKER,
                key,
                {
                    "gate": Gate.PRESERVATION.value,
                    "conclusion": concluded[key],
                    "engine": f"{engine.name} {engine.signatures} {engine.signatures_date}".strip(),
                    "verdicts": {item.id: item.virus for item in changed if item.record_id == key},
                },
            )
            for key in written
        ]
        entries.append(house.clock.now(), told, ids=house.ids)


def _scan(house: House, item: ComputerFile, stream: BinaryIO) -> _Scanned:
    """Scan one file, digesting it in the same read; the verdict is set in its row, which is not saved here."""
    sha256 = hashlib.sha256()

    def chunks() -> Iterator[bytes]:
        while chunk := stream.read(CHUNK_BYTES):
            sha256.update(chunk)
            yield chunk

    with stream:
        verdict = house.scanner.scan(chunks())
    item.virus = verdict.as_text()[:200]
    return _Scanned(item, sha256.hexdigest() == item.sha256)


@work.task("recheck", on_give_up=rest.nothing)
def recheck_task() -> None:
    """Check again in the background what waited for an engine."""
    recheck(work.house())
