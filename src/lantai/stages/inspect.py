"""inspect and check of a path: what a file is and how it would fare at a gate. Needs no store and no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core import officialdoc
from lantai.core.checks import Gate, Subject, as_report, check_record
from lantai.core.checks.facts import DocumentFacts, EngineFacts, FileFacts, PackageFacts, RecordFacts, SignatureFacts
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.packages import container
from lantai.ports.reader import Reader, Reading
from lantai.ports.scanner import Scanner
from lantai.stages.capture.plan import Planner, Rejected, Unit
from lantai.stages.capture.take import Copier
from lantai.standards import da_t_70


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
            "findings": [item.as_json() for item in self.findings],
        }


def inspect(reader: Reader, path: Path, limits: container.ContainerLimits) -> Inspection:
    """Look at one file. Raises Refusal FILE-UNKNOWN where there is none."""
    if not path.is_file():
        raise Refusal("FILE-UNKNOWN", str(path))
    reading = reader.read(path, path.name)
    secrecy = officialdoc.secrecy([page.text for page in reading.pages], reading.metadata, path.name)
    findings = [*reading.findings, *_container_findings(path, limits)]
    if secrecy.strong and not secrecy.declassified:
        findings.append(finding("SECRET-STRONG", path.name, marks="、".join(secrecy.strong[:3])))
    if secrecy.weak:
        findings.append(finding("SECRET-WEAK", path.name, marks="、".join(secrecy.weak[:3])))
    return Inspection(reading, secrecy, tuple(dict.fromkeys(findings)))


def _container_findings(path: Path, limits: container.ContainerLimits) -> tuple[Finding, ...]:
    """Unpack a container aside to see what is wrong with it; nothing of it stays."""
    if not container.is_container(path):
        return ()
    with TemporaryDirectory(prefix="lantai-") as folder:
        return container.unpack(path, Path(folder), limits).findings


def check_path(reader: Reader, scanner: Scanner, path: Path, *, stage: str, limits: container.ContainerLimits) -> dict[str, Any]:
    """Check a file, folder or package at a gate and return ``{stage, conclusion, items}``; the worst outcome of each item."""
    with TemporaryDirectory(prefix="lantai-") as folder:
        items = list(Planner(Path(folder) / "unpacked", limits).items(path))
        gate = Gate(stage)
        scheme = da_t_70.scheme(gate)
        copier = Copier(scanner, Path(folder) / "taken")
        results = []
        for facts in _facts(items, reader, scanner, copier):
            results.append(check_record(gate, facts, scheme))
        if not results:
            raise Refusal("CHECK-NOTHING", str(path))
        merged = [max(column, key=_badness) for column in zip(*results, strict=True)]
        report = as_report(gate, merged, subject=Subject("path", path.name))
        report["records"] = len(results)
        report["rejected"] = [item.finding.as_json() for item in items if isinstance(item, Rejected) and item.finding]
        return report


def _badness(result: Any) -> int:  # noqa: ANN401 - an item result
    return ("not_applicable", "pass", "warn", "manual", "error", "fail").index(result.outcome)


def _facts(items: list[Unit | Rejected], reader: Reader, scanner: Scanner, copier: Copier) -> Iterator[RecordFacts]:
    state = scanner.engine()
    engine = EngineFacts(state.is_ready, state.name, state.signatures, state.signatures_date)
    today = datetime.now(UTC).strftime("%Y%m%d")
    for place, unit in enumerate(item for item in items if isinstance(item, Unit)):
        files: list[FileFacts] = []
        for planned in unit.files:
            copied = copier.copy(planned, f"{place}-{len(files)}")
            if not isinstance(copied, Finding):
                files.append(_file(planned.path, copied, reader.read(copied.staged, planned.name)))
        role = unit.files[0].role if unit.files else None
        yield RecordFacts(
            record_id=unit.key,
            today=today,
            elements=unit.elements,
            has_metadata=bool(unit.elements),
            metadata_readable=True if unit.is_package else None,
            documents=(DocumentFacts(role, tuple(files)),) if role else (),
            events=unit.events,
            package=PackageFacts("归档信息包", findings=unit.findings, actual_files=len(files)) if unit.is_package else None,
            engine=engine,
        )


def _file(path: str, copied: Any, reading: Reading) -> FileFacts:  # noqa: ANN401 - a copy of the capture stage
    return FileFacts(
        name=copied.planned.name,
        path=path,
        size_bytes=copied.size_bytes,
        digests={"sha256": copied.sha256, "sm3": copied.sm3},
        puid=reading.format.puid,
        mime=reading.format.mime,
        page_count=reading.page_count,
        virus=copied.virus,
        is_read=True,
        findings=reading.findings,
        signatures=tuple(SignatureFacts(str(item.get("name", "")), str(item.get("kind", ""))) for item in reading.signatures),
    )
