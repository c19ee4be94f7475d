"""Simple types of OFD (GB/T 33190-2016 7.2: ST_Box, ST_Array, ST_Pos, ST_RefID …) read from attributes, with odd ones forgiven.

Nothing here raises: what makes no sense is None or the default, because one wrong number must not cost the page.
"""

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from lantai.formats.ofd.geometry import IDENTITY, Box, Matrix, PageArea

_LONGEST_ARRAY = 1_000_000
_GROUP_LIMIT = 1_000_000
LARGEST = 1e9  # no length, matrix or colour of a page comes near; larger numbers only overflow


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children of *element* called *name* in any namespace, for producers use several."""
    if element is None:
        return iter(())
    return element.iterchildren("{*}" + name)


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child called *name* in any namespace."""
    return next(children(element, name), None)


def text_of(element: etree._Element | None, name: str) -> str:
    """Return the stripped text of the first child called *name*, empty where there is none."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def number(raw: str | None) -> float | None:
    """Return a number up to a milliard, None for anything else."""
    if not raw:
        return None
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if -LARGEST <= value <= LARGEST else None


def number_or(raw: str | None, otherwise: float) -> float:
    """Return a finite number, *otherwise* for anything else."""
    value = number(raw)
    return otherwise if value is None else value


def whole(raw: str | None, otherwise: int) -> int:
    """Return a whole number; a fraction is cut, anything else is *otherwise*."""
    value = number(raw)
    return otherwise if value is None else int(value)


def yes(raw: str | None, *, otherwise: bool) -> bool:
    """Return an xs:boolean, *otherwise* where it is not one."""
    if not raw:
        return otherwise
    word = raw.strip().lower()
    return word in ("true", "1") if word in ("true", "1", "false", "0") else otherwise


def array(raw: str | None) -> tuple[float, ...]:
    """Return the numbers of an ST_Array, empty where one of them is none or they are far too many."""
    if not raw or len(raw) > 16 * _LONGEST_ARRAY or "n" in raw or "N" in raw:  # nan and inf both have one
        return ()
    try:
        numbers = tuple(map(float, raw.split()))
    except ValueError:
        return ()
    return numbers if numbers and max(numbers) <= LARGEST and min(numbers) >= -LARGEST else ()


def deltas(raw: str | None, limit: int) -> tuple[float, ...]:
    """Return steps between characters, groups ``g n v`` (11.3: n times v) spread out, at most *limit* of them.

    What follows a token that is no number is left out.
    """
    if not raw:
        return ()
    if "g" not in raw:
        steps = array(raw)
        if steps:
            return steps[:limit]
    found: list[float] = []
    tokens = iter(raw.replace("g", " g ").split())
    for token in tokens:
        count, value = (whole(next(tokens, None), -1), number(next(tokens, None))) if token == "g" else (1, number(token))  # noqa: S105
        if value is None or count < 0 or len(found) >= limit:
            break
        found.extend([value] * min(count, limit - len(found), _GROUP_LIMIT))
    return tuple(found[:limit])


def matrix(raw: str | None) -> Matrix:
    """Return a matrix of six numbers, the identity for anything else."""
    return _matrix(raw) if raw else IDENTITY


@lru_cache(1024)
def _matrix(raw: str) -> Matrix:
    numbers = array(raw)
    if len(numbers) != 6:
        return IDENTITY
    a, b, c, d, e, f = numbers
    return (a, b, c, d, e, f)


def box(raw: str | None) -> Box | None:
    """Return a rectangle of four numbers; None for anything else."""
    numbers = array(raw) if raw else ()
    return Box(*numbers) if len(numbers) == 4 else None


def point(raw: str | None) -> tuple[float, float]:
    """Return a point, the origin for anything else."""
    numbers = array(raw)
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0.0, 0.0)


def area(element: etree._Element | None) -> PageArea | None:
    """Return the boxes of a page area (7.5); None where it has no physical box that makes sense."""
    physical = box(text_of(element, "PhysicalBox"))
    if element is None or physical is None or not (0 < physical.width < 1e5 and 0 < physical.height < 1e5):
        return None
    return PageArea(physical, *(box(text_of(element, name)) for name in ("ApplicationBox", "ContentBox", "BleedBox")))
