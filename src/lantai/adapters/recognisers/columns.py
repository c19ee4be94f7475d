"""Upright columns of characters: taken apart and laid side by side, so that a line reader can read them."""

from itertools import pairwise

import cv2
import numpy as np

from lantai.imaging.opening import Pixels


def laid_flat(strip: Pixels) -> tuple[Pixels, tuple[float, ...]]:
    """Return a column's characters from left to right, and where each square of the result began in the column (0 to 1).

    The last place is the end. Squares are cut in the blank rows nearest to an even pitch.
    """
    high, wide = strip.shape[:2]
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ink = np.maximum(float(np.percentile(grey, 90)) - grey, 0).sum(axis=1)
    cuts = [0]
    pitch = wide * 0.95
    while high - cuts[-1] > 1.5 * pitch:
        cuts.append(_cut(ink, cuts[-1], pitch))
    cuts.append(high)
    squares = [strip[start:end] for start, end in pairwise(cuts)]
    side = max(square.shape[0] for square in squares)
    paper = int(np.percentile(grey, 90))
    padded = [cv2.copyMakeBorder(s, *_around(s, side), 0, 0, cv2.BORDER_CONSTANT, value=(paper,) * 3) for s in squares]
    return np.concatenate(padded, axis=1), tuple(cut / high for cut in cuts)


def _cut(ink: np.ndarray[tuple[int], np.dtype[np.float32]], start: int, pitch: float) -> int:
    """Return the emptiest row near one pitch after *start*, the nearest of those that are equally empty."""
    least, most = start + round(0.7 * pitch), min(len(ink) - 1, start + round(1.4 * pitch))
    rows = np.arange(least, most + 1)
    cost = ink[least : most + 1] / (float(ink.max()) or 1.0) + 0.3 * np.abs(rows - start - pitch) / pitch
    return int(rows[int(cost.argmin())])


def _around(square: Pixels, side: int) -> tuple[int, int]:
    missing = side - square.shape[0]
    return missing // 2, missing - missing // 2
