"""Pages made smaller: as large as asked for, and each pixel the mean of what it covers."""

import cv2
import numpy as np
import pytest

from bench import papers
from lantai.imaging.shrinking import shrunk, shrunk_to

PAGE = papers.letter(3, dpi=150).pixels


@pytest.mark.parametrize("side", [1754, 1500, 877, 700, 224])
def test_the_longest_side_is_as_asked(side: int) -> None:
    small = shrunk(PAGE, side)
    assert max(small.shape[:2]) == min(side, max(PAGE.shape[:2]))
    assert small.shape[2] == 3


def test_a_page_that_is_small_enough_is_the_same_page() -> None:
    assert shrunk(PAGE, 5000) is PAGE


@pytest.mark.parametrize("size", [(620, 877), (400, 566), (251, 355)])
def test_halving_first_gives_what_areas_give_at_once(size: tuple[int, int]) -> None:
    at_once = cv2.resize(PAGE, size, interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk_to(PAGE, *size).astype(int) - at_once).mean() < 3


def test_a_sheet_of_one_row_has_a_size_still() -> None:
    assert shrunk(np.full((1, 4000), 200, np.uint8), 100).shape == (1, 100)
