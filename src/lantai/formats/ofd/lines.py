"""Runs put together into lines in reading order: rows from top to bottom, pieces of a row from left to right.

Text written downwards (ReadDirection 90, or steps along y) makes lines of its own, columns from right to left. The same text
drawn twice at one spot (a way to fake bold type) counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lantai.formats.content import clean
from lantai.formats.ofd.geometry import POINTS, Box
from lantai.formats.ofd.text import Run
from lantai.ports.reader import Line

PIECES_APART = "   "
_SAME_ROW = 0.5
_PIECE_GAP = 1.5
_WORD_GAP = 0.25
_HAN_GAP = 0.6
_ROW_JUMP = 0.6
_BACK_JUMP = 1.0
_SMALLEST = 0.5
_HAN = ("\u2e80", "\ufaff")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that stand together on one row: text, left end and right end on the base line, its height, and its box."""

    text: str
    x: float
    end: float
    y: float
    height: float
    box: Box
    is_vertical: bool = False


def lines(runs: Iterable[Run], sheet: Box) -> tuple[str, tuple[Line, ...]]:
    """Return the text of the page and its lines, boxes in points from the top left of *sheet*; a gap in a row parts two lines.

    In the text the lines of a row follow each other after three spaces.
    """
    pieces = [piece for run in _once(runs) for piece in _pieces(run)]
    rows = _in_reading_order(_rows([piece for piece in pieces if not piece.is_vertical]), [p for p in pieces if p.is_vertical])
    joined = [[_join(group) for group in row] for row in rows]
    text = "\n".join(PIECES_APART.join(piece.text for piece in row) for row in joined)
    return text, tuple(_line(piece, sheet) for row in joined for piece in row)


def _once(runs: Iterable[Run]) -> Iterable[Run]:
    seen: set[tuple[str, int, int]] = set()
    for run in runs:
        key = (run.text, round(run.xs[0] * 4), round(run.ys[0] * 4))
        if key not in seen and run.text.strip():
            seen.add(key)
            yield run


def _pieces(run: Run) -> list[Piece]:
    """Cut a run where it jumps: to another row, back, or over a gap as between columns."""
    if _is_vertical(run):
        return [_piece(run, 0, len(run.text), is_vertical=True)]
    a = abs(run.matrix[0]) or 1.0
    height, cuts = max(run.height, _SMALLEST), [0]
    for index in range(1, len(run.text)):
        step, drop = run.xs[index] - run.xs[index - 1], abs(run.ys[index] - run.ys[index - 1])
        gap = step - run.widths[index - 1] * a
        if drop > _ROW_JUMP * height or step < -_BACK_JUMP * height or gap > _PIECE_GAP * height:
            cuts.append(index)
    cuts.append(len(run.text))
    pieces = [_piece(run, start, end, is_vertical=False) for start, end in pairwise(cuts)]
    return [piece for piece in pieces if piece.text.strip()]


def _is_vertical(run: Run) -> bool:
    """Tell whether the characters go down the page: most of the way from the first to the last is along y."""
    if len(run.text) < 2:
        return False
    across, down = abs(run.xs[-1] - run.xs[0]), abs(run.ys[-1] - run.ys[0])
    return down > 2 * across and down >= 0.5 * run.height * (len(run.text) - 1)


def _piece(run: Run, start: int, end: int, *, is_vertical: bool) -> Piece:
    part = run if end - start == len(run.text) else _cut(run, start, end)
    box = part.box
    return Piece(_plain(part.text), box.x, box.x + box.width, part.ys[0], max(run.height, _SMALLEST), box, is_vertical)


def _cut(run: Run, start: int, end: int) -> Run:
    spots = run.xs[start:end], run.ys[start:end], run.widths[start:end]
    return Run(run.text[start:end], *spots, run.size, run.matrix, run.origin, run.is_visible, run.object_id, run.read_direction)


def _plain(text: str) -> str:
    return clean(text.replace("\r", " ").replace("\n", " ").replace("\t", " "))


def _rows(pieces: list[Piece]) -> list[list[list[Piece]]]:
    """Return rows of groups: pieces whose base lines are level make a row, those near each other in it a group."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda item: (item.y, item.x)):
        if rows and _is_level(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_groups(sorted(row, key=lambda item: item.x)) for row in rows]


def _is_level(anchor: Piece, piece: Piece) -> bool:
    return abs(piece.y - anchor.y) <= _SAME_ROW * min(piece.height, anchor.height)


def _groups(row: list[Piece]) -> list[list[Piece]]:
    groups = [[row[0]]]
    for before, piece in pairwise(row):
        if piece.x - before.end > _PIECE_GAP * min(before.height, piece.height):
            groups.append([piece])
        else:
            groups[-1].append(piece)
    return groups


def _in_reading_order(rows: list[list[list[Piece]]], vertical: list[Piece]) -> list[list[list[Piece]]]:
    """Put columns of downward text, from right to left where they stand side by side, among the rows by their tops."""
    bands: list[list[Piece]] = []
    for piece in sorted(vertical, key=lambda item: item.box.y):
        if bands and piece.box.y < bands[-1][0].box.y + bands[-1][0].box.height:
            bands[-1].append(piece)
        else:
            bands.append([piece])
    columns = [[[piece]] for band in bands for piece in sorted(band, key=lambda item: -item.box.x)]
    tops = [min(piece.box.y for piece in band) for band in bands for _ in band]
    keyed = [(min(piece.box.y for group in row for piece in group), 1, row) for row in rows]
    keyed += [(top, 0, column) for top, column in zip(tops, columns, strict=True)]
    return [row for _, _, row in sorted(keyed, key=lambda item: item[:2])]


def _join(group: Sequence[Piece]) -> Piece:
    """Join pieces into one, with a space where the gap asks for it."""
    text = group[0].text
    for before, piece in pairwise(group):
        gap = piece.x - before.end
        is_han = _is_han(text[-1:]) and _is_han(piece.text[:1])
        is_apart = gap > (_HAN_GAP if is_han else _WORD_GAP) * min(before.height, piece.height)
        text += (" " if is_apart and not text.endswith(" ") and not piece.text.startswith(" ") else "") + piece.text
    box = _around([piece.box for piece in group])
    return Piece(text, box.x, box.x + box.width, group[0].y, group[0].height, box, group[0].is_vertical)


def _is_han(text: str) -> bool:
    return _HAN[0] <= text <= _HAN[1]


def _around(boxes: list[Box]) -> Box:
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(x, y, max(box.x + box.width for box in boxes) - x, max(box.y + box.height for box in boxes) - y)


def _line(piece: Piece, sheet: Box) -> Line:
    left, top = (piece.box.x - sheet.x) * POINTS, (piece.box.y - sheet.y) * POINTS
    right, bottom = left + piece.box.width * POINTS, top + piece.box.height * POINTS
    return Line(piece.text.strip(), (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1)))
