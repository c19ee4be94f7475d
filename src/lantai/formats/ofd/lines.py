"""Runs put together into lines in reading order: rows from top to bottom, pieces of a row from left to right.

Text written downwards (ReadDirection 90, or steps along y) makes lines of its own, columns from right to left. The same text
drawn twice at one spot (a way to fake bold type) counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from lantai.formats.content import clean
from lantai.formats.ofd.geometry import POINTS, Box
from lantai.formats.ofd.piece import SMALLEST, Piece, around, is_han
from lantai.formats.ofd.stacks import Rows, stacked
from lantai.formats.ofd.text import Run
from lantai.ports.reader import Line

PIECES_APART = "   "
_SAME_ROW = 0.5
_PIECE_GAP = 1.5
_WORD_GAP = 0.25
_HAN_GAP = 0.6
_ROW_JUMP = 0.6
_BACK_JUMP = 1.0


def lines(runs: Iterable[Run], sheet: Box) -> tuple[str, tuple[Line, ...]]:
    """Return the text of the page and its lines, boxes in points from the top left of *sheet*; a gap in a row parts two lines.

    In the text the lines of a row follow each other after three spaces.
    """
    pieces = [piece for run in _once(runs) for piece in _pieces(run)]
    level = stacked(_rows([piece for piece in pieces if not piece.is_vertical]))
    rows = _in_reading_order(level, [piece for piece in pieces if piece.is_vertical])
    joined = [[_join(group) for group in row] for row in rows]
    text = "\n".join(PIECES_APART.join("\n".join(part.text for part in _parts(piece)) for piece in row) for row in joined)
    return text, tuple(_line(part, sheet) for row in joined for piece in row for part in _parts(piece))


def _parts(piece: Piece) -> tuple[Piece, ...]:
    return (piece, *piece.tail)


def _once(runs: Iterable[Run]) -> Iterable[Run]:
    seen: set[tuple[str, int, int]] = set()
    for run in runs:
        key = (run.text, round(run.xs[0] * 4), round(run.ys[0] * 4))
        if key not in seen and run.text.strip():
            seen.add(key)
            yield run


def _pieces(run: Run) -> list[Piece]:
    """Cut a run where it goes on in another row (what follows hangs on as a tail), and over a gap as between columns."""
    if _is_vertical(run):
        return [_piece(run, 0, len(run.text), is_vertical=True)]
    starts = [0, *_breaks(run), len(run.text)]
    rows = [_on_row(run, start, end) for start, end in pairwise(starts)]
    rows = [row for row in rows if row]
    if len(rows) < 2:
        return rows[0] if rows else []
    tail = tuple(piece for row in rows[1:] for piece in row)
    return [*rows[0][:-1], replace(rows[0][-1], tail=tail)]


def _breaks(run: Run) -> list[int]:
    height, ys, xs = max(run.height, SMALLEST), run.ys, run.xs
    drop, back = _ROW_JUMP * height, -_BACK_JUMP * height
    if max(ys) - min(ys) <= drop and list(xs) == sorted(xs):
        return []
    return [at for at in range(1, len(xs)) if abs(ys[at] - ys[at - 1]) > drop or xs[at] - xs[at - 1] < back]


def _on_row(run: Run, start: int, end: int) -> list[Piece]:
    """Cut a row of a run at wide gaps, but not a word spread over its cell (合　计), whose every character stands apart."""
    wide, scale = _PIECE_GAP * max(run.height, SMALLEST), abs(run.matrix[0]) or 1.0
    if not run.xs[end - 1] - run.xs[start] > wide:
        return [piece] if (piece := _piece(run, start, end, is_vertical=False)).text.strip() else []
    steps = zip(pairwise(run.xs[start:end]), run.widths[start:end], strict=False)
    cuts = [at for at, ((x, following), width) in enumerate(steps, start + 1) if following - x - width * scale > wide]
    if len(cuts) == end - start - 1:
        cuts = []
    pieces = [_piece(run, low, high, is_vertical=False) for low, high in pairwise([start, *cuts, end])]
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
    return Piece(_plain(part.text), box.x, box.x + box.width, part.ys[0], max(run.height, SMALLEST), box, is_vertical)


def _cut(run: Run, start: int, end: int) -> Run:
    spots = run.xs[start:end], run.ys[start:end], run.widths[start:end]
    return Run(run.text[start:end], *spots, run.size, run.matrix, run.origin, run.is_visible, run.object_id, run.read_direction)


def _plain(text: str) -> str:
    return clean(text.replace("\r", " ").replace("\n", " ").replace("\t", " "))


def _rows(pieces: list[Piece]) -> Rows:
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


def _in_reading_order(rows: Rows, vertical: list[Piece]) -> Rows:
    """Put columns of downward text, from right to left where they stand side by side, among the rows by their tops."""
    bands: list[list[Piece]] = []
    for piece in sorted(vertical, key=lambda item: item.box.y):
        if bands and piece.box.y < bands[-1][0].box.y + bands[-1][0].box.height:
            bands[-1].append(piece)
        else:
            bands.append([piece])
    columns = [[[piece]] for band in bands for piece in sorted(band, key=lambda item: -item.box.x)]
    tops = [min(piece.y for piece in band) for band in bands for _ in band]
    keyed = [(row[0][0].y, 1, row) for row in rows]
    keyed += [(top, 0, column) for top, column in zip(tops, columns, strict=True)]
    return [row for _, _, row in sorted(keyed, key=lambda item: item[:2])]


def _join(group: Sequence[Piece]) -> Piece:
    """Join pieces into one, with a space where the gap asks for it."""
    text = group[0].text
    for before, piece in pairwise(group):
        gap = piece.x - before.end
        are_han = is_han(text[-1:]) and is_han(piece.text[:1])
        is_apart = gap > (_HAN_GAP if are_han else _WORD_GAP) * min(before.height, piece.height)
        text += (" " if is_apart and not text.endswith(" ") and not piece.text.startswith(" ") else "") + piece.text
    box = around([piece.box for piece in group])
    tail = tuple(part for piece in group for part in piece.tail)
    return Piece(text, box.x, box.x + box.width, group[0].y, group[0].height, box, group[0].is_vertical, tail)


def _line(piece: Piece, sheet: Box) -> Line:
    left, top = (piece.box.x - sheet.x) * POINTS, (piece.box.y - sheet.y) * POINTS
    right, bottom = left + piece.box.width * POINTS, top + piece.box.height * POINTS
    return Line(piece.text.strip(), (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1)))
