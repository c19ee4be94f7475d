"""A look at the bytes of a PDF without parsing it: the part in which names can be read, and object streams inflated.

Compressed bodies are left out, which makes looking for names some twenty times cheaper. A forged file can hide a name from
this look, which is why PDFium's own lists are asked as well.
"""

import re
import zlib
from collections.abc import Iterator

from lantai.formats.content import Source, Unreadable

IN_MEMORY = 256 * 1024**2
_LOOKED_AT = 64 * 1024**2
_INFLATED = 8 * 1024**2
_STREAMS = 200
_DICTIONARY = 600
_XREF = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")


def data_of(source: Source) -> bytes:
    """Return the bytes of the file, read once. Raises Unreadable with READ-TOO-LARGE."""
    if "data" not in source.memo:
        if source.path.stat().st_size > IN_MEMORY:
            raise Unreadable("READ-TOO-LARGE", source.name, limit=IN_MEMORY)
        source.memo["data"] = source.path.read_bytes()
    return source.memo["data"]


def readable(source: Source) -> bytes:
    """Return everything outside compressed streams, made once."""
    if "readable" not in source.memo:
        source.memo["readable"] = b"".join(_readable(data_of(source)[:_LOOKED_AT]))
    return source.memo["readable"]


def _readable(data: bytes) -> Iterator[bytes]:
    for chunk in data.split(b"endstream"):
        at = chunk.find(b"stream")
        yield chunk[:at] if at >= 0 and b"/Filter" in chunk[max(0, at - _DICTIONARY) : at] else chunk


def object_streams(source: Source) -> Iterator[bytes]:
    """Yield the inflated object streams, where PDF 1.5 keeps dictionaries, within a bound of number and bytes."""
    if b"/ObjStm" not in readable(source):
        return
    data, at, left = data_of(source), 0, _INFLATED
    for _ in range(_STREAMS):
        at = data.find(b"/ObjStm", at, _LOOKED_AT)
        start = data.find(b"stream", at, at + 2 * _DICTIONARY) if at >= 0 else -1
        if at < 0 or left <= 0:
            return
        at += 7
        inflated = _inflate(data[start + 6 : start + 6 + left].lstrip(b"\r\n"), left) if start >= 0 else b""
        left -= len(inflated)
        yield inflated


def _inflate(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error:
        return b""


def has_sound_xref(data: bytes) -> bool:
    """Tell whether the last ``startxref`` points at a cross-reference section, as ISO 32000-1 7.5.5 requires."""
    at = data.rfind(b"startxref")
    numbers = re.match(rb"startxref\s+(\d{1,12})\s", data[at : at + 40]) if at >= 0 else None
    if numbers is None or data.find(b"%%EOF", at) < 0:
        return False
    offset = int(numbers[1]) + max(0, data[:1024].find(b"%PDF-"))
    return bool(_XREF.match(data[offset : offset + 60]))
