"""number 定号: proposed codes follow from the order; 固定档号 is one sealed act.

Lock on the scope (the code without its item number), one set-based insertion of codes, one set-based update, one range
row with the digest of the list, one ledger event: all in one transaction. A number is never used again; a record that is
withdrawn leaves an explained gap 空号说明 (DA/T 22-2015; DA/T 70-2018 GD-2-6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.checks import BatchFacts, Gate, check_batch
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import numbers, order, queries
from lantai.shelves.holdings.models import ArchivalCode, NumberGap, NumberRange, Record
from lantai.shelves.ledger import entries
from lantai.stages import facts

AGENCY = "agency"
CONTINUITY = "archiving.2.06"
SHOWN = 20


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
class Outlook:
    """What fixing a class would do, without its list: scope, first number, how many would be fixed, how many stay behind."""

    scope: str
    first: int
    free: int
    impeded: int


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


def outlook(house: House, actor: Actor, *, year: str, department: str, retention: str) -> Outlook:
    """Say what fixing a class would do; costs little however large the class is.

    A class whose codes cannot be written (no year, a value that has not the form of its segment) has an empty scope and nothing free.
    """
    _demand(actor, department)
    waiting = order.waiting(year, department, retention)
    total, blocked = waiting.count(), waiting.filter(is_impeded=True).count()
    sample = list(waiting.only("category", "fonds")[:1])
    try:
        scope = Template(house.settings.code_template).scope(_parts(house, sample, year, department, retention))
    except Refusal:
        return Outlook("", 1, 0, total)
    return Outlook(scope, queries.last_number(scope) + 1, total - blocked, blocked)


def standing_in_the_way(house: House, actor: Actor, *, year: str, department: str, retention: str) -> list[tuple[Record, Finding]]:
    """Return the first records of a class that cannot be numbered, each with what keeps it."""
    _demand(actor, department)
    rows = order.waiting(year, department, retention).filter(is_impeded=True).order_by(*order.HAND)[:SHOWN]
    return [(row, found) for row in rows if (found := _problem(row)) is not None]


def preview(house: House, actor: Actor, *, year: str, department: str, retention: str) -> Preview:
    """Derive the codes that the records of a class would get, without storing anything."""
    _demand(actor, department)
    rows = queries.in_order(year, department, retention)
    template = Template(house.settings.code_template)
    parts = _parts(house, rows, year, department, retention)
    scope = template.scope(parts)
    first = queries.last_number(scope) + 1
    problems = tuple((row.id, item) for row in rows if (item := _problem(row)) is not None)
    blocked = {record_id for record_id, _ in problems}
    free = [row for row in rows if row.id not in blocked]
    items = tuple(Proposed(row.id, number, template.format(replace(parts, item=number))) for number, row in enumerate(free, start=first))
    return Preview(scope, first, items, problems)


def fix(  # noqa: PLR0913 - the class and what the person saw of it, all keyword-only
    house: House,
    actor: Actor,
    *,
    year: str,
    department: str,
    retention: str,
    record_ids: Sequence[str] | None = None,
    expected: int | None = None,
) -> Sealed:
    """Fix the codes of a class (or of the chosen records of it) and queue their archiving; irreversible.

    ``expected`` is the count the person confirmed: another count refuses, so that nobody seals what they did not see.
    Raises Refusal where the actor may not, nothing can be numbered, the item number would overflow, or records changed.
    """
    _demand(actor, department)
    now = house.clock.now()
    waiting = queries.in_order(year, department, retention)
    parts = _parts(house, waiting, year, department, retention)
    scope = Template(house.settings.code_template).scope(parts)
    with transaction.atomic():
        queries.lock_scope(scope)
        seen = preview(house, actor, year=year, department=department, retention=retention)
        chosen = _choose(house, seen, record_ids, parts=parts)
        if not chosen:
            raise Refusal("NUMBER-NOTHING", seen.scope)
        if seen.scope != scope:
            raise Refusal("NUMBER-COUNT-CHANGED", scope, expected=len(waiting), actual=len(chosen))
        if expected is not None and expected != len(chosen):
            raise Refusal("NUMBER-COUNT-CHANGED", seen.scope, expected=expected, actual=len(chosen))
        sealed = Sealed(house.ids.new(), seen.scope, chosen[0].item, chosen[-1].item, _digest(chosen))
        _write(house, sealed, chosen, now.strftime("%Y%m%d"))
        NumberRange.objects.create(
            id=sealed.range_id,
            scope=sealed.scope,
            first=sealed.first,
            last=sealed.last,
            list_sha256=sealed.list_sha256,
            sealed_by=actor.id,
            sealed_at=now,
        )
        queries.advance_scope(sealed.scope, sealed.last)
        body = {"scope": sealed.scope, "first": sealed.first, "last": sealed.last, "list_sha256": sealed.list_sha256}
        entries.append(now, [entries.Entry("record:numbered", actor.id, sealed.range_id, body, "range")], ids=house.ids)
        work.enqueue("archive", range_id=sealed.range_id)
    return sealed


def explain_gap(house: House, actor: Actor, *, scope: str, number: int, reason: str, note: str = "") -> None:
    """Explain why a number of a scope stays empty (撤件, 涉密另存 …); continuity checks accept it.

    Raises Refusal where the actor may not, no reason is given, or the number is in use, not reached yet, or explained already.
    """
    _demand(actor, "")
    if not reason.strip():
        raise Refusal("NUMBER-GAP-REASON", f"{scope} {number}")
    now = house.clock.now()
    with transaction.atomic():
        is_reached = 1 <= number <= queries.lock_scope(scope)
        if not is_reached or ArchivalCode.objects.filter(scope=scope, item_number=number, valid_to="").exists():
            raise Refusal("NUMBER-NOT-EMPTY", f"{scope} {number}")
        if NumberGap.objects.filter(scope=scope, number=number).exists():
            raise Refusal("NUMBER-GAP-EXPLAINED", f"{scope} {number}")
        NumberGap.objects.create(
            id=house.ids.new(), scope=scope, number=number, reason=reason, note=note, explained_by=actor.id, explained_at=now
        )
        body = {"scope": scope, "number": number, "reason": reason, "note": note}
        entries.append(now, [entries.Entry("number:voided", actor.id, scope[:64], body)], ids=house.ids)


def check_scope(house: House, actor: Actor, scope: str) -> tuple[Finding, ...]:
    """Say what is wrong with the numbers of a scope (DA/T 70-2018, 2-6): missing without explanation, twice, or not archived yet."""
    _demand(actor, "")
    told = BatchFacts(scope, house.clock.now().strftime("%Y%m%d"), numbers=(facts.scope_numbers(scope),))
    results = check_batch(Gate.ARCHIVING, told, gates.schemes(Gate.ARCHIVING).of())
    return next(item.findings for item in results if item.id == CONTINUITY)


def _demand(actor: Actor, department: str) -> None:
    access.require(actor, "holdings:number:fix", {"department": department})


def _parts(house: House, rows: list[Record], year: str, department: str, retention: str) -> CodeParts:
    category = rows[0].category if rows else house.settings.category
    fonds = rows[0].fonds if rows else house.settings.fonds
    return CodeParts(fonds=fonds, category=category, year=year, retention=retention, org=department, item=1)


def _problem(row: Record) -> Finding | None:
    """What keeps a record from being numbered: a flag, or a missing part of its code."""
    if row.needs_attention:
        return finding("NUMBER-NEEDS-ATTENTION", row.id, reason=row.needs_attention)
    if row.hold:
        return finding("NUMBER-ON-HOLD", row.id)
    if "archival_code" in row.elements:
        return finding("NUMBER-HAS-CODE", row.id, given=row.elements["archival_code"])
    for name, label in (("year", "年度"), ("retention", "保管期限"), ("title", "题名")):
        if not getattr(row, name):
            return finding("NUMBER-PART-MISSING", row.id, part=label)
    return None


def _choose(house: House, seen: Preview, record_ids: Sequence[str] | None, *, parts: CodeParts) -> tuple[Proposed, ...]:
    """Return the proposals that will be sealed, numbered on from the first without a gap."""
    if record_ids is None:
        return seen.items
    wanted = set(record_ids)
    chosen = [item for item in seen.items if item.record_id in wanted]
    template = Template(house.settings.code_template)
    return tuple(
        Proposed(item.record_id, number, template.format(replace(parts, item=number)))
        for number, item in enumerate(chosen, start=seen.first)
    )


def _digest(chosen: Sequence[Proposed]) -> str:
    return numbers.list_digest([(item.item, item.record_id) for item in chosen])


def _write(house: House, sealed: Sealed, chosen: Sequence[Proposed], today: str) -> None:
    """Insert the codes and move the records, both set-based; a record that moved meanwhile undoes the whole act."""
    ArchivalCode.objects.bulk_create(
        ArchivalCode(
            id=house.ids.new(),
            record_id=item.record_id,
            kind=AGENCY,
            scope=sealed.scope,
            value=item.code,
            item_number=item.item,
            valid_from=today,
        )
        for item in chosen
    )
    new = ArchivalCode.objects.filter(scope=sealed.scope, kind=AGENCY, item_number__range=(sealed.first, sealed.last))
    own = new.filter(record_id=OuterRef("pk"))
    code, place = Subquery(own.values("value")[:1]), Subquery(own.values("item_number")[:1])
    numbered = Record.objects.filter(
        id__in=new.values("record_id"), state=State.ARRANGED, hold=False, needs_attention="", quarantined=False
    ).update(state=State.NUMBERED, code=code, position=place, version=F("version") + 1, attempts=0)
    if numbered != len(chosen):
        raise Refusal("NUMBER-COUNT-CHANGED", sealed.scope, expected=len(chosen), actual=numbered)
