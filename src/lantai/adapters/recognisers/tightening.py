"""Places of lines drawn tight around their own writing, where the back shines through: its letters beside, above and between are cut off.

What shines through joins boxes of the detector: a ghost between two pieces of one height makes one line of them, a ghost that stands
half a line lower makes the line too high to be read well. The page's own strokes are the dark ones; where none is, nothing is lost.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from lantai.adapters.recognisers.detecting import Found
from lantai.imaging.opening import Pixels
from lantai.ports.recogniser import Box

# how dark own strokes are at least, as a share of the darkest of the place, and what is more than the grain of the paper
_STRONG, _WEAK = 0.66, 0.2
_LEAST_DEPTH = 20
# in heights of the own writing: a place higher than this is cut to that; ends and gaps wider than this are cut, leaving that
_TOO_HIGH, _HIGH_LEFT = 2.0, 0.3
_TOO_FAR, _END_LEFT = 1.7, 1.15
_GAP = 2.4
_GHOSTLY = 0.04
# of a row of pixels: more dark than this is a rule, fewer than this share of the row with most are the darkest specks of ghosts
_RULE, _FEW_DARK = 0.6, 0.06
_SMALLEST = 16


def tightened(found: Found, pixels: Pixels) -> Iterator[Found]:
    """Yield the place cut to its own writing, as several where ghosts hold pieces together; upright places and page numbers as they are."""
    x0, y0, x1, y1 = (round(side) for side in found.box)
    strip = pixels[y0:y1, x0:x1]
    if found.is_vertical or found.is_page_number or min(strip.shape[:2]) < _SMALLEST:
        yield found
        return
    depths = _without_rules(_depths(strip))
    peak = float(np.percentile(depths, 99.9))
    strong = depths > _STRONG * peak
    counts = strong.sum(axis=1)
    rows = np.flatnonzero(counts > max(1.0, _FEW_DARK * float(counts.max())))
    if peak < _LEAST_DEPTH or rows.size < 4:
        yield found
        return
    top, high = 2 * int(rows[0]), 2 * int(rows[-1] - rows[0] + 1)
    bounds = _bounds((top, high), strip.shape[0])
    for left, right in _pieces(strong, depths > _WEAK * peak, high / 2):
        box: Box = (float(x0 + 2 * left), float(y0 + bounds[0]), float(min(x1, x0 + 2 * right)), float(y0 + bounds[1]))
        yield found if box == found.box else replace(found, box=box)


def _depths(strip: Pixels) -> Pixels:
    """Return, at half the size and without grain, how much darker than the paper each pixel is; red counts as dark as black."""
    least = strip.min(axis=2) if strip.ndim == 3 else strip
    half = cv2.blur(cv2.resize(least, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), (3, 3))
    return cv2.subtract(np.full_like(half, int(np.percentile(half, 85))), half).astype(np.uint8)


def _without_rules(depths: Pixels) -> Pixels:
    """Blank the rows that are dark nearly all along: a rule under or above the line."""
    dark = depths > _STRONG * float(np.percentile(depths, 99.9))
    rules = np.flatnonzero(dark.mean(axis=1) > _RULE)
    for row in rules:
        depths[max(0, row - 2) : row + 3] = 0
    return depths


def _bounds(own: tuple[int, int], whole: int) -> tuple[int, int]:
    """Return first and end row of a place *whole* rows high whose own writing begins at a row and is so high."""
    top, high = own
    if whole <= _TOO_HIGH * high:
        return 0, whole
    more = round(_HIGH_LEFT * high)
    return max(0, top - more), min(whole, top + high + more)


def _pieces(strong: np.ndarray, weak: np.ndarray, em: float) -> Iterator[tuple[int, int]]:
    """Yield the first and end column of each piece that wide gaps full of ghosts keep apart."""
    columns = np.flatnonzero(strong.sum(axis=0) > 1)
    count = strong.shape[1]
    first = int(columns[0])
    start = 0 if first <= _TOO_FAR * em else round(first - _END_LEFT * em)
    for before, after in pairwise(columns.tolist()):
        if after - before > _GAP * em and float(weak[:, before + 2 : after - 1].mean()) > _GHOSTLY:
            yield start, round(before + _END_LEFT * em)
            start = round(after - _END_LEFT * em)
    last = int(columns[-1])
    yield start, count if count - last <= _TOO_FAR * em else round(last + _END_LEFT * em)
