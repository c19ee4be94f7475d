"""Questions about sealed ranges and the numbers of a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet

from lantai.core.evidence import canonical_json
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import ArchivalCode, NumberGap, NumberRange, Record
from lantai.shelves.holdings.order import in_class


@dataclass(frozen=True, slots=True)
class Used:
    """The item numbers of a scope, each list in order: of archived records, of records on their way, and explained empty ones."""

    archived: tuple[int, ...]
    reserved: tuple[int, ...]
    explained: tuple[int, ...]


def ranges_of(rows: "QuerySet[Record]") -> list[str]:
    """Return the ids of the sealed ranges that hold the agency codes of *rows*."""
    codes = ArchivalCode.objects.filter(record_id__in=rows.values("id"), kind="agency", valid_to="", scope=OuterRef("scope"))
    inside = codes.filter(item_number__gte=OuterRef("first"), item_number__lte=OuterRef("last"))
    return list(NumberRange.objects.filter(Exists(inside)).order_by("id").values_list("id", flat=True))


def in_range(range_id: str) -> "QuerySet[Record]":
    """Return the records that were numbered in a sealed range and still bear those numbers."""
    sealed = NumberRange.objects.get(id=range_id)
    numbers = ArchivalCode.objects.filter(scope=sealed.scope, kind="agency", item_number__range=(sealed.first, sealed.last), valid_to="")
    return Record.objects.filter(id__in=numbers.values("record_id"))


def sealed_list(sealed: NumberRange) -> tuple[str, set[str]]:
    """Return the digest of the list that the codes of a range make, as it was sealed, and the ids of its records; one query."""
    codes = ArchivalCode.objects.filter(scope=sealed.scope, kind="agency", item_number__range=(sealed.first, sealed.last))
    rows = [[number, record_id] for number, record_id in codes.order_by("item_number").values_list("item_number", "record_id")]
    return list_digest(rows), {str(record_id) for _, record_id in rows}


def list_digest(rows: Sequence[Sequence[object]]) -> str:
    """Return the digest of a list of ``[item number, record id]``, in order, that is sealed with a range."""
    return sha256(canonical_json([list(row) for row in rows])).hexdigest()


def used(scope: str) -> Used:
    """Return which numbers of a scope are used, and for what; two queries."""
    codes = ArchivalCode.objects.filter(scope=scope, kind="agency", valid_to="", item_number__isnull=False)
    found = list(codes.order_by("item_number").values_list("item_number", "record__state"))
    explained = NumberGap.objects.filter(scope=scope).order_by("number").values_list("number", flat=True)
    return Used(
        archived=tuple(number for number, state in found if state == State.ARCHIVED and number is not None),
        reserved=tuple(number for number, state in found if state != State.ARCHIVED and number is not None),
        explained=tuple(explained),
    )


def take_up(scope: str, between: tuple[int, int], of: Mapping[str, str]) -> int:
    """Let the arranged records of a class bear the new codes of a range, but for those that a flag stops; return how many did.

    One pass over the range: a lookup a record in the codes would go through the whole range each time.
    """
    named, parameters = in_class(of)
    return _taken(f"{_TAKE_UP} AND {_FREE} AND {named}", scope, between, parameters)


def take_up_sealed(scope: str, between: tuple[int, int]) -> int:
    """Let arranged records bear the codes that are sealed for them, whatever flags they got since; return how many did."""
    return _taken(_TAKE_UP, scope, between, [])


def _taken(statement: str, scope: str, between: tuple[int, int], parameters: Sequence[str]) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, [State.NUMBERED.value, scope, *between, State.ARRANGED.value, *parameters])
        taken: int = cursor.rowcount
    return taken


_TAKE_UP = """
UPDATE holdings_record
SET state = %s, code = c.value, position = c.item_number, version = holdings_record.version + 1, attempts = 0
FROM holdings_archivalcode AS c
WHERE c.record_id = holdings_record.id AND c.kind = 'agency' AND c.valid_to = '' AND c.scope = %s AND c.item_number BETWEEN %s AND %s
AND holdings_record.state = %s
"""
_FREE = "NOT holdings_record.hold AND NOT holdings_record.quarantined AND holdings_record.needs_attention = ''"
