"""Names by day: how they are given, which one holds on a day; shared by the verbs of departments and of the fonds."""

from datetime import date, timedelta

from lantai.core.errors import Refusal
from lantai.formats.content import clean

LONGEST = 60
DAY = 8


def name(given: str, code: str) -> str:
    """Return a name as it is kept. Raises Refusal *code* for none, one too long, or one with characters that cannot be seen."""
    text = given.strip()
    if not text or len(text) > LONGEST or clean(text) != text:
        raise Refusal(code, parts="名称（最多 60 字，不含控制字符）")
    return text


def day(given: str) -> str:
    """Return a day as YYYYMMDD, however its parts are kept apart; empty for none. Raises Refusal ELEMENT-DATE-WRONG."""
    digits = given.strip().replace("-", "")
    if not digits:
        return ""
    try:
        if len(digits) != DAY:
            raise ValueError
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).strftime("%Y%m%d")
    except ValueError:
        raise Refusal("ELEMENT-DATE-WRONG", given) from None


def before(given: str) -> str:
    """Return the day before a day, both YYYYMMDD."""
    return (date(int(given[:4]), int(given[4:6]), int(given[6:])) - timedelta(days=1)).strftime("%Y%m%d")


def holds(since: str, to: str, given: str) -> bool:
    """Tell whether a name holds on a day, which may be a year or month alone (then its last day counts); now where none is given."""
    if not given:
        return not to
    last = given.ljust(DAY, "9")
    return since <= last and (not to or to >= last)
