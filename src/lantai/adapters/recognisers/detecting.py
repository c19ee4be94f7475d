"""Finding lines of text: the detector's map of a page into boxes that stand upright."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.adapters.recognisers.models import TINY, session
from lantai.imaging.opening import Pixels
from lantai.ports.recogniser import Box

_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_STEP = 32
_THRESHOLD, _BOX_SCORE, _GROWN = 0.2, 0.4, 1.4
_SMALLEST = 3
_BEFORE_AND_AFTER = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """A place where text stands, in pixels of the page, and how sure the detector is."""

    box: Box
    score: float

    @property
    def is_vertical(self) -> bool:
        """True where it is a column of several characters."""
        x0, y0, x1, y1 = self.box
        return y1 - y0 > 1.8 * (x1 - x0)


def find(pixels: Pixels, *, longest: int, size: str = TINY) -> list[Found]:
    """Return the lines of a page of red, green, blue, which is looked at no larger than *longest* pixels a side."""
    high, wide = pixels.shape[:2]
    scale = min(1.0, longest / max(high, wide))
    rows, columns = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (high, wide))
    small = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    given = ((small.astype(np.float32) / 255 - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
    heat: NDArray[np.float32] = session(size, "det").run(None, {"x": np.ascontiguousarray(given)})[0][0, 0]
    return _boxes(heat, wide / columns, high / rows, (wide, high))


def _boxes(heat: NDArray[np.float32], across: float, down: float, size: tuple[int, int]) -> list[Found]:
    outlines, _ = cv2.findContours((heat > _THRESHOLD).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        x, y, wide, high = cv2.boundingRect(outline)
        if min(wide, high) < _SMALLEST:
            continue
        inside = np.zeros((high, wide), np.uint8)
        cv2.fillPoly(inside, [outline.reshape(-1, 2) - [x, y]], 1)
        score = float(cv2.mean(heat[y : y + high, x : x + wide], inside)[0])
        if score >= _BOX_SCORE:
            grown = wide * high * _GROWN / (2 * (wide + high))
            more = _BEFORE_AND_AFTER * min(wide, high)  # a comma at the end of a line is easily left outside
            ends = (grown + more, grown) if wide > high else (grown, grown + more)
            box = ((x - ends[0]) * across, (y - ends[1]) * down, (x + wide + ends[0]) * across, (y + high + ends[1]) * down)
            found.append(Found(_within(box, size), score))
    return found


def _within(box: Box, size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    return max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1)
