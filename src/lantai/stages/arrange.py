"""arrange 整理: year, department and retention are proposed with their reason; a person may revise until the number is fixed.

Source: DA/T 22-2015 (归属年度, 机构, 排列), Order No. 8 (保管期限). The order inside a class is by date, then document number;
it can be changed by hand. Proposed codes are derived from that order and never stored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access, officialdoc
from lantai.core.access import Actor
from lantai.core.checks.metadata import objections
from lantai.core.errors import Refusal
from lantai.core.findings import Severity
from lantai.core.lifecycle import State
from lantai.core.metadata import element_rule as metadata_rule
from lantai.core.retention import Retention, RetentionFacts, propose
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries as metadata
from lantai.stages import rest
from lantai.standards import da_t_46, order_8

REVISABLE = (State.DESCRIBED, State.ARRANGED)
ELEMENT_COLUMNS = {"title", "document_number", "author", "document_type"}
ARRANGEMENT = {"year", "department", "retention"}
DEPARTMENT_CHARACTERS = 32
_YEAR = re.compile("[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Place:
    """The place proposed for a record: year, department code, retention code and why."""

    year: str
    department: str
    retention: str
    reason: str


def arrange(house: House, batch_id: str) -> None:
    """Propose a place for every accepted record of the batch, slice by slice."""
    departments = queries.department_codes()
    with work.progress("arrange", batch_id, step="整理", total=queries.count(batch_id, State.DESCRIBED)) as progress:
        for rows in queries.slices(batch_id, State.DESCRIBED, house.settings.slice_records, conclusions=("pass", "trial")):
            _arrange_slice(house, batch_id, rows, departments)
            progress.advance(len(rows))
    with transaction.atomic():
        work.enqueue("index")


def _arrange_slice(house: House, batch_id: str, rows: list[Record], departments: dict[str, str]) -> None:
    rules = order_8.rules()
    for row in rows:
        place = propose_place(row, departments, rules)
        row.year, row.department, row.retention = place.year, place.department, place.retention
        row.retention_reason = place.reason
        row.due_date = Retention.parse(place.retention).due_date(place.year) if place.retention and place.year else ""
        if said := _overwritten(row.elements, place):
            row.arrival = row.arrival | {"said": said | row.arrival.get("said", {})}
        row.elements |= _elements_of(place)
    names = ("year", "department", "retention", "retention_reason", "due_date", "elements", "arrival")
    with transaction.atomic():
        moved = queries.move(rows, "arrange", names)
        queries.mark_for_index(moved)
        told = entries.Entry("record:arranged", "worker", batch_id, {"records": moved}, "batch")
        entries.append(house.clock.now(), [told], ids=house.ids)


def propose_place(row: Record, departments: dict[str, str], rules: Any) -> Place:  # noqa: ANN401 - the rule table of order_8
    """Return year, department and retention: as the sender said, else by rule.

    ``departments`` maps codes and names to codes. An unknown department stays as it came, so that nothing is lost; what can be no
    year, department or period at all is left for a person, and stays in the elements.
    """
    elements = row.elements
    given_year = str(elements.get("year") or "")
    year = given_year if _YEAR.fullmatch(given_year) else row.document_date[:4]
    said = str(elements.get("organizational_structure_or_function") or row.department)
    department = departments.get(said, said if len(said) <= DEPARTMENT_CHARACTERS else row.department)
    if given := str(elements.get("retention_period") or ""):
        return _given_period(year, department, given)
    facts = RetentionFacts(row.title, row.document_type, direction="", text_head="")
    proposal = propose(facts, rules)
    return Place(year, department, proposal.retention_code, proposal.reason)


def _given_period(year: str, department: str, given: str) -> Place:
    try:
        return Place(year, department, Retention.parse(given).code, "按移交单位给定")
    except Refusal:
        return Place(year, department, "", f"移交单位给定的“{given[:20]}”不是保管期限，请人工确定")


def _elements_of(place: Place) -> dict[str, str]:
    retention = Retention.parse(place.retention).label if place.retention else ""
    said = {"year": place.year, "organizational_structure_or_function": place.department, "retention_period": retention}
    return {name: value for name, value in said.items() if value}


def _overwritten(elements: dict[str, Any], place: Place) -> dict[str, str]:
    """Return what the sender said where the place says it otherwise, by element."""
    return {name: str(elements[name]) for name, value in _elements_of(place).items() if elements.get(name, value) != value}


def revise(house: House, actor: Actor, record_id: str, *, version: int, changes: dict[str, str]) -> None:
    """Change described elements or the place of a record before its number is fixed.

    ``changes`` maps element names (and year, department, retention) to new values; old and new values enter the ledger.
    Raises Refusal where the code is fixed, the actor may not, a value is wrong, or somebody else changed the record since
    *version* was read.
    """
    row = _revisable(actor, record_id)
    if row.version != version:
        raise Refusal("RECORD-CHANGED-MEANWHILE", record_id)
    _save_revision(house, actor, row, changes)


def revise_many(house: House, actor: Actor, record_ids: Sequence[str], *, changes: dict[str, str]) -> int:
    """Apply the same change to many records; each is one event. Return how many changed."""
    rows = [_revisable(actor, record_id) for record_id in record_ids]
    with transaction.atomic():
        for row in rows:
            _save_revision(house, actor, row, changes)
    return len(rows)


def _revisable(actor: Actor, record_id: str) -> Record:
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        raise Refusal("RECORD-UNKNOWN", record_id)
    access.require(actor, "holdings:record:revise", queries.access_facts(row))
    if row.state not in REVISABLE or row.hold:
        raise Refusal("RECORD-CODE-FIXED", row.code or record_id)
    return row


def _save_revision(house: House, actor: Actor, row: Record, changes: dict[str, str]) -> None:
    before = {name: _value(row, name) for name in changes}
    _change(row, changes, earliest=house.settings.earliest_year, today=house.clock.now().strftime("%Y%m%d"))
    set_keys(row)
    own = {"document_date", "due_date", "retention_reason", "elements", "number_key", "identity_key"}
    columns = sorted({*ELEMENT_COLUMNS, *ARRANGEMENT, *own})
    body = {"before": before, "after": {name: _value(row, name) for name in changes}}
    with transaction.atomic():
        if not queries.save_if_unchanged(row, columns):
            raise Refusal("RECORD-CHANGED-MEANWHILE", row.id)
        queries.mark_for_index([row.id])
        work.enqueue("index")
        entries.append(house.clock.now(), [entries.Entry("record:revised", actor.id, row.id, body)], ids=house.ids)


def _value(row: Record, name: str) -> str:
    return str(getattr(row, name) if name in ARRANGEMENT else row.elements.get(name, ""))


def _change(row: Record, changes: dict[str, str], *, earliest: int, today: str) -> None:
    for name, raw in changes.items():
        value = raw.strip()
        if name in ("title", "author", "date") and not value:
            raise Refusal("ELEMENT-REQUIRED", name)
        if name == "date":
            text, findings = officialdoc.civil_date(value, earliest_year=earliest, today=today)
            if not text:
                raise Refusal("ELEMENT-DATE-WRONG", value, tuple(findings))
            row.document_date, row.elements["date"] = text, text
        elif name == "retention":
            row.retention = Retention.parse(value).code
            row.retention_reason = "人工确定"
        elif name in ARRANGEMENT:
            setattr(row, name, value)
        else:
            row.elements[name] = _admitted(row.category, name, value)
            if name in ELEMENT_COLUMNS:
                setattr(row, name, value)
    row.elements |= _elements_of(Place(row.year, row.department, row.retention, ""))
    row.due_date = Retention.parse(row.retention).due_date(row.year) if row.retention and row.year else ""


def _admitted(category: str, name: str, value: str) -> str | list[str]:
    """Return a value as it is kept: of an element that may be repeated, one a line. Where the agency's own scheme rules the element, a
    value that it does not admit is refused (ELEMENT-NOT-ADMITTED)."""
    item = next((each for each in metadata.elements(category) if each.code == name), None)
    if item is None or not item.set_by:
        return value
    values = [line.strip() for line in value.splitlines() if line.strip()] if item.is_repeatable else [value] if value else []
    rule = metadata_rule(item, da_t_46.domains())
    if wrong := [found for each in values for found in objections(rule, each) if found.severity is Severity.ERROR]:
        raise Refusal("ELEMENT-NOT-ADMITTED", item.name, tuple(wrong))
    if not values and item.obligation == "M" and item.required_from in ("arrival", "description"):
        raise Refusal("ELEMENT-REQUIRED", item.name)
    return values if item.is_repeatable else value


def reorder(house: House, actor: Actor, record_id: str, *, after: str) -> None:
    """Move a record behind another of its class (to the front where *after* is empty)."""
    row = _revisable(actor, record_id)
    siblings = [item for item in queries.in_order(row.year, row.department, row.retention) if item.id != row.id]
    places = [item.id for item in siblings]
    if after and after not in places:
        raise Refusal("RECORD-UNKNOWN", after)
    at = places.index(after) + 1 if after else 0
    siblings.insert(at, row)
    for position, item in enumerate(siblings, start=1):
        item.position = position
    with transaction.atomic():
        Record.objects.bulk_update(siblings, ["position"], batch_size=500)
        body = {"after": after, "place": at + 1}
        entries.append(house.clock.now(), [entries.Entry("record:revised", actor.id, row.id, body)], ids=house.ids)


@work.task("arrange", on_give_up=rest.batch)
def arrange_task(batch_id: str) -> None:
    """Arrange a batch in the background."""
    arrange(work.house(), batch_id)
