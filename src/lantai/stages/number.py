"""number 定号: proposed codes follow from the order; 固定档号 is one sealed act.

Lock on the scope (the code without its item number), one set-based insertion of codes, one set-based update, one range
row with the digest of the list, one ledger event: all in one transaction. A number is never used again; a record that is
withdrawn leaves an explained gap 空号说明 (DA/T 22-2015; DA/T 70-2018 GD-2-6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import batched

from django.db import transaction

from lantai import work
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.checks import BatchFacts, Gate, check_batch
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import counts, numbers, order, queries
from lantai.shelves.holdings.models import UNPLACED, ArchivalCode, NumberGap, NumberRange, Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import binding, coding, facts, rest, traces

AGENCY = "agency"
CONTINUITY = "archiving.2.06"
SHOWN = 20
#: How many codes are fixed while the person waits; more go on as a job.
AT_ONCE = 1000
WRITTEN_AT_ONCE = 5000


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
    """What fixing a class would do, without its list: scope, first number, how many would be fixed, how many stay behind.

    ``of`` is the class and ``without`` its categories that are not numbered with the others (``coding.numbered``).
    """

    scope: str
    first: int
    free: int
    impeded: int
    of: Mapping[str, str]
    without: frozenset[str] = frozenset()


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


def outlook(house: House, actor: Actor, *, year: str, department: str, retention: str, category: str = "") -> Outlook:
    """Say what fixing a class would do; costs little however large the class is.

    A class whose codes cannot be written (no year, a value that has not the form of its segment) has an empty scope and nothing free.
    """
    _demand(actor, department)
    of, without = coding.numbered(house, category, year=year, department=department, retention=retention)
    waiting = order.waiting(**of, without=without)
    total = waiting.count() if without or order.ANY in of.values() else sum(item.records for item in counts.classes(phase="open", **of))
    blocked, sample = waiting.filter(is_impeded=True).count(), list(waiting.only("category", "fonds")[:1])
    try:
        scope = _template(house, sample).scope(_parts(house, sample, **of))
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
    template = _template(house, rows)
    parts = _parts(house, rows, **of)
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
    asked = {**of, "ids_sha256": _ids_digest(order.free_ids(**seen.of, without=seen.without)), "expected": expected}
    title = f"固定档号 {seen.scope}，{seen.free} 件"
    act = Act(id=house.ids.new(), actor=actor.id, kind="fix", title=title, state=journal.QUEUED, asked=asked, total=seen.free)
    act.made_at = house.clock.now()
    with transaction.atomic():
        act.save(force_insert=True)
        work.enqueue("number", act_id=act.id)
    return act


def go_on(house: House, act_id: str) -> None:
    """Do a fixing that was begun; what is sealed already is left alone."""
    act = Act.objects.get(id=act_id)
    if act.state != journal.QUEUED:
        return
    asked = {name: act.asked.get(name, "") for name in ("year", "department", "retention", "category")}
    of, without = coding.numbered(house, **asked)
    with work.progress("number", act.id, step="推算档号", total=act.total) as progress:
        ids = order.free_ids(**of, without=without)
        if _ids_digest(ids) != act.asked["ids_sha256"]:
            raise Refusal("NUMBER-COUNT-CHANGED", act.title, expected=act.total, actual=len(ids))
        plan = _plan(house, ids, of)
        progress.step("写入并封存", total=act.total)
        with transaction.atomic():
            sealed = _seal(house, act.actor, plan, of)
            kept = act.asked | {"range_id": sealed.range_id}
            Act.objects.filter(id=act.id).update(state=journal.SEALED, done=sealed.count, asked=kept)
        progress.advance(sealed.count)
    traces.spend(house)
    counts.fold()


def fix(house: House, actor: Actor, *, record_ids: Sequence[str] | None = None, expected: int | None = None, **of: str) -> Sealed:
    """Fix the codes of a class (as in :func:`outlook`), or of the chosen records of it, and queue their archiving; irreversible.

    ``expected`` is the count the person confirmed: another count refuses, so that nobody seals what they did not see.
    Raises Refusal where the actor may not, nothing can be numbered, the item number would overflow, or records changed.
    """
    _demand(actor, of["department"])
    of, without = coding.numbered(house, **of)
    ids = order.free_ids(**of, without=without)
    chosen = ids if record_ids is None else [key for key in ids if key in set(record_ids)]
    plan = _plan(house, chosen, of)
    if expected is not None and expected != len(plan.items):
        raise Refusal("NUMBER-COUNT-CHANGED", plan.scope, expected=expected, actual=len(plan.items))
    with transaction.atomic():
        sealed = _seal(house, actor.id, plan, of)
    traces.spend(house)
    return sealed


def _plan(house: House, ids: Sequence[str], of: Mapping[str, str]) -> Preview:
    """Derive the codes of records that stand in order; nothing is locked yet."""
    sample = list(Record.objects.filter(id__in=ids[:1]).only("category", "fonds"))
    template = _template(house, sample)
    parts = _parts(house, sample, **of)
    scope = template.scope(parts)
    if not ids:
        raise Refusal("NUMBER-NOTHING", scope)
    first = queries.last_number(scope) + 1
    template.format(replace(parts, item=first + len(ids) - 1))  # what overflows, overflows before anything is written
    items = tuple(Proposed(key, number, template.format(replace(parts, item=number))) for number, key in enumerate(ids, start=first))
    return Preview(scope, first, items, ())


def _seal(house: House, actor_id: str, plan: Preview, of: Mapping[str, str]) -> Sealed:
    """Write the plan in the transaction of the caller, unless the class or its scope moved on since it was made."""
    now = house.clock.now()
    if queries.lock_scope(plan.scope) + 1 != plan.first:
        raise _moved_on(plan, of)
    sealed = Sealed(house.ids.new(), plan.scope, plan.first, plan.items[-1].item, _digest(plan.items))
    scheme = coding.scheme(Record.objects.values_list("category", flat=True).get(id=plan.items[0].record_id), of["year"]).label
    if (taken := _write(house, sealed, plan.items, of)) != len(plan.items):
        raise _moved_on(plan, of, taken)
    NumberRange.objects.create(
        id=sealed.range_id,
        scope=sealed.scope,
        first=sealed.first,
        last=sealed.last,
        list_sha256=sealed.list_sha256,
        scheme=scheme,
        sealed_by=actor_id,
        sealed_at=now,
    )
    queries.advance_scope(sealed.scope, sealed.last)
    body = {"scope": sealed.scope, "first": sealed.first, "last": sealed.last, "list_sha256": sealed.list_sha256, "scheme": scheme}
    entries.append(now, [entries.Entry("record:numbered", actor_id, sealed.range_id, body, "range")], ids=house.ids)
    work.enqueue("archive", range_id=sealed.range_id)
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


def _template(house: House, rows: Sequence[Record]) -> Template:
    """Return the form in which the codes of a class are written. Raises Refusal NUMBER-BY-VOLUME where items are numbered in volumes."""
    rule = coding.rule(house, rows[0].category if rows else house.settings.category)
    if rule.is_by_volume:
        raise Refusal("NUMBER-BY-VOLUME", rule.category)
    return Template(rule.template)


def _parts(house: House, rows: list[Record], *, year: str, department: str, retention: str) -> CodeParts:
    """Return the parts that the codes of a class share. Raises Refusal CLASS-TERM-UNKNOWN for a subject that its scheme does not list."""
    category = rows[0].category if rows else house.settings.category
    fonds = rows[0].fonds if rows else house.settings.fonds
    if not (scheme := coding.scheme(category, year)).admits(department):
        raise Refusal("CLASS-TERM-UNKNOWN", department or "（空）", scheme=f"{category} 第 {scheme.number} 版")
    org = "" if department == order.ANY else department
    return CodeParts(fonds=fonds, category=category, year=year, retention=retention, org=org, item=1)


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


def _ids_digest(ids: Sequence[str]) -> str:
    return sha256("\n".join(ids).encode()).hexdigest()


def _digest(chosen: Sequence[Proposed]) -> str:
    return numbers.list_digest([(item.item, item.record_id) for item in chosen])


def _moved_on(plan: Preview, of: Mapping[str, str], taken: int = 0) -> Refusal:
    """Why a plan cannot be sealed any more: somebody fixed the class meanwhile, or it holds another number of records."""
    left = taken + order.waiting(**of).filter(is_impeded=False).count()
    if not left:
        return Refusal("NUMBER-NOTHING", plan.scope)
    return Refusal("NUMBER-COUNT-CHANGED", plan.scope, expected=len(plan.items), actual=left)


def _write(house: House, sealed: Sealed, chosen: Sequence[Proposed], of: Mapping[str, str]) -> int:
    """Insert the codes and move the records, both set-based; return how many moved."""
    today = beijing.day(house.clock.now())
    made = (
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
    for part in batched(made, WRITTEN_AT_ONCE):
        insert(ArchivalCode, part)
    return numbers.take_up(sealed.scope, (sealed.first, sealed.last), of)


@work.task("number", on_give_up=rest.act)
def number_task(act_id: str) -> None:
    """Go on with a fixing in the background."""
    go_on(work.house(), act_id)
