"""Zip containers (APPNOTE 6.3), read by their directory but not on its word alone.

Each entry's own header must say the same as the directory does, entries that lie over one another are refused, and entries that
the directory keeps quiet about are told.
"""

import functools
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lantai.formats.zipped import open_zip
from lantai.packages.container_names import decoded
from lantai.packages.container_writer import DAMAGE, Exhausted, Writer

_UTF8_NAME, _ENCRYPTED, _DESCRIPTOR = 0x800, 0x1 | 0x40, 0x8
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})  # LZMA may ask for 4 GiB of memory
_HEADER = struct.Struct("<4s5H3L2H")
_FIELD, _UNICODE_PATH, _VOUCHED = struct.Struct("<2H"), 0x7075, 5  # version and CRC stand before the name
_SIGNATURE = b"PK\x03\x04"
_ABSENT = 0xFFFFFFFF  # the size stands in an extra field
_LOOKED_AT = 32  # a data descriptor is 24 bytes at most


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry with its own header: where it begins and ends, and whether the header says what the directory says."""

    info: zipfile.ZipInfo
    start: int
    end: int
    is_same: bool


def unpack_zip(path: Path, writer: Writer) -> None:
    """Hand every entry of the zip at *path* to *writer*."""
    try:
        archive = open_zip(path)
    except DAMAGE as problem:
        writer.remark("CONTAINER-DAMAGED", path.name, detail=str(problem)[:200])
        return
    with archive:
        listed, most = archive.infolist(), writer.limits.entries
        infos = listed[:most]
        if infos:
            writer.check_budget()
        with path.open("rb") as stream:
            placed = [_placed(stream, info) for info in infos]
            hidden = sum(_hidden(stream, placed, archive.start_dir)) if len(infos) == len(listed) else 0
        if hidden:
            writer.remark("CONTAINER-HIDDEN", path.name, count=hidden)
        overlapping = _overlapping(placed)
        for item in placed:
            _entry(archive, item, writer, is_overlapping=id(item) in overlapping)
        if len(infos) < len(listed):
            raise Exhausted("CONTAINER-TOO-MANY-ENTRIES", limit=most)


def _placed(stream: BinaryIO, info: zipfile.ZipInfo) -> _Placed:
    start = info.header_offset
    stream.seek(max(start, 0))
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size or not head.startswith(_SIGNATURE):
        return _Placed(info, start, start + _HEADER.size + info.compress_size, is_same=True)  # opening it says what is wrong
    _, _, flags, method, _, _, crc, packed, size, name, extra = _HEADER.unpack(head)
    is_same = method == info.compress_type and not (flags ^ info.flag_bits) & _ENCRYPTED
    if not flags & _DESCRIPTOR and packed != _ABSENT and size != _ABSENT:
        is_same &= (crc, packed, size) in {(info.CRC, info.compress_size, info.file_size), (0, 0, 0)}
    return _Placed(info, start, start + _HEADER.size + name + extra + info.compress_size, is_same)


def _entry(archive: zipfile.ZipFile, item: _Placed, writer: Writer, *, is_overlapping: bool) -> None:
    info = item.info
    name = name_of(info)
    if name.endswith(("/", "\\")) and not info.file_size:
        return
    code = "CONTAINER-OVERLAP" if is_overlapping else _objection(info) or ("" if item.is_same else "CONTAINER-HEADER-DIFFERS")
    if code:
        writer.check_budget()
        writer.leave(code, name, method=info.compress_type)
        return
    writer.add(name, (info.file_size, info.compress_size), functools.partial(archive.open, info))


def _objection(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.flag_bits & _ENCRYPTED:
        return "CONTAINER-ENTRY-ENCRYPTED"
    if stat.S_ISLNK(mode):
        return "CONTAINER-LINK"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "CONTAINER-SPECIAL"
    return "" if info.compress_type in _METHODS else "CONTAINER-METHOD-UNSUPPORTED"


def name_of(info: zipfile.ZipInfo) -> str:
    """Return the name as its writer meant it: without the UTF-8 flag Chinese tools write GBK, others write UTF-8.

    A name in UTF-8 beside it (Info-ZIP, extra field 0x7075) is believed where it vouches for this very name; whatever it says then becomes
    a path as any other name does.
    """
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    return _beside(info.extra, raw) or decoded(raw, info.orig_filename)


def _beside(extra: bytes, raw: bytes) -> str:
    """Return the name of the Unicode path extra field, empty where there is none or it belongs to another name."""
    while len(extra) >= _FIELD.size:
        kind, size = _FIELD.unpack_from(extra)
        body, extra = extra[_FIELD.size : _FIELD.size + size], extra[_FIELD.size + size :]
        if kind == _UNICODE_PATH and len(body) == size > _VOUCHED and body[1:_VOUCHED] == struct.pack("<L", zlib.crc32(raw)):
            return body[_VOUCHED:].decode("utf-8", "replace")
    return ""


def _overlapping(placed: Iterable[_Placed]) -> set[int]:
    """Return the ids of entries whose bytes lie inside an earlier entry, by which bombs multiply their content."""
    found, end = set(), 0
    for item in sorted(placed, key=lambda item: item.start):
        if item.start < end:
            found.add(id(item))
        end = max(end, item.end)
    return found


def _hidden(stream: BinaryIO, placed: Iterable[_Placed], directory: int) -> Iterator[bool]:
    """Yield for every gap between entries whether an entry begins there that the directory does not list."""
    end = 0
    for start, after in [*sorted((item.start, item.end) for item in placed), (directory, directory)]:
        if start > end:
            stream.seek(end)
            yield _SIGNATURE in stream.read(min(start - end, _LOOKED_AT))
        end = max(end, after)
