"""Reading one page: lines found, those under seals looked at through a red glass, each read, all put in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from lantai.adapters.recognisers import columns, doubting, footing, shining, tightening
from lantai.adapters.recognisers.detecting import FOOT, Found, find, with_page_number, with_singles
from lantai.adapters.recognisers.likely import likely, once
from lantai.adapters.recognisers.models import SMALL, TINY
from lantai.adapters.recognisers.naming import engine
from lantai.adapters.recognisers.ordering import in_order
from lantai.adapters.recognisers.spelling import Letter, Spelt, spell
from lantai.imaging import colour, ghosts
from lantai.imaging.opening import Picture, Pixels, opened
from lantai.ports.recogniser import Box, Character, ReadLine, ReadPage

_CRISP = 0.08
_NUMBER_LEAST = 0.45
_UNDER = 0.3
_SHORT = 4
_LOOSE = 4
_LINE_PX = 96
_PAGE_PX = 300


@dataclass(frozen=True, slots=True)
class _Source:
    """What a line is read from: its place, and the pixels it is cut out of."""

    found: Found
    pixels: Pixels


def read(path: Path, *, most_pixels: int) -> ReadPage:
    """Read the page at *path*, which stands upright and straight. Raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE."""
    picture = opened(path, most_pixels=most_pixels)
    return read_picture(picture)


def read_picture(picture: Picture) -> ReadPage:
    """Read an opened page."""
    dpi = picture.likely_dpi
    grey: Pixels = picture.pixels if picture.pixels.ndim == 2 else cv2.extractChannel(picture.pixels, 0).astype(np.uint8, copy=False)
    way = _way(picture, grey, dpi)
    pixels = _seen(picture.pixels, grey, dpi, way)
    sources = _sources(pixels, dpi, way)
    if way is not _USUAL:
        sources = [replace(source, found=item) for source in sources for item in tightening.tightened(source.found, source.pixels)]
    told = [pair for source in sources for pair in _told(source, picture.height, dpi)]
    sure = [pair for pair in told if pair[1].confidence >= (_NUMBER_LEAST if pair[0].found.is_page_number else way.least)]
    if way is _USUAL and picture.mode != "bilevel":
        sure = list(shining.trimmed(sure, picture.pixels))
    elif way is not _USUAL:
        sure = [*_numbers(sure, is_number=True), *_own(_numbers(told, is_number=False), picture, grey, way)]
    lines = [_fitted(line) for line in once([line for _, line in sure]) if line.text.strip()]
    doubted = [source for source, line in told if way is _USUAL and line.confidence < way.least]
    unread = tuple(source.found.box for source in doubted if not source.found.is_page_number and _is_written(source))
    return ReadPage(picture.width, picture.height, dpi, in_order(lines, picture.width), unread, engine())


def _numbers(told: Sequence[tuple[_Source, ReadLine]], *, is_number: bool) -> list[tuple[_Source, ReadLine]]:
    return [pair for pair in told if pair[0].found.is_page_number is is_number]


def _own(told: Sequence[tuple[_Source, ReadLine]], picture: Picture, grey: Pixels, way: "_Way") -> Iterator[tuple[_Source, ReadLine]]:
    return shining.without(told, picture.pixels, least=way.least, ghosts=ghosts.depth(grey, picture.likely_dpi))


def _told(source: _Source, height: int, dpi: float) -> Iterator[tuple[_Source, ReadLine]]:
    """Read what stands in a place; where a page number was looked for and there is none, what was found there instead."""
    line = _line(source)
    is_number = footing.is_number(line.text)
    if source.found.is_page_number and not is_number:
        for item in source.found.instead_of:
            yield from _told(_Source(item, source.pixels), height, dpi)
        return
    if is_number and line.box[1] > FOOT * height:
        number = replace(source, found=replace(source.found, is_page_number=True))
        yield number, footing.with_strokes(line, source.pixels, dpi)
    else:
        yield source, likely(line)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a page is read: the detector's size, how large it looks at the page, and how sure a line must be to be believed."""

    size: str
    longest: int
    least: float


_USUAL = _Way(TINY, 960, 0.6)
_HAUNTED = _Way(TINY, 960, 0.8)
_SOFT = _Way(SMALL, 1280, 0.75)


def _way(picture: Picture, grey: Pixels, dpi: float) -> _Way:
    """Tell sharp pages from soft ones, and from sharp ones those where writing of the back shines through."""
    if picture.mode == "bilevel" or min(grey.shape) < _PAGE_PX:
        return _USUAL
    if ghosts.crispness(grey) < _CRISP:
        return _SOFT
    return _HAUNTED if ghosts.is_haunted(grey, dpi, coloured=picture.pixels) else _USUAL


def _three(pixels: Pixels) -> Pixels:
    return pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)


def _seen(pixels: Pixels, grey: Pixels, dpi: float, way: _Way) -> Pixels:
    """Return what is looked at: where the back may shine through, the page without its pale red and, if sharp, without its pale grey."""
    if way is _USUAL:
        return _three(pixels)
    cleared = colour.without_pale_red(pixels)
    if way is not _HAUNTED:
        return _three(cleared)
    flat = _three(ghosts.laid(grey, dpi))
    reds = colour.red(cleared)
    return cv2.copyTo(cleared, reds, flat).astype(np.uint8, copy=False) if cv2.countNonZero(reds) else flat


def _sources(pixels: Pixels, dpi: float, way: _Way) -> list[_Source]:
    found = with_singles(find(pixels, longest=way.longest, size=way.size))
    if not found and pixels.shape[0] <= _LINE_PX:
        found = [Found((0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0])), 1.0)]
    if min(pixels.shape[:2]) < _PAGE_PX:
        return [_Source(item, pixels) for item in found]
    found = with_page_number(pixels, found, dpi)
    seals = colour.seals(pixels, dpi)
    if not seals:
        return [_Source(item, pixels) for item in _loosened(found, pixels.shape[1])]
    glass = colour.without_red(pixels)
    seen = with_singles(find(glass, longest=way.longest, size=way.size))
    black = [item for item in seen if any(_meets(item.box, seal) for seal in seals)]
    red = [item for item in found if sum(_share(item.box, other.box) for other in black) < _UNDER]
    return [*(_Source(item, glass) for item in black), *(_Source(item, pixels) for item in _loosened(red, pixels.shape[1]))]


def _meets(box: Box, area: colour.Area) -> bool:
    return box[0] < area.x1 and box[2] > area.x0 and box[1] < area.y1 and box[3] > area.y0


def _loosened(found: Sequence[Found], width: int) -> list[Found]:
    """Give short lines that stand alone on their height more room: the dashes beside a page number are easily left outside."""
    return [_wider(item, width) if _stands_alone(item, found) else item for item in found]


def _stands_alone(item: Found, found: Sequence[Found]) -> bool:
    x0, y0, x1, y1 = item.box
    is_short = x1 - x0 < _SHORT * (y1 - y0) and not item.is_vertical
    return is_short and not any(other is not item and other.box[1] < y1 and other.box[3] > y0 for other in found)


def _wider(item: Found, width: int) -> Found:
    x0, y0, x1, y1 = item.box
    more = y1 - y0
    return replace(item, box=(max(0.0, x0 - more), y0, min(float(width), x1 + more), y1))


def _share(box: Box, other: Box) -> float:
    """Return how much of *box* lies in *other*, 0 to 1."""
    across, down = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return across * down / whole if across > 0 and down > 0 and whole > 0 else 0.0


def _line(source: _Source) -> ReadLine:
    x0, y0, x1, y1 = (round(side) for side in source.found.box)
    strip = source.pixels[y0:y1, x0:x1]
    if strip.shape[0] < _LOOSE or strip.shape[1] < _LOOSE:
        return ReadLine("", source.found.box, 0.0)
    if source.found.is_vertical:
        return _upright(strip, source.found.box)
    spelt = doubting.read(strip)
    return ReadLine(spelt.text, source.found.box, round(spelt.confidence, 4), tuple(_characters(spelt, source.found.box)))


def _fitted(line: ReadLine) -> ReadLine:
    """Return a line in the place of its letters: short ones were given more room to be read in, and would seem to stand in the margin."""
    if line.is_vertical or not line.chars:
        return line
    x0, y0, x1, y1 = line.box
    return replace(line, box=(max(x0, line.chars[0][1][0]), y0, min(x1, line.chars[-1][1][2]), y1))


def _upright(strip: Pixels, box: Box) -> ReadLine:
    flat, cuts = columns.laid_flat(strip)
    spelt = spell(flat, SMALL)
    high, count = box[3] - box[1], len(cuts) - 1
    chars: list[Character] = []
    for letter in spelt.letters:
        square = min(int(letter.at * count), count - 1)
        chars.append((letter.text, (box[0], box[1] + cuts[square] * high, box[2], box[1] + cuts[square + 1] * high), letter.confidence))
    return ReadLine(spelt.text, box, round(spelt.confidence, 4), tuple(chars), is_vertical=True)


def _characters(spelt: Spelt, box: Box) -> Iterator[Character]:
    """Yield each character with its box: as wide as it is high at most, and to the middle between it and its neighbours."""
    wide, high = box[2] - box[0], box[3] - box[1]
    letters: tuple[Letter, ...] = spelt.letters
    for index, letter in enumerate(letters):
        left = (letters[index - 1].at + letter.at) / 2 if index else 0.0
        right = (letters[index + 1].at + letter.at) / 2 if index + 1 < len(letters) else 1.0
        x = box[0] + letter.at * wide
        sides = max(box[0] + left * wide, x - high / 2), min(box[0] + right * wide, x + high / 2)
        yield letter.text, (round(sides[0], 1), box[1], round(sides[1], 1), box[3]), round(letter.confidence, 3)


def _is_written(source: _Source) -> bool:
    """Tell whether a place that could not be read holds strokes: a good part of it dark, and the detector sure of it."""
    x0, y0, x1, y1 = (round(side) for side in source.found.box)
    part = source.pixels[y0:y1, x0:x1]
    return part.size > 0 and source.found.score > 0.5 and float(np.percentile(part, 95)) - float(np.percentile(part, 5)) > 60
