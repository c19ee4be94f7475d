"""DA/T 22-2015 arrangement of filed records, with the codes of DA/T 13-2022: codes, separators, written forms, orders and rules.

Rows that are to be verified (``?``) are kept and never used to judge.
"""

from dataclasses import dataclass
from functools import cache

from lantai.core.composition import Place
from lantai.core.record import Role
from lantai.standards.rows import rows


@dataclass(frozen=True, slots=True)
class Code:
    """A code: its kind (category, retention, separator, alike, fonds), written form, name, certainty and source."""

    kind: str
    code: str
    name: str
    certainty: str
    source: str


@dataclass(frozen=True, slots=True)
class Form:
    """A written form of archival codes: standard, unit (item or volume), template and an example of the source."""

    standard: str
    kind: str
    template: str
    example: str
    certainty: str
    source: str


@cache
def places() -> dict[Role, Place]:
    """Return the places of documents inside a record by their role (组件, 件内排序)."""
    return {Role(row["role"]): Place(row["leads"] == "yes", int(row["place"])) for row in rows("da_t_22", "roles")}


@cache
def codes(kind: str) -> tuple[Code, ...]:
    """Return the codes of one kind, in order."""
    return tuple(Code(**row) for row in rows("da_t_22", "codes") if row["kind"] == kind)


@cache
def forms() -> tuple[Form, ...]:
    """Return the written forms of both standards."""
    return tuple(Form(**row) for row in rows("da_t_22", "templates"))


def categories() -> dict[str, str]:
    """Return the categories 门类 by code, those to be verified left out."""
    return {row.code: row.name for row in codes("category") if row.certainty != "?"}


def order_in_record() -> tuple[tuple[str, str], ...]:
    """Return which document stands before which inside a record."""
    return tuple((row["before"], row["after"]) for row in rows("da_t_22", "order_in_record"))


def rules() -> tuple[dict[str, str], ...]:
    """Return the rules of arranging in words: kind, text, certainty, source."""
    return rows("da_t_22", "rules")
