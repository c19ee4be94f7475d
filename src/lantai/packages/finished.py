"""A register of finished documents 办结登记: a table as office systems export it, or rows as they send them, brought to the same fields.

Columns are known by their headings (``catalogue_headings.toml``, its elements and its part ``register``); nothing is repaired, and every
cell stays in ``raw`` under its heading.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lantai.core.findings import Finding
from lantai.packages import catalogue
from lantai.packages.headings import element_of, register_field_of

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
    """Read an ``.xlsx`` or ``.csv`` (UTF-8, UTF-16 or GB18030). What stops it is in ``findings``, never an error."""
    found = catalogue.read(path)
    stopped = tuple(
        item for item in found.findings if item.code in ("CATALOGUE-UNREADABLE", "CATALOGUE-EMPTY", "CATALOGUE-HEADINGS-UNKNOWN")
    )
    if stopped:
        return Table(findings=stopped)
    columns = {heading: _field(heading) for heading in found.columns}
    return Table(tuple(Row(row.number, _fields(row.raw, columns), row.raw) for row in found.rows), columns)


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
