"""The order in which lines are read: rows from the top, columns of running text one after the other, upright columns from the right."""

from collections.abc import Sequence
from statistics import median

from lantai.ports.recogniser import Box, ReadLine

_COLUMN_ROWS = 6
_WIDE = 0.28


def in_order(lines: Sequence[ReadLine], width: float) -> tuple[ReadLine, ...]:
    """Return *lines* of a page *width* pixels wide in reading order."""
    upright = [line for line in lines if line.is_vertical]
    if len(upright) * 2 > len(lines):
        flat = [line for line in lines if not line.is_vertical]
        return (*_by_rows(flat, width), *sorted(upright, key=lambda line: (-_band(line.box, upright), line.box[1])))
    return tuple(_by_rows(lines, width))


def _band(box: Box, upright: Sequence[ReadLine]) -> float:
    """Return the column that a box stands in, so that two parts of one column are read one after the other."""
    size = median(line.box[2] - line.box[0] for line in upright)
    return round((box[0] + box[2]) / 2 / max(size, 1.0))


def _by_rows(lines: Sequence[ReadLine], width: float) -> list[ReadLine]:
    gutter = _gutter(lines, width)
    if gutter is None:
        return [line for row in rows(lines) for line in row]
    parts: list[ReadLine] = []
    waiting: list[ReadLine] = []
    for row in rows(lines):
        if any(line.box[0] < gutter < line.box[2] for line in row):
            parts += _columns(waiting, gutter)
            waiting = []
            parts += row
        else:
            waiting += row
    return parts + _columns(waiting, gutter)


def _columns(lines: Sequence[ReadLine], gutter: float) -> list[ReadLine]:
    return [line for is_right in (False, True) for line in lines if (line.box[0] >= gutter) is is_right]


def rows(lines: Sequence[ReadLine]) -> list[list[ReadLine]]:
    """Return the lines of each height together, from the left; heights from the top."""
    found: list[list[ReadLine]] = []
    for line in sorted(lines, key=lambda item: item.box[1] + item.box[3]):
        if found and any(_is_beside(other.box, line.box) for other in found[-1]):
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(row, key=lambda item: item.box[0]) for row in found]


def _is_beside(one: Box, other: Box) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    across = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.5 * min(one[3] - one[1], other[3] - other[1]) and across < 0.5 * min(one[2] - one[0], other[2] - other[0])


def _gutter(lines: Sequence[ReadLine], width: float) -> float | None:
    """Return where running text is parted into two columns, None where it is not: tables have narrow cells, and are read across."""
    pairs = [row for row in rows(lines) if len(row) == 2 and all(line.box[2] - line.box[0] > _WIDE * width for line in row)]
    if len(pairs) < _COLUMN_ROWS:
        return None
    left, right = max(row[0].box[2] for row in pairs), min(row[1].box[0] for row in pairs)
    return (left + right) / 2 if right - left > 0.005 * width else None
