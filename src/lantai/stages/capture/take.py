"""Taking the bytes: each file is copied once into the staging area while both digests and the virus verdict are computed.

Nothing here touches the database; a crash leaves only files in the staging area, which the sweeper removes.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lantai.core import officialdoc
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.core.officialdoc import Secrecy
from lantai.ports import House
from lantai.ports.reader import Reading
from lantai.ports.scanner import Scanner
from lantai.stages.capture.plan import PlannedFile, Unit

CHUNK_BYTES = 1024 * 1024
TEXT_SCHEMA = "lantai-text/1"


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file in the staging area with everything known of it from one read."""

    id: str
    planned: PlannedFile
    staged: Path
    size_bytes: int
    sha256: str
    sm3: str
    virus: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class TakenUnit:
    """A unit whose bytes are in hand, and what its text says about state secrets."""

    unit: Unit
    files: tuple[TakenFile, ...]
    secrecy: Secrecy
    findings: tuple[Finding, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted digests of the files; empty where there are none."""
        if not self.files:
            return ""
        return hashlib.sha256("".join(sorted(item.sha256 for item in self.files)).encode()).hexdigest()


def take(house: House, batch_id: str, units: Sequence[Unit]) -> list[TakenUnit]:
    """Copy, digest, scan and read all files of *units*; a file that can not be read becomes a finding of its unit."""
    copier = Copier(house.scanner, house.staging / batch_id)
    copies: list[tuple[int, Copy]] = []
    lost: dict[int, list[Finding]] = {}
    for place, unit in enumerate(units):
        for planned in unit.files:
            copied = copier.copy(planned, house.ids.new())
            if isinstance(copied, Finding):
                lost.setdefault(place, []).append(copied)
            else:
                copies.append((place, copied))
    readings = house.reader.read_many([(copied.staged, copied.planned.name) for _, copied in copies])
    files: dict[int, list[TakenFile]] = {}
    for (place, copied), reading in zip(copies, readings, strict=True):
        files.setdefault(place, []).append(_taken(copied, reading))
    return [_taken_unit(unit, tuple(files.get(place, ())), tuple(lost.get(place, ()))) for place, unit in enumerate(units)]


@dataclass(frozen=True, slots=True)
class Copy:
    """A file copied aside: where, how large, both digests, and the virus verdict."""

    planned: PlannedFile
    staged: Path
    size_bytes: int
    sha256: str
    sm3: str
    virus: str


class Copier:
    """Copies files into a folder; each byte is read once for the copy, both digests and the virus engine."""

    def __init__(self, scanner: Scanner, folder: Path) -> None:
        self._scanner = scanner
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def copy(self, planned: PlannedFile, name: str) -> Copy | Finding:
        """Copy one file under *name*; a finding where it can not be read. Raises Fault where the folder can not be written."""
        staged = self._folder / name
        try:
            source = planned.source.open("rb", buffering=0)
        except OSError:
            return finding("CAPTURE-UNREADABLE", planned.path)
        with source:
            try:
                return self._flow(planned, source, staged)
            except OSError as problem:
                staged.unlink(missing_ok=True)
                raise Fault("CAPTURE-STAGING-FAILED", planned.path, reason=problem.strerror or "") from problem

    def _flow(self, planned: PlannedFile, source: IO[bytes], staged: Path) -> Copy:
        sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0

        def chunks() -> Iterator[bytes]:
            nonlocal size
            with staged.open("xb", buffering=0) as target:
                while chunk := source.read(CHUNK_BYTES):
                    sha256.update(chunk)
                    sm3.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                    yield chunk

        scan = self._scanner.scan(chunks())
        return Copy(planned, staged, size, sha256.hexdigest(), sm3.hexdigest(), scan.as_text())


def _taken(copied: Copy, reading: Reading) -> TakenFile:
    return TakenFile(copied.staged.name, copied.planned, copied.staged, copied.size_bytes, copied.sha256, copied.sm3, copied.virus, reading)


def _taken_unit(unit: Unit, files: tuple[TakenFile, ...], lost: tuple[Finding, ...]) -> TakenUnit:
    texts = [page.text for item in files for page in item.reading.pages]
    metadata = {key: value if isinstance(value, str) else "；".join(value) for key, value in unit.elements.items()}
    for item in files:
        metadata |= {f"file.{key}": value for key, value in item.reading.metadata.items()}
    names = " ".join([unit.key, *(item.planned.name for item in files)])
    return TakenUnit(unit, files, officialdoc.secrecy(texts, metadata, names), lost)


def keep_text(item: TakenFile) -> None:
    """Write the page text with boxes beside the staged file, where there is any."""
    if not any(page.text for page in item.reading.pages):
        return
    pages = [
        {
            "number": page.number,
            "width": page.width,
            "height": page.height,
            "text": page.text,
            "lines": [{"text": line.text, "box": [round(edge, 1) for edge in line.box]} for line in page.lines],
        }
        for page in item.reading.pages
    ]
    document = {"schema": TEXT_SCHEMA, "file": item.planned.name, "pages": pages}
    text_path(item.staged).write_bytes(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def text_path(staged: Path) -> Path:
    """Return where the page text of a staged file rests."""
    return staged.with_name(staged.name + ".text.json")
