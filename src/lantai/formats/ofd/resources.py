"""Resources found by identifier, read only when asked for (GB/T 33190-2016 7.9): of the page first, then document, then public."""

import posixpath
from collections.abc import Sequence
from typing import TypeVar

from lxml import etree

from lantai.formats.ofd.colours import colour, line_style
from lantai.formats.ofd.graphics import units
from lantai.formats.ofd.model_resource import ColourSpace, CompositeUnit, DrawParam, Font, MultiMedia, Resource
from lantai.formats.ofd.parts import Parts
from lantai.formats.ofd.values import array, child, children, number_or, text_of, whole, yes
from lantai.formats.xmlsafe import local

_KINDS = {
    "Fonts": "Font",
    "ColorSpaces": "ColorSpace",
    "DrawParams": "DrawParam",
    "MultiMedias": "MultiMedia",
    "CompositeGraphicUnits": "CompositeGraphicUnit",
}
_Kind = TypeVar("_Kind", bound=Resource)
_Row = tuple[etree._Element, str, str]


class Resources:
    """The resources of some entries; an identifier found in an earlier entry hides the same in a later one, ``outer`` comes last."""

    def __init__(self, parts: Parts, places: Sequence[str], outer: "Resources | None" = None) -> None:
        self._parts = parts
        self._places = tuple(places)
        self._outer = outer
        self._rows: dict[str, _Row] | None = None
        self._made: dict[str, Resource | None] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """Identifiers of this level, without those of the outer ones."""
        return tuple(self._index())

    def font(self, id_: str) -> Font | None:
        """Return the font *id_*; None where there is none."""
        return self._get(id_, Font)

    def colour_space(self, id_: str) -> ColourSpace | None:
        """Return the colour space *id_*; None where there is none."""
        return self._get(id_, ColourSpace)

    def draw_param(self, id_: str) -> DrawParam | None:
        """Return the drawing parameters *id_*; None where there are none."""
        return self._get(id_, DrawParam)

    def media(self, id_: str) -> MultiMedia | None:
        """Return the image, sound or video *id_*; None where there is none."""
        return self._get(id_, MultiMedia)

    def composite(self, id_: str) -> CompositeUnit | None:
        """Return the composite unit *id_*; None where there is none."""
        return self._get(id_, CompositeUnit)

    def place_of(self, id_: str) -> tuple[str, ...]:
        """Return the entries that make up the resource *id_*: the list it stands in and its file."""
        row = self._index().get(id_)
        if row is None:
            return self._outer.place_of(id_) if self._outer else ()
        made = self._resource(id_)
        file = getattr(made, "file", "") or getattr(made, "profile", "")
        return (row[1], file) if file else (row[1],)

    def _get(self, id_: str, kind: type[_Kind]) -> _Kind | None:
        found = self._resource(id_) if id_ else None
        if isinstance(found, kind):
            return found
        return self._outer._get(id_, kind) if self._outer and id_ else None

    def _resource(self, id_: str) -> Resource | None:
        if id_ not in self._made:
            row = self._index().get(id_)
            self._made[id_] = None if row is None else self._make(*row)
        return self._made[id_]

    def _index(self) -> dict[str, _Row]:
        if self._rows is None:
            self._rows = {}
            for place in self._places:
                self._add(self._rows, place)
        return self._rows

    def _add(self, rows: dict[str, _Row], place: str) -> None:
        root = self._parts.xml(place) if place else None
        base = "" if root is None else root.get("BaseLoc", "")
        for group in root if root is not None else ():
            for item in children(group, _KINDS.get(local(group), "-")):
                rows.setdefault(item.get("ID", ""), (item, place, base))

    def _make(self, element: etree._Element, place: str, base: str) -> Resource:
        def file(raw: str | None) -> str:
            return self._parts.resolve(raw, place, base)

        match local(element):
            case "Font":
                return _font(element, file(text_of(element, "FontFile")))
            case "ColorSpace":
                return _colour_space(element, file(element.get("Profile")))
            case "DrawParam":
                return _draw_param(element)
            case "MultiMedia":
                name = file(text_of(element, "MediaFile"))
                extension = posixpath.splitext(name)[1].lstrip(".")
                return MultiMedia(element.get("ID", ""), element.get("Type", ""), element.get("Format") or extension.upper(), name)
            case _:
                return _composite(element)


def _font(element: etree._Element, file: str) -> Font:
    get = element.get
    charset = get("Charset") or get("CharSet") or "unicode"

    def has(name: str) -> bool:
        return yes(get(name), otherwise=False)

    flags = has("Serif"), has("Bold"), has("Italic"), has("FixedWidth")
    return Font(get("ID", ""), get("FontName", ""), get("FamilyName", ""), charset, *flags, file)


def _colour_space(element: etree._Element, profile: str) -> ColourSpace:
    palette = tuple(array(item.text) for item in children(child(element, "Palette"), "CV"))
    return ColourSpace(
        element.get("ID", ""), element.get("Type", "RGB").upper(), whole(element.get("BitsPerComponent"), 8), profile, palette
    )


def _draw_param(element: etree._Element) -> DrawParam:
    fill, stroke = colour(child(element, "FillColor"), units), colour(child(element, "StrokeColor"), units)
    return DrawParam(element.get("ID", ""), element.get("Relative", ""), line_style(element.get), fill, stroke)


def _composite(element: etree._Element) -> CompositeUnit:
    content = child(element, "Content")
    size = number_or(element.get("Width"), 0.0), number_or(element.get("Height"), 0.0)
    said = () if content is None else units(content)
    return CompositeUnit(element.get("ID", ""), *size, said, text_of(element, "Thumbnail"), text_of(element, "Substitution"))
