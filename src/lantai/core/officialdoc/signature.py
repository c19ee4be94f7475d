"""The end of an official document: attachment note, signature and date (GB/T 9704-2012, 7.3.4 to 7.3.6)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lantai.core.officialdoc.dates import DATE, civil_date
from lantai.core.officialdoc.head import Head, neat
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.titles import author_in, is_organisation
from lantai.core.officialdoc.words import Words

NOTE = pattern("^[ \\t\u3000\u00a0]*附[ \\t\u3000\u00a0]*件[ \\t\u3000\u00a0]*[:：]", re.MULTILINE)
_ITEM = pattern("(?:[(（]?[0-9]{1,2}[)）.．、]|[一二三四五六七八九十]{1,2}[、.．])")
_REMARK = pattern("[(（].*[)）]")
_AFTER_NOTE = pattern("[(（]|抄送|主动公开|联系人|印发")
_RUN = pattern("。([\u4e00-\u9fff、（）]{4,60})$")
_CLOSES = pattern("\\s*(?:$|[（(](?:此件|公开|印章)|附件|抄送|主动公开)")
_WIDE_SPACE = pattern("\\s{2,}|[\u3000\t]+")
_SIGNERS = 6
_NOTE_LINES = 30


@dataclass(frozen=True, slots=True)
class Signature:
    """Date (YYYYMMDD) and author of the signature, and where its first line begins: page index and offset, -1 where there is none.

    ``date_offset`` and ``date_stop`` are where the date itself begins and ends on that page; it may run over two lines.
    """

    date: str = ""
    author: str = ""
    page: int = -1
    offset: int = -1
    date_offset: int = -1
    date_stop: int = -1


def signature(pages: Sequence[str], head: Head, words: Words) -> Signature:
    """Find the first date after the head that closes a document: alone on its line or beside the signing organ."""
    for page, match, line_start in _closing_dates(pages):
        date = civil_date(match[0])[0]
        if not date:
            continue
        above = neat(pages[page][line_start : match.start()])
        signers, begin = _beside(above, head, words) if above else _signers(pages[page], line_start, words)
        is_last = bool(signers) and not above and not pages[page][match.end() :].strip()
        if (above and not signers) or (not is_last and _is_of_head(pages, page, match.start(), head)):
            continue
        begin = line_start if begin < 0 else begin
        return Signature(date, "；".join(signers), page, begin, match.start(), match.end())
    return Signature()


def _beside(above: str, head: Head, words: Words) -> tuple[list[str], int]:
    """Return the organ that stands before the date on the same line, alone or at the end of running text."""
    author = author_in(head.title, words)
    if author and above.endswith(author):
        return [author], -1
    run = _RUN.search(above)
    organ = run[1] if run else above
    return ([organ] if is_organisation(organ, words) else []), -1


def _closing_dates(pages: Sequence[str]) -> Iterator[tuple[int, re.Match[str], int]]:
    """Yield page index, match and beginning of the line for every date that ends its line."""
    for page, text in enumerate(pages):
        if "年" not in text:
            continue
        for match in DATE.finditer(text):
            stop = text.find("\n", match.end())
            if _CLOSES.match(text, match.end(), len(text) if stop < 0 else stop):
                yield page, match, text.rfind("\n", 0, match.start()) + 1


def _is_of_head(pages: Sequence[str], page: int, date_start: int, head: Head) -> bool:
    """Tell whether the date stands before the body: above the title, or under it with no sentence between."""
    if page > 0 or not head.title:
        return False
    before = neat(pages[0][:date_start]).replace(" ", "")
    last = head.receiver or head.title
    at = before.find(last.replace(" ", ""))
    return at < 0 or (not head.receiver and "。" not in before[at + len(last) :])


def _signers(text: str, line_start: int, words: Words) -> tuple[list[str], int]:
    """Return the organisations on the lines above the date, and where the first of them begins."""
    signers: list[str] = []
    stop = begin = line_start
    for _ in range(_SIGNERS):
        start = text.rfind("\n", 0, max(stop - 1, 0)) + 1
        line = neat(text[start:stop])
        if line and not _REMARK.fullmatch(line):
            if not is_organisation(line, words):
                break
            signers = [*_side_by_side(text[start:stop], line, words), *signers]
            begin = start
        if start == 0:
            break
        stop = start
    return signers, begin


def _side_by_side(raw: str, line: str, words: Words) -> list[str]:
    """Return the organisations that stand on one line, if wide spaces part them; else the line as one."""
    parts = [neat(part) for part in _WIDE_SPACE.split(raw.strip())]
    return parts if all(len(part) > 3 and is_organisation(part, words) for part in parts) else [line]


def attachments(pages: Sequence[str], signed: Signature) -> tuple[str, ...]:
    """Return the names in the attachment note 附件说明 that stands before the signature, in order and without their numbers."""
    last = signed.page if signed.page >= 0 else min(len(pages), 5) - 1
    for page in range(last, -1, -1):
        text = pages[page][: signed.offset] if page == signed.page else pages[page]
        for match in NOTE.finditer(text):
            items = _items(text[match.end() :].splitlines()[:_NOTE_LINES], is_signed=page == signed.page)
            if items:
                return items
    return ()


def _items(lines: Sequence[str], *, is_signed: bool) -> tuple[str, ...]:
    """Put the items of a note together; without a signature only numbered lines are surely items."""
    items: list[str] = []
    is_numbered = False
    for index, raw in enumerate(lines):
        line = neat(raw)
        if not line and index:
            if items and not is_signed:
                break
            continue
        if items and _AFTER_NOTE.match(line):
            break
        mark = _ITEM.match(line)
        if mark:
            is_numbered = True
            items.append(line[mark.end() :].strip())
        elif line and not items:
            items.append(line)
        elif line and (is_signed or not is_numbered):
            if not is_signed:
                break
            items[-1] += line
    return tuple(item.rstrip("；;。") for item in items if item)
