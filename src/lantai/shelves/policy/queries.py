"""Questions to the agency's decisions: rules of categories, how they are parted, lists of values, formats judged otherwise, schedule."""

from collections.abc import Iterable

from lantai.core import schedule
from lantai.core.classification import Scheme
from lantai.core.retention import Rules
from lantai.core.schedule import Line
from lantai.shelves.once import once
from lantai.shelves.policy.models import CategoryRule, ClassScheme, FormatDecision, Schedule, ValueList
from lantai.standards import order_8
from lantai.standards.da_t_70.formats import Archiving, Decisions, Judgement, Risk


def decisions() -> Decisions:
    """Return the agency's decisions in force, by family; one query over a table of a few rows."""
    rows = FormatDecision.objects.filter(retired_at=None).order_by("family")
    return tuple((row.family, judgement(row)) for row in rows)


def judgement(row: FormatDecision) -> Judgement:
    """Return what a row decides."""
    return Judgement(Archiving(row.archiving), row.preservation, row.target, Risk(row.risk), row.risk_reason, row.note)


def lines(row: Schedule) -> tuple[Line, ...]:
    """Return the lines of a version of the schedule."""
    return tuple(schedule.line(said) for said in row.lines)


def stored(rows: Iterable[Line]) -> list[dict[str, str]]:
    """Return lines as a version keeps them."""
    return [schedule.texts(row) for row in rows]


def retention_rules() -> Rules:
    """Return what retention is proposed by: the agency's schedule in force, Order No. 8 where it has none of its own."""
    row = Schedule.objects.filter(state="in_force").first()
    return schedule.compiled(lines(row), f"本单位保管期限表第 {row.number} 版") if row else order_8.rules()


@once
def category_rules() -> dict[str, CategoryRule]:
    """Return the rules of categories in force, by category; one query over a table of a few rows."""
    return {row.category: row for row in CategoryRule.objects.filter(retired_at=None).order_by("category")}


@once
def all_category_rules() -> list[CategoryRule]:
    """Return every rule of a category that is or was in force, those in force first, then the newest."""
    return sorted(CategoryRule.objects.order_by("-decided_at"), key=lambda row: row.retired_at is not None)


@once
def class_schemes() -> dict[str, tuple[Scheme, ...]]:
    """Return the classification schemes in force by category; one query over a table of a few rows."""
    found: dict[str, tuple[Scheme, ...]] = {}
    for row in ClassScheme.objects.filter(retired_at=None).order_by("category", "since"):
        found[row.category] = (*found.get(row.category, ()), class_scheme(row))
    return found


def class_scheme(row: ClassScheme) -> Scheme:
    """Return the scheme that a row holds."""
    return Scheme(row.category, row.number, row.form, tuple((code, name) for code, name in row.terms), row.since)


@once
def flat_categories() -> frozenset[str]:
    """Return the categories that are, or were once, parted by year and period alone."""
    rows = ClassScheme.objects.exclude(form__contains="department").exclude(form__contains="subject")
    return frozenset(rows.values_list("category", flat=True))


@once
def subjects() -> dict[str, str]:
    """Return code -> name of every subject that a scheme lists or listed, the newest name winning."""
    rows = ClassScheme.objects.filter(form__contains="subject").order_by("decided_at").values_list("terms", flat=True)
    return {code: name for terms in rows for code, name in terms}


def values(codes: Iterable[str], *, ever: bool = False) -> dict[str, tuple[str, ...]]:
    """Return the values of lists by code: those that may be chosen now, or all that a list ever had; a retired list keeps only these."""
    rows = ValueList.objects.filter(code__in=list(codes)).order_by("number").values_list("code", "entries", "retired_at")
    found: dict[str, tuple[str, ...]] = {}
    for code, entries, retired_at in rows:
        if ever or retired_at is None:
            found[code] = tuple(value for value, _, is_retired in entries if ever or not is_retired)
    return found
