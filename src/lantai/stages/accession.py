"""accession 登记原有档号: records numbered elsewhere long ago keep their code; it is registered, never given anew.

The code must be one that an accepted template can read (settings ``code_templates_accepted``; DA/T 13-2022, DA/T 22-2015) and
that no other record bears. The counter of its scope is raised, so that numbers given later go on behind it.
"""

from collections.abc import Sequence

from django.db import transaction

from lantai import work
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template, matching_template, normalise_separators
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State, origins
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ArchivalCode, Record
from lantai.shelves.ledger import entries
from lantai.stages import coding

ELEMENT = "archival_code"
COLUMNS = ("code", "position", "fonds", "category", "year", "department", "retention", "due_date")


def accession(house: House, actor: Actor, record_ids: Sequence[str]) -> int:
    """Register the codes that records brought with them and queue their archiving; return how many were registered.

    A code that can not be read or is taken leaves its record where it is, flagged with the reason. Raises Refusal where the
    actor may not.
    """
    rows = list(Record.objects.filter(id__in=record_ids, state__in=origins("accession"), hold=False, quarantined=False))
    for row in rows:
        access.require(actor, "holdings:number:fix", queries.access_facts(row), where=row.id)
    brought = [row for row in rows if row.elements.get(ELEMENT) and not row.needs_attention]
    with transaction.atomic():
        taken = _taken([_code(row) for row in brought])
        chosen = [pair for row in brought if (pair := _read(house, row, taken)) is not None]
        codes = [_register(house, row, template, parts) for row, template, parts in chosen]
        moved = set(queries.move([row for row, _, _ in chosen], "accession", COLUMNS))
        if len(moved) != len(chosen):
            raise Refusal("NUMBER-COUNT-CHANGED", "登记原有档号", expected=len(chosen), actual=len(moved))
        insert(ArchivalCode, codes)
        _raise_counters(codes)
        told = [entries.Entry("record:accessioned", actor.id, row.id, {"code": row.code}) for row, _, _ in chosen]
        entries.append(house.clock.now(), told, ids=house.ids)
        work.enqueue("archive", range_id="")
    return len(moved)


def waiting(batch_id: str) -> list[str]:
    """Return the arranged records of a batch that brought codes and wait for them to be registered."""
    rows = Record.objects.filter(batch_id=batch_id, state=State.ARRANGED, hold=False, quarantined=False, needs_attention="")
    return [key for key, code in rows.order_by("id").values_list("id", f"elements__{ELEMENT}") if code]


def _code(row: Record) -> str:
    said = row.elements[ELEMENT]
    return normalise_separators(said if isinstance(said, str) else said[0]).strip()


def _taken(codes: Sequence[str]) -> set[str]:
    """Return the codes of *codes* that records bear already, and those that come twice."""
    seen: set[str] = set()
    twice = {code for code in codes if code in seen or seen.add(code)}  # type: ignore[func-returns-value]
    return twice | set(ArchivalCode.objects.filter(value__in=codes).values_list("value", flat=True))


def _read(house: House, row: Record, taken: set[str]) -> tuple[Record, Template, CodeParts] | None:
    """Return the record with its code read, or flag it and return None."""
    code = _code(row)
    if code in taken:
        queries.need_attention([row.id], "ACCESSION-CODE-TAKEN")
        return None
    template = matching_template(code, coding.templates(house))
    if template is None:
        queries.need_attention([row.id], "ACCESSION-CODE-UNREADABLE")
        return None
    return row, template, template.parse(code)


def _register(house: House, row: Record, template: Template, parts: CodeParts) -> ArchivalCode:
    """Let the record bear its code; what the code says of year, department and retention holds where it says it."""
    row.code = _code(row)
    row.fonds, row.category = parts.fonds or row.fonds, parts.category or row.category
    row.year, row.department = parts.year or row.year, parts.org or row.department
    row.retention = parts.retention or row.retention
    row.position = parts.item or row.position
    row.due_date = Retention.parse(row.retention).due_date(row.year) if row.retention and row.year else ""
    return ArchivalCode(
        id=house.ids.new(),
        record_id=row.id,
        kind="agency",
        scope=template.scope(parts),
        value=row.code,
        item_number=parts.item or None,
        valid_from=beijing.day(house.clock.now()),
    )


def _raise_counters(codes: Sequence[ArchivalCode]) -> None:
    highest: dict[str, int] = {}
    for code in codes:
        highest[code.scope] = max(highest.get(code.scope, 0), code.item_number or 0)
    for scope, number in sorted(highest.items()):
        if number > queries.lock_scope(scope):
            queries.advance_scope(scope, number)


def brings_code(row: Record) -> bool:
    """Tell whether an arranged record came with a code of its own and is to be registered instead of numbered."""
    return row.state == State.ARRANGED and bool(row.elements.get(ELEMENT))
