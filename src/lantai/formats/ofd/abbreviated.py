"""Path data: the abbreviated form of GB/T 33190-2016 9.3 (M S L Q B A C and their numbers)."""

import math
from dataclasses import dataclass
from typing import Final

_COUNTS: Final = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


@dataclass(frozen=True, slots=True)
class PathSegment:
    """One step of a path: ``M``/``S`` start, ``L`` line, ``Q``/``B`` curve, ``A`` arc, ``C`` close, with its numbers in millimetres.

    An arc's numbers are: radii, rotation in degrees, large-arc flag, clockwise flag, end point.
    """

    op: str
    numbers: tuple[float, ...] = ()


def parse_path(data: str) -> tuple[PathSegment, ...]:
    """Parse *data*; a letter or number that makes no sense ends the path there, as viewers do. A command may repeat its numbers."""
    segments: list[PathSegment] = []
    tokens = _tokens(data)
    at, op = 0, ""
    while at < len(tokens):
        if tokens[at] in _COUNTS:
            op, at = tokens[at], at + 1
        elif op in ("", "C"):
            break
        count = _COUNTS[op]
        numbers = _numbers(tokens[at : at + count])
        if len(numbers) != count:
            break
        segments.append(PathSegment(op, numbers))
        at += count
    return tuple(segments)


def write_path(segments: tuple[PathSegment, ...]) -> str:
    """Return the abbreviated form of *segments*."""
    return " ".join(" ".join((segment.op, *(repr(number) for number in segment.numbers))) for segment in segments)


def _tokens(data: str) -> list[str]:
    for letter in _COUNTS:
        if letter in data:
            data = data.replace(letter, f" {letter} ")
    return data.replace(",", " ").split()


def _numbers(tokens: list[str]) -> tuple[float, ...]:
    try:
        numbers = tuple(float(token) for token in tokens)
    except ValueError:
        return ()
    return numbers if all(map(math.isfinite, numbers)) else ()
