"""Two layers, image above and text below 双层版式: what the writers of PDF and OFD are given, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from lantai.ports.recogniser import Box, ReadLine, ReadPage

JPEG, PNG = "image/jpeg", "image/png"
_LEAST = 1.0


@dataclass(frozen=True, slots=True)
class PageLayer:
    """A page: the bytes of its image (JPEG or PNG, as ``imaging.clean`` gives them), its media type, and what was read in it.

    Size and resolution are those of ``page``, whose boxes are in pixels of the image.
    """

    image: bytes
    mime: str
    page: ReadPage


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself. ``created`` is an instant in ISO 8601 with its offset, empty where nothing is to be said."""

    title: str = ""
    author: str = ""
    created: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A line to set: its text, its box in pixels, and whether it runs downwards."""

    text: str
    box: Box
    is_vertical: bool


def stretches(page: ReadPage) -> Iterator[Stretch]:
    """Yield the lines of a page that have text, without characters that no layer can hold, in boxes that have an extent."""
    for line in page.lines:
        text = "".join(char for char in line.text if char.isprintable()).strip()
        if text:
            x0, y0, x1, y1 = _written(line)
            yield Stretch(text, (x0, y0, max(x1, x0 + _LEAST), max(y1, y0 + _LEAST)), line.is_vertical and len(text) > 1)


def _written(line: ReadLine) -> Box:
    """Return the box of a line from its first character to its last.

    A figure in a cell is looked for with room around it. Set as wide as that, it would seem large enough to stand on the line below as
    well, and readers of PDF would sort the two lines into one.
    """
    x0, y0, x1, y1 = line.box
    if not line.chars or (line.is_vertical and len(line.chars) > 1):
        return line.box
    return max(x0, line.chars[0][1][0]), y0, min(x1, line.chars[-1][1][2]), y1


def blank_font() -> bytes:
    """Return the font that the text is set in: glyphs 0 and 1 are blank, glyph 2 is a square; each is a full square wide."""
    return (files("lantai.formats") / "blank.ttf").read_bytes()
