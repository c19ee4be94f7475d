"""Places of lines drawn tight around their own writing, where the back shines through: its letters beside, above and between are cut off.

What shines through joins boxes of the detector: a ghost between two pieces of one height makes one line of them, a ghost that stands
half a line lower makes the line too high to be read well. The page's own strokes are the dark ones; where none is, nothing is lost.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.adapters.recognisers.detecting import Found
from lantai.imaging.colour import darkest
from lantai.imaging.opening import Pixels
from lantai.imaging.ranks import percentile
from lantai.ports.recogniser import Box

# how dark own strokes are at least, as a share of the darkest of the place, and what is more than the grain of the paper
_STRONG, _WEAK = 0.58, 0.2
_LEAST_DEPTH = 20
# in heights of the own writing: a place higher than this is cut to that; ends and gaps wider than this are cut, leaving that
_TOO_HIGH, _HIGH_LEFT = 2.0, 0.3
_TOO_FAR, _END_LEFT = 1.7, 1.15
_GAP = 2.4
_GHOSTLY = 0.04
# of a row of pixels: more dark than this is a rule, fewer than this share of the row with most are the darkest specks of ghosts
_RULE, _FEW_DARK = 0.6, 0.06
_SMALLEST = 16
# in rows of half the size: the lowest line of writing; and the empty rows between two lines, as a share of the upper one
_LOWEST, _BETWEEN = 4, 0.35


def tightened(found: Found, pixels: Pixels) -> Iterator[Found]:
    """Yield the place cut to its own writing, as several where ghosts hold pieces together; upright places and page numbers as they are."""
    x0, y0, x1, y1 = (round(side) for side in found.box)
    strip = pixels[y0:y1, x0:x1]
    if found.is_vertical or found.is_page_number or min(strip.shape[:2]) < _SMALLEST:
        yield found
        return
    depths = _without_rules(_depths(strip))
    peak = percentile(depths, 99.9)
    strong = depths > _STRONG * peak
    bands = _bands(strong.sum(axis=1))
    if peak < _LEAST_DEPTH or not bands or bands[0][1] - bands[0][0] < _LOWEST:
        yield found
        return
    for first, end in bands:
        top, bottom = _bounds((2 * first, 2 * (end - first)), strip.shape[0])
        inside = slice(top // 2, bottom // 2)
        for left, right in _pieces(strong[inside], depths[inside] > _WEAK * peak, float(end - first)):
            box: Box = (float(x0 + 2 * left), float(y0 + top), float(min(x1, x0 + 2 * right)), float(y0 + bottom))
            yield found if box == found.box else replace(found, box=box)


def _bands(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return first and end row of each line of writing in a place, the highest first: *counts* are the dark pixels of its rows.

    Two lines in one place are two bands with an empty one between; what is much lower than the highest is a speck or a rule, and what
    the edge of the place cuts belongs to another.
    """
    rows = np.flatnonzero(counts > max(1.0, _FEW_DARK * float(counts.max(initial=0))))
    bands: list[tuple[int, int]] = []
    for row in rows.tolist():
        if bands and row - bands[-1][1] < _BETWEEN * max(bands[-1][1] - bands[-1][0], _LOWEST):
            bands[-1] = bands[-1][0], row + 1
        else:
            bands.append((row, row + 1))
    whole = [band for band in bands if band[0] > 1 and band[1] < len(counts) - 1]  # the edge cuts a line that has a place of its own
    bands = sorted(whole or bands, key=lambda band: band[0] - band[1])
    return [band for band in bands if (band[1] - band[0]) * 2 >= bands[0][1] - bands[0][0]]


def _depths(strip: Pixels) -> Pixels:
    """Return, at half the size and without grain, how much darker than the paper each pixel is; red counts as dark as black."""
    least = darkest(strip)
    half = cv2.blur(cv2.resize(least, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), (3, 3))
    return cv2.subtract(np.full_like(half, int(percentile(half, 85))), half).astype(np.uint8)


def _without_rules(depths: Pixels) -> Pixels:
    """Blank the rows that are dark nearly all along: a rule under or above the line."""
    dark = depths > _STRONG * percentile(depths, 99.9)
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
