"""Office files before 2007 in an OLE2 compound file: DOC and WPS, XLS and ET, PPT and DPS. Text and properties, no more.

[MS-DOC] 2.5 (file information block) and 2.8.35 (piece table), [MS-PPT] 2.3.1 (record header).
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import olefile
import python_calamine

from lantai.core.findings import Finding, finding
from lantai.formats import ole_text
from lantai.formats.content import Content, Pages, Source, Unreadable, described
from lantai.formats.embedded import OBJECTS, unwrapped
from lantai.formats.programs import is_program

_DAMAGE = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, OverflowError, UnicodeError)
_BOOKS = ("Workbook", "Book")
_STREAM_BYTES = 256 * 1024**2
_META = {
    "title": "title", "author": "author", "subject": "subject", "keywords": "keywords", "comments": "description", "company": "company",
    "last_saved_by": "modified_by", "create_time": "created", "last_saved_time": "modified", "creating_application": "application",
    "num_pages": "pages", "category": "category",
}  # fmt: skip

_VECTOR = 0x1000  # VT_VECTOR of MS-OLEPS 2.2


def read_doc(source: Source) -> Content:
    """Read a Word or WPS document: text by its piece table; pages as the file says of itself are in the metadata."""

    def text(holder: olefile.OleFileIO, pages: Pages) -> int | None:
        main = _stream(holder, "WordDocument", source)
        if ole_text.is_encrypted(main):
            raise Unreadable("OFFICE-ENCRYPTED", source.name)
        tables = {name: _stream(holder, name, source) for name in ("0Table", "1Table") if holder.exists(name)}
        pages.add(ole_text.word(main, tables))
        return None

    return _read(source, text)


def read_ppt(source: Source) -> Content:
    """Read a presentation: its text records in the order of the stream."""

    def text(holder: olefile.OleFileIO, pages: Pages) -> int | None:
        if holder.exists("EncryptedSummary"):
            raise Unreadable("OFFICE-ENCRYPTED", source.name)
        pages.add(ole_text.slides(_stream(holder, "PowerPoint Document", source)))
        return None

    return _read(source, text)


def read_xls(source: Source) -> Content:
    """Read a workbook: one page a sheet, a row a line, cells parted by tabs."""

    def text(holder: olefile.OleFileIO, pages: Pages) -> int | None:
        if _has_circles(holder):
            raise Unreadable("OFFICE-DAMAGED", source.name, detail="扇区链首尾相接，没有尽头")
        if any(ole_text.has_far_cells(_stream(holder, name, source)) for name in _BOOKS if holder.exists(name)):
            raise Unreadable("OFFICE-DAMAGED", source.name, detail="有单元格在工作表的 65536 行、256 列之外")
        try:
            return _sheets(source, pages)
        except python_calamine.PasswordError:
            raise Unreadable("OFFICE-ENCRYPTED", source.name) from None
        except (python_calamine.CalamineError, *_DAMAGE) as problem:
            raise Unreadable("OFFICE-DAMAGED", source.name, detail=str(problem)[:200]) from None
        except BaseException as problem:
            if type(problem).__name__ != "PanicException":  # what Rust raises is no Exception
                raise
            raise Unreadable("OFFICE-DAMAGED", source.name, detail="表格读取程序无法处理") from None

    return _read(source, text)


def read_encrypted(source: Source) -> Content:
    """Answer for an office file that is wholly encrypted."""
    return Content(findings=(finding("OFFICE-ENCRYPTED", source.name),))


def read_other(source: Source) -> Content:
    """Answer for a compound file of some other program: its properties, without text."""

    def text(holder: olefile.OleFileIO, pages: Pages) -> int | None:
        raise Unreadable("OFFICE-TEXT-NOT-READ", source.name)

    return _read(source, text)


def _has_circles(holder: olefile.OleFileIO) -> bool:
    """Tell whether a chain of sectors comes back to itself: the reader of sheets would follow it until memory ends."""
    fat = list(holder.fat)
    streams = [
        entry for entry in holder.direntries if entry is not None and (entry is holder.root or entry.size >= holder.minisectorcutoff)
    ]
    for start in (holder.first_dir_sector, holder.first_mini_fat_sector, *(entry.isectStart for entry in streams)):
        at = start
        for _ in range(len(fat) + 1):
            if not 0 <= at < len(fat):
                break
            at = fat[at]
        else:
            return True
    return False


def _sheets(source: Source, pages: Pages) -> int:
    with python_calamine.CalamineWorkbook.from_path(source.path) as book:
        for name in book.sheet_names:
            if pages.is_full:
                break
            rows = book.get_sheet_by_name(name).iter_rows()
            lines = ("\t".join(_shown(cell) for cell in row).rstrip("\t") for row in rows)
            pages.add("\n".join(line for line in lines if line))
        return len(book.sheet_names)


def _shown(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell)


def _read(source: Source, text: Callable[[olefile.OleFileIO, Pages], int | None]) -> Content:
    with _opened(source) as holder:
        pages, metadata = Pages(source), _metadata(holder)
        remarks = list(_remarks(holder, source))
        try:
            count = text(holder, pages)
        except Unreadable as problem:
            return Content(None, pages.kept, metadata, (), (*remarks, problem.finding, *pages.findings))
        except _DAMAGE as problem:
            broken = finding("OFFICE-DAMAGED", source.name, detail=str(problem)[:200])
            return Content(None, pages.kept, metadata, (), (*remarks, broken))
        if not pages.has_text and not pages.findings:
            remarks.append(finding("OFFICE-TEXT-NOT-READ", source.name))
        return Content(count, pages.kept, metadata, (), (*remarks, *pages.findings))


@contextmanager
def _opened(source: Source) -> Iterator[olefile.OleFileIO]:
    try:
        holder = _Holder(str(source.path))
    except _DAMAGE as problem:
        raise Unreadable("OFFICE-DAMAGED", source.name, detail=str(problem)[:200]) from None
    with holder:
        yield holder


def _stream(holder: olefile.OleFileIO, name: str, source: Source) -> bytes:
    try:
        if holder.get_size(name) > _STREAM_BYTES:
            raise Unreadable("READ-TOO-LARGE", source.name, limit=_STREAM_BYTES)
        data: bytes = holder.openstream(name).read()
    except _DAMAGE as problem:
        raise Unreadable("OFFICE-DAMAGED", source.name, detail=str(problem)[:200]) from None
    return data


def _remarks(holder: olefile.OleFileIO, source: Source) -> Iterator[Finding]:
    try:
        storages = {part.lower() for path in holder.listdir(storages=True) for part in path}
    except _DAMAGE:
        return
    if storages & {"macros", "_vba_project_cur", "vba", "_vba_project"}:
        yield finding("OFFICE-MACRO", source.name)
    if storages & {"objectpool", "\x01ole10native", "package"} or any(part.startswith("mbd0") for part in storages):
        yield finding("OFFICE-EMBEDDED", source.name)
    for name in _programs(holder):
        yield finding("ATTACHMENT-PROGRAM", source.name, member=name[:200])


def _programs(holder: olefile.OleFileIO) -> Iterator[str]:
    """Yield the names of packages inside that hold something that runs."""
    places = [path for path in holder.listdir() if path[-1].lower() == "\x01ole10native"]
    for path in places[:OBJECTS]:
        try:
            inner = unwrapped(holder.openstream(path).read())
        except _DAMAGE:
            continue
        if inner and is_program(inner[0], inner[1][:16]):
            yield inner[0]


class _Holder(olefile.OleFileIO):  # type: ignore[misc]
    """A compound file whose properties cannot claim more values than they have bytes: the library would count to four thousand million."""

    def _parse_property(self, s: bytes, offset: int, property_id: int, property_type: int, *more: object) -> object:
        if property_type & _VECTOR and int.from_bytes(s[offset : offset + 4], "little") > len(s):
            raise ValueError("属性的值比字节还多")
        return super()._parse_property(s, offset, property_id, property_type, *more)


def _metadata(holder: olefile.OleFileIO) -> dict[str, str]:
    try:
        raw = holder.get_metadata()
    except _DAMAGE:
        return {}
    codepage = "gb18030" if raw.codepage in (936, 54936) else "utf-8" if raw.codepage in (65001, 1200) else "cp1252"
    return described({key: _plain(getattr(raw, name, None), codepage) for name, key in _META.items()})


def _plain(value: object, codepage: str) -> str:
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode(codepage, "replace")
    if isinstance(value, datetime):
        return value.isoformat() if value.year > 1601 else ""
    return "" if value is None else str(value)
