"""Until when a copy may be locked against removal: some days from now, and never beyond the end of its retention period."""

from datetime import datetime, timedelta

from lantai.core import beijing

PERMANENT = "Y"


def lock_until(now: datetime, days: int, *, retention: str, due_date: str) -> datetime | None:
    """Return the instant a lock ends; None where none may be set: no days, a period that is over, or one whose end nobody knows.

    *due_date* is YYYYMMDD, empty for permanent records; the day begins in Shanghai. A lock in compliance mode can never be taken back, so
    what cannot be reckoned is not locked.
    """
    if days <= 0:
        return None
    wished = now + timedelta(days=days)
    if retention == PERMANENT and not due_date:
        return wished
    try:
        end = datetime.strptime(due_date, "%Y%m%d").replace(tzinfo=beijing.ZONE)
    except ValueError:
        return None
    until = min(wished, end)
    return until if until > now else None
