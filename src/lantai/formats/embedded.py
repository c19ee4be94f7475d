"""Objects embedded in office files: OLE packages (MS-OLEDS 2.3.6) unwrapped to the file a person put in."""

import posixpath
import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import islice

import olefile

from lantai.formats.content import Unreadable, clean
from lantai.formats.programs import is_program
from lantai.formats.zipped import DAMAGE, Members
from lantai.ports.reader import Attachment

OBJECTS = 200
_LARGEST = 64 * 1024**2
_NATIVE = "\x01Ole10Native"
_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (*DAMAGE, AttributeError, IndexError, TypeError, KeyError, RecursionError)


def objects(parts: Members) -> tuple[Attachment, ...]:
    """Return the objects embedded in a zip of parts: name and size of the file inside where it is a package, else of the part."""
    return tuple(_object(name, parts) for name in _names(parts))


def content(parts: Members, index: int, most: int) -> bytes | None:
    """Return the bytes of the object at *index*; None where there is none. Raises Unreadable where a budget ends."""
    name = next(islice(_names(parts), index, None), None)
    if name is None:
        return None
    data = parts.read(name)
    inner = native(data)
    kept = inner[1] if inner else data
    return kept if len(kept) <= most else None


def native(data: bytes) -> tuple[str, bytes] | None:
    """Return name and bytes of the file that an OLE package wraps; None where *data* is no such package."""
    if not data.startswith(_HEAD) or len(data) > _LARGEST:
        return None
    try:
        with olefile.OleFileIO(BytesIO(data)) as holder:
            return unwrapped(holder.openstream(_NATIVE).read()) if holder.exists(_NATIVE) else None
    except _BROKEN:
        return None


def unwrapped(stream: bytes) -> tuple[str, bytes] | None:
    """Return name and bytes in a stream Ole10Native: size, flags, label, path, two numbers, temporary path, data."""
    try:
        label, at = _text(stream, 6)
        _, at = _text(stream, at)
        _, at = _text(stream, at + 8)
        (size,) = struct.unpack_from("<I", stream, at)
    except (ValueError, struct.error):
        return None
    data = stream[at + 4 : at + 4 + size]
    return (posixpath.basename(label.replace("\\", "/")) or "未命名", data) if data else None


def _text(stream: bytes, at: int) -> tuple[str, int]:
    end = stream.index(b"\0", at)
    return clean(stream[at:end].decode("gb18030", "replace"))[:500], end + 1


def _names(parts: Members) -> Iterator[str]:
    return islice((name for name in sorted(parts.names) if "/embeddings/" in name), OBJECTS)


def _object(name: str, parts: Members) -> Attachment:
    try:
        data = parts.read(name)
    except Unreadable as problem:
        if problem.finding.code.startswith("READ-"):
            raise
        return Attachment(posixpath.basename(name))
    known, kept = native(data) or (posixpath.basename(name), data)
    return Attachment(known, len(kept), is_program=is_program(known, kept[:16]))
