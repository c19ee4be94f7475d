"""number 定号: proposed codes follow from the order; 固定档号 is one sealed act.

Lock on the scope (the code without its item number), one set-based insertion of codes, one set-based update, one range
row with the digest of the list, one ledger event: all in one transaction. A large class goes on as a job (``fixing``), whose records take
up their codes afterwards. A number is never used again; a record that is withdrawn leaves an explained gap 空号说明 (DA/T 22-2015;
DA/T 70-2018 GD-2-6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from lantai import work
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.checks import BatchFacts, Gate, check_batch
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import claims, counts, order, queries
from lantai.shelves.holdings.models import UNPLACED, ArchivalCode, NumberGap, Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import binding, coding, facts, numbering, traces
from lantai.stages.numbering import AGENCY, Preview, Proposed, Sealed

CONTINUITY = "archiving.2.06"
SHOWN = 20
#: How many codes are fixed while the person waits; more go on as a job.
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What fixing a class would do, without its list: scope, first number, how many would be fixed, how many stay behind.

    ``of`` is the class and ``without`` its categories that are not numbered with the others (``coding.numbered``).
    """

    scope: str
    first: int
    free: int
    impeded: int
    of: Mapping[str, str]
    without: frozenset[str] = frozenset()


def outlook(house: House, actor: Actor, *, year: str, department: str, retention: str, category: str = "") -> Outlook:
    """Say what fixing a class would do; costs little however large the class is.

    A class whose codes cannot be written (no year, a value that has not the form of its segment), or whose records are just taking up
    codes that are sealed, has an empty scope and nothing free.
    """
    _demand(actor, department)
    of, without = coding.numbered(house, category, year=year, department=department, retention=retention)
    if claims.are_there() and journal.is_numbering(of):
        return Outlook("", 1, 0, 0, of, without)
    waiting = order.waiting(**of, without=without)
    total = waiting.count() if without or order.ANY in of.values() else sum(item.records for item in counts.classes(phase="open", **of))
    blocked, sample = waiting.filter(is_impeded=True).count(), list(waiting.only("category", "fonds")[:1])
    try:
        scope = numbering.template(house, sample).scope(numbering.shared_parts(house, sample, **of))
    except Refusal:
        return Outlook("", 1, 0, total, of, without)
    return Outlook(scope, queries.last_number(scope) + 1, total - blocked, blocked, of, without)


def standing_in_the_way(house: House, actor: Actor, **of: str) -> list[tuple[Record, Finding]]:
    """Return the first records of a class (as in :func:`outlook`) that cannot be numbered, each with what keeps it."""
    _demand(actor, of["department"])
    of, without = coding.numbered(house, **of)
    waiting = order.waiting(**of, without=without)
    rows = waiting.filter(is_impeded=True).order_by(*order.HAND)[:SHOWN]
    return [(row, found) for row in rows if (found := _problem(row)) is not None]


def preview(house: House, actor: Actor, **of: str) -> Preview:
    """Derive the codes that the records of a class (as in :func:`outlook`) would get, without storing anything."""
    _demand(actor, of["department"])
    of, without = coding.numbered(house, **of)
    rows = [row for row in queries.in_order(**of) if row.category not in without]
    template = numbering.template(house, rows)
    parts = numbering.shared_parts(house, rows, **of)
    scope = template.scope(parts)
    first = queries.last_number(scope) + 1
    problems = tuple((row.id, item) for row in rows if (item := _problem(row)) is not None)
    blocked = {record_id for record_id, _ in problems}
    free = [row for row in rows if row.id not in blocked]
    items = tuple(Proposed(row.id, number, template.format(replace(parts, item=number))) for number, row in enumerate(free, start=first))
    return Preview(scope, first, items, problems)


def begin(house: House, actor: Actor, *, expected: int, **of: str) -> Sealed | Act:
    """Fix the codes of a class (as in :func:`outlook`) at once where it is small, else as a job; return the sealed range or the act that
    goes on.

    Raises Refusal as :func:`fix`; a job that meets a changed class ends without having sealed anything, with the code of why.
    """
    seen = outlook(house, actor, **of)
    if seen.free != expected:
        raise Refusal("NUMBER-COUNT-CHANGED", seen.scope, expected=expected, actual=seen.free)
    if seen.free <= AT_ONCE:
        return fix(house, actor, **of, expected=expected)
    ids = order.free_ids(**seen.of, without=seen.without)
    asked = {**of, "class": seen.of, "ids_sha256": numbering.ids_digest(ids), "expected": expected}
    title = f"固定档号 {seen.scope}，{seen.free} 件"
    act = Act(id=house.ids.new(), actor=actor.id, kind="fix", title=title, state=journal.QUEUED, asked=asked, total=seen.free)
    act.made_at = house.clock.now()
    with transaction.atomic():
        act.save(force_insert=True)
        work.enqueue("number", act_id=act.id)
    return act


def fix(house: House, actor: Actor, *, record_ids: Sequence[str] | None = None, expected: int | None = None, **of: str) -> Sealed:
    """Fix the codes of a class (as in :func:`outlook`), or of the chosen records of it, and queue their archiving; irreversible.

    ``expected`` is the count the person confirmed: another count refuses, so that nobody seals what they did not see.
    Raises Refusal where the actor may not, nothing can be numbered, the item number would overflow, or records changed.
    """
    _demand(actor, of["department"])
    of, without = coding.numbered(house, **of)
    ids = order.free_ids(**of, without=without)
    chosen = ids if record_ids is None else [key for key in ids if key in set(record_ids)]
    planned = numbering.plan(house, chosen, of, without)
    if expected is not None and expected != len(chosen):
        raise Refusal("NUMBER-COUNT-CHANGED", planned.sealed.scope, expected=expected, actual=len(chosen))
    with transaction.atomic():
        sealed = numbering.seal(house, actor.id, planned)
        numbering.take_up(planned)
    traces.spend(house)
    return sealed


def withdraw(house: House, actor: Actor, record_id: str, *, reason: str, note: str = "") -> None:
    """Take a record back whose number is fixed but that is not archived yet; its number stays empty for ever, explained.

    Raises Refusal where the actor may not, no reason is given, or the record is not in that state (any more).
    """
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        raise Refusal("RECORD-UNKNOWN", record_id)
    _demand(actor, row.department)
    if not reason.strip():
        raise Refusal("NUMBER-GAP-REASON", row.code)
    now, was = house.clock.now(), row.code
    code = ArchivalCode.objects.filter(record_id=row.id, kind=AGENCY, valid_to="", value=was).first()
    if row.state != State.NUMBERED or code is None or code.item_number is None:
        raise Refusal("NUMBER-NOT-WITHDRAWABLE", was or row.title[:30])
    row.code, row.needs_attention, row.position = "", "", UNPLACED
    binding.loosen(row)
    with transaction.atomic():
        queries.lock_scope(code.scope)
        if not queries.move([row], "withdraw", ("code", "needs_attention", "position", "elements", "relations")):
            raise Refusal("NUMBER-NOT-WITHDRAWABLE", was)
        binding.let_go(row.id)
        ArchivalCode.objects.filter(id=code.id).update(valid_to=beijing.day(now))
        _explain(house, actor, (code.scope, code.item_number), reason=reason, note=note)
        told = entries.Entry("number:withdrawn", actor.id, row.id, {"code": was, "reason": reason, "note": note})
        entries.append(now, [told], ids=house.ids)
        queries.mark_for_index([row.id])
        work.enqueue("index")


def explain_gap(house: House, actor: Actor, *, scope: str, number: int, reason: str, note: str = "") -> None:
    """Explain why a number of a scope stays empty (撤件, 涉密另存 …); continuity checks accept it.

    Raises Refusal where the actor may not, no reason is given, or the number is in use, not reached yet, or explained already.
    """
    _demand(actor, "")
    if not reason.strip():
        raise Refusal("NUMBER-GAP-REASON", f"{scope} {number}")
    with transaction.atomic():
        is_reached = 1 <= number <= queries.lock_scope(scope)
        if not is_reached or ArchivalCode.objects.filter(scope=scope, item_number=number, valid_to="").exists():
            raise Refusal("NUMBER-NOT-EMPTY", f"{scope} {number}")
        if NumberGap.objects.filter(scope=scope, number=number).exists():
            raise Refusal("NUMBER-GAP-EXPLAINED", f"{scope} {number}")
        _explain(house, actor, (scope, number), reason=reason, note=note)


def _explain(house: House, actor: Actor, where: tuple[str, int], *, reason: str, note: str) -> None:
    scope, number = where
    now = house.clock.now()
    NumberGap.objects.create(
        id=house.ids.new(), scope=scope, number=number, reason=reason[:32], note=note, explained_by=actor.id, explained_at=now
    )
    body = {"scope": scope, "number": number, "reason": reason, "note": note}
    entries.append(now, [entries.Entry("number:voided", actor.id, scope[:64], body)], ids=house.ids)


def gaps(house: House, actor: Actor, scope: str) -> tuple[list[int], list[NumberGap]]:
    """Return the numbers of a scope that stand empty without explanation, and those that are explained."""
    _demand(actor, "")
    explained = list(NumberGap.objects.filter(scope=scope).order_by("number"))
    given = ArchivalCode.objects.filter(scope=scope, kind=AGENCY, valid_to="", item_number__isnull=False)
    last = queries.last_number(scope)
    if given.count() + len(explained) >= last:
        return [], explained
    known = set(given.values_list("item_number", flat=True)) | {row.number for row in explained}
    return [number for number in range(1, last + 1) if number not in known], explained


def check_scope(house: House, actor: Actor, scope: str) -> tuple[Finding, ...]:
    """Say what is wrong with the numbers of a scope (DA/T 70-2018, 2-6): missing without explanation, twice, or not archived yet."""
    _demand(actor, "")
    told = BatchFacts(scope, beijing.day(house.clock.now()), numbers=(facts.scope_numbers(scope),))
    results = check_batch(Gate.ARCHIVING, told, gates.schemes(Gate.ARCHIVING).of())
    return next(item.findings for item in results if item.id == CONTINUITY)


def _demand(actor: Actor, department: str) -> None:
    access.require(actor, "holdings:number:fix", {"department": department})


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
