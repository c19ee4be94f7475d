"""Tar containers (POSIX pax, GNU, ustar and older), plain or gzipped, read once from front to back."""

import functools
import gzip
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import IO, BinaryIO, cast

from lantai.packages.container_names import decoded
from lantai.packages.container_writer import DAMAGE, Exhausted, Writer

_HEADER_BYTES = 8 * 1024**2
_DAMAGE = (*DAMAGE, RecursionError, UnicodeError, AttributeError, TypeError)


class _Counted:
    """What tarfile reads from: refuses to go beyond the budget, and to take a header of megabytes into memory at once."""

    def __init__(self, stream: BinaryIO, writer: Writer) -> None:
        self._stream = stream
        self._writer = writer
        self._limit = writer.limits.bytes + 2 * writer.limits.entries * tarfile.BLOCKSIZE

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > _HEADER_BYTES:
            raise tarfile.ReadError(f"一次读取 {size} 字节，超过上限")
        self._writer.check_budget()
        data = self._stream.read(size)
        self._checked(self._stream.tell())
        return data

    def seek(self, position: int) -> int:
        self._checked(position)
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _checked(self, position: int) -> None:
        if position > self._limit:
            raise Exhausted("CONTAINER-TOO-LARGE", limit=self._writer.limits.bytes)


def unpack_tar(path: Path, writer: Writer, *, is_gzip: bool) -> None:
    """Hand every regular file of the tar at *path* to *writer*; a gzip that holds no tar is reported as not supported."""
    with path.open("rb") as raw, closing(gzip.GzipFile(fileobj=raw)) if is_gzip else raw as stream:
        try:
            archive = tarfile.TarFile(fileobj=cast("IO[bytes]", _Counted(cast("BinaryIO", stream), writer)), errors="surrogateescape")
        except _DAMAGE as problem:
            writer.remark("CONTAINER-UNSUPPORTED" if is_gzip else "CONTAINER-DAMAGED", path.name, detail=str(problem)[:200])
            return
        for member in _members(archive, path, writer):
            _entry(archive, member, writer)


def _members(archive: tarfile.TarFile, path: Path, writer: Writer) -> Iterator[tarfile.TarInfo]:
    while True:
        try:
            member = archive.next()
        except _DAMAGE as problem:
            writer.remark("CONTAINER-DAMAGED", path.name, detail=str(problem)[:200])
            return
        if member is None:
            return
        archive.members.clear()  # type: ignore[attr-defined]  # a million headers would stay in memory; typeshed leaves it out
        yield member


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo, writer: Writer) -> None:
    name = name_of(member)
    if member.isdir():
        return
    code = "CONTAINER-LINK" if member.issym() or member.islnk() else "" if member.isreg() else "CONTAINER-SPECIAL"
    if code:
        writer.check_budget()
        writer.leave(code, name)
        return
    writer.add(name, (member.size, None), functools.partial(_opened, archive, member))


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> AbstractContextManager[IO[bytes]]:
    stream = archive.extractfile(member)
    if stream is None:
        raise tarfile.ReadError("没有内容")
    return stream


def name_of(member: tarfile.TarInfo) -> str:
    """Return the name; bytes that are no UTF-8 are most likely GBK from a Chinese tool."""
    return decoded(member.name.encode("utf-8", "surrogateescape"), member.name)
