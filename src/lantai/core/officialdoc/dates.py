"""Civil dates as documents write them, brought to YYYY, YYYYMM or YYYYMMDD; nothing is repaired."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from lantai.core.findings import Finding, finding
from lantai.core.officialdoc.pattern import pattern

_DIGITS = {character: str(value) for value, character in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "◯": "0", "Ｏ": "0"}
_CHINESE = "[〇零○◯一二三四五六七八九十]"
#: A full date in running text, in either kind of numerals; groups year, month, day.
DATE = pattern(
    "((?:(?<![0-9])[0-9]{4}|[〇零○◯一二三四五六七八九]{4}))\\s*年\\s*"
    f"([0-9]{{1,2}}|{_CHINESE}{{1,3}})\\s*月\\s*([0-9]{{1,2}}|{_CHINESE}{{1,3}})\\s*日"
)
_YEAR = "([0-9]{4}|[〇零一二三四五六七八九]{4})"
_PART = "([0-9]{1,2}|[〇零一二三四五六七八九十]{1,3})"
_LABEL = pattern("^[\u4e00-\u9fff]{2,6}\\s*:\\s*")
_CLOCK = "(?:[T ]?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_FORMS = (
    pattern(f"{_YEAR}(?:-|/|\\.|年){_PART}(?:-|/|\\.|月){_PART}日?{_CLOCK}"),
    pattern("([0-9]{4})([0-9]{2})([0-9]{2})"),
    pattern(f"{_YEAR}(?:-|/|\\.|年){_PART}月?"),
    pattern("([0-9]{4})([0-9]{2})"),
    pattern(f"{_YEAR}年?"),
)


@lru_cache(maxsize=4096)
def civil_date(raw: str, *, earliest_year: int = 1949, today: str = "") -> tuple[str, tuple[Finding, ...]]:
    """Return *raw* as YYYY, YYYYMM or YYYYMMDD with what is remarkable about it; empty text where it cannot be read.

    Findings: DATE-UNREADABLE, DATE-IMPOSSIBLE (not in the calendar; the text stays empty), DATE-EARLY (before
    *earliest_year*) and DATE-FUTURE (after *today*, YYYYMMDD; not asked where empty), both kept as written.
    """
    if not raw.strip():
        return "", ()
    parts = _parts(raw)
    if parts is None:
        return "", (finding("DATE-UNREADABLE", raw),)
    if not is_possible(*parts):
        return "", (finding("DATE-IMPOSSIBLE", raw),)
    text = "".join(f"{part:0{width}d}" for part, width in zip(parts, (4, 2, 2), strict=False) if part is not None)
    return text, _doubts(text, earliest_year, today)


def _parts(raw: str) -> tuple[int, int | None, int | None] | None:
    text = _LABEL.sub("", unicodedata.normalize("NFKC", raw).strip().replace("○", "〇").replace("◯", "〇"))
    for form in _FORMS:
        for candidate in (text, re.sub(r"\s", "", text)):
            if match := form.fullmatch(candidate):
                numbers = [number(part) for part in match.groups()]
                return numbers[0], numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None
    return None


def number(text: str) -> int:
    """Return the value of a year, month or day in Arabic or Chinese numerals (二〇二四, 十二, 三十一); 0 where it has none."""
    if "十" not in text:
        digits = "".join(_DIGITS.get(character, character) for character in text)
        return int(digits) if digits.isdecimal() else 0
    tens, _, units = text.partition("十")
    values = [int(_DIGITS.get(part, "0")) if part else default for part, default in ((tens, 1), (units, 0))]
    return values[0] * 10 + values[1]


def is_possible(year: int, month: int | None, day: int | None) -> bool:
    """Tell whether the calendar has this year, month or day (Gregorian)."""
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return False
    return True


def _doubts(text: str, earliest_year: int, today: str) -> tuple[Finding, ...]:
    doubts = [finding("DATE-EARLY", text, earliest=earliest_year)] if int(text[:4]) < earliest_year else []
    if today and text > today[: len(text)]:
        doubts.append(finding("DATE-FUTURE", text, today=today))
    return tuple(doubts)
