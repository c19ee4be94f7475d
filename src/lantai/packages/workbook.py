"""Tables for people as an Excel workbook (ECMA-376): headings that stay in sight, texts as texts, never a formula or a link.

Rows are written as they come, so a table of any length takes little memory; a sheet ends at the format's own 1,048,576 rows and the
next one goes on under the same name and a number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, BinaryIO

import xlsxwriter

from lantai.formats.content import clean

ROWS = 1_048_575
_LONGEST = 32_767
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name (at most 28 characters), headings with their widths in characters, and the rows."""

    name: str
    headings: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]


def write(out: BinaryIO, sheets: Iterable[Sheet], *, made: datetime) -> None:
    """Write the sheets to *out*, which is open for writing; *made* (aware) is the time the file names as its own."""
    book = xlsxwriter.Workbook(out, _OPTIONS)
    book.set_properties({"created": made.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    for sheet in sheets:
        for number, rows in enumerate(_parts(sheet.rows), 1):
            _sheet(book.add_worksheet(sheet.name if number == 1 else f"{sheet.name}{number}"), sheet, rows, head)
    book.close()


def _parts(rows: Iterable[Sequence[Cell]]) -> Iterator[Iterator[Sequence[Cell]]]:
    """Yield the rows in parts that fit a sheet, at least one."""
    left = iter(rows)
    yield islice(left, ROWS)
    for first in left:
        yield chain([first], islice(left, ROWS - 1))


def _sheet(page: Any, sheet: Sheet, rows: Iterator[Sequence[Cell]], head: Any) -> None:  # noqa: ANN401 - the library is untyped
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(sheet.headings):
        page.set_column(column, column, width)
        page.write_string(0, column, name, head)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(at, column, clean(value)[:_LONGEST])
            elif value is not None:
                page.write_number(at, column, value)
