"""inspect and check of a path: what a file is and how it would fare at a gate. Needs no store and no database."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core import officialdoc
from lantai.core.checks import Gate, Grounds, ItemResult, Piece, Run, Scheme, Subject, as_report, check_record, measured, pieces
from lantai.core.checks.facts import DocumentFacts, EngineFacts, FileFacts, PackageFacts, RecordFacts, SignatureFacts
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.findings import Finding, finding, has_error
from lantai.core.record import ContentBasis
from lantai.packages import container
from lantai.ports.reader import Reader, Reading
from lantai.ports.scanner import Scanner
from lantai.stages import grounds
from lantai.stages.capture import names
from lantai.stages.capture.plan import Item, Planner, Rejected, Seen, Unit
from lantai.stages.capture.take import Copier, Copy
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import telling

BADNESS = ("not_applicable", "pass", "warn", "manual", "error", "fail")
MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of one file: the reading, what it says of state secrets, and everything remarkable."""

    reading: Reading
    secrecy: officialdoc.Secrecy
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the document of ``lantai inspect``: ``classified`` is null or the marks that were found."""
        kind = self.reading.format
        marks = list(self.secrecy.strong)
        return {
            "format": {"puid": kind.puid, "mime": kind.mime, "name": kind.name},
            "pages": self.reading.page_count,
            "text": self.reading.text,
            "metadata": self.reading.metadata,
            "classified": {"strength": "strong", "marks": marks} if marks and not self.secrecy.declassified else None,
            "signatures": list(self.reading.signatures),
            "attachments": [asdict(item) for item in self.reading.attachments],
            "outline": [asdict(item) for item in self.reading.outline],
            "notes": [asdict(item) for item in self.reading.notes],
            "findings": [item.as_json() for item in self.findings],
        }


def inspect(reader: Reader, path: Path, limits: container.ContainerLimits) -> Inspection:
    """Look at one file. Raises Refusal FILE-UNKNOWN where there is none."""
    name = names.shown(path.name)
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for names that no file system takes
        raise Refusal("FILE-UNKNOWN", names.keepable(str(path)))
    reading = reader.read(path, name)
    secrecy = officialdoc.secrecy([page.text for page in reading.pages], reading.metadata, name)
    findings = [*names.remark(path.name, name), *reading.findings, *_container_findings(path, limits)]
    findings += _secrets(secrecy, name)
    return Inspection(reading, secrecy, tuple(dict.fromkeys(findings)))


def _secrets(secrecy: officialdoc.Secrecy, where: str) -> Iterator[Finding]:
    if secrecy.is_blocked:
        yield finding("SECRET-STRONG", where, marks="、".join(secrecy.strong[:3]))
    if secrecy.weak:
        yield finding("SECRET-WEAK", where, marks="、".join(secrecy.weak[:3]))


def _container_findings(path: Path, limits: container.ContainerLimits) -> tuple[Finding, ...]:
    """Unpack a container aside to see what is wrong with it; nothing of it stays."""
    try:
        if not container.is_container(path):
            return ()
    except OSError:
        return ()  # the reader has said so already
    with TemporaryDirectory(prefix="lantai-") as folder:
        return container.unpack(path, Path(folder), limits).findings


def check_path(
    reader: Reader, scanner: Scanner, path: Path, *, stage: str, limits: container.ContainerLimits, today: str = ""
) -> dict[str, Any]:
    """Check a file, folder or package at a gate and return ``{stage, conclusion, items}``; the worst outcome of each item.

    ``records`` counts what would become records, ``packages`` judges every package of others by its own standard, ``rejected`` says what
    would not be taken. Raises Refusal CHECK-NOTHING where there
    is nothing to check. *today* (YYYYMMDD) is the day it is judged on, the present one where empty.
    """
    gate = Gate(stage)
    scheme = da_t_70.scheme_for_path(gate)
    with TemporaryDirectory(prefix="lantai-") as folder:
        planner = Planner(Path(folder) / "unpacked", limits)
        items = list(planner.items(path))
        gathering = _Gathering(reader, scanner, Path(folder) / "taken", today)
        judged = _Judged(scheme)
        for facts in gathering.facts(items):
            judged.add(facts)
    rejected = [item.finding for item in items if isinstance(item, Rejected) and item.finding]
    if not judged.results:
        told = (item for seen in planner.seen for item in seen.findings)
        raise Refusal("CHECK-NOTHING", names.keepable(str(path)), (*rejected, *told))
    report = judged.report(path.name, gathering.engine)
    report["records"] = len(judged.results)
    report["packages"] = [_verdict(item) for item in planner.seen]
    report["rejected"] = [item.as_json() for item in (*rejected, *gathering.lost, *planner.remarks)]
    return report


class _Judged:
    """The results of every record of a path, with what was measured and which files were judged."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._measured: list[dict[str, str]] = []
        self._material: list[Piece] = []
        self.results: list[tuple[ItemResult, ...]] = []

    def add(self, facts: RecordFacts) -> None:
        """Judge one record."""
        self.results.append(check_record(self._scheme.gate, facts, self._scheme))
        self._measured.append(measured(facts))
        self._material += pieces(facts)

    def report(self, name: str, engine: EngineFacts) -> dict[str, Any]:
        """Return one report over all records: the worst outcome of each item, and what was measured where it came about."""
        worst = [_worst(column) for column in zip(*self.results, strict=True)]
        standing = Grounds(telling.edition_of(self._scheme), grounds.tools(engine), self._told(worst), tuple(self._material))
        now = instant_text(datetime.now(UTC))
        run = Run(scheme=self._scheme.version, started=now, system=grounds.SYSTEM, grounds=standing)
        return as_report(self._scheme.gate, worst, subject=Subject("path", name), run=run, engine=engine)

    def _told(self, worst: Sequence[ItemResult]) -> dict[str, str]:
        told = {}
        for place, item in enumerate(worst):
            number = item.id.partition(".")[2]
            at = next(at for at, results in enumerate(self.results) if results[place].outcome is item.outcome)
            if said := self._measured[at].get(number, ""):
                told[number] = said if len(self.results) == 1 else f"{len(self.results)} 件，第 {at + 1} 件：{said}"
        return told


def _verdict(seen: Seen) -> dict[str, Any]:
    """Return what its own standard has to say of a package of others."""
    verdict = "invalid" if has_error(seen.findings) else "warning" if any(item.severity == "warning" for item in seen.findings) else "valid"
    return {"path": seen.path, "kind": seen.kind, "verdict": verdict, "findings": [item.as_json() for item in seen.findings]}


def _worst(column: Sequence[ItemResult]) -> ItemResult:
    """Return the worst result of an item over all records, with what was found in any of them."""
    found = dict.fromkeys(remark for result in column for remark in result.findings)
    return replace(max(column, key=lambda result: BADNESS.index(result.outcome)), findings=tuple(found)[:MOST_FINDINGS])


class _Gathering:
    """Gathers the facts of units whose files are copied into *folder*; ``lost`` are files that could not be read."""

    def __init__(self, reader: Reader, scanner: Scanner, folder: Path, today: str) -> None:
        state = scanner.engine()
        self.engine = EngineFacts(state.is_ready, state.name, state.signatures, state.signatures_date)
        self._reader = reader
        self._copier = Copier(scanner, folder)
        self._today = today or datetime.now(UTC).strftime("%Y%m%d")
        self.lost: list[Finding] = []

    def facts(self, items: Sequence[Item]) -> Iterator[RecordFacts]:
        """Yield the facts of each unit; rows of a catalogue are descriptions, no metadata of an electronic record."""
        for place, unit in enumerate(item for item in items if isinstance(item, Unit)):
            read = list(self._read(unit, place))
            is_package = unit.is_package and not unit.raw
            secrecy = officialdoc.secrecy([page.text for _, reading in read for page in reading.pages], _texts(unit), unit.key)
            yield RecordFacts(
                record_id=unit.key,
                today=self._today,
                content_basis=ContentBasis.PHYSICAL_ONLY if unit.is_physical_only else ContentBasis.DIGITAL,
                elements=unit.elements,
                has_metadata=bool(unit.elements) and is_package,
                metadata_readable=True if is_package else None,
                metadata_findings=(*_secrets(secrecy, unit.key), *(() if is_package else unit.findings)),
                documents=tuple(_documents(read)),
                events=unit.events,
                package=PackageFacts("归档信息包", findings=unit.findings, actual_files=len(read)) if is_package else None,
                engine=self.engine,
            )

    def _read(self, unit: Unit, place: int) -> Iterator[tuple[Copy, Reading]]:
        for number, planned in enumerate(unit.files):
            copied = self._copier.copy(planned, f"{place}-{number}")
            if isinstance(copied, Finding):
                self.lost.append(copied)
            else:
                yield copied, self._reader.read(copied.staged, planned.name)
                copied.staged.unlink(missing_ok=True)


def _texts(unit: Unit) -> dict[str, str]:
    return {name: value if isinstance(value, str) else "；".join(value) for name, value in unit.elements.items()}


def _documents(read: Sequence[tuple[Copy, Reading]]) -> Iterator[DocumentFacts]:
    """Yield the documents with the facts of their files, in order."""
    for _, group in groupby(read, key=lambda pair: pair[0].planned.document):
        files = list(group)
        planned = files[0][0].planned
        yield DocumentFacts(planned.role, tuple(_file(copied, reading) for copied, reading in files), planned.document_title)


def _file(copied: Copy, reading: Reading) -> FileFacts:
    return FileFacts(
        name=copied.planned.name,
        path=copied.planned.path,
        size_bytes=copied.size_bytes,
        digests={"sha256": copied.sha256, "sm3": copied.sm3},
        puid=reading.format.puid,
        mime=reading.format.mime,
        page_count=reading.page_count,
        virus=copied.virus,
        is_read=True,
        findings=reading.findings,
        signatures=tuple(SignatureFacts.of(item) for item in reading.signatures),
    )
