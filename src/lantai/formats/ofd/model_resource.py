"""Values of resources (GB/T 33190-2016 clauses 7.9, 8.2, 8.3.1, 10, 11.1, 13); places are entries of the package."""

from dataclasses import dataclass

from lantai.formats.ofd.model_page import Colour, LineStyle, Unit


@dataclass(frozen=True, slots=True)
class Font:
    """A font (11.1): names, kind and the embedded file, empty where it is not embedded."""

    id: str
    name: str
    family: str = ""
    charset: str = "unicode"
    is_serif: bool = False
    is_bold: bool = False
    is_italic: bool = False
    is_fixed_width: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """A colour space (8.3.1): GRAY, RGB or CMYK, bits a channel, ICC profile, palette."""

    id: str
    kind: str
    bits: int = 8
    profile: str = ""
    palette: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class DrawParam:
    """Drawing parameters (8.2); ``relative`` names the set whose values hold where this one is silent."""

    id: str
    relative: str = ""
    line: LineStyle = LineStyle()  # noqa: RUF009 - frozen
    fill: Colour | None = None
    stroke: Colour | None = None


@dataclass(frozen=True, slots=True)
class MultiMedia:
    """An image, sound or video (10): kind, declared format and the file."""

    id: str
    kind: str
    format: str
    file: str


@dataclass(frozen=True, slots=True)
class CompositeUnit:
    """A vector picture that pages draw again and again (13)."""

    id: str
    width: float
    height: float
    units: tuple[Unit, ...]
    thumbnail: str = ""
    substitution: str = ""


Resource = Font | ColourSpace | DrawParam | MultiMedia | CompositeUnit
