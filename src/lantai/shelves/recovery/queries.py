"""Questions to backups, drills and their timetable. No rules."""

from lantai.core.recovery import Timetable
from lantai.shelves.recovery.models import Backup, Drill, Schedule


def schedule() -> Schedule | None:
    """Return the timetable in force, None where nobody has decided one."""
    return Schedule.objects.filter(retired_at=None).first()


def timetable() -> Timetable:
    """Return the timetable in force as a value; the standard one where nobody has decided."""
    row = schedule()
    return Timetable(row.at, row.days, row.weeks, row.months, row.drill_months, row.late_hours) if row else Timetable()


def last_begun() -> Backup | None:
    """Return the backup that was begun last, however it ended."""
    return Backup.objects.order_by("-started_at").first()


def last_good() -> Backup | None:
    """Return the newest backup that was made and not found damaged."""
    return Backup.objects.filter(state="done").exclude(verdict="damaged").order_by("-started_at").first()


def last_drill() -> Drill | None:
    """Return the drill that was held last."""
    return Drill.objects.order_by("-started_at").first()
