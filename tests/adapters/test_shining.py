"""Ends of lines that are paler than the page: ghosts of the back go, thin characters of the page stay."""

import numpy as np
import pytest

from bench import papers
from lantai.adapters.recognisers import shining
from lantai.imaging import ghosts
from lantai.ports.recogniser import ReadLine

_SIDE = 40


def _page(first: int) -> np.ndarray:
    """Eight characters in a row, black and thick but for the first, which is a thin stroke of the shade *first*."""
    pixels = np.full((60, 8 * _SIDE, 3), 250, np.uint8)
    for at in range(1, 8):
        pixels[12:48, at * _SIDE + 8 : at * _SIDE + 24] = 20
    pixels[14:46, 18:20] = first
    return pixels


@pytest.mark.parametrize(
    ("letter", "shade", "sure", "is_kept"),
    [
        ("1", 20, 0.8, True),
        ("2", 30, 0.8, True),
        ("1", 190, 0.8, False),
        ("国", 190, 0.8, False),
        ("云", 190, 0.99, False),
        ("云", 90, 0.99, True),
        ("一", 190, 0.99, True),
    ],
)
def test_a_thin_character_at_the_end_of_a_line_is_no_ghost(letter: str, shade: int, sure: float, is_kept: bool) -> None:
    chars = tuple(
        (text, (at * _SIDE * 1.0, 8.0, (at + 1.0) * _SIDE, 52.0), 0.99 if at else sure) for at, text in enumerate(f"{letter}996年十月")
    )
    line = ReadLine(f"{letter}996年十月", (0.0, 8.0, 7.0 * _SIDE, 52.0), 0.99, chars)
    ((_, found),) = shining.without([("", line)], _page(shade), least=0.8)
    assert found.text.startswith(letter) is is_kept


def _line(text: str, left: float = 0.0) -> ReadLine:
    chars = tuple((char, (left + at * _SIDE, 8.0, left + (at + 1.0) * _SIDE, 52.0), 0.99) for at, char in enumerate(text))
    return ReadLine(text, (left, 8.0, left + len(text) * _SIDE, 52.0), 0.99, chars)


@pytest.mark.parametrize(("shade", "is_kept"), [(20, True), (60, True), (120, False), (200, False)])
def test_a_short_line_much_paler_than_the_page_is_a_ghost(shade: int, is_kept: bool) -> None:
    pixels = _page(20)
    pixels[14:46, 8:32] = shade
    long, short = _line("关于建设站点", _SIDE), _line("关")
    found = [line.text for _, line in shining.without([("", long), ("", short)], pixels, least=0.8)]
    assert found == ["关于建设站点", "关"][: 1 + is_kept]


@pytest.mark.parametrize(("shade", "text"), [(20, "关于建设站点所"), (130, "关于建设站点所"), (205, "于建设站点所")])
def test_a_page_that_seems_free_of_ghosts_loses_only_pale_ends(shade: int, text: str) -> None:
    pixels = _page(20)
    pixels[8:52, :_SIDE] = 250
    pixels[14:46, 8:32] = shade
    ((_, found),) = shining.trimmed([("", _line("关于建设站点所"))], pixels)
    assert found.text == text


def test_a_red_head_is_no_ghost_and_few_letters_that_shine_through_are() -> None:
    page = papers.letter(5, dpi=150).pixels
    assert not ghosts.is_haunted(page[:, :, 0], 150, coloured=page)
    back = np.full_like(page, 255)
    back[300:900] = papers.letter(6, dpi=150).pixels[300:900]
    bled = papers.bled(page, back, 0.34)
    assert ghosts.is_haunted(bled[:, :, 0], 150, coloured=bled)


def test_the_red_head_of_a_faint_page_is_no_ghost() -> None:
    ((_, page, _, _),) = papers.variants(42_000, ("low_contrast",))
    assert not ghosts.is_haunted(np.ascontiguousarray(page[:, :, 0]), papers.DPI, coloured=page)
