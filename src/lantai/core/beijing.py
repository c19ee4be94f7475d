"""Beijing time, by which an agency's days, deadlines and forms go; instants are kept in UTC (GB/T 7408.1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def day(instant: datetime) -> str:
    """Return the day of an aware instant in Beijing as eight digits, ``20261128``."""
    return f"{instant.astimezone(ZONE):%Y%m%d}"


def minute(instant: datetime) -> str:
    """Return an aware instant as forms and lists write it, ``2026-11-28 09:30``, in Beijing time."""
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def day_of(text: str) -> str:
    """Return the day in Beijing of an instant in ISO 8601, ``2026-11-28``; of what names no zone the day as it is written."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text[:10]
    return text[:10] if instant.tzinfo is None else f"{instant.astimezone(ZONE):%Y-%m-%d}"


def civil(text: str) -> str:
    """Return a civil date YYYY, YYYYMM or YYYYMMDD in words; anything else as it is."""
    if not text.isdigit() or len(text) not in (4, 6, 8):
        return text
    parts = [f"{text[:4]}年"] + [f"{int(text[at : at + 2])}{unit}" for at, unit in ((4, "月"), (6, "日")) if len(text) > at]
    return "".join(parts)
