"""Rules of the preservation runs 长期保存检测: which records a sample takes, when a plan is due, and how a result differs from the last.

A sample is a slot: the holdings fall into ``slots`` parts by a seeded digest of the record's identifier, and a run takes one part. As many
runs as there are slots take every record once, whatever came in between; the same seed, slot and record always give the same answer.
"""

import hashlib
import math
from datetime import date, timedelta
from enum import StrEnum

_BAD = ("fail", "error")


class Every(StrEnum):
    """How often a plan runs."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Change(StrEnum):
    """How the result of a record differs from its last one."""

    FIRST = "first"
    SAME = "same"
    NEW = "new"
    OTHER = "other"
    MENDED = "mended"


EVERY_NAMES: dict[str, str] = {Every.WEEK: "每周", Every.MONTH: "每月", Every.QUARTER: "每季", Every.YEAR: "每年"}
#: What a run was begun for.
OCCASION_NAMES: dict[str, str] = {"planned": "按计划", "started": "人工发起", "migration": "迁移之后", "restore": "恢复之后"}
CHANGE_NAMES: dict[str, str] = {
    Change.FIRST: "初次检测",
    Change.SAME: "与上次相同",
    Change.NEW: "新出现问题",
    Change.OTHER: "问题有变化",
    Change.MENDED: "已恢复",
}


def slots_for(percent: int) -> int:
    """Return into how many parts the holdings fall where a run takes *percent* (1–100) of them; never fewer than it asks."""
    if not 1 <= percent <= 100:
        raise ValueError(f"share of {percent} percent")
    return math.ceil(100 / percent)


def slot_of(seed: str, record_id: str, slots: int) -> int:
    """Return the part, 0 to *slots* − 1, that a record falls into."""
    if slots == 1:
        return 0
    return int.from_bytes(hashlib.sha256(f"{seed}\n{record_id}".encode()).digest()[:8]) % slots


def period_of(day: date, every: str) -> str:
    """Return the period that *day* lies in: 2026-W09, 2026-03, 2026-Q1 or 2026."""
    if every == Every.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if every == Every.MONTH:
        return f"{day.year}-{day.month:02d}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if every == Every.QUARTER else f"{day.year}"


def next_start(day: date, every: str) -> date:
    """Return the first day of the period after the one that *day* lies in."""
    if every == Every.WEEK:
        return day - timedelta(days=day.weekday()) + timedelta(days=7)
    months = {Every.MONTH: 1, Every.QUARTER: 3}.get(Every(every), 12)
    first = (day.month - 1) // months * months + months
    return date(day.year + first // 12, first % 12 + 1, 1)


def change_of(before: tuple[str, str] | None, now: tuple[str, str]) -> Change:
    """Return how a result (conclusion, codes of what failed) differs from the last of the same record, None where there was none.

    A problem is a conclusion of fail or error; what waits for a person's judgement is none, but is told where it is another.
    """
    is_bad = now[0] in _BAD
    if before is None:
        return Change.NEW if is_bad else Change.FIRST
    if (before[0] in _BAD) is not is_bad:
        return Change.NEW if is_bad else Change.MENDED
    return Change.SAME if before == now or {before[0], now[0]} <= {"pass", "trial"} else Change.OTHER
