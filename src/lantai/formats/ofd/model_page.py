"""Values of a page's content: layers, graphic units, colours, clips, annotations (GB/T 33190-2016 clauses 7.7 to 11 and 15).

Lengths are millimetres in the space of the holder, matrices are (a, b, c, d, e, f) with x' = ax + cy + e, y' = bx + dy + f.
None means "not said here": the value comes from the drawing parameters (:mod:`lantai.formats.ofd.styles`) or the standard's default.
"""

from dataclasses import dataclass

from lantai.formats.ofd.abbreviated import PathSegment, parse_path
from lantai.formats.ofd.geometry import IDENTITY, Box, Matrix, PageArea
from lantai.formats.ofd.model_action import Action


@dataclass(frozen=True, slots=True)
class GradientStop:
    """A colour at a position 0 to 1 of a gradient; None where positions are to be spread evenly."""

    position: float | None
    colour: "Colour"


@dataclass(frozen=True, slots=True)
class AxialShading:
    """A gradient along a line (8.3.4.2); ``extend`` 0 none, 1 before, 2 after, 3 both."""

    map_type: str
    map_unit: float | None
    extend: int
    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[GradientStop, ...]


@dataclass(frozen=True, slots=True)
class RadialShading:
    """A gradient between two ellipses (8.3.4.3); ``angle`` in degrees."""

    map_type: str
    map_unit: float | None
    extend: int
    start: tuple[float, float]
    end: tuple[float, float]
    start_radius: float
    end_radius: float
    eccentricity: float
    angle: float
    stops: tuple[GradientStop, ...]


@dataclass(frozen=True, slots=True)
class MeshPoint:
    """A corner of a Gouraud mesh with its colour and edge flag."""

    x: float
    y: float
    flag: int
    colour: "Colour"


@dataclass(frozen=True, slots=True)
class MeshShading:
    """A Gouraud mesh (8.3.4.4): free triangles, or a lattice where ``per_row`` is over 0."""

    points: tuple[MeshPoint, ...]
    per_row: int
    extend: int
    back: "Colour | None"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A cell of graphic units repeated over the area (8.3.3)."""

    width: float
    height: float
    x_step: float
    y_step: float
    reflect: str
    relative_to: str
    ctm: Matrix
    thumbnail: str
    units: tuple["Unit", ...]


Shading = AxialShading | RadialShading | MeshShading | Pattern


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour (8.3.2): channel values, or an index in the palette of its space; ``space`` by identifier, empty is the default.

    ``values`` is None where only an index or a shading is given; ``alpha`` 0 to 255.
    """

    values: tuple[float, ...] | None = None
    index: int | None = None
    space: str = ""
    alpha: int = 255
    shading: Shading | None = None


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How lines are drawn (8.2); None where it is not said."""

    width: float | None = None
    cap: str | None = None
    join: str | None = None
    miter_limit: float | None = None
    dash_offset: float | None = None
    dash_pattern: tuple[float, ...] | None = None


PLAIN_LINE = LineStyle()


@dataclass(frozen=True, slots=True)
class ClipArea:
    """One area of a clip, a path or a text, with its own matrix and drawing parameters."""

    shape: "PathObject | TextObject"
    ctm: Matrix = IDENTITY
    draw_param: str = ""


@dataclass(frozen=True, slots=True)
class Clips:
    """The clips of a unit (8.4): the picture shows in the meeting of all, each being the union of its areas."""

    clips: tuple[tuple[ClipArea, ...], ...]
    is_transformed: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """What all graphic units share (8.5, CT_GraphicUnit)."""

    id: str
    boundary: Box
    ctm: Matrix = IDENTITY
    name: str = ""
    is_visible: bool = True
    draw_param: str = ""
    line: LineStyle = PLAIN_LINE
    alpha: int = 255
    clips: Clips | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class GlyphTransform:
    """Characters drawn with given glyphs (11.4.2): position and count of characters, count of glyphs, their numbers as written."""

    position: int
    code_count: int
    glyph_count: int
    listed: str = ""

    @property
    def glyphs(self) -> tuple[int, ...]:
        """The glyph numbers; what is none is left out."""
        return tuple(int(part) for part in self.listed.split() if part.isascii() and part.isdecimal() and len(part) < 10)


@dataclass(frozen=True, slots=True)
class TextCode:
    """A string with its starting point and the steps between characters (11.3); x and y None: where the one before began."""

    text: str
    x: float | None
    y: float | None
    delta_x: tuple[float, ...] = ()
    delta_y: tuple[float, ...] = ()
    transforms: tuple[GlyphTransform, ...] = ()


@dataclass(frozen=True, slots=True)
class TextObject:
    """Text (11.2): font by identifier, ``size`` in millimetres, directions in degrees clockwise; fills unless told otherwise."""

    frame: Frame
    font: str
    size: float
    codes: tuple[TextCode, ...]
    is_stroked: bool = False
    is_filled: bool = True
    h_scale: float = 1.0
    read_direction: int = 0
    char_direction: int = 0
    weight: int = 400
    is_italic: bool = False
    fill: Colour | None = None
    stroke: Colour | None = None

    @property
    def text(self) -> str:
        """All characters in the order they are written in the file."""
        return "".join(code.text for code in self.codes)


@dataclass(frozen=True, slots=True)
class PathObject:
    """A path (9.1); ``rule`` NonZero or Even-Odd; strokes unless told otherwise."""

    frame: Frame
    data: str
    rule: str = "NonZero"
    is_stroked: bool = True
    is_filled: bool = False
    fill: Colour | None = None
    stroke: Colour | None = None

    @property
    def segments(self) -> tuple[PathSegment, ...]:
        """The path data (9.3) parsed; what cannot be read ends it."""
        return parse_path(self.data)


@dataclass(frozen=True, slots=True)
class Border:
    """The frame of an image (10.2)."""

    line_width: float
    horizontal_radius: float
    vertical_radius: float
    dash_offset: float
    dash_pattern: tuple[float, ...]
    colour: Colour | None


@dataclass(frozen=True, slots=True)
class ImageObject:
    """An image (10.1): resource, substitute and mask by identifier; drawn into the unit square of its matrix."""

    frame: Frame
    resource: str
    substitution: str = ""
    mask: str = ""
    border: Border | None = None


@dataclass(frozen=True, slots=True)
class CompositeObject:
    """A composite unit of the resources, drawn here (clause 13)."""

    frame: Frame
    resource: str


@dataclass(frozen=True, slots=True)
class PageBlock:
    """Units grouped without any effect of their own (7.7)."""

    id: str
    units: tuple["Unit", ...]


Unit = TextObject | PathObject | ImageObject | CompositeObject | PageBlock


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer (7.7): Body, Foreground, Background or Custom; units in drawing order."""

    id: str
    kind: str
    draw_param: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template named by a page; ``z_order`` as said there, empty where the template's own holds."""

    template_id: str
    z_order: str = ""


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page or template as its entry gives it."""

    area: PageArea | None = None
    layers: tuple[Layer, ...] = ()
    templates: tuple[TemplateUse, ...] = ()
    resources: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note on a page (clause 15): Link, Path, Highlight, Stamp or Watermark, what it looks like and what it says."""

    id: str
    kind: str
    subtype: str = ""
    creator: str = ""
    modified: str = ""
    is_visible: bool = True
    is_printed: bool = True
    is_zoomed: bool = True
    is_rotated: bool = True
    is_read_only: bool = True
    remark: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    boundary: Box | None = None
    units: tuple[Unit, ...] = ()
    place: str = ""
