"""Recognition of scanned pages: text with boxes and confidence, line by line and character by character.

Obligations of a recogniser: it answers in the order asked; it never changes a file and never reaches the network; its memory is
bounded whatever the pages hold; a page that cannot be read is a Fault for that page alone, and the next one follows. What it did
not read (handwriting) it says; what it is not sure of it says by the confidence, and repairs nothing in silence.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever recognises nothing should not wait for the rules of official documents
    from lantai.core.officialdoc import Page

#: x0, y0, x1, y1 in pixels of the image that was read, from its top left.
Box = tuple[float, float, float, float]
#: A character, its box and its confidence from 0 to 1.
Character = tuple[str, Box, float]
_POINTS, _USUAL_DPI = 72.0, 300.0
# A line with a letter of less is no better than that letter: strokes that are none were read onto it. Signs are hardly ever read as surely.
_DOUBTFUL, _DOUBTFUL_SIGN = 0.95, 0.6
# A letter that has so much more room than the others, at an end of a line of so many, and how sure the line is then.
_LOOSE, _FEW, _OF_LOOSE = 1.25, 6, 0.9


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as it was read; ``confidence`` from 0 to 1, ``chars`` one row a character of ``text`` in its order."""

    text: str
    box: Box
    confidence: float
    chars: tuple[Character, ...] = ()
    is_vertical: bool = False


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it was read, lines in reading order. ``unread`` are the areas that hold writing which was not read (handwriting).

    ``engine`` names the engine and its models with their versions; empty where no engine has read the page.
    """

    width_px: int
    height_px: int
    dpi: float
    lines: tuple[ReadLine, ...] = ()
    unread: tuple[Box, ...] = ()
    engine: str = ""

    @property
    def text(self) -> str:
        """The lines, joined with a line feed."""
        return "\n".join(line.text for line in self.lines)

    def surety(self, boxes: Iterable[Sequence[float]]) -> float:
        """Return how sure is what stands in *boxes*: the least of the lines whose middle lies in one of them or that hold the middle of
        one, which may be a part of its line; 1 where there is none.

        A line counts as its confidence, and where one of its letters is doubtful, as that letter; one far from the others is doubtful, and
        so are lines that overlap: what stands there may have been read twice.
        """
        places = list(boxes)
        within = [line for line in self.lines if any(_holds(box, line.box) or _holds(line.box, box) for box in places)]
        overlap = any(_overlap(one.box, other.box) for one, other in combinations(within, 2))
        return min(map(_sure, within), default=1.0) if not overlap else min(_OF_LOOSE, *map(_sure, within))

    def sheet(self) -> "Page":
        """Return it as a page that the elements of an official document are read out of: lines with boxes in points."""
        from lantai.core.officialdoc import Page

        scale = _POINTS / (self.dpi or _USUAL_DPI)
        lines = tuple((line.text, _scaled(line.box, scale)) for line in self.lines)
        return Page(self.width_px * scale, self.height_px * scale, lines, self.text)


def _sure(line: ReadLine) -> float:
    doubts = (sure for text, _, sure in line.chars if sure < (_DOUBTFUL if text.isalnum() else _DOUBTFUL_SIGN))
    return min(line.confidence, _OF_LOOSE if _has_loose_end(line) else 1.0, *doubts)


def _has_loose_end(line: ReadLine) -> bool:
    """Tell whether the first or last letter stands far from the others, which are all of one width: it may shine through from the back."""
    wide = [box[2] - box[0] for _, box, _ in line.chars]
    if line.is_vertical or len(wide) < _FEW or not all("\u4e00" <= text <= "\u9fff" for text, _, _ in line.chars):
        return False
    usual = median(wide)
    return any(min(wide[end], wide[beside]) > _LOOSE * usual for end, beside in ((0, 1), (-1, -2)))


def _overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes have half a letter in common on one height."""
    high = min(one[3] - one[1], other[3] - other[1])
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return across > high / 2 and down > high / 2


def _holds(box: Sequence[float], other: Sequence[float]) -> bool:
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


class Recogniser(Protocol):
    """Reads images of pages."""

    @property
    def name(self) -> str:
        """Engine and models with their versions; empty where there is no engine."""
        ...

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Read images, answers in the order of *pages*, the next pages always under way.

        Taking the next answer raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE for a page that cannot be read (its ``where`` is the
        path): that page is set aside, and the iterator can be asked for the ones after it. Fault RECOGNISER-NOT-STARTED ends it.
        """
        ...

    def close(self) -> None:
        """Release worker processes; it may be used again afterwards."""
        ...


class NoRecogniser:
    """No engine: every page comes back unread, its ``engine`` empty."""

    name = ""

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Yield a page without size, lines or engine for each of *pages*."""
        return (ReadPage(0, 0, 0.0) for _ in pages)

    def close(self) -> None:
        """Do nothing."""
