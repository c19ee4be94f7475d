"""Measuring a page as it was scanned, and judging the measures by limits that are settings (DA/T 31-2017)."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.core.findings import Finding, finding
from lantai.imaging import borders, colour, skew
from lantai.imaging.cleaning import is_inverted
from lantai.imaging.opening import MOST_PIXELS, Picture, Pixels, opened
from lantai.imaging.shrinking import shrunk

_SIDE = 1000
_INK_DEPTH = 25
_CLIPPED_STROKES = 5
_CORNER_MM = 25.0
_DARK = 80
_LEAST_SIDE = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page must keep to: resolution in dpi, degrees of skew, sharpness and contrast (0 to 1), black border in mm."""

    least_dpi: float = 200
    most_skew_degrees: float = 1.0
    least_sharpness: float = 0.16
    most_border_mm: float = 3.0
    least_contrast: float = 0.25
    blank_share: float = 0.0004


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one page as it lies in the file.

    ``dpi`` is 0 where the file does not say; ``skew_degrees`` is how far it must be turned counter-clockwise; ``sharpness`` is how
    steep the edges of its writing are, and ``contrast`` how much darker than the paper writing is, both 0 to 1; ``ink`` is the share of
    the page that is written on. ``missing_corners`` are those of the four where the sheet is folded or torn off.
    """

    dpi: float
    width_px: int
    height_px: int
    mode: str
    skew_degrees: float
    sharpness: float
    border_mm: float
    contrast: float
    ink: float
    is_blank: bool
    has_colour: bool
    is_inverted: bool
    clipped: tuple[str, ...] = ()
    missing_corners: tuple[str, ...] = ()


def measure(path: Path, limits: Limits | None = None, *, frame: int = 0, most_pixels: int = MOST_PIXELS) -> Quality:
    """Measure one page of the file at *path*. Raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE."""
    return measured(opened(path, frame=frame, most_pixels=most_pixels), limits or Limits())


def measured(picture: Picture, limits: Limits) -> Quality:
    """Measure an opened page."""
    grey = picture.pixels if picture.pixels.ndim == 2 else cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    turned_over = is_inverted(grey)
    grey = cv2.bitwise_not(grey).astype(np.uint8, copy=False) if turned_over else grey
    edges = borders.borders(grey)
    sheet = grey[edges.top : grey.shape[0] - edges.bottom, edges.left : grey.shape[1] - edges.right]
    a_mm = picture.likely_dpi / 25.4
    depth = _depth(sheet)
    ink = float((depth > _INK_DEPTH).mean())
    return Quality(
        dpi=picture.dpi,
        width_px=picture.width,
        height_px=picture.height,
        mode=picture.mode,
        skew_degrees=skew.angle(sheet),
        sharpness=_sharpness(sheet),
        border_mm=round(edges.widest / a_mm, 1),
        contrast=_contrast(depth),
        ink=round(ink, 5),
        is_blank=ink < limits.blank_share,
        has_colour=_has_colour(picture.pixels),
        is_inverted=turned_over,
        clipped=_clipped(depth),
        missing_corners=_corners(grey, a_mm) if not edges.widest else (),
    )


def judged(quality: Quality, limits: Limits, where: str = "") -> tuple[Finding, ...]:
    """Return what does not keep to *limits*, as findings about *where*."""
    q = quality
    rows: tuple[tuple[bool, str, dict[str, str]], ...] = (
        (q.dpi == 0, "SCAN-RESOLUTION-UNKNOWN", {}),
        (0 < q.dpi < limits.least_dpi - 1, "SCAN-RESOLUTION", {"found": f"{q.dpi:g}", "least": f"{limits.least_dpi:g}"}),
        (q.is_inverted, "SCAN-INVERTED", {}),
        (q.is_blank, "SCAN-BLANK", {}),
        (
            not q.is_blank and abs(q.skew_degrees) > limits.most_skew_degrees,
            "SCAN-SKEW",
            {"found": f"{abs(q.skew_degrees):.2f}", "most": f"{limits.most_skew_degrees:g}"},
        ),
        (
            not q.is_blank and q.mode != "bilevel" and q.sharpness < limits.least_sharpness,
            "SCAN-BLURRED",
            {"found": f"{q.sharpness:.2f}", "least": f"{limits.least_sharpness:g}"},
        ),
        (q.border_mm > limits.most_border_mm, "SCAN-BLACK-BORDER", {"found": f"{q.border_mm:g}", "most": f"{limits.most_border_mm:g}"}),
        (
            not q.is_blank and q.contrast < limits.least_contrast,
            "SCAN-LOW-CONTRAST",
            {"found": f"{q.contrast:.2f}", "least": f"{limits.least_contrast:g}"},
        ),
        (bool(q.clipped), "SCAN-TEXT-CLIPPED", {}),
        (bool(q.missing_corners), "SCAN-CORNER-MISSING", {}),
    )
    return tuple(finding(code, where, **values) for is_so, code, values in rows if is_so)


def _depth(sheet: Pixels) -> Pixels:
    """Return how much darker than the paper around it each pixel of a smaller page is."""
    small = shrunk(sheet, _SIDE)
    bright = cv2.dilate(small, np.ones((9, 9), np.uint8))
    paper = cv2.medianBlur(np.ascontiguousarray(bright[::2, ::2]), 7)  # every other pixel says as much, at a third of the time
    paper = cv2.resize(paper, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(paper, small).astype(np.uint8, copy=False)


def _contrast(depth: Pixels) -> float:
    written = depth[depth > 25]
    return round(float(np.percentile(written, 80)) / 255, 3) if written.size > 50 else 0.0


def _sharpness(sheet: Pixels) -> float:
    """Return how much of the step from paper to ink happens within one pixel, at the steepest edges of the middle of the page."""
    high, wide = sheet.shape
    if min(high, wide) < _LEAST_SIDE:
        return 0.0
    middle = sheet[high // 5 : high * 4 // 5, wide // 5 : wide * 4 // 5]
    across = np.abs(np.diff(middle[::3].astype(np.int16), axis=1))
    low, top = np.percentile(middle[::4, ::4], (0.5, 60))
    steps = across[across > 0.08 * max(top - low, 1)]
    return round(min(1.0, float(np.percentile(steps, 90)) / max(float(top - low), 20.0)), 3) if steps.size > 100 else 0.0


def _has_colour(pixels: Pixels) -> bool:
    if pixels.ndim == 2:
        return False
    small = cv2.resize(pixels, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return float((colour.red(small) > 0).mean()) > 0.0005


def _clipped(depth: Pixels) -> tuple[str, ...]:
    """Return the sides where writing runs out of the picture: strokes that touch its edge at several places."""
    ink = depth > _INK_DEPTH
    if min(ink.shape) < _LEAST_SIDE:
        return ()
    sides = {"left": ink[:, 0] & ink[:, 1], "right": ink[:, -1] & ink[:, -2], "top": ink[0] & ink[1], "bottom": ink[-1] & ink[-2]}
    return tuple(name for name, edge in sides.items() if _touches(edge) >= _CLIPPED_STROKES)


def _touches(edge: NDArray[np.bool_]) -> int:
    """Return how many strokes stand on an edge; a band or a shadow along it is one."""
    return int(np.count_nonzero(np.diff(edge.astype(np.int8)) == 1))


def _corners(grey: Pixels, a_mm: float) -> tuple[str, ...]:
    """Return the corners where the bed shows: dark along both edges from the corner on, and bright again further in."""
    side = round(_CORNER_MM * a_mm)
    if min(grey.shape) < 3 * side or side < _LEAST_SIDE // 4:
        return ()
    parts = {
        "top_left": grey[:side, :side],
        "top_right": grey[:, ::-1][:side, :side],
        "bottom_left": grey[::-1][:side, :side],
        "bottom_right": grey[::-1, ::-1][:side, :side],
    }
    return tuple(name for name, part in parts.items() if _is_cut(part))


def _is_cut(part: Pixels) -> bool:
    near = part.shape[0] // 9
    edges, inside = (part[0, :near], part[:near, 0]), part[-near:, -near:]
    return all(float(np.median(edge)) < _DARK for edge in edges) and float(np.median(inside)) > 2 * _DARK
