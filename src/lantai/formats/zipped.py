"""Members of a zip read with a counted budget, for formats that are zips inside (OFD, DOCX, ODF …).

Declared sizes are not believed: bytes are counted as they come out. The central directory is measured before it is read.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lantai.formats.content import Source, Unreadable

DIRECTORY_BYTES = 32 * 1024**2
_TAIL = 65_557
_END, _END64 = b"PK\x05\x06", b"PK\x06\x06"
_CHUNK = 1024**2
#: What the library says of a zip that was cut or never was one.
_WORDS = {
    "File is not a zip file": "末尾的目录不在，可能没有传完",
    "Bad magic number for central directory": "目录被改动或缺损",
    "Truncated central directory": "目录不完整，可能没有传完",
}
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError, OverflowError, NotImplementedError)


class Members:
    """An open zip: case-blind look-up of names and reading under one budget for the whole file."""

    def __init__(self, archive: zipfile.ZipFile, source: Source) -> None:
        self._archive = archive
        self._source = source
        self._left = source.limits.unpacked_bytes
        self._infos = {plain(info.filename): info for info in reversed(archive.infolist())}
        self._twice: dict[str, bytes] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names in plain form (lower case, forward slashes, no leading slash)."""
        return tuple(self._infos)

    @property
    def is_encrypted(self) -> bool:
        """True where any member is encrypted by the zip itself."""
        return any(info.flag_bits & 1 for info in self._infos.values())

    def has(self, name: str) -> bool:
        """Tell whether a member of this name exists, whatever its case."""
        return plain(name) in self._infos

    def read_twice(self, name: str) -> bytes:
        """Return the bytes of a member that two readers ask for, and keep them for the second. Raises like :meth:`read`."""
        if name not in self._twice:
            self._twice[name] = self.read(name)
        return self._twice[name]

    def read(self, name: str) -> bytes:
        """Return the bytes of a member.

        Raises Unreadable: ZIP-MEMBER-MISSING, ZIP-MEMBER-DAMAGED, ZIP-MEMBER-ENCRYPTED, READ-TOO-LARGE, READ-TIMEOUT.
        """
        info = self._infos.get(plain(name))
        if info is None:
            raise Unreadable("ZIP-MEMBER-MISSING", self._source.name, member=name)
        if info.flag_bits & 1:
            raise Unreadable("ZIP-MEMBER-ENCRYPTED", self._source.name, member=name)
        try:
            with self._archive.open(info) as stream:
                return b"".join(self._counted(stream))
        except (*DAMAGE, RuntimeError) as problem:
            raise Unreadable("ZIP-MEMBER-DAMAGED", self._source.name, member=name, detail=str(problem)[:200]) from None

    def _counted(self, stream: object) -> Iterator[bytes]:
        while chunk := stream.read(_CHUNK):  # type: ignore[attr-defined]  # ZipExtFile is private to zipfile
            self._left -= len(chunk)
            if self._left < 0:
                raise Unreadable("READ-TOO-LARGE", self._source.name, limit=self._source.limits.unpacked_bytes)
            if self._source.is_late:
                raise Unreadable("READ-TIMEOUT", self._source.name, seconds=self._source.limits.seconds)
            yield chunk


@contextmanager
def members(source: Source) -> Iterator[Members]:
    """Open the zip of *source*. Raises Unreadable with ZIP-DAMAGED where it is none."""
    try:
        archive = open_zip(source.path)
    except DAMAGE as problem:
        raise Unreadable("ZIP-DAMAGED", source.name, detail=damage_words(problem)) from None
    with archive:
        yield Members(archive, source)


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open *path* with its directory measured first. Raises zipfile.BadZipFile (or another of DAMAGE) where it cannot."""
    with path.open("rb") as stream:
        size = directory_bytes(stream)
    if size > DIRECTORY_BYTES:
        raise zipfile.BadZipFile(f"目录有 {size} 字节，超过上限")
    return zipfile.ZipFile(path)


def damage_words(problem: Exception) -> str:
    """Return what is wrong with a zip in the words of people, where that is known."""
    said = str(problem)[:200] or type(problem).__name__
    return _WORDS.get(said, said)


def zip_damage(path: Path) -> str:
    """Return why the zip at *path* cannot be opened, empty where it can."""
    try:
        open_zip(path).close()
    except DAMAGE as problem:
        return damage_words(problem)
    return ""


def directory_bytes(stream: BinaryIO) -> int:
    """Return the declared size of the central directory, 0 where no end record is found."""
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - _TAIL))
    tail = stream.read(_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 16:
        return 0
    small: int = struct.unpack_from("<I", tail, at + 12)[0]
    at64 = tail.rfind(_END64, 0, at)
    large: int = struct.unpack_from("<Q", tail, at64 + 40)[0] if at64 >= 0 else 0
    return large or small


def plain(name: str) -> str:
    """Return the form by which names are compared: forward slashes, no leading slash, no ``.`` or doubled slashes, lower case."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()
