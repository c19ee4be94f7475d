"""Questions to the agency's decisions: rules of categories, formats judged otherwise, and the schedule by which retention is proposed."""

from collections.abc import Iterable

from lantai.core import schedule
from lantai.core.retention import Rules
from lantai.core.schedule import Line
from lantai.shelves.policy.models import CategoryRule, FormatDecision, Schedule
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


def category_rules() -> dict[str, CategoryRule]:
    """Return the rules of categories in force, by category; one query over a table of a few rows."""
    return {row.category: row for row in CategoryRule.objects.filter(retired_at=None).order_by("category")}


def all_category_rules() -> list[CategoryRule]:
    """Return every rule of a category that is or was in force, those in force first, then the newest."""
    return sorted(CategoryRule.objects.order_by("-decided_at"), key=lambda row: row.retired_at is not None)
