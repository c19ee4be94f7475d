"""The bytes of a PDF without parsing them: the part in which names can be read, object streams inflated, ranges for digests.

Compressed bodies are left out, which makes looking for names some twenty times cheaper. A forged file can hide a name from
this look, which is why PDFium's own lists are asked as well. Of a file too large to be held, only both ends are looked at.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lantai.formats.content import Source

IN_MEMORY = 64 * 1024**2
_AT_EACH_END = 8 * 1024**2
_INFLATED = 8 * 1024**2
_STREAMS = 200
_DICTIONARY = 600
_PIECE = 1024**2
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")


@dataclass(frozen=True, slots=True)
class Ranges:
    """Stretches of a file (start, length), given piece by piece as often as they are asked for, never held whole."""

    path: Path
    stretches: tuple[tuple[int, int], ...]

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces; a file that is shorter than claimed just ends."""
        with self.path.open("rb") as stream:
            for start, length in self.stretches:
                stream.seek(start)
                left = length
                while left > 0 and (piece := stream.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece


def is_held(source: Source) -> bool:
    """Tell whether the file is small enough to be read whole."""
    return source.path.stat().st_size <= IN_MEMORY


def data_of(source: Source) -> bytes:
    """Return the bytes of the file, read once; of a file too large to be held, both ends with a gap between."""
    if "data" not in source.memo:
        source.memo["data"] = source.path.read_bytes() if is_held(source) else b"\n".join(_ends(source.path))
    return source.memo["data"]


def _ends(path: Path) -> tuple[bytes, bytes]:
    size = path.stat().st_size
    return stretch(path, 0, _AT_EACH_END), stretch(path, max(0, size - _AT_EACH_END), _AT_EACH_END)


def stretch(path: Path, start: int, length: int) -> bytes:
    """Return *length* bytes of the file from *start*, fewer where it ends."""
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read(length)


def readable(source: Source) -> bytes:
    """Return everything outside compressed streams, made once."""
    if "readable" not in source.memo:
        source.memo["readable"] = b"".join(_readable(data_of(source)))
    return source.memo["readable"]


def _readable(data: bytes) -> Iterator[bytes]:
    for chunk in data.split(b"endstream"):
        at = chunk.find(b"stream")
        yield chunk[:at] if at >= 0 and b"/Filter" in chunk[max(0, at - _DICTIONARY) : at] else chunk


def names(source: Source) -> bytes:
    """Return everything in which names can be looked for: what is readable, and the object streams inflated; made once."""
    if "names" not in source.memo:
        source.memo["names"] = readable(source) + b"".join(object_streams(source))
    return source.memo["names"]


def object_streams(source: Source) -> Iterator[bytes]:
    """Yield the inflated object streams, where PDF 1.5 keeps dictionaries, within a bound of number and bytes."""
    if b"/ObjStm" not in readable(source):
        return
    data, at, left = data_of(source), 0, _INFLATED
    for _ in range(_STREAMS):
        at = data.find(b"/ObjStm", at)
        start = data.find(b"stream", at, at + 2 * _DICTIONARY) if at >= 0 else -1
        if at < 0 or left <= 0:
            return
        at += 7
        inflated = inflate(data[start + 6 : start + 6 + left].lstrip(b"\r\n"), left) if start >= 0 else b""
        left -= len(inflated)
        yield inflated


def inflate(data: bytes, limit: int) -> bytes:
    """Return *data* inflated, at most *limit* bytes of it; nothing where it is not deflated."""
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error:
        return b""


def is_xref_sound(source: Source) -> bool:
    """Tell whether the file's last ``startxref`` is good, also where it is too large to be held."""
    if is_held(source):
        return has_sound_xref(data_of(source))
    tail = data_of(source)[-_AT_EACH_END:]
    offset = _xref_offset(tail)
    return offset is not None and bool(_XREF.match(stretch(source.path, offset, 60)))


def has_sound_xref(data: bytes) -> bool:
    """Tell whether the last ``startxref`` points at a cross-reference section, as ISO 32000-1 7.5.5 requires."""
    number = _xref_offset(data)
    if number is None:
        return False
    offset = number + max(0, data[:1024].find(b"%PDF-"))
    return bool(_XREF.match(data[offset : offset + 60]))


def _xref_offset(data: bytes) -> int | None:
    at = data.rfind(b"startxref")
    numbers = re.match(rb"startxref\s+(\d{1,12})\s", data[at : at + 40]) if at >= 0 else None
    return int(numbers[1]) if numbers is not None and data.find(b"%%EOF", at) >= 0 else None
