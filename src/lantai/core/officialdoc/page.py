"""Pages of any format as this room reads them: rows of text from the top to the bottom, with boxes where the format has places."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from lantai.core.officialdoc.fields import plain
from lantai.core.officialdoc.pattern import pattern

#: x0, y0, x1, y1 in points from the top left of the page.
Box = tuple[float, float, float, float]
_GAP = pattern("\\s{2,}|[\u3000\t]+")
_WIDE = "\u3000\u3000"
_COLUMN = 0.3
_COLUMN_ROWS = 6


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in points (0 where there is none), its lines with boxes, or its text alone where there are no boxes."""

    width: float = 0.0
    height: float = 0.0
    lines: tuple[tuple[str, Box], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side on one height of the page; ``boxes`` is empty where the format has no places.

    ``size`` is the height of the tallest box and ``span`` the left and right edge, in points, all 0 where there is none.
    """

    text: str
    boxes: tuple[Box, ...] = ()
    size: float = 0.0
    span: tuple[float, float] = (0.0, 0.0)

    @property
    def pieces(self) -> list[str]:
        """The parts of the row that wide spaces keep apart."""
        return [part for part in _GAP.split(self.text.strip()) if part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page made ready: its rows, the text they make, where each row begins in it, and what size its running text has."""

    page: Page
    rows: tuple[Row, ...]
    text: str
    starts: tuple[int, ...]

    def row_at(self, offset: int) -> int:
        """Return the index of the row that holds the character at *offset* of the text."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def size(self) -> float:
        """Return the usual height of a row in points, 0 where there are no boxes."""
        return median_low([row.size for row in self.rows]) if self.rows else 0.0

    def depth(self, row: int) -> float:
        """Return how far down the page a row stands, 0 at the top, 1 at the bottom; -1 where the page has no places."""
        boxes = self.rows[row].boxes
        return boxes[0][1] / self.page.height if boxes and self.page.height > 0 else -1.0


def sheet(page: Page) -> Sheet:
    """Make a page ready: lines in the order of reading, those of one height as one row."""
    rows = tuple(_rows(page)) if page.lines else tuple(Row(line) for line in plain(page.text).splitlines())
    starts, at = [], 0
    for row in rows:
        starts.append(at)
        at += len(row.text) + 1
    return Sheet(page, rows, "\n".join([row.text for row in rows]), tuple(starts))


def _rows(page: Page) -> list[Row]:
    lines = [(plain(text).replace("\n", " "), box) for text, box in page.lines if text.strip()]
    bands: list[list[tuple[str, Box]]] = []
    for line in sorted(lines, key=lambda item: item[1][1] + item[1][3]):
        if bands and _is_beside(bands[-1][-1][1], line[1]):
            bands[-1].append(line)
        else:
            bands.append([line])
    if _is_in_columns(bands, page.width):
        bands = [[line] for line in lines]
    return [_row(band) for band in bands]


def _is_beside(one: Box, other: Box) -> bool:
    """Tell whether two boxes stand on one height: their middles are closer than a third of the lower one, and they do not overlap."""
    apart = abs(one[1] + one[3] - other[1] - other[3]) / 2
    return apart < min(one[3] - one[1], other[3] - other[1]) / 3


def _is_in_columns(bands: Sequence[Sequence[tuple[str, Box]]], width: float) -> bool:
    """Tell whether the page is set in columns, whose lines must not be read across."""
    wide = sum(1 for band in bands if len(band) > 1 and all(box[2] - box[0] > _COLUMN * width for _, box in band))
    return width > 0 and wide >= _COLUMN_ROWS and wide * 2 > len(bands)


def _row(band: list[tuple[str, Box]]) -> Row:
    if len(band) == 1:
        text, box = band[0]
        return Row(text, (box,), box[3] - box[1], (box[0], box[2]))
    band.sort(key=lambda item: item[1][0])
    text = band[0][0]
    for (_, before), (piece, box) in pairwise(band):
        gap, size = box[0] - before[2], box[3] - box[1]
        text += (_WIDE if gap > size else " " if gap > size / 3 else "") + piece
    boxes = tuple(box for _, box in band)
    size = max(box[3] - box[1] for box in boxes)
    return Row(text, boxes, size, (boxes[0][0], max(box[2] for box in boxes)))
