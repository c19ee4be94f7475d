"""The writing end of unpacking: one budget, one target folder, one place where a path is made."""

import contextlib
import lzma
import os
import struct
import tarfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.packages.container_names import BadName, is_reserved, parts_of, shown

DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error, ValueError, OverflowError,
    NotImplementedError, RuntimeError, KeyError, IndexError, MemoryError,
)  # fmt: skip
_CHUNK = 1024**2
_RATIO_FLOOR = 4 * 1024**2  # small entries may shrink as they like
_GROWTH_FLOOR = 64 * 1024**2  # so may all of a container together


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """Budget of one container: bytes written, entries, growth of one entry (times), seconds.

    ``trusted`` is no budget but a setting of reading packages: file or folder of certificates that signatures over them may end at.
    """

    bytes: int = 8 * 1024**3
    entries: int = 200_000
    ratio: int = 300
    seconds: float = 900.0
    trusted: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that came out: its path within the target folder, forward slashes, and its size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out, in the order of the container, and everything that did not, as findings.

    ``left`` are those findings that are each about one entry that stayed inside; the others are about the whole.
    """

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    left: tuple[Finding, ...] = ()


class Refused(Exception):
    """One entry stays inside; the code says why."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(code)


class Exhausted(Exception):
    """The budget of the whole container is used up: nothing more comes out. The finding says which."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(code)


class Writer:
    """Writes entries under *into* and remarks on those that cannot be."""

    def __init__(self, container: Path, into: Path, limits: ContainerLimits) -> None:
        self.container, self.limits = container, limits
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []
        self.left: list[Finding] = []
        self._into = into
        self._deadline = time.monotonic() + limits.seconds
        self._left = limits.bytes
        self._growth = _GROWTH_FLOOR + limits.ratio * container.stat().st_size
        self._taken: set[str] = set()
        self._folded: set[str] = set()

    def remark(self, code: str, where: str, **values: object) -> None:
        """Note the finding *code* about the container *where*."""
        self.findings.append(finding(code, shown(where), **values))

    def leave(self, code: str, name: str, **values: object) -> None:
        """Note with the finding *code* that the entry *name* stays inside."""
        self.remark(code, name, **values)
        self.left.append(self.findings[-1])

    def check_budget(self) -> None:
        """Raise Exhausted where no further entry may come out; one that stays inside costs as much to look at."""
        if len(self.entries) + len(self.left) >= self.limits.entries:
            raise Exhausted("CONTAINER-TOO-MANY-ENTRIES", limit=self.limits.entries)
        if time.monotonic() > self._deadline:
            raise Exhausted("CONTAINER-TIMEOUT", seconds=self.limits.seconds)

    def add(self, name: str, sizes: tuple[int, int | None], source: Callable[[], AbstractContextManager[IO[bytes]]]) -> None:
        """Write the entry *name*, whose declared and packed *sizes* are known, from *source*; a refusal becomes a finding.

        Raises Exhausted at the end of the budget, Fault CONTAINER-NOT-WRITTEN where the disk fails.
        """
        self.check_budget()
        try:
            parts = parts_of(name)
            self._check(name, sizes)
            size = self._write(parts, sizes[0], source)
        except BadName as problem:
            self.leave(problem.code, name)
        except Refused as problem:
            self.leave(problem.code, name, **problem.values)
        else:
            self.entries.append(Entry("/".join(parts), size))

    def _check(self, name: str, sizes: tuple[int, int | None]) -> None:
        declared, packed = sizes
        if declared > self._left:
            raise Refused("CONTAINER-TOO-LARGE", limit=self.limits.bytes)
        if packed is not None and declared > max(_RATIO_FLOOR, self.limits.ratio * packed):
            raise Refused("CONTAINER-RATIO", limit=self.limits.ratio)
        parts = parts_of(name)
        key = unicodedata.normalize("NFC", "/".join(parts))
        if key in self._taken:
            raise Refused("CONTAINER-NAME-TWICE")
        self._taken.add(key)
        if key.casefold() in self._folded:
            self.remark("CONTAINER-NAME-CASE", name)
        self._folded.add(key.casefold())
        if any(map(is_reserved, parts)):
            self.remark("CONTAINER-NAME-RESERVED", name)

    def _write(self, parts: tuple[str, ...], declared: int, source: Callable[[], AbstractContextManager[IO[bytes]]]) -> int:
        target = self._into.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise Refused("CONTAINER-NAME-TWICE") from None
        except OSError as problem:
            raise Fault("CONTAINER-NOT-WRITTEN", shown("/".join(parts)), detail=problem.strerror or str(problem)) from problem
        try:
            with os.fdopen(handle, "wb") as sink:
                return self._copy(source, sink, declared)
        except (Refused, Exhausted, Fault):
            with contextlib.suppress(OSError):
                target.unlink()
            raise
        except OSError as problem:  # closing writes the rest
            raise Fault("CONTAINER-NOT-WRITTEN", shown("/".join(parts)), detail=problem.strerror or str(problem)) from problem

    def _copy(self, source: Callable[[], AbstractContextManager[IO[bytes]]], sink: IO[bytes], declared: int) -> int:
        """Copy by chunks; failing to read is the entry's damage, failing to write the world's."""
        written = 0
        try:
            with source() as stream:
                while chunk := stream.read(_CHUNK):
                    written += len(chunk)
                    self._spend(len(chunk))
                    _put(sink, chunk)
        except DAMAGE as problem:
            raise Refused("CONTAINER-ENTRY-DAMAGED", detail=str(problem)[:200]) from None
        if written != declared:
            raise Refused("CONTAINER-ENTRY-DAMAGED", detail=f"声明 {declared} 字节，实有 {written} 字节")
        return written

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Exhausted("CONTAINER-TOO-LARGE", limit=self.limits.bytes)
        if self.limits.bytes - self._left > self._growth:
            raise Exhausted("CONTAINER-RATIO", limit=self.limits.ratio)
        if time.monotonic() > self._deadline:
            raise Exhausted("CONTAINER-TIMEOUT", seconds=self.limits.seconds)


def _put(sink: IO[bytes], chunk: bytes) -> None:
    try:
        sink.write(chunk)
    except OSError as problem:
        raise Fault("CONTAINER-NOT-WRITTEN", detail=problem.strerror or str(problem)) from problem
