"""Page content read into values: layers and graphic units (GB/T 33190-2016 7.7, 8.4, 8.5, 9, 10, 11, 13).

Nesting is bounded by the parser of XML (256), so reading recursively is safe.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from lantai.formats.ofd.actions import actions
from lantai.formats.ofd.colours import colour, line_style
from lantai.formats.ofd.geometry import Box
from lantai.formats.ofd.model_page import (
    Border,
    ClipArea,
    Clips,
    Colour,
    CompositeObject,
    Frame,
    GlyphTransform,
    ImageObject,
    Layer,
    PageBlock,
    PathObject,
    TextCode,
    TextObject,
    Unit,
)
from lantai.formats.ofd.values import array, box, child, children, deltas, matrix, number, number_or, whole, yes
from lantai.formats.xmlsafe import local

NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
_SIZE_UNKNOWN = 0.0
_CHARACTERS = 1_000_000
_Kids = list[tuple[str, etree._Element]]
_Get = Callable[[str], str | None]


def units(holder: etree._Element) -> tuple[Unit, ...]:
    """Read the graphic units that are children of *holder*, in drawing order; what is none is passed over."""
    return tuple(_units(holder))


def layers(content: etree._Element | None) -> tuple[Layer, ...]:
    """Read the layers of a page's ``Content``; units that stand outside of any layer make one Body layer of their own."""
    found = [_layer(item) for item in children(content, "Layer")]
    stray = units(content) if content is not None else ()
    if stray:
        found.append(Layer("", "Body", "", stray))
    return tuple(found)


def _layer(element: etree._Element) -> Layer:
    return Layer(element.get("ID", ""), element.get("Type", "Body"), element.get("DrawParam", ""), units(element))


def _units(holder: etree._Element) -> Iterator[Unit]:
    for item in holder:
        tag = item.tag
        reader = _READERS.get(tag.rpartition("}")[2]) if isinstance(tag, str) else None
        if reader is not None:
            yield reader(item)


def _kids(element: etree._Element) -> _Kids:
    """Return the children by their plain names, in order; gone through once, for each pass makes lxml's objects anew."""
    return [(tag.rpartition("}")[2], item) for item in element if isinstance(tag := item.tag, str)]


def _frame(element: etree._Element, get: _Get, kids: _Kids) -> Frame:
    alpha, visible = get("Alpha"), get("Visible")
    clips = next((_clips(item) for name, item in kids if name == "Clips"), None)
    has_actions = any(name == "Actions" for name, _ in kids)
    return Frame(
        get("ID") or "",
        box(get("Boundary")) or NOWHERE,
        matrix(get("CTM")),
        get("Name") or "",
        visible is None or yes(visible, otherwise=True),
        get("DrawParam") or "",
        line_style(get),
        255 if alpha is None else max(0, min(255, whole(alpha, 255))),
        clips,
        actions(element) if has_actions else (),
    )


def _paint(kids: _Kids) -> tuple[Colour | None, Colour | None]:
    """Return the fill and stroke colours said here."""
    fill = stroke = None
    for name, item in kids:
        if name == "FillColor":
            fill = colour(item, units)
        elif name == "StrokeColor":
            stroke = colour(item, units)
    return fill, stroke


def _text(element: etree._Element) -> TextObject:
    get: _Get = _attributes(element)
    kids = _kids(element)
    fill, stroke = _paint(kids)
    return TextObject(
        _frame(element, get, kids),
        get("Font") or "",
        number_or(get("Size"), _SIZE_UNKNOWN),
        _codes(kids),
        yes(get("Stroke"), otherwise=False),
        yes(get("Fill"), otherwise=True),
        number_or(get("HScale"), 1.0),
        whole(get("ReadDirection"), 0) % 360,
        whole(get("CharDirection"), 0) % 360,
        whole(get("Weight"), 400),
        yes(get("Italic"), otherwise=False),
        fill,
        stroke,
    )


def _attributes(element: etree._Element) -> _Get:
    found: dict[str, str] = dict(element.attrib)  # type: ignore[arg-type]  # attributes of parsed XML are text
    return found.get


def _codes(kids: _Kids) -> tuple[TextCode, ...]:
    codes: list[TextCode] = []
    transforms: list[GlyphTransform] = []
    for name, item in kids:
        if name == "CGTransform":
            transforms.append(_transform(item))
        elif name == "TextCode":
            codes.append(_code(item, tuple(transforms)))
            transforms.clear()
    if transforms and codes:  # some producers write them behind
        codes[-1] = replace(codes[-1], transforms=codes[-1].transforms + tuple(transforms))
    return tuple(codes)


def _code(element: etree._Element, transforms: tuple[GlyphTransform, ...]) -> TextCode:
    text = "".join(str(piece) for piece in element.itertext())[:_CHARACTERS] if len(element) else (element.text or "")[:_CHARACTERS]
    limit = len(text) + (sum(item.glyph_count for item in transforms) if transforms else 0)
    get = _attributes(element)
    return TextCode(text, number(get("X")), number(get("Y")), deltas(get("DeltaX"), limit), deltas(get("DeltaY"), limit), transforms)


def _transform(element: etree._Element) -> GlyphTransform:
    get = _attributes(element)
    listed = next((item.text or "" for item in element.iterchildren("{*}Glyphs")), "")
    codes, glyphs = max(1, whole(get("CodeCount"), 1)), max(1, whole(get("GlyphCount"), 1))
    return GlyphTransform(max(0, whole(get("CodePosition"), 0)), min(_CHARACTERS, codes), min(_CHARACTERS, glyphs), listed)


def _path(element: etree._Element) -> PathObject:
    get = _attributes(element)
    kids = _kids(element)
    fill, stroke = _paint(kids)
    return PathObject(
        _frame(element, get, kids),
        next((item.text or "" for name, item in kids if name == "AbbreviatedData"), ""),
        get("Rule") or "NonZero",
        yes(get("Stroke"), otherwise=True),
        yes(get("Fill"), otherwise=False),
        fill,
        stroke,
    )


def _image(element: etree._Element) -> ImageObject:
    get = _attributes(element)
    ids = get("ResourceID") or "", get("Substitution") or "", get("ImageMask") or ""
    return ImageObject(_frame(element, get, _kids(element)), *ids, _border(child(element, "Border")))


def _border(element: etree._Element | None) -> Border | None:
    if element is None:
        return None
    get = element.get
    return Border(
        number_or(get("LineWidth"), 0.353),
        number_or(get("HorizonalCornerRadius") or get("HorizontalCornerRadius"), 0.0),  # spelt so in the standard's schema
        number_or(get("VerticalCornerRadius"), 0.0),
        number_or(get("DashOffset"), 0.0),
        array(get("DashPattern")),
        colour(child(element, "BorderColor"), units),
    )


def _composite(element: etree._Element) -> CompositeObject:
    return CompositeObject(_frame(element, _attributes(element), _kids(element)), element.get("ResourceID", ""))


def _block(element: etree._Element) -> PageBlock:
    return PageBlock(element.get("ID", ""), units(element))


_READERS: dict[str, Callable[[etree._Element], Unit]] = {
    "TextObject": _text,
    "PathObject": _path,
    "ImageObject": _image,
    "CompositeObject": _composite,
    "PageBlock": _block,
}


def _clips(element: etree._Element) -> Clips:
    rows = (tuple(_clip_areas(clip)) for clip in children(element, "Clip"))
    return Clips(tuple(rows), yes(element.get("TransFlag"), otherwise=True))


def _clip_areas(clip: etree._Element) -> Iterator[ClipArea]:
    for place in children(clip, "Area"):
        for item in place:
            reader = _SHAPES.get(local(item))
            if reader is not None:
                yield ClipArea(reader(item), matrix(place.get("CTM")), place.get("DrawParam", ""))


_SHAPES: dict[str, Callable[[etree._Element], PathObject | TextObject]] = {"Path": _path, "Text": _text}
