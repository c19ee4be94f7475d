"""Taking the bytes: each file is copied once into the staging area while both digests and the virus verdict are computed.

Nothing here touches the database; a crash leaves only files in the staging area, which the sweeper removes.
"""

import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from lantai.core import officialdoc
from lantai.core.digests import sm3, started
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.core.officialdoc import Secrecy
from lantai.core.record import Representation
from lantai.packages.digesting import digests_of
from lantai.ports import House
from lantai.ports.reader import Reading
from lantai.ports.scanner import Scanner
from lantai.stages.capture.names import keepable
from lantai.stages.capture.plan import PlannedFile, Unit

CHUNK_BYTES = 1024 * 1024
_ALWAYS = ("sha256", "sm3")
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
    """A unit whose bytes are in hand, and what its text says about state secrets; ``lost`` are files that could not be read."""

    unit: Unit
    files: tuple[TakenFile, ...]
    secrecy: Secrecy
    lost: tuple[tuple[PlannedFile, Finding], ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted digests of the files, with title and number of a catalogue's row: two rows may share a file.

        Empty where there is not one byte: all empty files are alike, and each is to be told as empty, not as one that came twice.
        """
        if not any(item.size_bytes for item in self.files):
            return ""
        described = [str(self.unit.elements.get(name, "")) for name in ("title", "document_number")] if self.unit.raw else []
        text = "\n".join(["".join(sorted(item.sha256 for item in self.files)), *described])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def take(house: House, copier: "Copier", units: Sequence[Unit]) -> list[TakenUnit]:
    """Copy, digest, scan and read all files of *units*; a file that can not be read becomes a finding of its unit.

    Raises Fault where the staging area cannot be written or no reader starts; then no copy is left behind.
    """
    copies: list[tuple[int, Copy]] = []
    try:
        return _take(house, copier, units, copies)
    except BaseException:
        for _, copied in copies:
            with suppress(OSError):
                copied.staged.unlink()
        raise


def _take(house: House, copier: "Copier", units: Sequence[Unit], copies: list[tuple[int, "Copy"]]) -> list[TakenUnit]:
    """Do it; *copies* tells the caller what to remove where it fails."""
    lost: dict[int, list[tuple[PlannedFile, Finding]]] = {}
    for place, unit in enumerate(units):
        for planned in unit.files:
            copied = copier.copy(planned, house.ids.new())
            if isinstance(copied, Finding):
                lost.setdefault(place, []).append((planned, copied))
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


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A copy that was made while a package was judged, and every digest that is known of it."""

    copy: Copy
    told: dict[str, str]


class Copier:
    """Copies files into a folder; each byte is read once for the copy, both digests and the virus engine.

    A package of others is judged before it is taken in: :meth:`digests` reads a file for that and copies it in the same go, under one of
    *names*, and :meth:`copy` gives that copy where it stands. A package within a package is judged by what is known of the copy.
    ``bytes`` and ``read_seconds`` tell how much was read and how long the reading itself took.
    """

    def __init__(self, scanner: Scanner, folder: Path, names: Callable[[], str] = lambda: token_hex(13)) -> None:
        self._scanner = scanner
        self._names = names
        self._folder = folder
        self._ahead: dict[str, _Ahead] = {}
        self.bytes, self.read_seconds = 0, 0.0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise Fault("CAPTURE-STAGING-FAILED", folder.name, reason=problem.strerror or "") from problem

    def copy(self, planned: PlannedFile, name: str) -> Copy | Finding:
        """Copy one file under *name*; a finding where it can not be read. Raises Fault where the folder can not be written."""
        if (ahead := self._ahead.pop(str(planned.source), None)) is not None:
            return replace(ahead.copy, planned=planned)
        staged = self._folder / name
        try:
            source = _open(planned.source)
        except (OSError, ValueError):
            return finding("CAPTURE-UNREADABLE", planned.path)
        with source:
            try:
                return self._flow(planned, source, staged)
            except _Unreadable:
                staged.unlink(missing_ok=True)
                return finding("CAPTURE-UNREADABLE", planned.path)
            except OSError as problem:
                with suppress(OSError):
                    staged.unlink()
                raise Fault("CAPTURE-STAGING-FAILED", planned.path, reason=problem.strerror or "") from problem

    def digests(self, path: str, algorithms: Iterable[str]) -> list[str]:
        """Read a file once for its digests (``DigestsOf``) and keep the copy for whoever asks for it. Asked again for others, it is the
        copy that is read.

        Raises OSError where the file can not be read, Fault where the folder can not be written.
        """
        wanted = list(algorithms)
        ahead = self._ahead.get(path)
        if ahead is None:
            ahead = self._ahead[path] = self._copied(Path(path), wanted)
        if missing := [name for name in wanted if name not in ahead.told]:
            ahead.told.update(zip(missing, digests_of(str(ahead.copy.staged), missing), strict=True))
        return [ahead.told[name] for name in wanted]

    def _copied(self, source: Path, algorithms: Sequence[str]) -> _Ahead:
        running = {name: started(name) for name in algorithms if name not in _ALWAYS}
        planned, staged = PlannedFile(source, str(source), source.name), self._folder / self._names()
        with _open(source) as stream:
            try:
                copied = self._flow(planned, stream, staged, tuple(running.values()))
            except _Unreadable as problem:
                staged.unlink(missing_ok=True)
                raise OSError(errno.EIO, "读不出") from problem
            except OSError as problem:
                with suppress(OSError):
                    staged.unlink()
                raise Fault("CAPTURE-STAGING-FAILED", source.name, reason=problem.strerror or "") from problem
        told = {name: item.hexdigest() for name, item in running.items()}
        return _Ahead(copied, told | dict(zip(_ALWAYS, (copied.sha256, copied.sm3), strict=True)))

    def forget(self) -> None:
        """Remove the copies that were made ahead and that nobody asked for."""
        while self._ahead:
            with suppress(OSError):
                self._ahead.popitem()[1].copy.staged.unlink()

    def _flow(self, planned: PlannedFile, source: IO[bytes], staged: Path, more: Sequence[Any] = ()) -> Copy:
        sha256, by_sm3, size = hashlib.sha256(), sm3(), 0

        def chunks() -> Iterator[bytes]:
            nonlocal size
            with staged.open("xb", buffering=0) as target:
                while chunk := self._read(source):
                    sha256.update(chunk)
                    by_sm3.update(chunk)
                    for running in more:
                        running.update(chunk)
                    size += len(chunk)
                    _write(target, chunk)
                    yield chunk

        scan = self._scanner.scan(chunks())
        self.bytes += size
        return Copy(planned, staged, size, sha256.hexdigest(), by_sm3.hexdigest(), scan.as_text())

    def _read(self, source: IO[bytes]) -> bytes:
        began = time.perf_counter()
        try:
            return source.read(CHUNK_BYTES)
        except OSError as problem:
            raise _Unreadable from problem
        finally:
            self.read_seconds += time.perf_counter() - began


def _open(path: Path) -> IO[bytes]:
    """Open a plain file and nothing that has been put in its place since it was listed: no link, and no pipe that would never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "不是普通文件")
    return os.fdopen(descriptor, "rb", buffering=0)


class _Unreadable(Exception):
    """The source gives an error in the middle, as a worn medium does: it costs this file, not the delivery."""


def _write(target: IO[bytes], chunk: bytes) -> None:
    """Write all of *chunk*: on a disk that fills up the system takes a part first and objects only to the rest."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[target.write(rest) :]


def _taken(copied: Copy, reading: Reading) -> TakenFile:
    return TakenFile(copied.staged.name, copied.planned, copied.staged, copied.size_bytes, copied.sha256, copied.sm3, copied.virus, reading)


def _taken_unit(unit: Unit, files: tuple[TakenFile, ...], lost: tuple[tuple[PlannedFile, Finding], ...]) -> TakenUnit:
    texts = [text for item in files for text in item.reading.seen]
    metadata = {key: value if isinstance(value, str) else "；".join(value) for key, value in unit.elements.items()}
    for item in files:
        metadata |= {f"file.{key}": value for key, value in item.reading.metadata.items()}
    names = " ".join([unit.key, *(item.planned.name for item in files)])
    return TakenUnit(unit, tuple(_once(files)), officialdoc.secrecy(texts, metadata, names), lost)


def _once(files: Sequence[TakenFile]) -> Iterator[TakenFile]:
    """Yield the files, the text of a document only once where copies were made of it: PDF and OFD of the same scans say the same."""
    told: set[int] = set()
    for item in files:
        is_copy = item.planned.representation is not Representation.ORIGINAL and bool(item.reading.text)
        if is_copy and item.planned.document in told:
            yield replace(item, reading=replace(item.reading, pages=()))
            continue
        if is_copy:
            told.add(item.planned.document)
        yield item


def keep_text(item: TakenFile) -> None:
    """Write the page text with boxes beside the staged file, where there is any. Raises Fault where it cannot be written."""
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
    document = {"schema": TEXT_SCHEMA, "file": keepable(item.planned.name), "pages": pages}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        text_path(item.staged).write_bytes(content)
    except OSError as problem:
        raise Fault("CAPTURE-STAGING-FAILED", item.planned.path, reason=problem.strerror or "") from problem


def text_path(staged: Path) -> Path:
    """Return where the page text of a staged file rests."""
    return staged.with_name(staged.name + ".text.json")
