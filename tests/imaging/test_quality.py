"""Measures of a scan: each fault is told by its own code, and a good scan by none."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import papers
from lantai.imaging import Limits, judged
from lantai.imaging.opening import Picture
from lantai.imaging.quality import measured

DPI = 200
PAGE = papers.letter(2, dpi=DPI).pixels


def _codes(pixels: papers.Pixels, *, dpi: float = DPI, mode: str = "colour") -> set[str]:
    return {item.code for item in judged(measured(Picture(pixels, dpi, mode), Limits()), Limits(), "页")}


def _corner() -> papers.Pixels:
    page = PAGE.copy()
    cv2.fillPoly(page, [np.array([(0, 0), (150, 0), (0, 150)])], (15, 15, 15))
    return page


def _clipped() -> papers.Pixels:
    return np.ascontiguousarray(PAGE[:, 260:])


FAULTS = {
    "SCAN-SKEW": lambda: papers.turned(PAGE, 2.0),
    "SCAN-BLURRED": lambda: np.asarray(cv2.GaussianBlur(PAGE, (0, 0), 4)),
    "SCAN-LOW-CONTRAST": lambda: papers.faded(PAGE, 160, 205),
    "SCAN-BLACK-BORDER": lambda: np.asarray(cv2.copyMakeBorder(PAGE, 0, 0, 80, 0, cv2.BORDER_CONSTANT, value=(10, 10, 10))),
    "SCAN-INVERTED": lambda: np.asarray(cv2.bitwise_not(PAGE)),
    "SCAN-BLANK": lambda: np.full((2339, 1654, 3), 246, np.uint8),
    "SCAN-CORNER-MISSING": _corner,
    "SCAN-TEXT-CLIPPED": _clipped,
}


def test_a_good_scan_has_no_remark() -> None:
    assert _codes(PAGE) == set()


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_told(code: str) -> None:
    assert code in _codes(FAULTS[code]())


def test_resolution() -> None:
    assert "SCAN-RESOLUTION-UNKNOWN" in _codes(PAGE, dpi=0)
    assert "SCAN-RESOLUTION" in _codes(PAGE, dpi=150)


def test_what_was_measured() -> None:
    seen = measured(Picture(papers.turned(PAGE, -1.3), DPI, "colour"), Limits())
    assert seen.skew_degrees == pytest.approx(1.3, abs=0.1)
    assert seen.has_colour
    assert not measured(Picture(np.asarray(cv2.cvtColor(PAGE, cv2.COLOR_RGB2GRAY)), DPI, "grey"), Limits()).has_colour


@settings(max_examples=15)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 255))
def test_pictures_of_any_size_are_measured(high: int, wide: int, shade: int) -> None:
    measured(Picture(np.full((high, wide), shade, np.uint8), 0, "grey"), Limits())
