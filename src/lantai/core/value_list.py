"""Lists of values 代码表 of the agency's own: what one may hold, and how a version follows the one before. Retire, never delete."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 500
LONGEST = 60
_CODE = re.compile("[a-z][a-z0-9_]{1,31}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as records have it, what it means (may be empty), and whether it can be chosen no more."""

    value: str
    meaning: str = ""
    is_retired: bool = False


def read(text: str) -> tuple[tuple[str, str], ...]:
    """Read values, one a line; what it means behind ``｜`` or ``|``."""
    rows = [line.replace("｜", "|").partition("|") for line in text.splitlines() if line.strip()]
    return tuple((value.strip(), meaning.strip()) for value, _, meaning in rows)


def as_text(entries: Sequence[Entry]) -> str:
    """Write the values that can be chosen as :func:`read` reads them."""
    return "\n".join(f"{entry.value}｜{entry.meaning}" if entry.meaning else entry.value for entry in entries if not entry.is_retired)


def follow(before: Sequence[Entry], values: Sequence[tuple[str, str]]) -> tuple[Entry, ...]:
    """Return the entries of the next version: these values, then what was there before and is left out, retired."""
    fresh = {value for value, _ in values}
    gone = [Entry(entry.value, entry.meaning, is_retired=True) for entry in before if entry.value not in fresh]
    return (*(Entry(*pair) for pair in values), *gone)


def problem(code: str, name: str, values: Sequence[tuple[str, str]]) -> str:
    """Say in Chinese why a list cannot be, empty where it can."""
    if not _CODE.fullmatch(code):
        return "代码只能用小写字母、数字和下划线，以字母开头，不超过 32 个字符"
    if not name or len(name) > LONGEST or not name.isprintable():
        return f"没有写名称，或名称超过 {LONGEST} 字、含控制字符"
    if not values or len(values) > MOST:
        return f"须有 1 至 {MOST} 个值，一行一个"
    if len({value for value, _ in values}) != len(values):
        return "同一个值列了两次"
    if wrong := next((pair for pair in values if not _is_fit(pair)), None):
        return f"“{wrong[0][:20]}”这一行的值是空的、太长，或含控制字符"
    return ""


def _is_fit(pair: tuple[str, str]) -> bool:
    value, meaning = pair
    return bool(value) and len(value) <= LONGEST and len(meaning) <= LONGEST and value.isprintable() and meaning.isprintable()
