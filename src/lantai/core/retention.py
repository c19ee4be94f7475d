"""Retention periods 保管期限 and the proposal of one from title, type and direction (Order 8 of the National Archives Administration).

A proposal is only that: its reason names the rule and the words that triggered it, and a person confirms. The rules are
rows of ``standards.order_8``; this module knows how to apply them, not what they say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from lantai.core.errors import Refusal
from lantai.core.text import normalise

_NUMERALS = {"十": 10, "二十": 20, "三十": 30, "五十": 50, "五": 5, "三": 3, "六十": 60, "一百": 100}
_FORM = re.compile(r"(?:定期)?\(?(?:d?(\d{1,3})年?|([一二三五六百十]{1,2})年)\)?")


class Kind(StrEnum):
    """What a retention period is. The legacy kinds (before 2006) have no years until the agency approves a mapping."""

    PERMANENT = "permanent"
    YEARS = "years"
    LEGACY_LONG = "legacy_long"
    LEGACY_SHORT = "legacy_short"


_NAMED: dict[str, Kind] = {
    "永久": Kind.PERMANENT,
    "y": Kind.PERMANENT,
    "长期": Kind.LEGACY_LONG,
    "c": Kind.LEGACY_LONG,
    "短期": Kind.LEGACY_SHORT,
    "d": Kind.LEGACY_SHORT,
}
_CODES: dict[Kind, tuple[str, str]] = {
    Kind.PERMANENT: ("Y", "永久"),
    Kind.LEGACY_LONG: ("C", "长期"),
    Kind.LEGACY_SHORT: ("D", "短期"),
}


@dataclass(frozen=True, slots=True)
class Retention:
    """A retention period: its kind and, for ``years``, how many."""

    kind: Kind
    years: int = 0

    @classmethod
    def parse(cls, raw: str) -> "Retention":
        """Read 永久, Y, D30, 30年, 定期30年, 三十年, 长期 or 短期, in any width. Raises Refusal RETENTION-UNKNOWN for anything else."""
        return _parsed(raw)

    @property
    def code(self) -> str:
        """The code in archival codes: Y, D30 (DA/T 13-2022), or C and D for the legacy periods."""
        return f"D{self.years}" if self.kind is Kind.YEARS else _CODES[self.kind][0]

    @property
    def label(self) -> str:
        """The Chinese name: 永久, 30年, 长期, 短期."""
        return f"{self.years}年" if self.kind is Kind.YEARS else _CODES[self.kind][1]

    def mapped(self, approved: Mapping[str, int]) -> "Retention":
        """Return the years the agency approved for a legacy period (长期 or 短期 → years); itself where none applies."""
        years = approved.get(self.label, 0) if self.kind in {Kind.LEGACY_LONG, Kind.LEGACY_SHORT} else 0
        return Retention(Kind.YEARS, years) if years > 0 else self

    def due_date(self, year: str) -> str:
        """Return the last day (YYYYMMDD) of the period of a record of *year* (YYYY): 1 January of the next year + N years − 1 day.

        Empty for permanent and unmapped legacy periods, and where *year* is not a year.
        """
        if self.kind is not Kind.YEARS or not re.fullmatch("[0-9]{4}", year):
            return ""
        return f"{int(year) + self.years:04d}1231"


@lru_cache(maxsize=256)
def _parsed(raw: str) -> Retention:
    text = normalise(raw).replace(" ", "")
    if kind := _NAMED.get(text):
        return Retention(kind)
    match = _FORM.fullmatch(text)
    years = (int(match[1]) if match[1] else _NUMERALS.get(match[2], 0)) if match else 0
    if years < 1:
        raise Refusal("RETENTION-UNKNOWN", raw)
    return Retention(Kind.YEARS, years)


@dataclass(frozen=True, slots=True)
class RetentionFacts:
    """What a proposal is made from. ``direction`` is 本机关, 上级, 同级 or 下级, empty where unknown; ``text_head`` how the text begins."""

    title: str
    document_type: str = ""
    direction: str = ""
    text_head: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed period: its code, the rule that gave it (empty: none did), why in Chinese.

    ``is_outside_scope`` says that the rule holds the record not to be filed at all 不归档; the code is then the fallback.
    """

    retention_code: str
    rule_id: str
    reason: str
    is_outside_scope: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: it hits where every condition that it states holds.

    ``any_of`` and ``also`` need one phrase each in the title (with ``in_head`` the latter may stand in the beginning of the text),
    ``unless`` none; ``types`` and ``directions`` need one of theirs. Smaller ``priority`` first, then table order.
    """

    id: str
    name: str
    retention: str
    priority: int
    any_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    in_head: bool = False
    is_outside_scope: bool = False
    is_enabled: bool = True
    source: str = ""
    certainty: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Compiled rules: those enabled, in the order they are asked, and what to propose when none hits.

    ``by_opening`` tells for the first two characters of a phrase which rows may hit, so that few are asked; ``always`` are
    the rows without ``any_of``.
    """

    rows: tuple[Rule, ...]
    fallback: str
    by_opening: Mapping[str, tuple[int, ...]]
    always: tuple[int, ...]
    basis: str = ""

    def candidates(self, title: str) -> Iterator[Rule]:
        """Yield the rows worth asking about a normalised title, in order."""
        found = set(self.always)
        for opening in {title[index : index + 2] for index in range(len(title) - 1)} & self.by_opening.keys():
            found.update(self.by_opening[opening])
        return (self.rows[index] for index in sorted(found))


def compile_rules(rows: Iterable[Rule], fallback: str = "D30", *, basis: str = "") -> Rules:
    """Check and order *rows*. Raises Refusal RETENTION-UNKNOWN for a period that cannot be read, ValueError for a row that cannot work."""
    chosen = tuple(sorted((row for row in rows if row.is_enabled), key=lambda row: row.priority))
    openings: dict[str, list[int]] = {}
    for index, row in enumerate(chosen):
        _check(row)
        for phrase in row.any_of:
            openings.setdefault(phrase[:2], []).append(index)
    always = tuple(index for index, row in enumerate(chosen) if not row.any_of)
    return Rules(chosen, Retention.parse(fallback).code, {key: tuple(places) for key, places in openings.items()}, always, basis)


def _check(row: Rule) -> None:
    Retention.parse(row.retention)
    if not (row.any_of or row.types or row.directions):
        raise ValueError(f"retention rule without a condition: {row.id}")
    if any(len(phrase) < 2 or normalise(phrase) != phrase for phrase in (*row.any_of, *row.also, *row.unless)):
        raise ValueError(f"retention rule with a phrase that is short or not in normal form: {row.id}")


def propose(facts: RetentionFacts, rules: Rules) -> Proposal:
    """Propose a period for *facts*: the first rule that hits, else the fallback with the reason 未命中规则，请人工确认."""
    title = normalise(facts.title)
    for row in rules.candidates(title):
        trigger = _trigger(row, facts, title)
        if trigger:
            return Proposal(row.retention, row.id, _reason(row, trigger, rules.basis), row.is_outside_scope)
    return Proposal(rules.fallback, "", "未命中规则，请人工确认")


def _trigger(row: Rule, facts: RetentionFacts, title: str) -> str:
    """Return in Chinese what made *row* hit, empty where it does not."""
    if (row.directions and facts.direction not in row.directions) or (row.types and facts.document_type not in row.types):
        return ""
    first = _found(row.any_of, title)
    second = _found(row.also, title)
    where = "题名"
    if row.also and not second and row.in_head:
        second, where = _found(row.also, normalise(facts.text_head)), "题名或文首"
    if (row.any_of and not first) or (row.also and not second) or _found(row.unless, title):
        return ""
    phrases = "、".join(f"“{phrase}”" for phrase in dict.fromkeys((first, second)) if phrase)
    kinds = [f"文种为{facts.document_type}"] if row.types else []
    kinds += [f"来源为{facts.direction}"] if row.directions and facts.direction else []
    return "，".join([f"{where}含{phrases}", *kinds] if phrases else kinds)


def _found(phrases: Sequence[str], searched: str) -> str:
    for phrase in phrases:
        if phrase in searched:
            return phrase
    return ""


def _reason(row: Rule, trigger: str, basis: str) -> str:
    basis = basis or ("8号令" if row.certainty.startswith("S") else "8号令的通行做法")
    if row.is_outside_scope:
        return f"{trigger}，可能属不归档范围（{row.id} {row.name}）；如需归档，建议{Retention.parse(row.retention).label}，请人工确认"
    return f"{trigger}，按{basis} {row.id}（{row.name}）建议{Retention.parse(row.retention).label}，请人工确认"
