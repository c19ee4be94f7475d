"""Gathering the facts of what would become records: each byte is read once for copy, digests and virus engine, then opened."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from lantai.core import beijing, officialdoc
from lantai.core.checks import Declared, DocumentFacts, EngineFacts, FileFacts, PackageFacts, RecordFacts, SignatureFacts
from lantai.core.checks.engine import is_sampled
from lantai.core.findings import Finding
from lantai.core.record import ContentBasis
from lantai.formats.kinds import DRAWN
from lantai.packages.container import ContainerLimits
from lantai.ports.reader import Reader, Reading
from lantai.ports.scanner import Scanner
from lantai.stages.capture.plan import PlannedFile, Unit
from lantai.stages.capture.take import Copier, Copy
from lantai.stages.examine.enclosed import enclosed
from lantai.stages.inspect import secrets

PACKAGE = "归档信息包"
PICTURE_WIDTH = 96
ALWAYS_DRAWN = 20
_DRAWN_SHARE = 10


@dataclass(frozen=True, slots=True)
class How:
    """How a path is looked at: whether it lies on a medium that was handed over (its speed is measured), on which day it is judged
    (YYYYMMDD, the present one where empty), the templates that archival codes are read by (none: they are not judged), and the
    identifiers of the keys that may have signed the proof of a vault object (none: nobody knows who did)."""

    is_carrier: bool = False
    today: str = ""
    templates: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Gathering:
    """Gathers the facts of units whose files are copied into *folder*; ``lost`` are files that could not be read.

    ``bytes`` and ``seconds`` tell of the reading itself, ``packages`` how many of the units were packages, ``seen`` where each number
    and digest was met first.
    """

    def __init__(self, reader: Reader, scanner: Scanner, folder: Path, how: "How", limits: ContainerLimits) -> None:
        self.reader, self.scanner = reader, scanner
        self.engine = self.ask()
        self.copier = Copier(scanner, folder / "copies")
        self.templates, self.keys = how.templates, how.keys
        self.today = how.today or beijing.day(datetime.now(beijing.ZONE))
        self.lost: list[Finding] = []
        self.packages = 0
        self.findings: list[Finding] = []
        self._folder, self._limits = folder, limits
        self._seen: dict[tuple[str, str], str] = {}
        self._units = 0

    def ask(self) -> EngineFacts:
        """Ask the virus engine for its state now."""
        state = self.scanner.engine()
        return EngineFacts(state.is_ready, state.name, state.signatures, state.signatures_date)

    def facts(self, units: Iterable[Unit]) -> Iterator[RecordFacts]:
        """Yield the facts of each unit; rows of a catalogue are descriptions, no metadata of an electronic record."""
        for place, unit in enumerate(units):
            self._units = place
            opened = enclosed(unit, self._folder / f"eep-{place}", self._limits)
            yield self._of(opened, place)

    def _of(self, unit: Unit, place: int) -> RecordFacts:
        read = list(self._read(unit, place))
        is_package = unit.is_package and not unit.raw
        self.packages += is_package
        secrecy = officialdoc.secrecy([text for _, reading in read for text in reading.seen], _texts(unit), unit.key)
        documents = tuple(
            _documents([(copied, reading, drawn) for (copied, reading), drawn in zip(read, self._drawings(unit, read), strict=True)])
        )
        for copied, _ in read:
            copied.staged.unlink(missing_ok=True)
        return RecordFacts(
            record_id=unit.key,
            today=self.today,
            content_basis=ContentBasis.PHYSICAL_ONLY if unit.is_physical_only else ContentBasis.DIGITAL,
            electronic_record_code=unit.electronic_record_code,
            elements=unit.elements,
            has_metadata=bool(unit.elements) and is_package,
            metadata_readable=_is_readable(unit) if is_package else None,
            metadata_findings=(*secrets(secrecy, unit.key), *(() if is_package else unit.findings)),
            documents=documents,
            events=unit.events,
            agents=unit.agents,
            relations=unit.relations,
            duplicates=self.duplicates(unit.key, _marks(unit, documents)),
            unreferenced_files=_stray(unit) if is_package else None,
            package=_package(unit, documents) if is_package else None,
            engine=self.engine,
        )

    def duplicates(self, key: str, marks: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
        """Return kind -> where the same was met before in this path, and remember what is new."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for kind, mark in marks:
            before = self._seen.setdefault((kind, mark), key)
            if before != key:
                found[kind][before] = None
        return {kind: tuple(places) for kind, places in found.items()}

    def _read(self, unit: Unit, place: int) -> Iterator[tuple[Copy, Reading]]:
        copies: list[Copy] = []
        for number, planned in enumerate(unit.files):
            copied = self.copier.copy(planned, f"{place}-{number}")
            if isinstance(copied, Finding):
                self.lost.append(copied)
            else:
                copies.append(copied)
        yield from zip(copies, self.reader.read_many([(item.staged, item.planned.name) for item in copies]), strict=True)

    def _drawings(self, unit: Unit, read: Sequence[tuple[Copy, Reading]]) -> Iterator[bool | None]:
        is_drawn = self._units < ALWAYS_DRAWN or is_sampled(unit.key, "3.04", _DRAWN_SHARE)
        for copied, reading in read:
            yield drawn(self.reader, copied.staged, copied.planned.name, reading) if is_drawn else None


def drawn(reader: Reader, path: Path, name: str, reading: Reading) -> bool | None:
    """Tell whether first and last page could be drawn; None where the format has no picture or nobody can say how many pages it has."""
    if reading.format.mime not in DRAWN or not reading.page_count:
        return None
    pages = dict.fromkeys((1, reading.page_count))
    return all(reader.render(path, name, page=page, width=PICTURE_WIDTH) is not None for page in pages)


def _texts(unit: Unit) -> dict[str, str]:
    return {name: value if isinstance(value, str) else "；".join(value) for name, value in unit.elements.items()}


def _is_readable(unit: Unit) -> bool | None:
    """Tell whether the metadata of a package could be read; None where it brought none."""
    if any(item.code.endswith(("-UNREADABLE", "-TOO-LARGE")) for item in unit.findings):
        return False
    return True if unit.elements else None


def _stray(unit: Unit) -> tuple[str, ...]:
    return tuple(item.where for item in unit.findings if item.code == "FILING-FILE-EXTRA")


def _marks(unit: Unit, documents: Sequence[DocumentFacts]) -> Iterator[tuple[str, str]]:
    """Yield what must not, or will hardly, come twice."""
    said = _texts(unit)
    if unit.electronic_record_code:
        yield "electronic_record_code", unit.electronic_record_code
    for kind, name in (("code", "archival_code"), ("document_number", "document_number")):
        if said.get(name):
            yield kind, said[name]
    if said.get("title"):
        yield "identity", "\n".join(said.get(name, "") for name in ("title", "author", "date"))
    for document in documents:
        yield from (("digest", file.digests["sha256"]) for file in document.files if file.size_bytes)


def _package(unit: Unit, documents: Sequence[DocumentFacts]) -> PackageFacts:
    """Return the facts of a package: what its list declares, against what is there."""
    files = [file for document in documents for file in document.files]
    missing = sum(item.code.endswith(("-FILE-MISSING", "EEP-DATA-EMPTY")) for item in unit.findings)
    listed = [file for file in files if file.declared and file.declared.digest]
    has_list = bool(listed) or any(file.declared for file in files)
    is_same = all(file.declared and file.digests.get(file.declared.algorithm) == file.declared.digest for file in listed)
    names = frozenset(unit.elements) | ({"electronic_record_code"} if unit.electronic_record_code else frozenset())
    return PackageFacts(
        PACKAGE,
        findings=unit.findings,
        is_manifest_verified=(is_same and not missing) if has_list else None,
        declared_files=len(files) + missing,
        actual_files=len(files),
        elements=names,
        signatures=tuple(SignatureFacts.of(row) for row in unit.signatures),
    )


def _documents(read: Sequence[tuple[Copy, Reading, bool | None]]) -> Iterator[DocumentFacts]:
    """Yield the documents with the facts of their files, in order."""
    for _, group in groupby(read, key=lambda row: row[0].planned.document):
        files = list(group)
        planned = files[0][0].planned
        yield DocumentFacts(planned.role, tuple(_file(*row) for row in files), planned.document_title)


def _file(copied: Copy, reading: Reading, is_drawn: bool | None) -> FileFacts:  # noqa: FBT001 - one of a row
    planned = copied.planned
    facts = read_facts(planned.name, planned.path, reading)
    return replace(
        facts,
        size_bytes=copied.size_bytes,
        digests={"sha256": copied.sha256, "sm3": copied.sm3},
        virus=copied.virus,
        is_drawn=is_drawn,
        declared=_declared(planned),
    )


def read_facts(name: str, path: str, reading: Reading) -> FileFacts:
    """Return what reading a file told of it."""
    return FileFacts(
        name=name,
        path=path,
        puid=reading.format.puid,
        mime=reading.format.mime,
        page_count=reading.page_count,
        is_read=True,
        findings=reading.findings,
        signatures=tuple(SignatureFacts.of(item) for item in reading.signatures),
    )


def _declared(planned: PlannedFile) -> Declared | None:
    return Declared.of(planned.declared) if planned.declared else None
