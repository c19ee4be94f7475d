"""Page content read into values: layers and graphic units (GB/T 33190-2016 7.7, 8.4, 8.5, 9, 10, 11, 13).

Nesting is bounded by the parser of XML (256), so reading recursively is safe.
"""

from collections.abc import Callable, Iterator

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


def _frame(element: etree._Element) -> Frame:
    get = element.get
    alpha, visible = get("Alpha"), get("Visible")
    clips = act = None
    for item in element.iterchildren("{*}Clips", "{*}Actions"):
        if local(item) == "Clips":
            clips = _clips(item)
        else:
            act = actions(element)
    return Frame(
        get("ID", ""),
        box(get("Boundary")) or NOWHERE,
        matrix(get("CTM")),
        get("Name", ""),
        visible is None or yes(visible, otherwise=True),
        get("DrawParam", ""),
        line_style(element),
        255 if alpha is None else max(0, min(255, whole(alpha, 255))),
        clips,
        act or (),
    )


def _paint(element: etree._Element) -> tuple[Colour | None, Colour | None]:
    """Return the fill and stroke colours said here."""
    fill = stroke = None
    for item in element.iterchildren("{*}FillColor", "{*}StrokeColor"):
        if local(item) == "FillColor":
            fill = colour(item, units)
        else:
            stroke = colour(item, units)
    return fill, stroke


def _text(element: etree._Element) -> TextObject:
    get = element.get
    fill, stroke = _paint(element)
    return TextObject(
        _frame(element),
        get("Font", ""),
        number_or(get("Size"), _SIZE_UNKNOWN),
        _codes(element),
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


def _codes(element: etree._Element) -> tuple[TextCode, ...]:
    codes: list[TextCode] = []
    transforms: list[GlyphTransform] = []
    for item in element:
        name = local(item)
        if name == "CGTransform":
            transforms.append(_transform(item))
        elif name == "TextCode":
            codes.append(_code(item, tuple(transforms)))
            transforms.clear()
    if transforms and codes:  # some producers write them behind
        last = codes[-1]
        codes[-1] = TextCode(last.text, last.x, last.y, last.delta_x, last.delta_y, last.transforms + tuple(transforms))
    return tuple(codes)


def _code(element: etree._Element, transforms: tuple[GlyphTransform, ...]) -> TextCode:
    text = "".join(str(piece) for piece in element.itertext())[:_CHARACTERS] if len(element) else (element.text or "")[:_CHARACTERS]
    limit = len(text) + sum(item.glyph_count for item in transforms)
    get = element.get
    return TextCode(text, number(get("X")), number(get("Y")), deltas(get("DeltaX"), limit), deltas(get("DeltaY"), limit), transforms)


def _transform(element: etree._Element) -> GlyphTransform:
    get = element.get
    listed = child(element, "Glyphs")
    glyphs = () if listed is None else tuple(int(value) for value in array(listed.text) if 0 <= value < 2**32)
    codes = min(_CHARACTERS, max(1, whole(get("CodeCount"), 1)))
    return GlyphTransform(max(0, whole(get("CodePosition"), 0)), codes, min(_CHARACTERS, max(1, whole(get("GlyphCount"), 1))), glyphs)


def _path(element: etree._Element) -> PathObject:
    get = element.get
    fill, stroke = _paint(element)
    data = child(element, "AbbreviatedData")
    return PathObject(
        _frame(element),
        "" if data is None else data.text or "",
        get("Rule", "NonZero"),
        yes(get("Stroke"), otherwise=True),
        yes(get("Fill"), otherwise=False),
        fill,
        stroke,
    )


def _image(element: etree._Element) -> ImageObject:
    get = element.get
    return ImageObject(
        _frame(element), get("ResourceID", ""), get("Substitution", ""), get("ImageMask", ""), _border(child(element, "Border"))
    )


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
    return CompositeObject(_frame(element), element.get("ResourceID", ""))


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
