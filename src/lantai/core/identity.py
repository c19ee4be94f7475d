"""What makes two records look like the same one: keys for comparison, never shown and never stored as a description.

Two records are alike where their document numbers say the same, or where title, date and author all do (DA/T 70-2018, 1-8);
how they are written makes no difference: width, brackets, spaces, labels before the number, forms of the date.
"""

import hashlib
import re

from lantai.core.officialdoc import civil_date, document_number
from lantai.core.text import normalise

KEY_CHARACTERS = 64
#: What a filter looks in, at most: it stands in an index, whose rows PostgreSQL wants shorter than 2,704 bytes.
SOUGHT_CHARACTERS = 500
_USUAL = re.compile("(?P<maker>.+)〔(?P<year>[0-9]{4})〕(?P<count>[0-9]{1,6})号")
_DIGITS = re.compile("[0-9]+")
_HAS_COUNT = re.compile("[0-9〇一二三四五六七八九十百]")


def number_key(raw: str) -> str:
    """Return the key of a document number, at most 64 characters; empty for what has no count in it (无, /, 公告).

    Keys sort as people count: by year, then who numbered it, then the number itself, 9号 before 10号.
    """
    if not raw or not _HAS_COUNT.search(tidy := document_number(raw)):
        return ""
    usual = _USUAL.fullmatch(tidy)
    key = f"{usual['year']}{normalise(usual['maker'])} {usual['count']:0>6}" if usual else _DIGITS.sub(_padded, normalise(tidy))
    return key if len(key) <= KEY_CHARACTERS else hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _padded(digits: re.Match[str]) -> str:
    return digits.group().zfill(6)


def identity_key(title: str, date: str, author: str) -> str:
    """Return the key of title, date and author together, 32 characters; empty without a title or a date that can be read.

    Titles come back every year, so that equal titles alone mean nothing.
    """
    day = civil_date(date)[0] if title and date else ""
    if not day:
        return ""
    text = "\n".join((normalise(title), day, normalise(author)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def sought_text(title: str, number: str, author: str) -> str:
    """Return what a list is filtered by: title, document number and author, normalised, one a line.

    A word of a filter never runs over two of them. Of a very long title the beginning counts: 500 characters for all three together.
    """
    others = [normalise(number)[:200], normalise(author)[:200]]
    return "\n".join((normalise(title)[: SOUGHT_CHARACTERS - sum(map(len, others)) - 2], *others))
