"""Tar containers (POSIX pax, GNU, ustar and older), plain or compressed (gzip, bzip2, xz), read once from front to back."""

import bz2
import functools
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import IO, BinaryIO, cast

from lantai.packages.container_names import decoded
from lantai.packages.container_writer import DAMAGE, Exhausted, Writer

_HEADER_BYTES = 8 * 1024**2
_DAMAGE = (*DAMAGE, RecursionError, UnicodeError, AttributeError, TypeError)
_RATIO_FLOOR = 64 * 1024**2
_XZ_MEMORY_BYTES = 128 * 1024**2
_CHUNK = 64 * 1024


class _Counted:
    """What tarfile reads from: refuses to go beyond the budget, and to take a header of megabytes into memory at once.

    Where *packed* is the compressed file beneath, growth beyond the ratio is refused too.
    """

    def __init__(self, stream: BinaryIO, writer: Writer, packed: BinaryIO | None) -> None:
        self._stream = stream
        self._writer = writer
        self._packed = packed
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
        ratio = self._writer.limits.ratio
        if self._packed is not None and position > _RATIO_FLOOR + ratio * self._packed.tell():
            raise Exhausted("CONTAINER-RATIO", limit=ratio)


class _Xz(io.RawIOBase):
    """An xz stream read forwards, with a bound on the memory that its dictionary may take."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._running = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
        self._position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, nothing at the end. Raises LZMAError, EOFError for a stream that is cut off."""
        parts: list[bytes] = []
        left = size
        while left > 0 and (part := self._next(left)):
            parts.append(part)
            left -= len(part)
        self._position += size - left
        return b"".join(parts)

    def _next(self, size: int) -> bytes:
        while True:
            if self._running.eof:
                rest = self._running.unused_data.lstrip(b"\0") or self._packed.read(_CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._running = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
                part = self._running.decompress(rest, size)
            elif self._running.needs_input:
                chunk = self._packed.read(_CHUNK)
                if not chunk:
                    raise EOFError("压缩数据不完整")
                part = self._running.decompress(chunk, size)
            else:
                part = self._running.decompress(b"", size)
            if part:
                return part

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = 0) -> int:
        """Go forwards to *position*. Raises OSError for going back."""
        if whence or position < self._position:
            raise OSError("不能回退")
        while self._position < position and self.read(min(_CHUNK, position - self._position)):
            pass
        return self._position


def _opened_stream(raw: BinaryIO, kind: str) -> BinaryIO:
    if kind == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if kind == "bzip2":
        return cast("BinaryIO", bz2.BZ2File(raw))
    return cast("BinaryIO", _Xz(raw)) if kind == "xz" else raw


def unpack_tar(path: Path, writer: Writer, kind: str) -> None:
    """Hand every regular file of the tar at *path* to *writer*; *kind* is tar, gzip, bzip2 or xz.

    A compressed file that holds no tar is reported as not supported.
    """
    with path.open("rb") as raw, closing(_opened_stream(raw, kind)) as stream:
        try:
            counted = _Counted(stream, writer, None if kind == "tar" else raw)
            archive = tarfile.TarFile(fileobj=cast("IO[bytes]", counted), errors="surrogateescape")
        except _DAMAGE as problem:
            writer.remark("CONTAINER-DAMAGED" if kind == "tar" else "CONTAINER-UNSUPPORTED", path.name, detail=str(problem)[:200])
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
    stored = cast("list[tuple[int, int]]", member.sparse) if member.issparse() else []
    packed = sum(size for _, size in stored) if member.issparse() else None
    writer.add(name, (member.size, packed), functools.partial(_opened, archive, member))


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> AbstractContextManager[IO[bytes]]:
    stream = archive.extractfile(member)
    if stream is None:
        raise tarfile.ReadError("没有内容")
    return stream


def name_of(member: tarfile.TarInfo) -> str:
    """Return the name; bytes that are no UTF-8 are most likely GBK from a Chinese tool."""
    return decoded(member.name.encode("utf-8", "surrogateescape"), member.name)
