"""What a unit is drawn with: its own word, then its drawing parameters and those they refer to, then the layer's, then the default.

GB/T 33190-2016 8.2: values said at the unit win; ``Relative`` parameters fill what is silent; defaults are a black line of
0.353 mm, butt, mitred at 3.528, filled and stroked in the default colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lantai.formats.ofd.model_page import Colour, LineStyle, PathObject, TextObject
from lantai.formats.ofd.model_resource import DrawParam
from lantai.formats.ofd.resources import Resources

_DEEPEST = 32
_DEFAULT = LineStyle(0.353, "Butt", "Miter", 3.528, 0.0, ())
_RANGES = {"GRAY": 1, "RGB": 3, "CMYK": 4}


@dataclass(frozen=True, slots=True)
class Style:
    """Everything said: a full line style, fill and stroke colours (None is the default colour, black)."""

    line: LineStyle
    fill: Colour | None
    stroke: Colour | None


def style(unit: TextObject | PathObject, resources: Resources, layer_param: str = "") -> Style:
    """Return what *unit* is drawn with in a layer with the drawing parameters *layer_param*."""
    chain = [*_chain(unit.frame.draw_param, resources), *_chain(layer_param, resources)]
    lines = [unit.frame.line, *(item.line for item in chain)]
    fills, strokes = [unit.fill, *(item.fill for item in chain)], [unit.stroke, *(item.stroke for item in chain)]
    return Style(_line(lines), _first(fills), _first(strokes))


def rgb(colour: Colour | None, resources: Resources, default_space: str = "") -> tuple[int, int, int]:
    """Return *colour* as red, green, blue of 0 to 255, profiles left aside; black for None and for a colour that makes no sense."""
    if colour is None:
        return 0, 0, 0
    space = resources.colour_space(colour.space or default_space)
    kind, bits = (space.kind, space.bits) if space else ("RGB", 8)
    values = colour.values
    if values is None and colour.index is not None and space and 0 <= colour.index < len(space.palette):
        values = space.palette[colour.index]
    if values is None or len(values) < _RANGES.get(kind, 3):
        return 0, 0, 0
    top = float(2 ** max(1, min(16, bits)) - 1)
    return _mixed(kind, [min(1.0, max(0.0, value / top)) for value in values])


def _mixed(kind: str, parts: list[float]) -> tuple[int, int, int]:
    if kind == "GRAY":
        red = green = blue = parts[0]
    elif kind == "CMYK":
        red, green, blue = ((1 - part) * (1 - parts[3]) for part in parts[:3])
    else:
        red, green, blue = parts[:3]
    return round(red * 255), round(green * 255), round(blue * 255)


def _chain(id_: str, resources: Resources) -> Iterator[DrawParam]:
    seen: set[str] = set()
    while id_ and id_ not in seen and len(seen) < _DEEPEST:
        seen.add(id_)
        found = resources.draw_param(id_)
        if found is None:
            return
        yield found
        id_ = found.relative


def _first(said: list[Colour | None]) -> Colour | None:
    return next((item for item in said if item is not None), None)


def _line(said: list[LineStyle]) -> LineStyle:
    values = [next((value for item in [*said, _DEFAULT] if (value := getattr(item, name)) is not None), None) for name in _FIELDS]
    return LineStyle(*values)


_FIELDS = ("width", "cap", "join", "miter_limit", "dash_offset", "dash_pattern")
