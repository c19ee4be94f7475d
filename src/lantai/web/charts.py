"""Geometry of the charts (the interface design, Charts): values in, positions out; templates draw them as flat SVG.

Axes start at zero; at most four series; words are drawn by the template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with the class that colours it and the text that names it."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    label: str = ""
    value: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    """A rule across the chart and its number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars: boxes, ticks, and the labels under the axis as (x, text)."""

    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[tuple[float, str], ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Spine:
    """One year on the shelf: box, its plate in two lines, the count above; ``is_open`` for the year in progress."""

    x: float
    y: float
    width: float
    height: float
    century: str
    year: str
    count: int
    is_open: bool = False

    @property
    def middle(self) -> float:
        """The middle of the spine."""
        return self.x + self.width / 2

    @property
    def line(self) -> float:
        """The height of the ornament line near the top."""
        return self.y + 8

    @property
    def has_plate(self) -> bool:
        """Whether the spine is tall enough for its plate."""
        return self.height >= 58


def round_up(value: float) -> int:
    """Return the next round number at or above *value* that splits into three equal rules."""
    size = 1
    while True:
        for step in STEPS:
            if step * size * 3 >= value and step * size == int(step * size):
                return int(step * size) * 3
        size *= 10


def bars(hours: Mapping[int, Mapping[str, int]], series: Sequence[str], *, first: int, last: int) -> Bars:
    """Return stacked bars by hour from *first* to *last* (both shown, wider where the values go further)."""
    width, height, left = 360.0, 190.0, 34.0
    first, last = min([first, *hours]), max([last, *hours])
    top = round_up(max([sum(row.values()) for row in hours.values()] or [3]))
    pitch = (width - left) / (last - first + 1)
    bar = min(24.0, pitch * 0.62)
    boxes: list[Box] = []
    for hour, row in hours.items():
        level = height
        x = left + (hour - first + 0.5) * pitch - bar / 2
        for at, name in enumerate(series):
            tall = height * row.get(name, 0) / top
            if tall:
                level -= tall
                boxes.append(
                    Box(round(x, 1), round(level, 1), round(bar, 1), round(max(tall - 0.6, 0.8), 1), f"c{at + 1}", name, row[name])
                )
    ticks = tuple(Tick(round(height - height * part / 3, 1), top * part // 3) for part in range(4))
    labels = tuple((round(left + (hour - first + 0.5) * pitch, 1), str(hour)) for hour in range(first, last + 1))
    return Bars(tuple(boxes), ticks, labels, width, height)


@dataclass(frozen=True, slots=True)
class Lying:
    """A bar that lies: the key it leads to (empty for what is left over), its name, value, tone, and length in percent of the longest."""

    key: str
    name: str
    value: int
    tone: str
    percent: float


def lying(rows: Sequence[tuple[str, str, int, str]], *, most: int = 12) -> tuple[Lying, ...]:
    """Return lying bars of (key, name, value, tone), in the order given; what goes beyond *most* is joined as 其他."""
    shown, rest = rows[:most], rows[most:]
    joined = [*shown, ("", "其他", sum(row[2] for row in rest), "other")] if rest else shown
    longest = max((row[2] for row in joined), default=0) or 1
    return tuple(Lying(key, name, value, tone, round(max(100 * value / longest, 0.6), 1)) for key, name, value, tone in joined)


def shelf(years: Sequence[tuple[str, int]], coming: tuple[str, int] | None) -> tuple[Spine, ...]:
    """Return the spines of the holdings; the year in progress stands last, drawn open."""
    rows = [(year, count, False) for year, count in years]
    if coming:
        rows = sorted([row for row in rows if row[0] != coming[0]] + [(coming[0], coming[1] + dict(years).get(coming[0], 0), True)])
    width, height, room = 440.0, 208.0, 20.0
    most = max([count for _, count, _ in rows] or [1]) or 1
    pitch = min(43.0, width / max(len(rows), 1))
    start = (width - pitch * len(rows)) / 2 + (pitch - pitch * 0.82) / 2
    spines = []
    for at, (year, count, is_open) in enumerate(rows):
        tall = max(14.0, (height - room) * count / most)
        x = start + at * pitch
        spines.append(
            Spine(round(x, 1), round(height - tall, 1), round(pitch * 0.82, 1), round(tall, 1), year[:2], year[2:], count, is_open)
        )
    return tuple(spines)
