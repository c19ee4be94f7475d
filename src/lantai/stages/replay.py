"""replay 复核: a check report repeated from the material alone, and where it differs. Needs no store and no database.

The material is a stored package (an OCFL object, or a folder that holds record.xml), or any path that ``check`` takes. The run is judged
on the day of the report, by the rules and tools of this process; what only the place of the first run could know is told, not compared.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lantai.core import record as core
from lantai.core.archival_code import CODE_ELEMENTS, Template, explain, matching_template
from lantai.core.checks import Gate, Piece, Repeated, Run, Subject, as_report, check_record, compare
from lantai.core.checks.facts import Declared, DocumentFacts, EngineFacts, FileFacts, PackageFacts, RecordFacts, SignatureFacts
from lantai.core.errors import Refusal
from lantai.packages import container, layout, ocfl, record_xml, report_xml
from lantai.ports.reader import Reader
from lantai.ports.scanner import Scanner
from lantai.stages import examine, grounds
from lantai.standards import da_t_70

CHUNK_BYTES = 1024 * 1024
OWN = frozenset((layout.RECORD_XML, layout.REPORT, layout.PROOF))
# What the vault's database, ledger and settings decided: duplicates, attachments named on arrival, scope, database, conduct.
ELSEWHERE = frozenset(("1.08", "2.08", "2.09", "3.02", "4.07"))
LARGEST_REPORT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs of the world: reader, virus engine, budget of unpacking, templates of archival codes."""

    reader: Reader
    scanner: Scanner
    limits: container.ContainerLimits
    templates: tuple[str, ...]


def load(path: Path) -> dict[str, Any]:
    """Return the report that a file holds, JSON or XML. Raises Refusal REPORT-UNREADABLE."""
    try:
        if path.stat().st_size > LARGEST_REPORT:
            raise Refusal("REPORT-UNREADABLE", path.name, reason="文件过大")
        content = path.read_bytes()
    except OSError as error:
        raise Refusal("REPORT-UNREADABLE", path.name, reason=error.strerror or "") from error
    if content.lstrip()[:1] == b"<":
        return report_xml.read(content)
    try:
        report = json.loads(content)
        if not isinstance(report, dict) or not {"stage", "items", "subject"} <= report.keys():
            raise ValueError("stage, items, subject")
        Gate(report["stage"])
        [(item["id"], item["code"], item["outcome"], item["findings"]) for item in report["items"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal("REPORT-UNREADABLE", path.name, reason=str(error)) from error
    return report


def replay(tools: Tools, report: Mapping[str, Any], path: Path) -> Repeated:
    """Run the gate of *report* again over *path* and compare. Raises Refusal CHECK-NOTHING where there is nothing to check."""
    day = str(report.get("started", ""))[:10].replace("-", "")
    files = package_files(path, str(report.get("id", "")))
    if files is None:
        now = examine.check_path(tools.reader, tools.scanner, path, stage=report["stage"], limits=tools.limits, how=examine.How(today=day))
        return compare(report, now)
    return compare(report, _judged(tools, report, files, day), elsewhere=ELSEWHERE)


def package_files(path: Path, report_id: str = "") -> dict[str, Path] | None:
    """Return logical path -> file of a stored package, None where *path* is none.

    Of an OCFL object it is the version that holds the report of that id, the newest where none does.
    """
    if (path / ocfl.OBJECT_DECLARATION).is_file() and (path / ocfl.INVENTORY).is_file():
        return _of_object(path, report_id)
    if (path / layout.RECORD_XML).is_file():
        return {str(file.relative_to(path)): file for file in sorted(path.rglob("*")) if file.is_file()}
    return None


def _of_object(path: Path, report_id: str) -> dict[str, Path]:
    try:
        inventory = json.loads((path / ocfl.INVENTORY).read_bytes())
        chosen = next((number for number in _versions(inventory) if _report_id(path, inventory, number) == report_id), None)
        return {logical: _inside(path, content) for logical, (content, _) in ocfl.logical_files(inventory, chosen).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("REPLAY-PACKAGE-UNREADABLE", path.name, reason=str(error)) from error


def _versions(inventory: Mapping[str, Any]) -> Iterator[int]:
    return iter(sorted((int(name[1:]) for name in inventory["versions"]), reverse=True))


def _report_id(path: Path, inventory: Mapping[str, Any], version: int) -> str:
    content, _ = ocfl.logical_files(inventory, version).get(layout.REPORT, ("", ""))
    try:
        return str(json.loads(_inside(path, content).read_bytes())["id"]) if content else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _inside(root: Path, content: str) -> Path:
    found = (root / content).resolve()
    if not found.is_relative_to(root.resolve()):
        raise ValueError(content)
    return found


def _judged(tools: Tools, report: Mapping[str, Any], files: Mapping[str, Path], day: str) -> dict[str, Any]:
    gate = Gate(report["stage"])
    state = tools.scanner.engine()
    engine = EngineFacts(state.is_ready, state.name, state.signatures, state.signatures_date)
    seen = {path: _seen(tools, file) for path, file in files.items() if path not in OWN - {layout.RECORD_XML}}
    told = _facts(tools, files, seen, engine=engine, day=day)
    scheme = da_t_70.scheme(gate)
    results = check_record(gate, told, scheme)
    material = [Piece(path, item.size_bytes, item.digests["sha256"]) for path, item in seen.items() if item.exists]
    run = Run(scheme=scheme.version, system=grounds.SYSTEM, grounds=grounds.of(scheme, told, material))
    subject = Subject("record", told.record_id, told.code, str(told.elements.get("title", "")))
    return as_report(gate, results, subject=subject, run=run, engine=engine, is_trial=bool(report.get("is_trial")))


def _seen(tools: Tools, file: Path) -> FileFacts:
    """Digest and scan a file in one read, then let it be opened."""
    digests = {"sha256": hashlib.sha256(), "sm3": hashlib.new("sm3")}
    size = 0

    def chunks(stream: BinaryIO) -> Iterator[bytes]:
        nonlocal size
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            for digest in digests.values():
                digest.update(chunk)
            yield chunk

    try:
        with file.open("rb") as stream:
            verdict = tools.scanner.scan(chunks(stream))
    except OSError:
        return FileFacts(file.name, exists=False)
    return FileFacts(
        file.name, size_bytes=size, digests={name: made.hexdigest() for name, made in digests.items()}, virus=verdict.as_text()
    )


def _facts(tools: Tools, files: Mapping[str, Path], seen: Mapping[str, FileFacts], *, engine: EngineFacts, day: str) -> RecordFacts:
    described = files.get(layout.RECORD_XML)
    try:
        kept = record_xml.read(described.read_bytes()) if described else None
    except (Refusal, OSError):
        kept = None
    if kept is None:
        return RecordFacts(record_id="", today=day, has_metadata=False, metadata_readable=False, engine=engine)
    template = matching_template(kept.code, tools.templates) if kept.code else None
    declared = list(kept.files)
    is_same = all(item.path in seen and seen[item.path].digests.get("sha256") == item.sha256 for item in declared)
    there = sum(path not in OWN for path in seen)
    return RecordFacts(
        record_id=kept.id,
        today=day,
        content_basis=kept.content_basis,
        electronic_record_code=kept.text("electronic_record_code"),
        elements=kept.elements,
        metadata_readable=True,
        code=kept.code,
        code_parts={name: kept.text(name) for name in CODE_ELEMENTS if kept.text(name)},
        code_findings=explain(kept.code, template or Template(tools.templates[0])) if kept.code else (),
        documents=tuple(_documents(tools, kept, files, seen)),
        events=kept.events,
        package=PackageFacts("档案包", (), is_same, len(declared), there, elements=frozenset(kept.elements)),
        engine=engine,
    )


def _documents(tools: Tools, kept: core.Record, files: Mapping[str, Path], seen: Mapping[str, FileFacts]) -> Iterator[DocumentFacts]:
    for document in kept.documents:
        rows = [item for item in document.files if item.representation is not core.Representation.TEXT]
        yield DocumentFacts(document.role, tuple(_file(tools, item, files, seen) for item in rows), document.title)


def _file(tools: Tools, item: core.ComputerFile, files: Mapping[str, Path], seen: Mapping[str, FileFacts]) -> FileFacts:
    declared = Declared(item.name, item.size_bytes, item.puid or item.mime, item.sha256)
    there, path = seen.get(item.path), files.get(item.path)
    if there is None or path is None or not there.exists:
        return FileFacts(item.name, item.path, exists=False, declared=declared)
    reading = tools.reader.read(path, item.name)
    return FileFacts(
        name=item.name,
        path=item.path,
        size_bytes=there.size_bytes,
        digests=there.digests,
        puid=reading.format.puid,
        mime=reading.format.mime,
        page_count=reading.page_count,
        representation=item.representation,
        virus=there.virus,
        is_read=True,
        findings=tuple(reading.findings),
        signatures=tuple(SignatureFacts.of(row) for row in reading.signatures),
        declared=declared,
    )
