"""Cleaning a page by a recipe: set upright and straight, rid of dark borders and dust; what was done is told so that it can be done again.

Marks, seals and annotations of the original are never altered: pixels are only turned, cropped beyond the sheet's edge, or painted
over where they are no part of the sheet. Bleed-through is lightened only where the recipe asks for it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from lantai.imaging import borders, ghosts, orientation, skew
from lantai.imaging.opening import MOST_PIXELS, Picture, Pixels, opened

VERSION = "1"
Matrix = tuple[float, float, float, float, float, float]
_STRAIGHT: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_LEAST_TURN = 0.03
_DARK_PAGE = 110
_MANY_SPECKS = 150


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to do with a page. ``crop_mm`` is how much is kept beyond the edge of the sheet (DA/T 31: 2 to 3 mm); None leaves all.

    ``quarter_turns`` and ``skew_degrees``, both counter-clockwise, are measured where they are None.
    """

    quarter_turns: int | None = None
    skew_degrees: float | None = None
    invert: bool = True
    crop_mm: float | None = 2.5
    border: bool = True
    despeckle: bool = True
    bleed_through: bool = False
    quality: int = 88


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: its name, the version of the code that did it, and its parameters."""

    name: str
    version: str
    parameters: dict[str, float | int | str | list[int]]

    def as_json(self) -> dict[str, Any]:
        """Return the row that is kept with the image."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned page: its bytes (PNG for black and white, else JPEG), size, resolution, and the steps in order.

    ``matrix`` leads a point of the original (x, y) to the cleaned page: (a·x + b·y + c, d·x + e·y + f).
    """

    image: bytes
    mime: str
    width_px: int
    height_px: int
    dpi: float
    steps: tuple[Step, ...]
    matrix: Matrix = _STRAIGHT


@dataclass(frozen=True, slots=True)
class _Bench:
    """A page being worked on; its skew is known until something is done to it, where it has been measured."""

    picture: Picture
    skew_degrees: float | None = None
    steps: tuple[Step, ...] = ()
    matrix: Matrix = field(default=_STRAIGHT)

    def done(self, pixels: Pixels, name: str, matrix: Matrix = _STRAIGHT, **parameters: float | str | list[int]) -> "_Bench":
        step = Step(name, VERSION, dict(parameters))
        return _Bench(replace(self.picture, pixels=pixels), None, (*self.steps, step), _after(self.matrix, matrix))


def clean(path: Path, recipe: Recipe | None = None, *, frame: int = 0, most_pixels: int = MOST_PIXELS) -> Cleaned:
    """Clean one page of the file at *path*. Raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE."""
    return clean_picture(opened(path, frame=frame, most_pixels=most_pixels), recipe or Recipe())


def clean_picture(picture: Picture, recipe: Recipe, *, skew_degrees: float | None = None) -> Cleaned:
    """Clean an opened page, whose skew as it lies in the file is *skew_degrees* where that has been measured."""
    done = worked(picture, recipe, skew_degrees=skew_degrees)
    mime, image = encoded(done.picture, recipe.quality)
    return Cleaned(image, mime, done.picture.width, done.picture.height, picture.likely_dpi, done.steps, done.matrix)


def worked(picture: Picture, recipe: Recipe, *, skew_degrees: float | None = None) -> _Bench:
    """Return the page after every step of the recipe, its pixels not yet packed."""
    bench = _Bench(picture, skew_degrees)
    for step in _STEPS:
        bench = step(bench, recipe)
    return bench


def encoded(picture: Picture, quality: int) -> tuple[str, bytes]:
    """Pack pixels as PNG of one bit where the page is black and white, else as JPEG; the resolution goes with them."""
    room = BytesIO()
    dpi = (picture.likely_dpi, picture.likely_dpi)
    image = Image.fromarray(picture.pixels)
    if picture.mode == "bilevel":
        image.convert("1", dither=Image.Dither.NONE).save(room, "PNG", dpi=dpi)
        return "image/png", room.getvalue()
    image.save(room, "JPEG", quality=quality, dpi=dpi)
    return "image/jpeg", room.getvalue()


def _after(first: Matrix, then: Matrix) -> Matrix:
    (a, b, c, d, e, f), (g, h, i, j, k, m) = first, then
    return g * a + h * d, g * b + h * e, g * c + h * f + i, j * a + k * d, j * b + k * e, j * c + k * f + m


def _grey(pixels: Pixels) -> Pixels:
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def is_inverted(grey: Pixels) -> bool:
    """Tell whether a page is light on dark: mostly dark, with a good part of it bright."""
    small = cv2.resize(grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA) if min(grey.shape) > 64 else grey
    inner = small[small.shape[0] // 10 : -(small.shape[0] // 10) or None, small.shape[1] // 10 : -(small.shape[1] // 10) or None]
    bright = float(np.percentile(inner, 99.5)) - float(np.median(inner))
    return float(np.median(inner)) < _DARK_PAGE and bright > 60


def _invert(bench: _Bench, recipe: Recipe) -> _Bench:
    if not recipe.invert or not is_inverted(_grey(bench.picture.pixels)):
        return bench
    return bench.done(cv2.bitwise_not(bench.picture.pixels).astype(np.uint8, copy=False), "invert")


def _crop(bench: _Bench, recipe: Recipe) -> _Bench:
    """Cut the scanner's dark bed away, but for a margin beyond the sheet's edge."""
    found = borders.borders(_grey(bench.picture.pixels))
    keep = 0 if recipe.crop_mm is None else round(recipe.crop_mm * bench.picture.likely_dpi / 25.4)
    sides = [max(0, side - keep) for side in (found.left, found.top, found.right, found.bottom)]
    if recipe.crop_mm is None or not any(sides):
        return bench
    left, top, right, bottom = sides
    pixels = bench.picture.pixels[top : bench.picture.height - bottom, left : bench.picture.width - right]
    return bench.done(np.ascontiguousarray(pixels), "crop", (1.0, 0.0, -float(left), 0.0, 1.0, -float(top)), cut_px=sides)


def _turn(bench: _Bench, recipe: Recipe) -> _Bench:
    turns = orientation.quarter_turns(bench.picture.pixels) if recipe.quarter_turns is None else recipe.quarter_turns % 4
    if not turns:
        return bench
    wide, high = float(bench.picture.width), float(bench.picture.height)
    matrix = {1: (0.0, 1.0, 0.0, -1.0, 0.0, wide), 2: (-1.0, 0.0, wide, 0.0, -1.0, high), 3: (0.0, -1.0, high, 1.0, 0.0, 0.0)}[turns]
    return bench.done(np.ascontiguousarray(np.rot90(bench.picture.pixels, turns)), "turn", matrix, quarter_turns=turns)


def _straighten(bench: _Bench, recipe: Recipe) -> _Bench:
    degrees = bench.skew_degrees if recipe.skew_degrees is None else recipe.skew_degrees
    degrees = skew.angle(_grey(bench.picture.pixels)) if degrees is None else degrees
    if abs(degrees) < _LEAST_TURN:
        return bench
    pixels, matrix = skew.turned(bench.picture.pixels, degrees, _paper(bench.picture.pixels))
    if bench.picture.mode == "bilevel":
        pixels = cv2.threshold(pixels, 127, 255, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)
    flat: list[float] = [float(value) for value in matrix.ravel()]
    return bench.done(pixels, "straighten", (flat[0], flat[1], flat[2], flat[3], flat[4], flat[5]), degrees=degrees)


def _paper(pixels: Pixels) -> tuple[int, ...]:
    """Return the colour of the paper: the median of what is brighter than the middle."""
    thin = pixels[::16, ::16].reshape(-1, pixels.shape[2] if pixels.ndim == 3 else 1)
    bright = thin[thin.mean(axis=1) >= np.median(thin.mean(axis=1))]
    return tuple(int(value) for value in np.median(bright, axis=0))


def _border(bench: _Bench, recipe: Recipe) -> _Bench:
    if not recipe.border:
        return bench
    paper = _paper(bench.picture.pixels)
    pixels = borders.painted(bench.picture.pixels, paper, bench.picture.likely_dpi)
    return bench if pixels is bench.picture.pixels else bench.done(pixels, "border", paper=list(paper))


def _despeckle(bench: _Bench, recipe: Recipe) -> _Bench:
    """Take away dust of black and white scans: dots of a pixel or two with nothing near them, and only where there are many."""
    if not recipe.despeckle or bench.picture.mode != "bilevel":
        return bench
    ink = (bench.picture.pixels == 0).astype(np.float32)
    around = cv2.boxFilter(ink, -1, (13, 13), normalize=False)
    specks = (ink > 0) & (around <= 4)
    count = int(specks.sum())
    if count < _MANY_SPECKS:
        return bench
    pixels = bench.picture.pixels.copy()
    pixels[specks] = 255
    return bench.done(pixels, "despeckle", specks=count)


def _calm(bench: _Bench, recipe: Recipe) -> _Bench:
    grey = _grey(bench.picture.pixels)
    dpi = bench.picture.likely_dpi
    if not recipe.bleed_through or bench.picture.pixels.ndim == 3 or not ghosts.is_haunted(grey, dpi):
        return bench
    return bench.done(ghosts.laid(grey, dpi), "bleed_through")


_STEPS: tuple[Callable[[_Bench, Recipe], _Bench], ...] = (_invert, _crop, _turn, _straighten, _border, _despeckle, _calm)
