"""A register of finished documents 办结登记: a table as office systems export it, or rows as they send them, brought to the same fields.

Columns are known by their headings (``catalogue_headings.toml``, its elements and its part ``register``); nothing is repaired, and every
cell stays in ``raw`` under its heading.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lantai.core.findings import Finding, finding
from lantai.packages import catalogue
from lantai.packages.headings import element_of, register_field_of
from lantai.packages.outside import LIMIT_BYTES, Unreadable, decode

#: The fields of a finished document, by the element or the field of the register that fills them.
FIELDS = {
    "oa_number": "oa_number",
    "electronic_record_code": "oa_number",
    "document_number": "document_number",
    "title": "title",
    "date": "document_date",
    "finished_on": "finished_on",
    "author": "author",
    "organizational_structure_or_function": "department",
    "person": "person",
    "outcome": "outcome",
    "said_filed": "said_filed",
    "sha256": "sha256",
    "security_classification": "security_classification",
}

_STOPPING = frozenset({"CATALOGUE-UNREADABLE", "CATALOGUE-EMPTY", "CATALOGUE-HEADINGS-UNKNOWN"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the table shows it, its fields by name (empty ones left out), and every cell under its heading."""

    number: int
    fields: dict[str, str]
    raw: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A register as it was read; ``columns`` maps each heading to its field, empty where it is none; ``findings`` stop the whole."""

    rows: tuple[Row, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read(path: Path) -> Table:
    """Read an ``.xlsx``, ``.csv`` (UTF-8, UTF-16 or GB18030) or ``.json``. What stops it is in ``findings``, never an error."""
    if path.suffix.lower() == ".json":
        try:
            return Table(tuple(rows_of(_sent(path))))
        except (ValueError, RecursionError, OSError) as error:
            return Table(findings=(finding("CATALOGUE-UNREADABLE", path.name, reason=str(error)[:120]),))
    found = catalogue.read(path)
    if stopped := tuple(item for item in found.findings if item.code in _STOPPING):
        return Table(findings=stopped)
    columns = {heading: _field(heading) for heading in found.columns}
    return Table(tuple(Row(row.number, _fields(row.raw, columns), row.raw) for row in found.rows), columns)


def _sent(path: Path) -> list[dict[str, object]]:
    """Return the rows that an office system wrote as JSON: a list of objects of plain values. Raises ValueError, OSError."""
    if path.stat().st_size > LIMIT_BYTES:
        raise Unreadable(f"超过 {LIMIT_BYTES} 字节")
    sent = json.loads(decode(path.read_bytes()))
    if not isinstance(sent, list) or not sent:
        raise Unreadable("应是一个列表，一份文件一个对象")
    for number, name, reason in wrong_in(sent):
        raise Unreadable(f"第 {number} 份" + (f"的“{name}”" if name else "") + reason)
    return sent


def wrong_in(sent: Iterable[object]) -> Iterator[tuple[int, str, str]]:
    """Yield what is no row of names and plain values: number of the row from 1, name (empty: the row itself), what is wrong with it."""
    for number, row in enumerate(sent, 1):
        if not isinstance(row, dict):
            yield number, "", "不是一个对象"
            continue
        for name, value in row.items():
            if isinstance(value, dict | list):
                yield number, printable(name), "不是文字、数字或空"
            elif not _is_storable(f"{name}{value}"):
                yield number, printable(name), "有不成文字的字符"


def printable(text: str) -> str:
    """Return a text without what cannot be seen, at most two hundred characters of it."""
    return "".join(one if one.isprintable() else "?" for one in text[:200])


def _is_storable(text: str) -> bool:
    """Tell whether every database takes a text: no half characters and no NUL, which JSON can spell."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def rows_of(sent: Iterable[Mapping[str, object]]) -> Iterator[Row]:
    """Yield rows that an office system sends, numbered from 1: each a mapping of headings, or of the names of fields, to values."""
    for number, given in enumerate(sent, 1):
        raw = {str(name): "" if value is None else str(value) for name, value in given.items()}
        yield Row(number, _fields(raw, {name: _field(name) for name in raw}), raw)


def _field(heading: str) -> str:
    """Return the field of a heading: a name of the register first, then an element's, then the field's own name."""
    named = register_field_of(heading) or element_of(heading) or heading
    return FIELDS.get(named, named if named in FIELDS.values() else "")


def _fields(raw: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a row; the first column that says something fills a field."""
    found: dict[str, str] = {}
    for heading, value in raw.items():
        name, said = columns.get(heading, ""), value.strip()
        if name and said:
            found.setdefault(name, said)
    return found
