"""Finding lines of text: the detector's map of a page into boxes that stand upright."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.adapters.recognisers.models import TINY, session
from lantai.imaging.opening import Pixels
from lantai.imaging.shrinking import shrunk_to
from lantai.ports.recogniser import Box

_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_STEP = 32
_THRESHOLD, _BOX_SCORE, _GROWN = 0.2, 0.4, 1.4
_SMALLEST = 3
_CLEARLY_A_LINE, _SINGLE = 2.0, 1.5
_BEFORE_AND_AFTER = 0.3
#: From here on, as a share of the height of the page, a page number may stand.
FOOT = 0.86
_NUMBER_WIDE, _NUMBER_HIGH = (7.0, 26.0), (1.6, 6.5)  # mm


@dataclass(frozen=True, slots=True)
class Found:
    """A place where text stands, in pixels of the page, and how sure the detector is; or where a page number may stand.

    ``instead_of`` are the places that count where a page number was looked for and there is none.
    """

    box: Box
    score: float
    instead_of: tuple["Found", ...] = ()
    is_page_number: bool = False
    is_single: bool = False

    @property
    def is_vertical(self) -> bool:
        """True where it is a column of several characters."""
        return not self.is_single and _is_tall(self.box)


def with_singles(found: Sequence[Found]) -> list[Found]:
    """Tell narrow characters that stand alone, as the figure one in a cell, from columns: they are no higher than the lines of the page."""
    heights = [item.box[3] - item.box[1] for item in found if item.box[2] - item.box[0] > _CLEARLY_A_LINE * (item.box[3] - item.box[1])]
    most = _SINGLE * median(heights) if heights else 0.0
    return [replace(item, is_single=True) if _is_tall(item.box) and item.box[3] - item.box[1] < most else item for item in found]


def _is_tall(box: Box) -> bool:
    return box[3] - box[1] > 1.8 * (box[2] - box[0])


def with_page_number(pixels: Pixels, found: list[Found], dpi: float) -> list[Found]:
    """Add the places at the foot of the page where a page number between dashes may stand; the detector often overlooks it.

    What was found of it, the figure alone or a dash, gives way to the whole.
    """
    high = pixels.shape[0]
    top = round(high * FOOT)
    boxes = [(x0, y0 + top, x1, y1 + top) for x0, y0, x1, y1 in _short_rows(pixels[top:], dpi)]
    for box in boxes:
        touched = [item for item in found if _meet(item.box, box)]
        if all(item.box[2] - item.box[0] <= (box[2] - box[0]) * 1.3 for item in touched):
            found = [item for item in found if item not in touched]
            found.append(Found(_within(box, (pixels.shape[1], high)), 0.0, tuple(touched), is_page_number=True))
    return found


def _meet(one: Box, other: Box) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(one[1], other[1])


def _short_rows(strip: Pixels, dpi: float) -> list[Box]:
    """Return boxes of what stands close together on one height and is as wide and high as a number between dashes."""
    a_mm = dpi / 25.4
    grey = cv2.GaussianBlur(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY), (0, 0), max(0.8, a_mm / 14))
    ink = (int(np.median(grey)) - grey.astype(np.int16) > 0.2 * max(40, int(np.median(grey)) - int(grey.min()))).astype(
        np.uint8, copy=False
    )
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, max(3, round(3.2 * a_mm))), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    more = 1.3 * a_mm
    return [
        (x - more, y - more, x + wide + more, y + tall + more)
        for x, y, wide, tall, _ in stats[1:].tolist()
        if _NUMBER_WIDE[0] <= wide / a_mm <= _NUMBER_WIDE[1] and _NUMBER_HIGH[0] <= tall / a_mm <= _NUMBER_HIGH[1]
    ]


def find(pixels: Pixels, *, longest: int, size: str = TINY) -> list[Found]:
    """Return the lines of a page of red, green, blue, which is looked at no larger than *longest* pixels a side."""
    high, wide = pixels.shape[:2]
    scale = min(1.0, longest / max(high, wide))
    rows, columns = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (high, wide))
    small = shrunk_to(pixels, columns, rows)[:, :, ::-1]
    given = ((small.astype(np.float32) / 255 - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
    heat: NDArray[np.float32] = session(size, "det").run(None, {"x": np.ascontiguousarray(given)})[0][0, 0]
    return _boxes(heat, wide / columns, high / rows, (wide, high))


def _boxes(heat: NDArray[np.float32], across: float, down: float, size: tuple[int, int]) -> list[Found]:
    outlines, _ = cv2.findContours((heat > _THRESHOLD).astype(np.uint8, copy=False), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
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
