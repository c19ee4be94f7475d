"""What changing the description of a record means: which values are admitted, what follows from them, and what was before and after.

Shared by the verbs that change (arrange) and take back (undo); nothing here writes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from lantai.core import beijing, officialdoc
from lantai.core.checks.metadata import objections
from lantai.core.errors import Refusal
from lantai.core.findings import Severity
from lantai.core.metadata import Element, Version
from lantai.core.metadata import element_rule as metadata_rule
from lantai.core.retention import Retention
from lantai.formats.content import clean
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.metadata import queries as metadata
from lantai.stages import coding
from lantai.standards import da_t_46

ELEMENT_COLUMNS = {"title", "document_number", "author", "document_type"}
ARRANGEMENT = {"year", "department", "retention", "category"}
#: Columns that a person's change may touch; what a trace keeps of a record.
TRACED = ("title", "document_number", "author", "document_type", "document_date", "year", "department", "retention", "category")
DERIVED = ("retention_reason", "due_date", "position")
#: The columns that records are compared and found by, and what each is made of.
KEYS = {
    "number_key": {"document_number"},
    "identity_key": {"title", "document_date", "author"},
    "sought": {"title", "document_number", "author"},
}
KEYED = {"document_number", "title", "date", "author"}
ARRANGED = {"year": "year", "department": "organizational_structure_or_function", "retention": "retention_period"}
YEAR = 4
LONGEST = {"document_number": 200, "author": 300, "department": 32, "document_type": 32, "title": 2000}
LONGEST_OTHERWISE = 4000


@dataclass(frozen=True, slots=True)
class Rules:
    """By what values are judged: the earliest year that is believed, the day it is, the metadata schemes in force, and the
    categories that there are, read once."""

    earliest: int
    today: str
    schemes: dict[str, Version]
    categories: frozenset[str] = frozenset()
    _elements: dict[str, dict[str, Element]] = field(default_factory=dict)

    def element(self, category: str, code: str) -> Element | None:
        """Return what is asked of an element of a category, None for one that no scheme knows."""
        if category not in self._elements:
            items = metadata.laid_over(metadata.of_category(category, known=self.schemes))
            self._elements[category] = {item.code: item for item in items}
        return self._elements[category].get(code)


def rules(house: House) -> Rules:
    """Return the rules of today, for as many records as there are."""
    return Rules(house.settings.earliest_year, beijing.day(house.clock.now()), metadata.in_force(), coding.known(house))


def snapshot(row: Record) -> dict[str, Any]:
    """Return what a trace may keep of a record, flat: columns by name, elements under ``elements.``."""
    return {name: getattr(row, name) for name in (*TRACED, *DERIVED)} | {f"elements.{name}": value for name, value in row.elements.items()}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that differ, as they were and as they are; None stands for an element that is not there."""
    names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def columns(differences: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns to be written where records differ by these names, so that no index is written for what is as it was."""
    names = {name for each in differences for name in each}
    found = [name for name in (*TRACED, *DERIVED) if name in names]
    found += ["elements"] if any(name.startswith("elements.") for name in names) else []
    found += [key for key, parts in KEYS.items() if names & parts]
    return tuple(found)


def put(row: Record, values: Mapping[str, Any]) -> None:
    """Set values of a snapshot on a record as they are, without judging them."""
    for name, value in values.items():
        element = name.removeprefix("elements.")
        if element == name:
            setattr(row, name, value)
        elif value is None:
            row.elements.pop(element, None)
        else:
            row.elements[element] = value
    set_keys(row)


def elements_of(year: str, department: str, retention: str) -> dict[str, str]:
    """Return the elements that say the place of a record; what is empty is left out."""
    label = Retention.parse(retention).label if retention else ""
    said = {"year": year, "organizational_structure_or_function": department, "retention_period": label}
    return {name: value for name, value in said.items() if value}


def change(row: Record, changes: Mapping[str, str], by: Rules) -> None:
    """Set changed values on a record (element names, year, department, retention, category), with what follows from them.

    Raises Refusal where a value is wrong or missing: ELEMENT-REQUIRED, ELEMENT-DATE-WRONG, ELEMENT-NOT-ADMITTED, RETENTION-….
    """
    for name, raw in changes.items():
        _set(row, name, raw.strip(), by)
    row.elements |= elements_of(row.year, row.department, row.retention)
    row.due_date = Retention.parse(row.retention).due_date(row.year) if row.retention and row.year else ""
    if not KEYED.isdisjoint(changes):
        set_keys(row)


def value(row: Record, name: str) -> str:
    """Return a value as people read it."""
    said = getattr(row, name) if name in ARRANGEMENT else row.elements.get(name, "")
    return "；".join(map(str, said)) if isinstance(said, list) else str(said)


def shown(row: Record, name: str) -> str:
    """Return a value as a list shows it: periods by their name, a dash for nothing."""
    said = value(row, name)
    return Retention.parse(said).label if name == "retention" and said else said or "—"


def raw(row: Record, name: str) -> str:
    """Return a value as a form has it: several values one a line."""
    said = getattr(row, name) if name in ARRANGEMENT else row.document_date if name == "date" else row.elements.get(name, "")
    if name in ELEMENT_COLUMNS:
        said = getattr(row, name)
    return "\n".join(map(str, said)) if isinstance(said, list) else str(said)


def _set(row: Record, name: str, value: str, by: Rules) -> None:
    _demand_writable(name, value)
    if name in ("title", "author", "date") and not value:
        raise Refusal("ELEMENT-REQUIRED", da_t_46.by_code()[name].name)
    if name == "date":
        text, findings = officialdoc.civil_date(value, earliest_year=by.earliest, today=by.today)
        if not text:
            raise Refusal("ELEMENT-DATE-WRONG", value, tuple(findings))
        row.document_date, row.elements["date"] = text, text
    elif name == "retention":
        row.retention = Retention.parse(value).code
        row.retention_reason = "人工确定"
    elif name == "year" and not (len(value) == YEAR and value.isdecimal() and by.earliest <= int(value) <= int(by.today[:YEAR]) + 1):
        raise Refusal("ELEMENT-YEAR-WRONG", value, earliest=by.earliest)
    elif name == "category":
        _put_into(row, value.upper(), by)
    elif name in ARRANGEMENT:
        setattr(row, name, value)
    else:
        _describe(row, name, value, by)


def _put_into(row: Record, category: str, by: Rules) -> None:
    if category not in by.categories:
        raise Refusal("CATEGORY-UNKNOWN", category)
    row.category, row.elements["category_code"] = category, category


def _demand_writable(name: str, value: str) -> None:
    """Refuse what neither fits nor can be seen: the person who pasted it should know, so nothing is cut or cleaned in silence."""
    most = LONGEST.get(name, LONGEST_OTHERWISE)
    if len(value) > most:
        raise Refusal("ELEMENT-TOO-LONG", value[:20], length=len(value), most=most)
    if clean(value) != value:
        at = next(at for at, (one, other) in enumerate(zip_longest(value, clean(value)), 1) if one != other)
        raise Refusal("ELEMENT-UNPRINTABLE", value[:20], at=at)


def _describe(row: Record, name: str, value: str, by: Rules) -> None:
    if name == "archival_code" and not value:
        row.elements.pop(name, None)
        return
    row.elements[name] = _admitted(by.element(row.category, name), value)
    if name in ELEMENT_COLUMNS:
        setattr(row, name, value)


def _admitted(item: Element | None, value: str) -> str | list[str]:
    """Return a value as it is kept: of an element that may be repeated, one a line. Where the agency's own scheme rules the element, a
    value that it does not admit is refused (ELEMENT-NOT-ADMITTED)."""
    if item is None or not item.set_by:
        return value
    values = [line.strip() for line in value.splitlines() if line.strip()] if item.is_repeatable else [value] if value else []
    rule = metadata_rule(item, da_t_46.domains())
    if wrong := [found for each in values for found in objections(rule, each) if found.severity is Severity.ERROR]:
        raise Refusal("ELEMENT-NOT-ADMITTED", item.name, tuple(wrong))
    if not values and item.obligation == "M" and item.required_from in ("arrival", "description"):
        raise Refusal("ELEMENT-REQUIRED", item.name)
    return values if item.is_repeatable else value
