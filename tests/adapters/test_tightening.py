"""Places of lines cut to their own writing: ghosts of the back beside, between and above it are left outside, the page's own is kept."""

import numpy as np
import pytest

from lantai.adapters.recognisers.detecting import Found
from lantai.adapters.recognisers.tightening import tightened

_EM, _PAPER, _INK, _GHOST = 40, 230, 30, 140


def _page(high: int = 64, wide: int = 1200) -> np.ndarray:
    return np.full((high, wide, 3), _PAPER, np.uint8)


def _write(pixels: np.ndarray, first: int, count: int, *, top: int = 14, shade: int = _INK) -> None:
    """Write *count* squares of strokes from the place of the letter *first*."""
    for at in range(first, first + count):
        for column in range(at * _EM + 4, (at + 1) * _EM - 4, 9):
            pixels[top : top + _EM - 4, column : column + 4] = shade


def _places(pixels: np.ndarray) -> list[tuple[int, int, int, int]]:
    found = Found((0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0])), 0.9)
    return [tuple(round(side) for side in item.box) for item in tightened(found, pixels)]


def test_a_line_without_ghosts_keeps_its_place() -> None:
    pixels = _page()
    _write(pixels, 1, 28)
    assert _places(pixels) == [(0, 0, 1200, 64)]


def test_spaces_without_ghosts_part_nothing() -> None:
    pixels = _page()
    _write(pixels, 1, 8)
    _write(pixels, 16, 13)
    assert _places(pixels) == [(0, 0, 1200, 64)]


def test_ghosts_between_two_pieces_part_them() -> None:
    pixels = _page()
    _write(pixels, 1, 8)
    _write(pixels, 10, 8, shade=_GHOST)
    _write(pixels, 20, 9)
    first, second = _places(pixels)
    assert first[0] == 0
    assert 9 * _EM <= first[2] < 11 * _EM
    assert 18 * _EM < second[0] <= 20 * _EM
    assert second[2] == 1200


def test_ghosts_at_an_end_are_cut_with_room_for_a_colon() -> None:
    pixels = _page()
    _write(pixels, 1, 8)
    _write(pixels, 12, 10, shade=_GHOST)
    ((left, _, right, _),) = _places(pixels)
    assert left == 0
    assert 9.7 * _EM <= right < 11 * _EM


@pytest.mark.parametrize("shade", [_INK, _GHOST])
def test_a_ghost_lower_down_is_cut_off_and_a_line_lower_down_is_one_of_its_own(shade: int) -> None:
    pixels = _page(high=120)
    _write(pixels, 1, 28, top=10)
    _write(pixels, 1, 28, top=70, shade=shade)
    (_, top, _, bottom), *others = _places(pixels)
    assert top < 4
    assert bottom < 75
    assert len(others) == (shade == _INK)


def test_a_rule_under_the_line_is_no_writing() -> None:
    pixels = _page()
    _write(pixels, 1, 6)
    _write(pixels, 9, 12, shade=_GHOST)
    _write(pixels, 23, 6)
    pixels[58:62] = _INK
    assert len(_places(pixels)) == 2


def test_upright_places_page_numbers_and_specks_are_left_alone() -> None:
    pixels = _page()
    assert list(tightened(found := Found((0.0, 0.0, 30.0, 79.0), 0.9), pixels)) == [found]
    assert list(tightened(found := Found((0.0, 0.0, 90.0, 60.0), 0.0, is_page_number=True), pixels)) == [found]
    assert list(tightened(found := Found((0.0, 0.0, 9.0, 9.0), 0.9), pixels)) == [found]
