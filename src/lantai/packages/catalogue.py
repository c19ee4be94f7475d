"""Catalogues 目录: a table of records as ``.xlsx`` or ``.csv``, one row a record, read as it stands.

Columns are known by their headings (``catalogue_headings.toml``); every cell, known or not, stays in ``raw`` under its
heading. Nothing is repaired: a date stays as it was written, an empty title is a finding of its row.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path, PurePosixPath

from lantai.core.findings import Finding, finding
from lantai.core.record import Elements
from lantai.packages import workbook_read
from lantai.packages.headings import element_of, names_files
from lantai.packages.manifest import safe_path
from lantai.packages.outside import Unreadable, decode

_SUFFIXES = frozenset({".xlsx", ".csv"})
_DELIMITERS = ",\t;，；|"
_FILE_SEPARATORS = re.compile(r"[;；|\n]+")
# A title, a line of remarks and an empty-looking one may stand above the headings.
_HEADING_ROWS = 5
_LIMIT_BYTES = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the table shows it (headings are row 1), what it says, and what is wrong with it.

    ``elements`` has the cells of known columns that are not empty, ``files`` the files named, as written, and ``raw``
    every cell under its heading.
    """

    number: int
    elements: Elements
    files: tuple[str, ...]
    raw: dict[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue as it was read. ``columns`` maps each heading to its element, ``files`` for files, or nothing.

    ``preamble`` is what stands above the headings, such as the title of the table.
    """

    rows: tuple[Row, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    preamble: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Headings in order, and per column the element it fills; the columns that name files."""

    headings: tuple[str, ...]
    elements: tuple[str, ...]
    files: tuple[int, ...]


def is_catalogue(path: Path) -> bool:
    """Tell whether *path* is a table whose headings hold a title or a document number."""
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return False
    try:
        above, _ = _split(_non_empty(_cells(path, rows=40)))
    except Unreadable:
        return False
    return bool(above) and _is_known(_columns(above[-1], []))


def read(path: Path) -> Catalogue:
    """Read the catalogue at *path*; what is wrong with it is in its findings and its rows', never an error.

    Files named in it are looked for below the folder of the catalogue.
    """
    found: list[Finding] = []
    try:
        above, lines = _split(_non_empty(_cells(path)))
        if not above:
            return Catalogue(findings=(finding("CATALOGUE-EMPTY", path.name),))
        columns = _columns(above[-1], found)
        rows = tuple(_row(number, cells, columns, folder=path.parent) for number, cells in lines)
    except Unreadable as error:
        return Catalogue(findings=(finding("CATALOGUE-UNREADABLE", path.name, reason=str(error)),))
    if not _is_known(columns):
        found.append(finding("CATALOGUE-HEADINGS-UNKNOWN", path.name))
    if not rows:
        found.append(finding("CATALOGUE-EMPTY", path.name))
    preamble = tuple(" ".join(filter(None, map(str.strip, cells))) for cells in above[:-1])
    return Catalogue(rows, _described(columns), preamble, tuple(found))


def table(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, Sequence[str]]]]:
    """Return the headings of a table and its rows as they stand, each with its number; nothing is made of them. Raises Unreadable."""
    above, lines = _split(_non_empty(_cells(path)))
    return (_columns(above[-1], []).headings if above else ()), lines


def _split(lines: Iterator[tuple[int, Sequence[str]]]) -> tuple[list[Sequence[str]], Iterator[tuple[int, Sequence[str]]]]:
    """Return the rows down to the headings, and the rest: headings are the first known among the first rows, else row one."""
    first = list(islice(lines, _HEADING_ROWS))
    at = next((at for at, (_, cells) in enumerate(first) if _is_known(_columns(cells, []))), 0)
    return [cells for _, cells in first[: at + 1]], chain(first[at + 1 :], lines)


def _is_known(columns: _Columns) -> bool:
    return bool({"title", "document_number"} & set(columns.elements))


def _described(columns: _Columns) -> dict[str, str]:
    return {heading: "files" if at in columns.files else columns.elements[at] for at, heading in enumerate(columns.headings)}


def _columns(cells: Sequence[str], found: list[Finding]) -> _Columns:
    """Map the headings; the first column for an element fills it, a heading that comes again gets a number."""
    headings: dict[str, int] = {}  # each with the number that it gets when it comes again
    elements: list[str] = []
    filled: set[str] = set()
    for at, cell in enumerate(cells):
        heading = cell.strip() or f"第{at + 1}列"
        if heading in headings:
            found.append(finding("CATALOGUE-HEADING-REPEATED", heading))
            again = next(number for number in count(headings[heading]) if f"{heading}（{number}）" not in headings)
            headings[heading], heading = again + 1, f"{heading}（{again}）"
        headings[heading] = 2
        element = element_of(cell)
        elements.append("" if element in filled else element)
        filled.add(element)
    files = tuple(at for at, cell in enumerate(cells) if names_files(cell))
    return _Columns(tuple(headings), tuple(elements), files)


def _row(number: int, cells: Sequence[str], columns: _Columns, *, folder: Path) -> Row:
    raw = dict(zip(columns.headings, cells, strict=False))
    found: list[Finding] = []
    if len(cells) > len(columns.headings):
        extra = {f"第{at + 1}列": cell for at, cell in enumerate(cells) if at >= len(columns.headings) and cell.strip()}
        raw |= extra
        found += [finding("CATALOGUE-CELLS-EXTRA", str(number), count=len(extra))] if extra else []
    elements: Elements = {element: cell for element, cell in zip(columns.elements, cells, strict=False) if element and cell.strip()}
    if "title" not in elements:
        found.append(finding("CATALOGUE-TITLE-MISSING", str(number)))
    files = tuple(_named(cells[at] for at in columns.files if at < len(cells)))
    found += _missing(number, files, folder)
    return Row(number, elements, files, raw, tuple(found))


def _named(cells: Iterable[str]) -> Iterator[str]:
    for cell in cells:
        yield from (name.strip() for name in _FILE_SEPARATORS.split(cell) if name.strip())


def _missing(number: int, files: Iterable[str], folder: Path) -> Iterator[Finding]:
    for name in files:
        path = str(PurePosixPath(name.replace("\\", "/")))
        if not safe_path(path):
            yield finding("CATALOGUE-FILE-UNSAFE", name, row=number)
        elif not _is_there(folder / path):
            yield finding("CATALOGUE-FILE-MISSING", name, row=number)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file() and not path.is_symlink()
    except OSError:
        return False


# --- tables as rows of text


def _non_empty(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield (number, cells) of the rows that hold anything, numbered from 1 as the table shows them."""
    return ((number, cells) for number, cells in enumerate(rows, 1) if any(map(str.strip, cells)))


def _cells(path: Path, rows: int | None = None) -> Iterator[Sequence[str]]:
    """Yield the rows of a table as text; of a csv no more than the beginning where only *rows* are wanted."""
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise Unreadable(f"超过 {_LIMIT_BYTES} 字节")
        yield from workbook_read.first_sheet(path, rows) if path.suffix.lower() == ".xlsx" else _separated(path, rows)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def _separated(path: Path, rows: int | None) -> Iterator[Sequence[str]]:
    text = decode(path.read_bytes())
    first = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = max(_DELIMITERS, key=first.count) if any(mark in first for mark in _DELIMITERS) else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            if rows is not None and number >= rows:
                return
            yield row
    except csv.Error as error:
        raise Unreadable(f"csv 格式错误：{error}") from error
