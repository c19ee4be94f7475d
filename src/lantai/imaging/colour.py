"""Red on a page: heads, seals and stamps; where seals are, and what lies under them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.imaging.opening import Pixels
from lantai.imaging.shrinking import shrunk_to

Mask = NDArray[np.uint8]
# how much redder than green and blue red is at least, where strokes are as dark as that
_REDDER, _FULL_INK = 40, 200.0
_QUARTER = 4
_LEAST_SIDE = 64
_SEAL_MM = (14.0, 75.0)
_ROUND = 1.9
_LEAST_RED = 0.06
_MOST_RED = 0.55

_TINT, _PALE, _LEAST_INK = 10, 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels: from x0, y0 to before x1, y1."""

    x0: int
    y0: int
    x1: int
    y1: int


def red(pixels: Pixels, *, ink: float = _FULL_INK) -> Mask:
    """Return 255 where a pixel is red rather than grey or brown; *ink* is how dark the darkest strokes of the page are (0 to 255)."""
    if pixels.ndim == 2:
        return np.zeros(pixels.shape, np.uint8)
    r, g, b = cv2.split(pixels)
    return cv2.threshold(cv2.subtract(r, cv2.max(g, b)), _REDDER * min(1.0, ink / _FULL_INK), 255, cv2.THRESH_BINARY)[1].astype(
        np.uint8, copy=False
    )


def darkest(pixels: Pixels) -> Mask:
    """Return the darkest of the three colours of each pixel: how dark ink of any colour is."""
    if pixels.ndim == 2:
        return pixels
    return cv2.min(cv2.min(pixels[:, :, 0], pixels[:, :, 1]), pixels[:, :, 2]).astype(np.uint8, copy=False)


def without_red(pixels: Pixels) -> Pixels:
    """Return the page as it looks through a red glass: red ink vanishes, what is black under it stays. Three equal channels."""
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
    channel = cv2.extractChannel(pixels, 0)
    return cv2.merge([channel, channel, channel]).astype(np.uint8, copy=False)


def without_pale_red(pixels: Pixels) -> Pixels:
    """Return the page with red that is much paler than its black ink looked at through a red glass: red of the back shining through."""
    if pixels.ndim == 2:
        return pixels
    red_, green, _ = cv2.split(pixels)
    ink = max(float(np.median(red_[::8, ::8])) - float(np.percentile(red_[::8, ::8], 1)), _LEAST_INK)
    redder = cv2.subtract(red_, green)
    tinted = cv2.threshold(redder, float(np.median(redder[::8, ::8])) + _TINT, 255, cv2.THRESH_BINARY)[1]
    pale = cv2.threshold(green, max(0.0, float(np.median(green[::8, ::8])) - _PALE * ink), 255, cv2.THRESH_BINARY)[1]
    where = cv2.bitwise_and(tinted, pale)
    return (
        cv2.copyTo(cv2.merge([red_, red_, red_]), where, pixels.copy()).astype(np.uint8, copy=False) if cv2.countNonZero(where) else pixels
    )


def seals(pixels: Pixels, dpi: float) -> tuple[Area, ...]:
    """Return the areas that look like seals: red, about as high as wide, of the size of a seal, and more line than surface."""
    if pixels.ndim == 2 or min(pixels.shape[:2]) < _LEAST_SIDE:
        return ()
    small = red(shrunk_to(pixels, pixels.shape[1] // _QUARTER, pixels.shape[0] // _QUARTER))
    a_mm = dpi / 25.4 / _QUARTER
    reach = max(1, round(1.2 * a_mm))
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return tuple(_scaled(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist() if _is_seal(small[y : y + h, x : x + w], w, h, a_mm))


def _scaled(x: int, y: int, wide: int, high: int) -> Area:
    return Area(x * _QUARTER, y * _QUARTER, (x + wide) * _QUARTER, (y + high) * _QUARTER)


def _is_seal(inside: Mask, wide: int, high: int, a_mm: float) -> bool:
    has_size = all(_SEAL_MM[0] * a_mm <= side <= _SEAL_MM[1] * a_mm for side in (wide, high))
    return has_size and max(wide, high) <= _ROUND * min(wide, high) and _LEAST_RED <= float(inside.mean()) / 255 <= _MOST_RED
