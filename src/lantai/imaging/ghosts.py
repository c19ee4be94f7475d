"""Bleed-through 透印: writing of the back that shows through, paler and softer than what is written on the page.

Only a copy for recognition is cleaned: on the page itself nothing that might be writing is ever taken away.
"""

import cv2
import numpy as np

from lantai.imaging.colour import red
from lantai.imaging.opening import Pixels
from lantai.imaging.ranks import percentile

_QUARTER = 4
_WEAK, _STRONG = 0.12, 0.5
# how much darker than nearly all that shines through a stroke must be to be the page's own
_ABOVE_GHOSTS, _NEARLY_ALL = 1.4, 95
_NEAR_MM = 0.5
_CORE = 0.8
# share of a page that is neither paper nor near its own strokes: nothing on clean pages, 0.003 and more where few letters shine through
_LEAST, _MOST = 0.002, 0.6
_AROUND_RED = (5, 5)
_LEAST_SIDE = 200


def is_haunted(grey: Pixels, dpi: float, *, coloured: Pixels | None = None) -> bool:
    """Tell whether enough of what is darker than paper is far from any stroke that is dark: writing that shines through.

    *grey* may be the red channel of the page *coloured*: its own red, of a head or a seal, is pale there and no ghost.
    """
    if min(grey.shape) < _LEAST_SIDE:
        return False
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    weak, strong = _parts(small, dpi / 2)
    lost = cv2.bitwise_and(weak, cv2.bitwise_not(strong)).astype(np.uint8, copy=False)
    if coloured is not None and coloured.ndim == 3 and _share(lost) >= _LEAST:
        # the red of a faint page is faint as well
        reds = cv2.dilate(
            red(np.ascontiguousarray(coloured[::_QUARTER, ::_QUARTER]), ink=_depths(small, dpi / 2)[1]), np.ones(_AROUND_RED, np.uint8)
        )
        near = cv2.resize(reds, (lost.shape[1], lost.shape[0]), interpolation=cv2.INTER_NEAREST)
        lost = cv2.bitwise_and(lost, cv2.bitwise_not(near)).astype(np.uint8, copy=False)
    return _LEAST <= _share(lost) <= _MOST


def _share(marked: Pixels) -> float:
    return float(np.count_nonzero(marked)) / marked.size


def depth(grey: Pixels, dpi: float) -> float:
    """Return how dark nearly all of what shines through is at most, as a share of the darkest strokes of the page (0 to 1)."""
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    depths, ink = _depths(small, dpi / 2)
    return _ghosts(depths, ink, dpi / 2) / ink


def crispness(grey: Pixels) -> float:
    """Return how steep strokes rise, as a share of their depth a pixel, in the middle of the page: some 0.2 where a scan is sharp."""
    high, wide = grey.shape
    middle = grey[high * 3 // 10 : high * 7 // 10, wide // 8 : wide * 7 // 8]
    if min(middle.shape) < _LEAST_SIDE:
        return 1.0
    soft = cv2.GaussianBlur(middle, (0, 0), 1)
    depths = cv2.subtract(paper(middle), soft)
    ink = max(percentile(depths[::_QUARTER, ::_QUARTER], 99), 30.0)
    strokes = (
        cv2.dilate((depths > _CORE * ink).astype(np.uint8, copy=False), np.ones((7, 7), np.uint8)) > 0
    )  # what shines through is always soft
    slope = np.abs(cv2.Sobel(depths, cv2.CV_32F, 1, 0))[strokes & (depths > 0.4 * ink) & (depths < 0.6 * ink)]
    return float(np.median(slope)) / ink / 8 if slope.size > 100 else 1.0


def laid(grey: Pixels, dpi: float) -> Pixels:
    """Return the page as grey where what is pale and far from dark strokes has the colour of the paper around it."""
    weak, strong = _parts(grey, dpi, is_close=True)
    ghost = cv2.bitwise_and(weak, cv2.bitwise_not(strong))
    ghost = cv2.dilate(ghost, np.ones((3, 3), np.uint8))
    ghost = cv2.bitwise_and(ghost, cv2.bitwise_not(strong))
    return cv2.copyTo(paper(grey), ghost, grey.copy()).astype(np.uint8, copy=False)


def paper(grey: Pixels) -> Pixels:
    """Return the brightness of the paper at every pixel."""
    tiny = cv2.resize(grey, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)
    bright = cv2.medianBlur(cv2.dilate(tiny, np.ones((7, 7), np.uint8)), 9)
    return cv2.resize(bright, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _depths(grey: Pixels, dpi: float) -> tuple[Pixels, float]:
    """Return how much darker than the paper each pixel is, and how much the darkest strokes are."""
    depths = cv2.subtract(paper(grey), cv2.GaussianBlur(grey, (0, 0), max(0.6, dpi / 300))).astype(np.uint8, copy=False)
    return depths, max(percentile(depths[::_QUARTER, ::_QUARTER], 99), 30.0)


def _ghosts(depths: Pixels, ink: float, dpi: float) -> float:
    """Return the depth that nearly all pixels far from any dark stroke keep below."""
    far = _near(depths, _STRONG * ink, dpi)[::_QUARTER, ::_QUARTER] == 0
    lost = depths[::_QUARTER, ::_QUARTER][far]
    lost = lost[lost > _WEAK * ink]
    return percentile(lost, _NEARLY_ALL) if lost.size else 0.0


def _parts(grey: Pixels, dpi: float, *, is_close: bool = False) -> tuple[Pixels, Pixels]:
    """Return 255 where a pixel is darker than paper, and where it is within reach of a dark stroke; *is_close* keeps thin signs too."""
    depths, ink = _depths(grey, dpi)
    weak = cv2.threshold(depths, _WEAK * ink, 255, cv2.THRESH_BINARY)[1]
    least = _STRONG * ink
    if is_close:  # thin signs are paler than letters, and what shines through is paler still
        least = min(least, max(_ABOVE_GHOSTS * _ghosts(depths, ink, dpi), _WEAK * ink))
    return weak.astype(np.uint8, copy=False), _near(depths, least, dpi)


def _near(depths: Pixels, least: float, dpi: float) -> Pixels:
    """Return 255 within reach of a stroke of at least that depth."""
    strong = cv2.threshold(depths, least, 255, cv2.THRESH_BINARY)[1]
    reach = max(1, round(_NEAR_MM * dpi / 25.4))
    return cv2.dilate(strong, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))).astype(np.uint8, copy=False)
