"""The stamp of receipt 收文章 that an office presses over the head of what it receives: who, under which number, on which day.

Its rows stand beside or across the head of the letter, and its number and day are not the letter's. Where it is told, its lines are left
out before the elements are read.
"""

from dataclasses import replace

from lantai.core.officialdoc.page import Box, Page
from lantai.core.officialdoc.pattern import pattern

_FIRST_ROW = "[\u4e00-\u9fff\\s]{0,20}(?:收\\s*文|收\\s*件|收\\s*讫|签\\s*收)\\s*(?:专用章|登记章|登记|章)?"
_HEAD = pattern(_FIRST_ROW)
#: Where the stamp stands close behind the letter's number, its first row is read along with that.
_BEHIND = pattern(f"(.{{0,24}}[0-9]{{1,5}}\\s*号)[\\s|]*({_FIRST_ROW})")
_ROW = pattern(
    "[第字编号年月日0-9./\\s—－-]{1,16}|第.{0,8}号|[\u4e00-\u9fff]{0,4}字第?\\s*[0-9]{1,6}\\s*号?"
    "|(?:收文)?(?:日期)?[:：]?\\s*[0-9]{2,4}\\s*[年.\\-/]\\s*[0-9]{1,2}\\s*[月.\\-/]\\s*[0-9]{1,2}\\s*日?"
)
_PIECE = 2
_HIGHEST, _WIDEST, _BESIDE, _ROWS = 0.55, 0.35, 0.2, 3.4


def without_receipt(page: Page) -> Page:
    """Return *page* without the lines of a stamp of receipt, the same page where it bears none that can be told."""
    page = _parted(page)
    heads = [box for text, box in page.lines if _HEAD.fullmatch(text) and _is_stamp_like(box, page)]
    for head in heads:
        rows = [line for line in page.lines if _is_row(line[0].strip()) and _is_under(line[1], head) and not _goes_on(line[1], head, page)]
        if rows:
            gone = [head, *(box for _, box in rows)]
            return replace(page, lines=tuple(line for line in page.lines if line[1] not in gone))
    return page


def _is_row(text: str) -> bool:
    """Tell whether *text* is a row of a stamp, or a piece of one: its ink is thin, and a letter or two may be all that is read."""
    return _ROW.fullmatch(text) is not None or len(text) <= _PIECE


def _parted(page: Page) -> Page:
    """Return the page with the first row of a stamp as a line of its own where it was read along with the number before it."""
    lines = []
    for text, box in page.lines:
        match = _BEHIND.fullmatch(text)
        if match is None:
            lines.append((text, box))
            continue
        cut = box[0] + (box[2] - box[0]) * match.end(1) / len(text)
        lines += [(match[1], (box[0], box[1], cut, box[3])), (match[2], (cut, box[1], box[2], box[3]))]
    return replace(page, lines=tuple(lines)) if len(lines) > len(page.lines) else page


def _is_stamp_like(box: Box, page: Page) -> bool:
    return page.width > 0 and box[2] - box[0] < _WIDEST * page.width and box[1] < _HIGHEST * page.height


def _goes_on(box: Box, head: Box, page: Page) -> bool:
    """Tell whether a line of the letter, which begins left of the stamp, goes on with this piece: it ends where that begins."""
    high = box[3] - box[1]
    return any(
        other[0] < head[0] - high and abs(box[0] - other[2]) < high and min(box[3], other[3]) - max(box[1], other[1]) > high / 2
        for _, other in page.lines
    )


def _is_under(box: Box, head: Box) -> bool:
    """Tell whether a line stands within the width of the stamp's first row, one to three rows below it."""
    wide, high = head[2] - head[0], head[3] - head[1]
    is_within = head[0] - _BESIDE * wide < box[0] and box[2] < head[2] + _BESIDE * wide
    return is_within and 0.3 * high < box[1] - head[1] < _ROWS * high
