"""Ranks among the pixels of a picture, by counting them: exact, and in a fraction of the time that sorting takes."""

import cv2
import numpy as np
from cv2.typing import MatLike


def percentile(pixels: MatLike, percent: float) -> float:
    """Return what *percent* (0 to 100) of some pixels of one channel do not exceed, between two ranks as numpy has it (linear).

    *pixels* are bytes of one or two axes, not empty, fewer than 16 million of each value.
    """
    counts = cv2.calcHist([np.ascontiguousarray(pixels)], [0], None, [256], [0, 256]).ravel()
    below = np.cumsum(counts, dtype=np.float64)
    place = percent / 100 * (float(below[-1]) - 1)
    low, high = (int(np.searchsorted(below, rank + 1)) for rank in (np.floor(place), np.ceil(place)))
    return low + (high - low) * float(place - np.floor(place))
