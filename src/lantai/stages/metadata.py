"""metadata 元数据方案: an agency proposes a version of its scheme, sees what it would newly fail, adopts it or goes back.

A version is proposed whole and, once adopted, never changes: records remember it. One proposal a category at a time; who proposes may be
an archivist, who adopts is the system administrator.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import IntegrityError, transaction

from lantai.core import access, beijing, metadata
from lantai.core.access import Actor
from lantai.core.checks import Gate, Scheme
from lantai.core.checks import metadata as items
from lantai.core.checks.facts import RecordFacts
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.metadata import Change, Element, Rules, Version
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries
from lantai.shelves.metadata.models import MetadataScheme
from lantai.shelves.policy.models import ValueList
from lantai.standards import da_t_46, da_t_70

LONGEST_REASON = 200
_CATEGORY_LENGTH = 16
_SLICE = 1000
_EXAMPLES = 5
_JUDGED = (items.length, items.data_type, items.domain, items.required_filled)


@dataclass(frozen=True, slots=True)
class Newly:
    """What a proposal would newly object to: the remark, how many records, and the ids of a few."""

    element: str
    message: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A proposal held against the records that are not yet archived: how many were looked at, how many would newly be objected to."""

    looked_at: int
    affected: int
    newly: tuple[Newly, ...]


def propose(house: House, actor: Actor, category: str, rules: Rules, *, reason: str) -> Version:
    """Propose *rules* as the next version for *category* (empty: all); an open proposal of it is replaced. Return the version.

    Refusals: ACCESS-REFUSED, METADATA-SCHEME-WRONG (with what is wrong), POLICY-INCOMPLETE (no reason), POLICY-SAME, POLICY-CHANGED.
    """
    access.require(actor, "policy:metadata:propose", where=category)
    _reasoned(category, reason)
    found = {row.state: row for row in MetadataScheme.objects.filter(category=category, state__in=("in_force", "proposed"))}
    current = found.get("proposed") or found.get("in_force")
    if (current is None and not rules) or (current is not None and queries.rules(current.rules) == rules):
        raise Refusal("POLICY-SAME", _name(category))
    wanted = Version(category, _number(category, found.get("proposed")), queries.filled(rules))
    _objected(wanted)
    now = house.clock.now()
    columns = {"rules": queries.stored(rules), "reason": reason.strip(), "proposed_by": actor.id, "proposed_at": now}
    try:
        with transaction.atomic():
            _write(house, wanted, found.get("proposed"), columns)
            _tell(house, actor, "metadata:proposed", wanted, reason=reason, now=now)
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", _name(category)) from problem
    return wanted


def _number(category: str, proposed: MetadataScheme | None) -> int:
    last = MetadataScheme.objects.filter(category=category).order_by("-number").first()
    return proposed.number if proposed else last.number + 1 if last else 1


def _write(house: House, wanted: Version, proposed: MetadataScheme | None, columns: dict[str, Any]) -> None:
    if proposed is None:
        MetadataScheme.objects.create(id=house.ids.new(), category=wanted.category, number=wanted.number, **columns)
        return
    open_row = MetadataScheme.objects.filter(id=proposed.id, state="proposed", version=proposed.version)
    if not open_row.update(**columns, version=proposed.version + 1):
        raise Refusal("POLICY-CHANGED", _name(wanted.category))


def adopt(house: House, actor: Actor, category: str, number: int, *, reason: str, seen: int | None = None) -> Version:
    """Put the proposed version in force; the one before is retired and stays readable. Refusals as in :func:`propose`,
    and METADATA-SCHEME-UNKNOWN where it is not, or no longer, proposed. *seen* is the row's version that was looked at."""
    access.require(actor, "policy:metadata:adopt", where=category)
    _reasoned(category, reason)
    row = MetadataScheme.objects.filter(category=category, number=number, state="proposed").first()
    if row is None:
        raise Refusal("METADATA-SCHEME-UNKNOWN", _name(category), number=number)
    wanted, now = queries.version(row), house.clock.now()
    _objected(wanted)
    try:
        with transaction.atomic():
            _retire(actor, category, now)
            own = MetadataScheme.objects.filter(id=row.id, state="proposed", version=row.version if seen is None else seen)
            if not own.update(state="in_force", decided_by=actor.id, decided_at=now, version=row.version + 1):
                raise Refusal("POLICY-CHANGED", _name(category))
            _tell(house, actor, "metadata:adopted", wanted, reason=reason, now=now)
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", _name(category)) from problem
    return wanted


def retire(house: House, actor: Actor, category: str, *, reason: str) -> None:
    """Let the standard (or what holds for all categories) be in force again for *category*. Refusals as in :func:`propose`."""
    access.require(actor, "policy:metadata:adopt", where=category)
    _reasoned(category, reason)
    row = MetadataScheme.objects.filter(category=category, state="in_force").first()
    if row is None:
        raise Refusal("POLICY-SAME", _name(category))
    now = house.clock.now()
    _objected_without(category)
    with transaction.atomic():
        _retire(actor, category, now)
        _tell(house, actor, "metadata:retired", queries.version(row), reason=reason, now=now)


def withdraw(house: House, actor: Actor, category: str, number: int) -> None:
    """Withdraw a proposal. Refusals: ACCESS-REFUSED, METADATA-SCHEME-UNKNOWN."""
    access.require(actor, "policy:metadata:propose", where=category)
    row, now = MetadataScheme.objects.filter(category=category, number=number, state="proposed").first(), house.clock.now()
    if row is None:
        raise Refusal("METADATA-SCHEME-UNKNOWN", _name(category), number=number)
    with transaction.atomic():
        MetadataScheme.objects.filter(id=row.id, state="proposed").update(state="withdrawn", retired_by=actor.id, retired_at=now)
        _tell(house, actor, "metadata:withdrawn", queries.version(row), reason="撤回", now=now)


def _retire(actor: Actor, category: str, now: datetime) -> None:
    row = MetadataScheme.objects.filter(category=category, state="in_force")
    row.update(state="retired", retired_by=actor.id, retired_at=now)


def _reasoned(category: str, reason: str) -> None:
    if not reason.strip() or not reason.strip().isprintable() or len(reason) > LONGEST_REASON:
        raise Refusal("POLICY-INCOMPLETE", _name(category), parts="理由")
    if len(category) > _CATEGORY_LENGTH or not category.isprintable() or ":" in category or "+" in category:
        raise Refusal("POLICY-INCOMPLETE", _name(category), parts="门类")


def _objected(wanted: Version) -> None:
    """Refuse a version that asks what it may not, laid over what holds for all, or under what each category has."""
    known = queries.in_force() | {wanted.category: wanted}
    wrong = metadata.objections(da_t_46.base(), queries.of_category(wanted.category, known=known))
    if wrong:
        raise Refusal("METADATA-SCHEME-WRONG", _name(wanted.category), problems="；".join(wrong[:10]))
    if not wanted.category:
        _others_still_hold(known)


def _objected_without(category: str) -> None:
    if not category:
        _others_still_hold({key: value for key, value in queries.in_force().items() if key})


def _others_still_hold(known: dict[str, Version]) -> None:
    for other in filter(None, known):
        if wrong := metadata.objections(da_t_46.base(), queries.of_category(other, known=known)):
            raise Refusal("METADATA-SCHEME-WRONG", _name(other), problems="；".join(wrong[:10]))


def _tell(house: House, actor: Actor, event: str, wanted: Version, *, reason: str, now: datetime) -> None:
    body: dict[str, Any] = {
        "category": wanted.category,
        "number": wanted.number,
        "rules": queries.stored(wanted.rules),
        "reason": reason.strip(),
    }
    entries.append(now, [entries.Entry(event, actor.id, wanted.label, body)], ids=house.ids)


def _name(category: str) -> str:
    return f"元数据方案（{category or '所有门类'}）"


# --- looking


@dataclass(frozen=True, slots=True)
class Standing:
    """The schemes of one category as the screen shows them: elements in force, the proposal with its differences, all versions."""

    category: str
    elements: tuple[Element, ...]
    in_force: MetadataScheme | None
    proposed: MetadataScheme | None
    changes: tuple[Change, ...]
    versions: tuple[MetadataScheme, ...]


def look(actor: Actor, category: str = "") -> Standing:
    """Return the schemes of *category*. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "policy:metadata:read", where=category)
    rows = tuple(MetadataScheme.objects.filter(category=category).order_by("-number"))
    found = {row.state: row for row in reversed(rows) if row.state in ("in_force", "proposed")}
    elements, proposed = queries.elements(category), found.get("proposed")
    changes = metadata.differences(elements, queries.laid_over(_with(queries.version(proposed)))) if proposed else ()
    return Standing(category, elements, found.get("in_force"), proposed, changes, rows)


def compare(actor: Actor, category: str, one: int, other: int) -> tuple[Change, ...]:
    """Return what version *other* of a category asks otherwise than *one*; 0 is the standard. Refusals: ACCESS-REFUSED,
    METADATA-SCHEME-UNKNOWN."""
    access.require(actor, "policy:metadata:read", where=category)
    return metadata.differences(*(effective_at(category, number) for number in (one, other)))


def effective_at(category: str, number: int) -> tuple[Element, ...]:
    """Return the elements that version *number* of a category asks for, over the standard alone; 0 is the standard."""
    if not number:
        return da_t_46.base()
    row = MetadataScheme.objects.filter(category=category, number=number).first()
    if row is None:
        raise Refusal("METADATA-SCHEME-UNKNOWN", _name(category), number=number)
    return queries.laid_over((queries.version(row),))


def _with(wanted: Version) -> tuple[Version, ...]:
    return queries.of_category(wanted.category, known=queries.in_force() | {wanted.category: wanted})


def preview(house: House, actor: Actor, category: str, rules: Rules, *, most: int = 20_000) -> Preview:
    """Tell what *rules* would newly object to among at most *most* records that are not archived yet; ids only where *actor* may read them.

    Refusals: ACCESS-REFUSED, METADATA-SCHEME-WRONG.
    """
    access.require(actor, "policy:metadata:read", where=category)
    wanted = Version(category, 0, queries.filled(rules))
    _objected(wanted)
    before, after = (_gate(versions) for versions in (queries.of_category(category), _with(wanted)))
    found: dict[tuple[str, str], list[str]] = {}
    looked_at, affected = 0, set[str]()
    today = beijing.day(house.clock.now())
    for row in _records(category, most):
        looked_at += 1
        facts = _facts(row, today)
        old = Counter(_remarks(facts, before))
        for key in _remarks(facts, after):
            if not old[key]:
                affected.add(row.id)
                found.setdefault(key, []).append(row.id)
    may_read = access.may(actor, "holdings:record:read").allowed
    newly = [Newly(*key, len(ids), tuple(ids[:_EXAMPLES]) if may_read else ()) for key, ids in found.items()]
    return Preview(looked_at, len(affected), tuple(sorted(newly, key=lambda row: -row.count)))


def _records(category: str, most: int) -> Iterator[Record]:
    rows = Record.objects.filter(state__in=(State.DESCRIBED, State.ARRANGED, State.NUMBERED), quarantined=False)
    rows = rows.filter(category=category) if category else rows
    ids = list(rows.order_by("id").values_list("id", flat=True)[:most])
    for part in batched(ids, _SLICE):
        yield from Record.objects.filter(id__in=part).only("id", "elements", "code", "electronic_record_code", "category")


def _gate(versions: tuple[Version, ...]) -> Scheme:
    return da_t_70.scheme_with(Gate.ARCHIVING, described=versions)


def _facts(row: Record, today: str) -> RecordFacts:
    return RecordFacts(
        record_id=row.id,
        today=today,
        elements=row.elements,
        electronic_record_code=row.electronic_record_code,
        code=row.code or "—",
    )


def _remarks(facts: RecordFacts, scheme: Scheme) -> list[tuple[str, str]]:
    """Return (element, what is wrong) once for every remark of the metadata items, values left out."""
    found = [item for judge in _JUDGED for item in judge(facts, scheme.parameters).findings]
    return [(item.where, f"{item.where}：{_FAULTS.get(item.code, '不合规定')}") for item in found]


_FAULTS = {
    "GD-1-2": "超过最大长度",
    "GD-1-3-DATE": "不是真实的日期",
    "GD-1-3-YEAR": "不是四位年度",
    "GD-1-3-INTEGER": "不是正整数",
    "GD-1-3-INSTANT": "不是有效的时间",
    "GD-1-3-FORM": "不是通常的写法",
    "GD-1-3-PATTERN": "不合规定的格式",
    "GD-1-3-REPEATED": "只能有一个值",
    "GD-1-4": "不在值表中",
    "GD-1-4-UNLISTED": "不在参考值表中",
    "GD-2-4": "必填而没有填",
}


def rules_of(row: MetadataScheme | None) -> Rules:
    """Return the rules of a version; none where there is none."""
    return queries.rules(row.rules) if row else ()


def inherited(category: str) -> tuple[Element, ...]:
    """Return the elements that a scheme of *category* is laid over: the standard's, for a category with what holds for all."""
    return queries.laid_over(queries.of_category("") if category else ())


def with_proposal(category: str) -> tuple[Element, ...]:
    """Return the elements as they would be with the open proposal of *category*."""
    row = MetadataScheme.objects.filter(category=category, state="proposed").first()
    return queries.laid_over(_with(queries.version(row))) if row else queries.elements(category)


def standings(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return how each category stands, in words: the open proposal, else the version in force; empty where neither is."""
    rows = MetadataScheme.objects.filter(state__in=("in_force", "proposed")).values_list("category", "state", "number")
    found = {(category, state): number for category, state, number in rows}
    words = []
    for category in categories:
        standing = f"第 {found[category, 'in_force']} 版" if (category, "in_force") in found else ""
        words.append("拟订中" if (category, "proposed") in found else standing)
    return tuple(words)


def lists() -> list[tuple[str, str]]:
    """Return the lists of values that an element may be filled from, as (code, name)."""
    return list(ValueList.objects.filter(retired_at=None).order_by("code").values_list("code", "name"))


def own_names() -> dict[str, str]:
    """Return the Chinese name of every own element that was ever in force, by code."""
    return queries.own_names()
