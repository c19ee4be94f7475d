"""Colours, shadings and line styles read (GB/T 33190-2016 8.2, 8.3)."""

from collections.abc import Callable
from functools import lru_cache

from lxml import etree

from lantai.formats.ofd.model_page import (
    PLAIN_LINE,
    AxialShading,
    Colour,
    GradientStop,
    LineStyle,
    MeshPoint,
    MeshShading,
    Pattern,
    RadialShading,
    Shading,
    Unit,
)
from lantai.formats.ofd.values import array, child, children, matrix, number, number_or, point, whole
from lantai.formats.xmlsafe import local

Units = Callable[[etree._Element], tuple[Unit, ...]]
_LINE = ("LineWidth", "Cap", "Join", "MiterLimit", "DashOffset", "DashPattern")
_NOTHING = (None,) * len(_LINE)
_BLACK = Colour()


def colour(element: etree._Element | None, units: Units) -> Colour | None:
    """Read a CT_Color; None where there is no element. *units* reads the cell of a pattern."""
    if element is None:
        return None
    raw = element.get("Value")
    index = number(element.get("Index"))
    return Colour(
        _channels(raw) if raw else None,
        int(index) if index is not None and abs(index) < 2**31 else None,
        element.get("ColorSpace", ""),
        max(0, min(255, whole(element.get("Alpha"), 255))),
        _shading(element, units) if len(element) else None,
    )


def line_style(get: Callable[[str], str | None]) -> LineStyle:
    """Read the line attributes of a graphic unit or of drawing parameters, whose attributes *get* gives by name."""
    said = tuple(map(get, _LINE))
    return PLAIN_LINE if said == _NOTHING else _line(*said)


@lru_cache(256)
def _line(*said: str | None) -> LineStyle:
    width, cap, join, miter, offset, pattern = said
    return LineStyle(number(width), cap, join, number(miter), number(offset), array(pattern) or None)


@lru_cache(1024)
def _channels(raw: str) -> tuple[float, ...] | None:
    """Return channel values: numbers, or ``#`` and hexadecimal as 8.3.2 allows (``#0A ff 0``)."""
    if "#" not in raw:
        return array(raw) or None
    try:
        return tuple(float(int(part.lstrip("#"), 16)) if part.startswith("#") else float(part) for part in raw.split())
    except ValueError:
        return None


def _shading(element: etree._Element, units: Units) -> Shading | None:
    for item in element:
        reader = _SHADINGS.get(local(item))
        if reader is not None:
            return reader(item, units)
    return None


def _stops(element: etree._Element, units: Units) -> tuple[GradientStop, ...]:
    rows = ((number(item.get("Position")), colour(child(item, "Color"), units)) for item in children(element, "Segment"))
    return tuple(GradientStop(position, value) for position, value in rows if value is not None)


def _axial(element: etree._Element, units: Units) -> AxialShading:
    get = element.get
    return AxialShading(
        get("MapType", "Direct"),
        number(get("MapUnit")),
        whole(get("Extend"), 0),
        point(get("StartPoint")),
        point(get("EndPoint")),
        _stops(element, units),
    )


def _radial(element: etree._Element, units: Units) -> RadialShading:
    get = element.get
    return RadialShading(
        get("MapType", "Direct"),
        number(get("MapUnit")),
        whole(get("Extend"), 0),
        point(get("StartPoint")),
        point(get("EndPoint")),
        number_or(get("StartRadius"), 0.0),
        number_or(get("EndRadius"), 0.0),
        number_or(get("Eccentricity"), 0.0),
        number_or(get("Angle"), 0.0),
        _stops(element, units),
    )


def _mesh(element: etree._Element, units: Units) -> MeshShading:
    points = tuple(
        MeshPoint(
            number_or(item.get("X"), 0.0),
            number_or(item.get("Y"), 0.0),
            whole(item.get("EdgeFlag"), 0),
            colour(child(item, "Color"), units) or _BLACK,
        )
        for item in children(element, "Point")
    )
    per_row = whole(element.get("VerticesPerRow"), 0)
    return MeshShading(points, per_row, whole(element.get("Extend"), 0), colour(child(element, "BackColor"), units))


def _pattern(element: etree._Element, units: Units) -> Pattern:
    get = element.get
    cell = child(element, "CellContent")
    width, height = number_or(get("Width"), 0.0), number_or(get("Height"), 0.0)
    return Pattern(
        width,
        height,
        max(number_or(get("XStep"), width), width),
        max(number_or(get("YStep"), height), height),
        get("ReflectMethod", "Normal"),
        get("RelativeTo", "Object"),
        matrix(get("CTM")),
        "" if cell is None else cell.get("Thumbnail", ""),
        () if cell is None else units(cell),
    )


_SHADINGS: dict[str, Callable[[etree._Element, Units], Shading]] = {
    "AxialShd": _axial,
    "RadialShd": _radial,
    "GouraudShd": _mesh,
    "LaGourandShd": _mesh,
    "LaGouraudShd": _mesh,
    "Pattern": _pattern,
}
