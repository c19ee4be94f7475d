"""Questions to backups, drills and their timetable. No rules."""

from datetime import datetime

from lantai.core.recovery import A_DAY, Timetable
from lantai.shelves.recovery.models import Backup, Drill, Schedule


def schedule() -> Schedule | None:
    """Return the timetable in force, None where nobody has decided one."""
    return Schedule.objects.filter(retired_at=None).first()


def timetable() -> Timetable:
    """Return the timetable in force as a value; the standard one where nobody has decided."""
    row = schedule()
    return Timetable(row.at, row.days, row.weeks, row.months, row.drill_months, row.late_hours) if row else Timetable()


def last_begun(now: datetime) -> Backup | None:
    """Return the backup that was begun last, however it ended; as for all that follows, not one of days to come: the clock was wrong."""
    return Backup.objects.filter(started_at__lt=now + A_DAY).order_by("-started_at").first()


def last_good(now: datetime) -> Backup | None:
    """Return the newest backup that was made and not found damaged."""
    made = Backup.objects.filter(state="done", started_at__lt=now + A_DAY).exclude(verdict="damaged")
    return made.order_by("-started_at").first()


def last_drill(now: datetime) -> Drill | None:
    """Return the drill that was held last."""
    return Drill.objects.filter(started_at__lt=now + A_DAY).order_by("-started_at").first()
