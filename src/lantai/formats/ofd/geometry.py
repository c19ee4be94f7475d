"""Boxes and matrices of OFD (GB/T 33190-2016 7.2, 7.5): millimetres, origin top left, y downwards.

A matrix (a, b, c, d, e, f) takes (x, y) to (ax + cy + e, bx + dy + f).
"""

import math
from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
POINTS = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: top left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageArea:
    """The boxes of a page (7.5): the sheet, where viewers show, the type area, and the bleed; None where not given."""

    physical: Box
    application: Box | None = None
    content: Box | None = None
    bleed: Box | None = None


A4 = PageArea(Box(0.0, 0.0, 210.0, 297.0))


def then(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies *first* and *second* after it."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def moved(matrix: Matrix, x: float, y: float) -> Matrix:
    """Return *matrix* with a shift by (x, y) after it."""
    a, b, c, d, e, f = matrix
    return (a, b, c, d, e + x, f + y)


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where *matrix* takes the point (x, y)."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def is_finite(numbers: tuple[float, ...]) -> bool:
    """Tell whether every number is a number."""
    return all(map(math.isfinite, numbers))
