"""Page numbers at the foot of a page: the strokes beside the figure are found in the picture, for the models overlook thin ones."""

import re
from dataclasses import replace

import cv2
import numpy as np

from lantai.imaging.opening import Pixels
from lantai.ports.recogniser import Box, Character, ReadLine

_PAGE_NUMBER = re.compile(r"[\s\-—–―－一~·.]*[0-9]{1,4}[\s\-—–―－一~·.]*")
_STROKES = frozenset("-—–―－一~")
_AROUND_MM = 8.0
_LONG, _FLAT = 0.45, 0.35


def is_number(text: str) -> bool:
    """Tell whether a text is a number, with or without strokes beside it."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def with_strokes(line: ReadLine, pixels: Pixels, dpi: float) -> ReadLine:
    """Return a page number with one dash on either side where there is a stroke on any, else as the figure alone."""
    digits = [char for char in line.chars if char[0].isdecimal()]
    if len(digits) != sum(char.isdecimal() for char in line.text):
        return line
    first, last = line.text.index(digits[0][0]), line.text.rindex(digits[-1][0])
    was_read = any(_STROKES & set(part) for part in (line.text[:first], line.text[last + 1 :]))
    if not was_read and not _has_strokes(line, digits, pixels, dpi):
        return replace(line, text="".join(char for char, _, _ in digits), chars=tuple(digits))
    x0, y0, x1, y1 = line.box
    before: Character = ("—", (min(x0, digits[0][1][0] - 1), y0, digits[0][1][0], y1), line.confidence)
    after: Character = ("—", (digits[-1][1][2], y0, max(x1, digits[-1][1][2] + 1), y1), line.confidence)
    chars = (before, *digits, after)
    box: Box = (before[1][0], y0, after[1][2], y1)
    return replace(line, text="".join(char for char, _, _ in chars), chars=chars, box=box)


def _has_strokes(line: ReadLine, digits: list[Character], pixels: Pixels, dpi: float) -> bool:
    """Tell whether a flat stroke stands on both sides of the figures, at half their height."""
    around = _AROUND_MM * dpi / 25.4
    x0, x1 = max(0, round(digits[0][1][0] - around)), min(pixels.shape[1], round(digits[-1][1][2] + around))
    y0, y1 = round(line.box[1]), round(line.box[3])
    part = cv2.cvtColor(np.ascontiguousarray(pixels[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    if part.size == 0:
        return False
    depth = cv2.subtract(np.full_like(part, int(np.percentile(part, 75))), part)
    ink = (depth > 0.3 * max(30, int(depth.max()))).astype(np.uint8, copy=False)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    parts = [row for row in stats[1:].tolist() if row[4] > 3]
    tall = max((row[3] for row in parts), default=0)
    figures = [row for row in parts if row[3] > 0.6 * tall]
    if not figures:
        return False
    left, right = min(row[0] for row in figures), max(row[0] + row[2] for row in figures)
    top, middle = min(row[1] for row in figures), 0.5 * tall
    flat = [
        row for row in parts if row[2] > _LONG * tall and row[3] < _FLAT * tall and abs(row[1] + row[3] / 2 - top - middle) < 0.3 * tall
    ]
    return any(row[0] + row[2] <= left for row in flat) and any(row[0] >= right for row in flat)
