"""A piece of a row of text: what lines are put together from."""

from dataclasses import dataclass

from lantai.formats.ofd.geometry import Box

SMALLEST = 0.5
_HAN = ("\u2e80", "\ufaff")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that stand together on one row: text, left end and right end on the base line, its height, and its box.

    ``tail`` holds the rows that follow where the string goes on below: they are read on before the next cell of the row.
    """

    text: str
    x: float
    end: float
    y: float
    height: float
    box: Box
    is_vertical: bool = False
    tail: tuple["Piece", ...] = ()


def is_han(text: str) -> bool:
    """Tell whether a character is Chinese or its punctuation."""
    return _HAN[0] <= text <= _HAN[1]


def around(boxes: list[Box]) -> Box:
    """Return the box around *boxes*."""
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(x, y, max(box.x + box.width for box in boxes) - x, max(box.y + box.height for box in boxes) - y)
