"""Characters of a page with a position each (GB/T 33190-2016 clause 11), in millimetres of the page's own space.

A text object's coordinates go through its matrix, then to the corner of its boundary, then through the matrices of the
composite objects around it. Templates share the space of the page. Fonts are not opened: the width of a character is the step
to the next where there is one, else a full size for East Asian characters and half of it for others.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat

from lantai.formats.ofd.geometry import IDENTITY, Box, Matrix, moved, then
from lantai.formats.ofd.model_page import Annotation, CompositeObject, GlyphTransform, PageBlock, TextCode, TextObject, Unit
from lantai.formats.ofd.package import OfdPage
from lantai.formats.ofd.resources import Resources
from lantai.formats.ofd.values import LARGEST

ASCENT, DESCENT = 0.88, 0.12
_USUAL_SIZE = 4.233
_NESTED = 16
_RUNS = 200_000
_WIDE_FROM = "\u2e80"
_WIDE_PUNCTUATION = frozenset("—…‘’“”·×÷°←→↑↓①②③④⑤⑥⑦⑧⑨⑩〇")


@dataclass(frozen=True, slots=True)
class Character:
    """One character, the point it is drawn at (on the base line) and its box on the page."""

    text: str
    x: float
    y: float
    box: Box


@dataclass(frozen=True, slots=True)
class Run:
    """Characters drawn by one TextCode, placed on the page in millimetres.

    ``xs`` and ``ys`` have one point a character. ``origin`` is page, template or annotation; a run is not visible where it or what
    holds it says so, is fully transparent, or neither filled nor stroked. ``matrix`` takes the object's space to the page.
    """

    text: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    widths: tuple[float, ...]
    size: float
    matrix: Matrix
    origin: str = "page"
    is_visible: bool = True
    object_id: str = ""
    read_direction: int = 0

    @property
    def height(self) -> float:
        """The size of the type as it stands on the page."""
        return self.size * math.hypot(self.matrix[2], self.matrix[3])

    @property
    def characters(self) -> tuple[Character, ...]:
        """A position and a box for each character."""
        rows = zip(self.text, self.xs, self.ys, self.widths, strict=True)
        return tuple(Character(text, x, y, self._box(x, y, width)) for text, x, y, width in rows)

    @property
    def box(self) -> Box:
        """The box around all characters."""
        a, b, c, d, _, _ = self.matrix
        if b == 0 and c == 0 and a > 0 and d > 0:
            left, top = min(self.xs), min(self.ys) - ASCENT * self.size * d
            last = max(self.xs)
            right = last + self.widths[self.xs.index(last)] * a  # no width is over the step to the next
            return Box(left, top, right - left, max(self.ys) + DESCENT * self.size * d - top)
        edges = [self._edges(x, y, width) for x, y, width in zip(self.xs, self.ys, self.widths, strict=True)]
        lefts, tops, rights, bottoms = zip(*edges, strict=True)
        left, top = min(lefts), min(tops)
        return Box(left, top, max(rights) - left, max(bottoms) - top)

    def _box(self, x: float, y: float, width: float) -> Box:
        left, top, right, bottom = self._edges(x, y, width)
        return Box(left, top, right - left, bottom - top)

    def _edges(self, x: float, y: float, width: float) -> tuple[float, float, float, float]:
        a, b, c, d, _, _ = self.matrix
        up, down = -ASCENT * self.size, DESCENT * self.size
        if b == 0 and c == 0 and a > 0 and d > 0:
            return x, y + up * d, x + width * a, y + down * d
        across = (0.0, width * a)
        along = (0.0, width * b)
        xs = [x + p + q * c for p in across for q in (up, down)]
        ys = [y + p + q * d for p in along for q in (up, down)]
        return min(xs), min(ys), max(xs), max(ys)


def page_runs(page: OfdPage) -> Iterator[Run]:
    """Yield the text of a page and its templates in drawing order, invisible text too; at most 200,000 runs."""
    count = 0
    for origin, layer in page.drawn():
        for run in _runs(layer.units, _Place(page.resources, origin)):
            count += 1
            if count > _RUNS:
                return
            yield run


def annotation_runs(page: OfdPage, annotation: Annotation) -> Iterator[Run]:
    """Yield the text that an annotation shows."""
    corner = annotation.boundary
    at = moved(IDENTITY, corner.x, corner.y) if corner else IDENTITY
    yield from _runs(annotation.units, _Place(page.resources, "annotation", at, annotation.is_visible))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where units stand: resources to look in, origin, the matrix to the page, and whether the holders can be seen."""

    resources: Resources
    origin: str
    matrix: Matrix = IDENTITY
    is_visible: bool = True
    depth: int = 0


def _runs(units: Iterable[Unit], at: _Place) -> Iterator[Run]:
    for unit in units:
        if isinstance(unit, TextObject):
            yield from text_runs(unit, at.matrix, origin=at.origin, is_visible=at.is_visible)
        elif isinstance(unit, PageBlock):
            yield from _runs(unit.units, at)
        elif isinstance(unit, CompositeObject) and at.depth < _NESTED:
            yield from _composite(unit, at)


def _composite(unit: CompositeObject, at: _Place) -> Iterator[Run]:
    found = at.resources.composite(unit.resource)
    if found is None:
        return
    inner = then(moved(unit.frame.ctm, unit.frame.boundary.x, unit.frame.boundary.y), at.matrix)
    is_visible = at.is_visible and unit.frame.is_visible and unit.frame.alpha > 0
    yield from _runs(found.units, _Place(at.resources, at.origin, inner, is_visible, at.depth + 1))


def text_runs(unit: TextObject, outer: Matrix = IDENTITY, *, origin: str = "page", is_visible: bool = True) -> Iterator[Run]:
    """Yield one run a TextCode of *unit*, whose holder's space goes to the page by *outer*."""
    frame = unit.frame
    matrix = then(moved(frame.ctm, frame.boundary.x, frame.boundary.y), outer)
    if max(map(abs, matrix)) > LARGEST:
        matrix = moved(IDENTITY, frame.boundary.x, frame.boundary.y)  # matrices in matrices that add up to no place
    seen = is_visible and frame.is_visible and frame.alpha > 0 and (unit.is_filled or unit.is_stroked) and unit.h_scale > 0
    size = unit.size if unit.size > 0 else min(_USUAL_SIZE, frame.boundary.height or _USUAL_SIZE)
    x = y = 0.0
    for code in unit.codes:
        x, y = (x if code.x is None else code.x), (y if code.y is None else code.y)
        if code.text:
            yield _run(unit, code, (x, y), _Drawn(matrix, size, origin, is_visible=seen))


@dataclass(frozen=True, slots=True)
class _Drawn:
    matrix: Matrix
    size: float
    origin: str
    is_visible: bool


def _run(unit: TextObject, code: TextCode, start: tuple[float, float], how: _Drawn) -> Run:
    text = code.text
    glyph_of = _glyphs(len(text), code.transforms)
    count = len(text) if glyph_of is None else max(glyph_of) + 1
    dx, dy = code.delta_x, code.delta_y
    if not dx and not dy and count > 1:
        dx, dy = _natural(text, unit, how.size)
    xs, ys = _walk(start[0], dx, count), _walk(start[1], dy, count)
    if glyph_of is not None:
        xs, ys = [xs[at] for at in glyph_of], [ys[at] for at in glyph_of]
    widths = tuple(_widths(text, xs, how.size * unit.h_scale))
    a, b, c, d, e, f = how.matrix
    pairs = list(zip(xs, ys, strict=True))
    px, py = tuple([a * x + c * y + e for x, y in pairs]), tuple([b * x + d * y + f for x, y in pairs])
    return Run(text, px, py, widths, how.size, how.matrix, how.origin, how.is_visible, unit.frame.id, unit.read_direction)


def _natural(text: str, unit: TextObject, size: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return steps for a string that is given none: the standard puts its characters on one spot (11.3), which nobody means."""
    usual = [size * (unit.h_scale if unit.read_direction in (0, 180) else 1.0) * _share(character) for character in text]
    sign = -1.0 if unit.read_direction in (180, 270) else 1.0
    steps, none = tuple(sign * step for step in usual), ()
    return (none, steps) if unit.read_direction in (90, 270) else (steps, none)


def _share(character: str) -> float:
    return 1.0 if character >= _WIDE_FROM or character in _WIDE_PUNCTUATION else 0.5


def _walk(start: float, steps: tuple[float, ...], count: int) -> list[float]:
    """Return *count* positions. Missing steps repeat the last one given, as viewers do; without any there is no step."""
    if not steps:
        return [start] * count
    missing = count - 1 - len(steps)
    return list(accumulate(steps[: count - 1] if missing <= 0 else (*steps, *repeat(steps[-1], missing)), initial=start))


def _glyphs(count: int, transforms: tuple[GlyphTransform, ...]) -> list[int] | None:
    """Return the glyph of each character where characters and glyphs are not one to one (11.4); None where they are.

    Steps go from glyph to glyph then, so all characters of a ligature stand at its point.
    """
    if all(item.code_count == item.glyph_count for item in transforms):
        return None
    starts = {item.position: item for item in transforms}
    glyph_of: list[int] = []
    at = 0
    while len(glyph_of) < count:
        item = starts.get(len(glyph_of))
        codes, glyphs = (item.code_count, item.glyph_count) if item else (1, 1)
        taken = min(codes, count - len(glyph_of))
        glyph_of.extend(at + min(index, glyphs - 1) for index in range(taken))
        at += glyphs
    return glyph_of if at <= 2 * count + 1000 else None


def _widths(text: str, xs: list[float], full: float) -> Iterator[float]:
    """Yield the width of each character: the step to the next, but no more than its usual width and a bit."""
    for character, (x, following) in zip(text, pairwise([*xs, xs[-1]]), strict=True):
        usual = full * _share(character)
        yield following - x if 0 < following - x < usual else usual
