"""Text objects of an OFD page put together into lines (GB/T 33190-2016 clause 11)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from lantai.formats.content import clean
from lantai.ports.reader import Line

_POINTS = 72 / 25.4
_OBJECTS = 200_000
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The physical box of a page in millimetres."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, area: etree._Element | None, otherwise: "Sheet") -> "Sheet":
        """Read the PhysicalBox of *area*; *otherwise* where it has none that makes sense."""
        raw = None if area is None else area.findtext("{*}PhysicalBox")
        numbers = _numbers(raw)
        is_sane = len(numbers) == 4 and 0 < numbers[2] < 1e5 and 0 < numbers[3] < 1e5
        return cls(*numbers) if is_sane else otherwise

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return round(self.width * _POINTS, 2), round(self.height * _POINTS, 2)


A4 = Sheet(0.0, 0.0, 210.0, 297.0)


def lines(roots: Sequence[etree._Element], sheet: Sheet) -> tuple[Line, ...]:
    """Return the lines of the page parts *roots*, in the order in which they are drawn, boxes in points from the top left."""
    runs = [run for root in roots for run in _runs(root)]
    grouped: list[list[tuple[str, Box]]] = []
    for run in runs:
        if grouped and _continues(grouped[-1][-1][1], run[1]):
            grouped[-1].append(run)
        else:
            grouped.append([run])
    return tuple(_line(group, sheet) for group in grouped)


def _runs(root: etree._Element) -> Iterator[tuple[str, Box]]:
    for number, item in enumerate(root.iter("{*}TextObject")):
        if number >= _OBJECTS:
            return
        text = clean("".join(code.text or "" for code in item.iterfind("{*}TextCode"))).strip("\n\r")
        if text.strip():
            yield text, _boundary(item)


def _boundary(item: etree._Element) -> Box:
    numbers = _numbers(item.get("Boundary"))
    if len(numbers) != 4:
        return 0.0, 0.0, 0.0, 0.0
    x, y, width, height = numbers
    return x, y, x + width, y + height


def _continues(before: Box, box: Box) -> bool:
    """Tell whether *box* goes on in the line of *before*: the middles are level and it starts near where that one ended."""
    height = min(before[3] - before[1], box[3] - box[1])
    level = abs((before[1] + before[3]) - (box[1] + box[3])) / 2 < height / 2
    return level and -height < box[0] - before[2] < 1.5 * height


def _line(group: list[tuple[str, Box]], sheet: Sheet) -> Line:
    text, (x0, y0, x1, y1) = group[0]
    for more, box in group[1:]:
        gap = box[0] - x1
        text += (" " if gap > (box[3] - box[1]) * 0.6 and not text.endswith(" ") else "") + more
        x0, y0, x1, y1 = min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3])
    return Line(text, (_pt(x0 - sheet.x), _pt(y0 - sheet.y), _pt(x1 - sheet.x), _pt(y1 - sheet.y)))


def _pt(millimetres: float) -> float:
    return round(millimetres * _POINTS, 1)


def _numbers(raw: str | None) -> list[float]:
    try:
        numbers = [float(part) for part in (raw or "").split()[:8]]
    except ValueError:
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []
