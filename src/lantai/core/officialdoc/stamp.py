"""The archival stamp 归档章 (DA/T 22-2015): six boxes in two rows at the head of the first page, read out of lines with places.

Above stand fonds 全宗号, year 年度 and item number 件号, below them department 机构（问题）, period 保管期限 and pages 页数. The labels
may be printed in the boxes or not; what is certain is that a period stands below a year, and every other value is told by its box.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lantai.core.officialdoc.page import Box, Page
from lantai.core.officialdoc.pattern import pattern

#: The boxes by what they hold, with their names, in the order of the stamp.
STAMP: Final[dict[str, str]] = {
    "fonds_code": "全宗号",
    "year": "年度",
    "agency_item_number": "件号",
    "organizational_structure_or_function": "机构（问题）",
    "retention_period": "保管期限",
    "total_number_of_pages": "页数",
}
_LABELS = pattern("全宗(?:号|代码)|年\\s*度|(?:室编|馆编)?件\\s*号|机构(?:[(（]?问题[)）]?)?|保管期限|期限|页\\s*数|[(（]问题[)）]")
_PERIODS = {"永久": "永久", "长期": "长期", "短期": "短期", "Y": "永久", "D30": "30年", "D10": "10年"}
_YEARS = pattern("(?:定期)?(10|30)年?")
_FORMS: dict[str, re.Pattern[str]] = {
    "fonds_code": pattern("[A-Z]{0,2}[0-9]{1,5}(?:-[0-9]{1,4})?"),
    "year": pattern("(?:19|20)[0-9]{2}"),
    "agency_item_number": pattern("[0-9]{1,5}"),
    "organizational_structure_or_function": pattern("[\u4e00-\u9fffA-Z]{2,20}"),
    "total_number_of_pages": pattern("[0-9]{1,4}"),
}
_ABOVE, _BELOW = ("fonds_code", "year", "agency_item_number"), (
    "organizational_structure_or_function", "retention_period", "total_number_of_pages",
)  # fmt: skip
_HEAD = 0.32
_RULES = pattern("[|｜│┃]+")
_ALL, _SOME, _FEW = 0.96, 0.88, 0.75


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one box of the stamp: the field, its value, where, and how sure the stamp as a whole makes it (0 to 1)."""

    name: str
    value: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp as it was read: its cells, and the lines of the page that are no part of the document itself."""

    cells: tuple[Cell, ...]
    lines: frozenset[int]

    def get(self, name: str) -> Cell | None:
        """Return the cell of that field, None where it was empty or could not be read."""
        return next((cell for cell in self.cells if cell.name == name), None)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a line: the line's index, its text without labels and white space, where it stands."""

    line: int
    text: str
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def high(self) -> float:
        return self.box[3] - self.box[1]


def stamp(page: Page) -> Stamp | None:
    """Return the archival stamp at the head of *page*; None where there is none, or the page has no places."""
    pieces = [piece for piece in _pieces(page) if piece.middle[1] < _HEAD * page.height]
    periods = [piece for piece in pieces if _period(piece.text)]
    years = [piece for piece in pieces if _FORMS["year"].fullmatch(piece.text)]
    pairs = [(year, period) for period in periods for year in years if _is_below(period, year)]
    best: Stamp | None = None
    for year, period in pairs:
        found = _read(pieces, year, period)
        if found is not None and (best is None or len(found.cells) > len(best.cells)):
            best = found
    return best


def without(page: Page, found: Stamp | None) -> Page:
    """Return the page without the lines of its stamp."""
    if found is None:
        return page
    lines = tuple(line for at, line in enumerate(page.lines) if at not in found.lines)
    return Page(page.width, page.height, lines, "\n".join(text for text, _ in lines))


def _pieces(page: Page) -> Iterator[_Piece]:
    """Yield the parts of lines that rules of the stamp keep apart, each at its share of the line's width."""
    for at, (text, box) in enumerate(page.lines):
        flat = unicodedata.normalize("NFKC", text)
        start = 0
        for part in _RULES.split(flat):
            begin = flat.index(part, start) if part else start
            start = begin + len(part)
            wide = (box[2] - box[0]) / max(1, len(flat))
            said = "".join(_LABELS.sub("", part).split()).strip(":：")
            yield _Piece(at, said, (box[0] + begin * wide, box[1], box[0] + start * wide, box[3]))


def _period(text: str) -> str:
    match = _YEARS.fullmatch(text)
    return f"{match[1]}年" if match else _PERIODS.get(text, "")


def _is_below(piece: _Piece, other: _Piece) -> bool:
    """Tell whether a piece stands in the box under another: about as far left, one or two lines further down."""
    high = max(piece.high, other.high)
    (x, y), (above_x, above_y) = piece.middle, other.middle
    return abs(x - above_x) < 2.5 * high and 0.6 * high < y - above_y < 4.5 * high


def _read(pieces: Sequence[_Piece], year: _Piece, period: _Piece) -> Stamp | None:
    """Read the six boxes around a year and the period below it; None where too little of a stamp is there."""
    high = max(year.high, period.high)
    cells = {"year": (year, year.text), "retention_period": (period, _period(period.text))}
    for names, anchor in ((_ABOVE, year), (_BELOW, period)):
        row = [piece for piece in pieces if abs(piece.middle[1] - anchor.middle[1]) < 0.8 * high and piece is not anchor]
        left = [piece for piece in row if 0 < anchor.middle[0] - piece.middle[0] < 12 * high]
        right = [piece for piece in row if 0 < piece.middle[0] - anchor.middle[0] < 12 * high]
        for name, beside in ((names[0], left), (names[2], right)):
            fit = [piece for piece in beside if _FORMS[name].fullmatch(piece.text)]
            if fit:
                nearest = min(fit, key=lambda piece: abs(piece.middle[0] - anchor.middle[0]))
                cells[name] = (
                    nearest,
                    nearest.text.lstrip("0") or "0" if name in ("agency_item_number", "total_number_of_pages") else nearest.text,
                )
    if len(cells) < 4:
        return None
    sure = {6: _ALL, 5: _SOME}.get(len(cells), _FEW)
    made = tuple(Cell(name, value, cells[name][0].box, sure) for name in STAMP if name in cells for value in (cells[name][1],))
    return Stamp(made, frozenset(_lines(pieces, [piece for piece, _ in cells.values()])))


def _lines(pieces: Sequence[_Piece], used: Sequence[_Piece]) -> Iterator[int]:
    """Yield the lines that lie within the stamp: those of its values, and labels between them."""
    yield from (piece.line for piece in used)
    x0, y0 = min(piece.box[0] for piece in used), min(piece.box[1] for piece in used)
    x1, y1 = max(piece.box[2] for piece in used), max(piece.box[3] for piece in used)
    more = max(piece.high for piece in used)
    for piece in pieces:
        x, y = piece.middle
        if not piece.text and x0 - more < x < x1 + more and y0 - 2 * more < y < y1 + more:
            yield piece.line
