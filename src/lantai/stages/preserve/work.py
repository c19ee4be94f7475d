"""The work of a run: slice by slice, from its cursor to its end."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import beijing, checks
from lantai.core.checks import Conclusion, EngineFacts, Gate, ItemResult, Outcome, Reason
from lantai.core.errors import Coded, Fault
from lantai.core.findings import Finding, Severity, finding
from lantai.core.preservation import change_of
from lantai.packages import layout, proof
from lantai.ports import House
from lantai.shelves.bulk import insert, save_unchanged
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import queries as holdings
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.shelves.reports import queries as reports
from lantai.shelves.upkeep import queries
from lantai.shelves.upkeep.models import Result, Run
from lantai.stages import facts, judging
from lantai.stages.preserve import plans
from lantai.stages.preserved import Preserved
from lantai.stages.seals import Seals

WORKER = "worker"
DAMAGED = queries.DAMAGED
GONE = frozenset({"OCFL-E063", "STORE-ABSENT"})
_CODES_LENGTH = 300
#: How many records in a row must be gone before the vault itself is taken to be away.
_AWAY_AT = 5
_LONGEST_PAUSE_SECONDS = 30.0

CHUNK_BYTES = 1024 * 1024
NOT_SCANNED = "not_scanned"

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the records of a slice before their bytes are read."""

    rows: tuple[Record, ...]
    documents: dict[str, list[Document]]
    files: dict[str, list[ComputerFile]]
    duplicates: dict[str, dict[str, tuple[str, ...]]]
    before: dict[str, Result]
    engine: EngineFacts
    schemes: gates.Schemes
    seals: Seals


@dataclass(frozen=True, slots=True)
class Judged:
    """The report of one record, the codes of what failed, and whether its bytes are damaged (None where nobody could read them)."""

    row: Record
    report: Report
    codes: str
    is_damaged: bool | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A record whose bytes were read: what is wrong with them (or why they could not be read), and what the engine says now, by path."""

    row: Record
    found: tuple[Finding, ...] | Coded
    virus: dict[str, str]


def run_to_end(house: House, run_id: str, *, sleep: Sleep = time.sleep) -> Run:
    """Take a run from its cursor to its end, or to where a person stopped it. May be called twice at once: one of two does each slice.

    Raises Fault PRESERVE-VAULT-AWAY where nothing of a slice is in the vault.
    """
    run = Run.objects.get(id=run_id)
    with work.progress("preserve", run.id, step="保存检测", total=run.total) as progress:
        progress.advance(run.done)
        while run.state == "running":
            keys = list(islice(queries.sample(run, run.cursor), house.settings.slice_records))
            if not keys:
                return _conclude(house, run)
            _slice(house, run, keys, sleep=sleep)
            progress.advance(len(keys))
            run = Run.objects.get(id=run_id)
    return run


def _slice(house: House, run: Run, keys: Sequence[str], *, sleep: Sleep) -> None:
    known = _gather(house, keys)
    read: list[Looked] = []
    for row in known.rows:
        began = time.monotonic()
        read.append(Looked(row, _read(house, row), _scanned(house, row, known)))
        sleep(pause(row.size_bytes, time.monotonic() - began, house.settings.preserve_megabytes_per_second))
    _see_vault(house, read)
    _apply(house, run, keys[-1], [_judge(house, known, item) for item in read], known)


def pause(size_bytes: int, spent_seconds: float, megabytes_per_second: int) -> float:
    """Return for how many seconds to rest after reading *size_bytes*, so that no more than the limit is read; 0 without one."""
    if not megabytes_per_second:
        return 0.0
    return min(max(0.0, size_bytes / (megabytes_per_second * 1024**2) - spent_seconds), _LONGEST_PAUSE_SECONDS)


def _gather(house: House, keys: Sequence[str]) -> Known:
    rows = tuple(Record.objects.filter(id__in=keys).order_by("id"))
    return Known(
        rows,
        holdings.documents_of(rows),
        holdings.files_of(rows),
        facts.duplicates(rows),
        queries.last_results(keys),
        facts.engine(house),
        gates.schemes(Gate.PRESERVATION),
        Seals(house),
    )


def _read(house: House, row: Record) -> tuple[Finding, ...] | Coded:
    """Read every byte of the record once and hold it against inventory and proof; what could not be read is returned, not raised."""
    try:
        found = house.store.verify(row.id)
        if found:
            return tuple(found)
        with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
            content = stream.read()
        sizes = {item["path"]: int(item["size"]) for item in json.loads(content)["files"]}
        there = {
            path: proof.Digests(sizes.get(path, -1), digest) for path, digest in house.store.files(row.id, row.content_version).items()
        }
        return tuple(proof.verify(content, there, house.signer))
    except Coded as end:
        return (finding(DAMAGED), finding("PRESERVE-NOT-READ", row.code or row.id, reason=end.message)) if end.code in GONE else end


def _scanned(house: House, row: Record, known: Known) -> dict[str, str]:
    """Return what the virus engine says of each file now, with the signatures of today; where none answers, nobody scanned."""
    return {item.path: _scan(house, row, item) if known.engine.is_ready else NOT_SCANNED for item in known.files.get(row.id, ())}


def _scan(house: House, row: Record, item: ComputerFile) -> str:
    try:
        with house.store.open(row.id, item.path, row.content_version) as stream:
            return house.scanner.scan(iter(lambda: stream.read(CHUNK_BYTES), b"")).as_text()
    except (Coded, OSError):
        return "error:unreadable"


def _see_vault(house: House, read: Sequence[Looked]) -> None:
    """Raise Fault where nothing at all of a slice is there: that is no damage of records but a disk that is away."""
    whole = [item.found for item in read if not isinstance(item.found, Coded)]
    gone = [found for found in whole if any(item.code in {*GONE, DAMAGED} for item in found)]
    if len(gone) == len(read) >= _AWAY_AT:
        raise Fault("PRESERVE-VAULT-AWAY", str(house.data / "vault"), count=len(gone))


def _judge(house: House, known: Known, looked: Looked) -> Judged:
    row, found = looked.row, looked.found
    unread = found if isinstance(found, Coded) else None
    remarks = () if isinstance(found, Coded) else found
    is_damaged = any(item.severity is Severity.ERROR for item in remarks)
    scheme = known.schemes.of(row.category)
    subject = checks.Subject("record", row.id, row.code, row.title)
    told = checks.RecordFacts(row.id, beijing.day(house.clock.now()), engine=known.engine)
    try:
        if unread is not None:
            raise unread
        own = known.files.get(row.id, [])
        preserved = Preserved(
            row, known.documents.get(row.id, []), own, known.duplicates.get(row.id, {}), not is_damaged, remarks, known.seals, looked.virus
        )
        told = preserved.facts(house, known.engine)
        scheme = known.schemes.of(row.category, described_by=told.described_by)
        results = checks.check_record(Gate.PRESERVATION, told, scheme)
    except Coded as end:
        unread, results = end, _not_run(scheme, finding("PRESERVE-NOT-READ", row.code or row.id, reason=end.message))
    report = judging.report(house, scheme, results, subject=subject, batch_id=row.batch_id, told=told)
    failed = [item.code for result in results if result.outcome in (Outcome.FAIL, Outcome.ERROR) for item in result.findings or ()]
    codes = " ".join(dict.fromkeys(failed))
    return Judged(row, report, codes[:_CODES_LENGTH], None if unread is not None else is_damaged)


def _not_run(scheme: checks.Scheme, remark: Finding) -> tuple[ItemResult, ...]:
    """Return every enabled item of the scheme as not carried out, the first with the reason: what nobody could read is never passed."""
    items = [spec for spec in scheme.items if spec.is_enabled]
    return tuple(
        ItemResult(spec.id, spec.code, spec.name, spec.property, Outcome.ERROR, spec.method, spec.severity, remarks, Reason.NOT_READ.value)
        for spec, remarks in zip(items, [(remark,), *[()] * len(items)], strict=False)
    )


def _apply(house: House, run: Run, cursor: str, judged: Sequence[Judged], known: Known) -> None:
    """Write reports, results, flags and the cursor together, if nobody else did this slice or stopped the run."""
    now = house.clock.now()
    results = [_result(house, run, item, known.before.get(item.row.id)) for item in judged]
    with transaction.atomic():
        size = sum(item.row.size_bytes for item in judged)
        own = Run.objects.filter(id=run.id, version=run.version, state="running")
        if not own.update(cursor=cursor, done=F("done") + len(judged), size_bytes=F("size_bytes") + size, version=F("version") + 1):
            return
        reports.keep([item.report for item in judged])
        insert(Result, results)
        told = [*_flag(run, judged), *_unflag(run, judged)]
        entries.append(now, told, ids=house.ids)


def _result(house: House, run: Run, item: Judged, before: Result | None) -> Result:
    was = (before.conclusion, before.codes) if before else None
    return Result(
        id=house.ids.new(),
        run=run,
        record_id=item.row.id,
        conclusion=item.report.conclusion,
        codes=item.codes,
        is_damaged=item.is_damaged is True,
        before=before.conclusion if before else "",
        change=change_of(was, (item.report.conclusion, item.codes)).value,
        report_id=item.report.id,
        checked_at=house.clock.now(),
    )


def _flag(run: Run, judged: Sequence[Judged]) -> list[entries.Entry]:
    """Flag the records whose bytes are wrong, and tell of each; one that is flagged for another reason keeps it and is told of too."""
    damaged = [item for item in judged if item.is_damaged]
    free = [item.row for item in damaged if not item.row.needs_attention]
    for row in free:
        row.needs_attention = DAMAGED
    save_unchanged(Record, free, ("needs_attention",))
    return [entries.Entry("preservation:damaged", WORKER, item.row.id, {"run": run.code, "codes": item.codes}) for item in damaged]


def _unflag(run: Run, judged: Sequence[Judged]) -> list[entries.Entry]:
    """Take the flag of records that were damaged and are whole again."""
    mended = [item.row for item in judged if item.is_damaged is False and item.row.needs_attention == DAMAGED]
    for row in mended:
        row.needs_attention = ""
    written = save_unchanged(Record, mended, ("needs_attention",))
    return [entries.Entry("preservation:mended", WORKER, row.id, {"run": run.code}) for row in written]


def _conclude(house: House, run: Run) -> Run:
    """Close a run whose sample is through: the worst conclusion of its records, and what differs from before, told in the ledger."""
    rows = list(Result.objects.filter(run=run).values_list("conclusion", "change", "is_damaged"))
    said = Counter(conclusion for conclusion, _, _ in rows)
    worst = checks.worst(Conclusion(item) for item in said).value if said else Conclusion.PASS.value
    now = house.clock.now()
    body: dict[str, Any] = {
        "code": run.code,
        "conclusion": worst,
        "records": len(rows),
        "conclusions": dict(said),
        "changes": dict(Counter(change for _, change, _ in rows)),
        "damaged": sum(is_damaged for _, _, is_damaged in rows),
    }
    with transaction.atomic():
        own = Run.objects.filter(id=run.id, version=run.version, state="running")
        if own.update(state="done", conclusion=worst, ended_at=now, version=F("version") + 1):
            entries.append(now, [entries.Entry("preservation:concluded", WORKER, run.id, body)], ids=house.ids)
    return Run.objects.get(id=run.id)


def rest_run(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let a run rest that could not go on; the desk and ``doctor`` show it, and a person lets it go on."""
    if not kwargs.get("run_id"):
        return
    house = work.house()
    if Run.objects.filter(id=kwargs["run_id"], state="running").update(state="failed", reason=reason, version=F("version") + 1):
        told = entries.Entry("preservation:failed", WORKER, kwargs["run_id"], {"reason": reason})
        entries.append(house.clock.now(), [told], ids=house.ids)


@work.task("preserve", on_give_up=rest_run)
def preserve_task(run_id: str) -> None:
    """Go on with a run, or with an empty id begin what the plans ask for."""
    if run_id:
        run_to_end(work.house(), run_id)
    else:
        plans.begin_due(work.house())
