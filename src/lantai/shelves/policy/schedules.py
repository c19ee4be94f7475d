"""Questions to the agency's schedule of retention 保管期限表: its lines, and the rules that retention is proposed by."""

from collections.abc import Iterable

from lantai.core import schedule
from lantai.core.retention import Rules
from lantai.core.schedule import Line
from lantai.shelves.policy.models import Schedule
from lantai.standards import order_8


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
