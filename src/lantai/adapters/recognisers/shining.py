"""Writing of the back that was read along with the page's own: it is paler, and what is much paler than the rest is left out.

Only whole lines and the ends of lines are judged; nothing is taken out of the middle of a line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from lantai.imaging.opening import Pixels
from lantai.ports.recogniser import Box, Character, ReadLine

_PALE = 0.6
_THIN = frozenset("一丨、丶（）〔〕")
# per cent of the place of a character that its strokes fill at least, and one of a single stroke or half as wide as the others
_STROKES, _STROKE = 6.0, 1.5
_FEW = 3


def without[Source](told: Sequence[tuple[Source, ReadLine]], pixels: Pixels, *, least: float) -> Iterator[tuple[Source, ReadLine]]:
    """Yield the lines that are as dark as the page's own, their ends cut where they are not; red counts as dark as black.

    What is the page's own is told by the lines whose confidence is *least* or more.
    """
    paper = float(np.percentile(_least(pixels[::8, ::8]), 75))
    depths = [[paper - _darkest(pixels, box, is_thin=text in _THIN or text.isascii()) for text, box, _ in line.chars] for _, line in told]
    sure = [depth for (_, line), row in zip(told, depths, strict=True) if line.confidence >= least for depth in row]
    usual = median(sure) if sure else 0.0
    for (source, line), row in zip(told, depths, strict=True):
        level = _PALE * max(usual, _own(row))
        dark = [index for index, depth in enumerate(_even(row)) if depth >= level]
        if not row or line.is_vertical or len(line.chars) <= _FEW:
            yield source, line
        elif dark and len(dark) * 2 > dark[-1] - dark[0] + 1:
            yield source, _cut(line, dark[0], dark[-1] + 1)


def _own(row: Sequence[float]) -> float:
    """Return how dark the darker half of a line's characters is: its own writing, whatever was read along with it."""
    return median(sorted(row)[len(row) // 2 :]) if row else 0.0


def _even(row: Sequence[float]) -> list[float]:
    """Return each depth as the middle one of itself and its neighbours, so that one speck at an end does not hold a ghost."""
    around = [row[0], *row, row[-1]] if row else []
    return [median(around[at : at + 3]) for at in range(len(row))]


def _least(pixels: Pixels) -> Pixels:
    """Return the darkest of the three colours of each pixel."""
    return pixels if pixels.ndim == 2 else pixels.min(axis=2)


def _darkest(pixels: Pixels, box: Box, *, is_thin: bool) -> float:
    """Return how dark the strokes in a box are."""
    x0, y0, x1, y1 = (round(side) for side in box)
    part = _least(pixels[y0:y1, x0:x1])
    return float(np.percentile(part, _STROKE if is_thin else _STROKES)) if part.size else 255.0


def _cut(line: ReadLine, start: int, end: int) -> ReadLine:
    """Return characters *start* to before *end*; signs at an end, which have little ink, stay with the character before them."""
    while end < len(line.chars) and not line.chars[end][0].isalnum():
        end += 1
    if (start, end) == (0, len(line.chars)):
        return line
    chars: tuple[Character, ...] = line.chars[start:end]
    box = (chars[0][1][0], line.box[1], chars[-1][1][2], line.box[3])
    sure = round(sum(item[2] for item in chars) / len(chars), 4)
    return replace(line, text="".join(item[0] for item in chars), box=box, confidence=sure, chars=chars)
