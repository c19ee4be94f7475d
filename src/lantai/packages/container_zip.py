"""Zip containers (APPNOTE 6.3): the central directory is the truth, entries that lie over one another are refused."""

import functools
import stat
import zipfile
from pathlib import Path

from lantai.formats.zipped import open_zip
from lantai.packages.container_names import decoded
from lantai.packages.container_writer import DAMAGE, Writer

_UTF8_NAME, _ENCRYPTED = 0x800, 0x1 | 0x40
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})  # LZMA may ask for 4 GiB of memory
_LOCAL_HEADER = 30


def unpack_zip(path: Path, writer: Writer) -> None:
    """Hand every entry of the zip at *path* to *writer*."""
    try:
        archive = open_zip(path)
    except DAMAGE as problem:
        writer.remark("CONTAINER-DAMAGED", path.name, detail=str(problem)[:200])
        return
    with archive:
        infos = archive.infolist()
        overlapping = _overlapping(infos)
        for info in infos:
            _entry(archive, info, writer, is_overlapping=id(info) in overlapping)


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, writer: Writer, *, is_overlapping: bool) -> None:
    name = name_of(info)
    if name.endswith(("/", "\\")) and not info.file_size:
        return
    code = "CONTAINER-OVERLAP" if is_overlapping else _objection(info)
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
    """Return the name as its writer meant it: without the UTF-8 flag Chinese tools write GBK, others write UTF-8."""
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    return decoded(info.orig_filename.encode("cp437", "replace"), info.orig_filename)


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Return the ids of entries whose bytes lie inside an earlier entry, by which bombs multiply their content."""
    found, end = set(), 0
    for info in sorted(infos, key=lambda item: item.header_offset):
        if info.header_offset < end:
            found.add(id(info))
        end = max(end, info.header_offset + _LOCAL_HEADER + info.compress_size)
    return found
