"""Skew: how far lines of writing lean, found where the sum over rows of a turned page changes most from row to row."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.imaging.opening import Pixels
from lantai.imaging.shrinking import shrunk

_COARSE_SIDE, _FINE_SIDE = 700, 1500
_WIDEST = 8.0
_LEAST_INK = 0.0015
_STEPS_UP = 3
_BESIDE = 8
_ASIDE = 0.3


def angle(grey: Pixels) -> float:
    """Return by how many degrees the page must be turned counter-clockwise to stand straight; 0 where it has no lines to tell by."""
    coarse = _ink(grey, _COARSE_SIDE)
    if float(coarse.mean()) < _LEAST_INK:
        return 0.0
    narrow = _narrow(coarse)
    rough, is_clear = _best(narrow, np.arange(-_WIDEST, _WIDEST + 0.01, 0.5))
    if not is_clear:
        return 0.0
    near, _ = _best(narrow, np.arange(rough - 0.4, rough + 0.41, 0.1))
    fine = _ink(grey, _FINE_SIDE)
    return round(_climbed(fine, near), 3)


def turned(pixels: Pixels, degrees: float, paper: tuple[int, ...]) -> tuple[Pixels, NDArray[np.float64]]:
    """Return the page turned counter-clockwise about its middle, with paper where it had no pixels, and the matrix that did it."""
    high, wide = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    how = cv2.INTER_CUBIC if abs(degrees) > 0 else cv2.INTER_NEAREST
    done = cv2.warpAffine(pixels, matrix, (wide, high), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
    return done.astype(np.uint8, copy=False), matrix.astype(np.float64)


def _ink(grey: Pixels, side: int) -> NDArray[np.float32]:
    """Return how much darker than its surroundings each pixel of a smaller page is, 0 to 1, its margins left out."""
    small = shrunk(grey, side)
    high, wide = small.shape
    small = small[round(high * 0.03) : round(high * 0.97), round(wide * 0.04) : round(wide * 0.96)]
    ground = cv2.blur(small, (31, 31))
    depth = np.clip(ground.astype(np.float32) - small - 12, 0, 90) / 90
    ink: NDArray[np.float32] = depth.astype(np.float32)
    return ink


def _narrow(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the ink with every ``_BESIDE`` columns made one: sums over rows hardly change, and cost an eighth."""
    high, wide = ink.shape
    narrow: NDArray[np.float32] = cv2.resize(ink, (max(1, wide // _BESIDE), high), interpolation=cv2.INTER_AREA).astype(
        np.float32, copy=False
    )
    return narrow


def _best(narrow: NDArray[np.float32], angles: NDArray[np.float64]) -> tuple[float, bool]:
    scores = np.array([_sharpness(narrow, _slope(float(turn))) for turn in angles])
    is_clear = float(scores.max()) > 1.15 * float(np.median(scores)) + 1e-9 or len(angles) < 20
    return float(angles[int(scores.argmax())]), is_clear


def _climbed(ink: NDArray[np.float32], near: float) -> float:
    """Return the angle of the top of the scores about *near*, gone after where it lies outside of what was looked at first.

    The page is sheared nearly straight before its columns are joined, so that within the joined ones nothing leans; not quite, since
    the one angle at which nothing is interpolated would look sharper than its neighbours.
    """
    for _ in range(_STEPS_UP):
        angles = np.arange(near - 0.12, near + 0.121, 0.04)
        before = _slope(near - _ASIDE)
        narrow = _narrow(_sheared(ink, before))
        scores = np.array([_sharpness(narrow, _slope(float(turn)) - before) for turn in angles])
        if 0 < int(scores.argmax()) < len(angles) - 1:
            return _peak(angles, scores)
        near = float(angles[int(scores.argmax())])
    return near


def _peak(angles: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Return the angle of the top of the parabola through the best score and its neighbours."""
    at = int(scores.argmax())
    if not 0 < at < len(angles) - 1:
        return float(angles[at])
    before, top, after = scores[at - 1 : at + 2]
    bend = before - 2 * top + after
    return float(angles[at] + (0.5 * (before - after) / bend if bend else 0.0) * (angles[1] - angles[0]))


def _slope(degrees: float) -> float:
    """Return by how many rows a line that leans so rises from one column to the next."""
    return float(np.tan(np.radians(degrees)))


def _sheared(ink: NDArray[np.float32], slope: float) -> NDArray[np.float32]:
    """Return the ink with every column shifted down by *slope* rows more than the one after it, the middle left where it is."""
    high, wide = ink.shape
    matrix = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * wide / 2]])
    sheared: NDArray[np.float32] = cv2.warpAffine(ink, matrix, (wide, high), flags=cv2.INTER_LINEAR).astype(np.float32, copy=False)
    return sheared


def _sharpness(narrow: NDArray[np.float32], slope: float) -> float:
    """Return how much the sums over rows differ from row to row when the page is sheared by *slope*, in rows a column of the page."""
    profile = _sheared(narrow, slope * _BESIDE).sum(axis=1)
    return float(np.square(np.diff(profile)).sum())
