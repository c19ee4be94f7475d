"""What numbering a class means: its codes are derived from the order, made ready while nothing is held, and sealed in one transaction.

Shared by the verbs that number (number, and fixing, which goes on as a job). A plan holds every row that is to be written, so that the
transaction that seals it looks and writes, and computes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from lantai import work
from lantai.core import beijing
from lantai.core.archival_code import CodeParts, Template
from lantai.core.errors import Refusal
from lantai.core.findings import Finding
from lantai.ports import House
from lantai.shelves.bulk import insert_values
from lantai.shelves.holdings import numbers, order, queries
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record
from lantai.shelves.ledger import entries
from lantai.stages import coding

AGENCY = "agency"
_CODE = ("id", "record_id", "kind", "scope", "value", "item_number", "valid_from", "valid_to", "version")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A record with the item number and code it would get."""

    record_id: str
    item: int
    code: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What fixing a class would do: scope, first number, proposals in order, and records that stand in the way."""

    scope: str
    first: int
    items: tuple[Proposed, ...]
    problems: tuple[tuple[str, Finding], ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed range: scope, first and last item number, SHA-256 of the list, number of records."""

    range_id: str
    scope: str
    first: int
    last: int
    list_sha256: str

    @property
    def count(self) -> int:
        """Number of records numbered."""
        return self.last - self.first + 1

    def as_json(self) -> dict[str, str | int]:
        """Return the range as the command line prints it."""
        return {"scope": self.scope, "first": self.first, "last": self.last, "list_sha256": self.list_sha256}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sealed: the class (``of``, without some categories), its records in order, the range, the version of the scheme that
    they were arranged by, and the rows of their codes."""

    of: Mapping[str, str]
    without: frozenset[str]
    ids: Sequence[str]
    sealed: Sealed
    scheme: str
    codes: Sequence[Sequence[Any]]


def plan(house: House, ids: Sequence[str], of: Mapping[str, str], without: frozenset[str] = frozenset()) -> Plan:
    """Make ready what sealing records of a class, in this order, writes; nothing is held.

    Raises Refusal NUMBER-NOTHING for no records, CODE-ITEM-OVERFLOW before anything is written, CODE-VALUE, CLASS-TERM-UNKNOWN.
    """
    sample = list(Record.objects.filter(id__in=ids[:1]).only("category", "fonds"))
    form = template(house, sample)
    parts = shared_parts(house, sample, **of)
    scope = form.scope(parts)
    if not ids:
        raise Refusal("NUMBER-NOTHING", scope)
    first = queries.last_number(scope) + 1
    last, today = first + len(ids) - 1, beijing.day(house.clock.now())
    form.format(replace(parts, item=last))  # what overflows, overflows before anything is written
    codes = [
        (house.ids.new(), key, AGENCY, scope, form.format(replace(parts, item=at)), at, today, "", 1) for at, key in enumerate(ids, first)
    ]
    digest = numbers.list_digest([(at, key) for at, key in enumerate(ids, first)])
    scheme = coding.scheme(sample[0].category, of["year"]).label
    return Plan(of, without, ids, Sealed(house.ids.new(), scope, first, last, digest), scheme, codes)


def seal(house: House, actor_id: str, planned: Plan) -> Sealed:
    """Write codes, range and event of a plan in the transaction of the caller; the records have still to take up their codes.

    Raises Refusal where the scope moved on since the plan was made.
    """
    now, sealed = house.clock.now(), planned.sealed
    if queries.lock_scope(sealed.scope) + 1 != sealed.first:
        raise moved_on(planned)
    insert_values(ArchivalCode, _CODE, planned.codes)
    _tell(house, actor_id, planned, now)
    queries.advance_scope(sealed.scope, sealed.last)
    return sealed


def _tell(house: House, actor_id: str, planned: Plan, now: datetime) -> None:
    sealed = planned.sealed
    said = {"scope": sealed.scope, "first": sealed.first, "last": sealed.last, "list_sha256": sealed.list_sha256, "scheme": planned.scheme}
    NumberRange.objects.create(id=sealed.range_id, sealed_by=actor_id, sealed_at=now, **said)
    entries.append(now, [entries.Entry("record:numbered", actor_id, sealed.range_id, said, "range")], ids=house.ids)


def take_up(planned: Plan) -> None:
    """Let the records of a plan bear their codes, all of them, in the transaction that seals it; their archiving is queued.

    Raises Refusal where one of them changed since the plan was made.
    """
    sealed = planned.sealed
    if (taken := numbers.take_up(sealed.scope, (sealed.first, sealed.last), planned.of)) != sealed.count:
        raise moved_on(planned, taken)
    work.enqueue("archive", range_id=sealed.range_id)


def moved_on(planned: Plan, taken: int = 0) -> Refusal:
    """Why a plan cannot be sealed any more: somebody fixed the class meanwhile, or it holds another number of records."""
    left = taken + order.waiting(**planned.of).filter(is_impeded=False).count()
    if not left:
        return Refusal("NUMBER-NOTHING", planned.sealed.scope)
    return Refusal("NUMBER-COUNT-CHANGED", planned.sealed.scope, expected=len(planned.ids), actual=left)


def ids_digest(ids: Sequence[str]) -> str:
    """Return the digest by which it is known that a class still holds the same records in the same order."""
    return sha256("\n".join(ids).encode()).hexdigest()


def template(house: House, rows: Sequence[Record]) -> Template:
    """Return the form in which the codes of a class are written. Raises Refusal NUMBER-BY-VOLUME where items are numbered in volumes."""
    rule = coding.rule(house, rows[0].category if rows else house.settings.category)
    if rule.is_by_volume:
        raise Refusal("NUMBER-BY-VOLUME", rule.category)
    return Template(rule.template)


def shared_parts(house: House, rows: list[Record], *, year: str, department: str, retention: str) -> CodeParts:
    """Return the parts that the codes of a class share. Raises Refusal CLASS-TERM-UNKNOWN for a subject that its scheme does not list."""
    category = rows[0].category if rows else house.settings.category
    fonds = rows[0].fonds if rows else house.settings.fonds
    if not (scheme := coding.scheme(category, year)).admits(department):
        raise Refusal("CLASS-TERM-UNKNOWN", department or "（空）", scheme=f"{category} 第 {scheme.number} 版")
    org = "" if department == order.ANY else department
    return CodeParts(fonds=fonds, category=category, year=year, retention=retention, org=org, item=1)
