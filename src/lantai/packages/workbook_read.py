"""Workbooks from outside (ECMA-376), measured before the library may open them: their cells as a person sees them."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import reduce
from pathlib import Path
from typing import BinaryIO

import python_calamine

from lantai.formats.zipped import DAMAGE, DIRECTORY_BYTES, directory_bytes
from lantai.packages.outside import Unreadable

_SHEETS_BYTES = 512 * 1024**2
_CHUNK = 1024**2
# What the library lays out is the whole rectangle around the cells that hold anything, 32 bytes a cell.
_MOST_CELLS = 20_000_000
# The library makes room for as many shared strings as a workbook says it has, before it has seen one.
_STRINGS, _MOST_STRINGS = re.compile(rb"uniqueCount\s*=\s*[\"'][\s+]*0*(\d+)"), 10_000_000
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,7})(\d{1,10})["'][^>]*>\s*<(?!/)""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']()(\d{1,10})["'][^>]*>\s*<(?:\w+:)?c(?![^>]*\br\s*=)[\s>]""")
_CELL_REACH = 400


def first_sheet(source: Path | BinaryIO, rows: int | None = None) -> Iterator[Sequence[str]]:
    """Yield the rows of the first sheet that is not empty, no more than *rows*, their cells as a person sees them. Raises Unreadable."""
    _measure(source)
    try:
        with python_calamine.load_workbook(source) as book:
            sheets = (book.get_sheet_by_index(at) for at in range(len(book.sheet_names)))
            sheet = next((item for item in sheets if item.end is not None), None)
            values = [] if sheet is None else sheet.to_python(skip_empty_area=False, nrows=rows)
    except (python_calamine.CalamineError, ValueError) as error:
        raise Unreadable(f"不是完好的 xlsx：{error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust raises is no Exception
            raise
        raise Unreadable("不是完好的 xlsx") from error
    return ([_as_text(value) for value in row] for row in values)


def _measure(source: Path | BinaryIO) -> None:
    """Count what the sheets of a workbook unpack to, since what they declare may be a lie. Raises Unreadable.

    What does not begin as a zip is no xlsx: an encrypted one, or a compound file with a zip inside, in whose chains of sectors the
    library may turn in circles until memory ends. Nor is one taken whose cells lie so far apart that it would lay out the desert between.
    """
    try:
        with source.open("rb") if isinstance(source, Path) else nullcontext(source) as stream:
            if stream.read(4) != b"PK\x03\x04":
                raise Unreadable("不是 xlsx，或者加了密码")
            if directory_bytes(stream) > DIRECTORY_BYTES:
                raise Unreadable("不是完好的 xlsx：目录过大")
            spread = _Spread()
            for chunk in _chunks(zipfile.ZipFile(stream)):
                spread.feed(chunk)
            stream.seek(0)
    except Unreadable:
        raise
    except (*DAMAGE, RuntimeError) as error:
        raise Unreadable(f"不是完好的 xlsx：{error}") from error


class _Spread:
    """What the sheets of a workbook take: bytes, and the cells of the rectangle around those that hold anything."""

    def __init__(self) -> None:
        self._bytes, self._tail = 0, b""
        self._rows, self._columns = (1 << 62, 0), (1 << 62, 0)

    def feed(self, chunk: bytes) -> None:
        """Count a chunk. Raises Unreadable where the bytes or the cells become too many."""
        self._bytes += len(chunk)
        if self._bytes > _SHEETS_BYTES:
            raise Unreadable(f"展开后超过 {_SHEETS_BYTES} 字节")
        seen = self._tail + chunk
        if any(len(said) > 9 or int(said) > _MOST_STRINGS for said in _STRINGS.findall(seen)):
            raise Unreadable(f"自称有超过 {_MOST_STRINGS} 个文本")
        places = _CELL.findall(seen) + _ROW.findall(seen)
        self._tail = seen[-_CELL_REACH:]
        if not places:
            return
        rows = [int(row) for _, row in places]
        columns = [_column(letters) for letters, _ in places]
        self._rows = min(self._rows[0], *rows), max(self._rows[1], *rows)
        self._columns = min(self._columns[0], *columns), max(self._columns[1], *columns)
        cells = (self._rows[1] - self._rows[0] + 1) * (self._columns[1] - self._columns[0] + 1)
        if cells > _MOST_CELLS:
            raise Unreadable(f"单元格的范围超过 {_MOST_CELLS} 格")


def _column(letters: bytes) -> int:
    return reduce(lambda value, letter: value * 26 + letter - 64, letters.upper(), 0)


def _chunks(archive: zipfile.ZipFile) -> Iterator[bytes]:
    for info in archive.infolist():
        if info.filename.lower().endswith((".xml", ".rels")):
            with archive.open(info) as stream:
                yield from iter(lambda stream=stream: stream.read(_CHUNK), b"")  # type: ignore[misc]


def _as_text(value: object) -> str:
    """Return a cell as a person sees it: whole numbers without a fraction, midnight without its time."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
