"""Cleaning: pages come out upright and straight, with their edges cut and nothing of their own altered; the recipe makes the same again."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench import papers
from lantai.imaging import Recipe, clean, cleaning, orientation, skew
from lantai.imaging.opening import Picture

DPI = 150
PAGE = papers.letter(1, dpi=DPI, is_sealed=True).pixels
GREY = np.asarray(cv2.cvtColor(PAGE, cv2.COLOR_RGB2GRAY))


def _cleaned(pixels: papers.Pixels, recipe: Recipe | None = None, *, mode: str = "colour") -> tuple[papers.Pixels, list[str]]:
    done = cleaning.worked(Picture(pixels, DPI, mode), recipe or Recipe())
    return done.picture.pixels, [step.name for step in done.steps]


@pytest.mark.parametrize("degrees", [-6.3, -2.0, -0.35, 0.0, 0.2, 1.4, 5.1])
def test_skew_is_measured_to_a_tenth_of_a_degree(degrees: float) -> None:
    turned = np.asarray(cv2.cvtColor(papers.turned(PAGE, degrees), cv2.COLOR_RGB2GRAY))
    assert skew.angle(turned) == pytest.approx(-degrees, abs=0.1)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_pages_are_set_upright(turns: int) -> None:
    assert orientation.quarter_turns(np.ascontiguousarray(np.rot90(PAGE, -turns))) == turns


def test_a_page_that_is_good_stays_as_it_is() -> None:
    pixels, steps = _cleaned(PAGE)
    assert steps == []
    assert pixels is PAGE


def test_an_upside_down_leaning_negative_comes_out_right() -> None:
    bad = cv2.bitwise_not(np.ascontiguousarray(np.rot90(papers.turned(PAGE, 1.5), 2)))
    pixels, steps = _cleaned(np.asarray(bad))
    assert steps == ["invert", "turn", "straighten"]
    assert abs(skew.angle(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)))) < 0.1
    middle = (slice(300, -300), slice(200, -200))
    assert np.abs(pixels[middle].astype(int) - PAGE[middle]).mean() < 6


def test_the_bed_of_the_scanner_is_cut_with_a_margin_kept_and_painted_over() -> None:
    wide = cv2.copyMakeBorder(PAGE, 0, 90, 60, 120, cv2.BORDER_CONSTANT, value=(12, 12, 12))
    pixels, steps = _cleaned(np.asarray(wide))
    assert steps == ["crop", "border"]
    margin = round(2.5 / 25.4 * DPI)
    assert abs(pixels.shape[1] - (PAGE.shape[1] + 2 * margin)) <= 4
    assert abs(pixels.shape[0] - (PAGE.shape[0] + margin)) <= 4
    assert pixels.min(axis=2)[:, -3:].min() > 200


def test_seals_notes_and_writing_at_the_edge_are_not_altered() -> None:
    page = PAGE.copy()
    cv2.putText(page, "note", (4, 700), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 160), 2)
    cv2.circle(page, (40, 300), 70, (214, 38, 42), 4)
    pixels, steps = _cleaned(page)
    assert steps == []
    assert np.array_equal(pixels, page)


def test_dust_goes_and_points_stay() -> None:
    _, black = cv2.threshold(GREY, 150, 255, cv2.THRESH_BINARY)
    dusty = black.copy()
    chance = np.random.default_rng(4)
    spots = chance.integers(20, min(black.shape) - 20, (600, 2))
    dusty[spots[:, 0], spots[:, 1]] = 0
    pixels, steps = _cleaned(np.asarray(dusty), mode="bilevel")
    assert "despeckle" in steps
    assert (np.asarray(black) != pixels).mean() < 0.2 * (np.asarray(black) != dusty).mean()
    assert not ((np.asarray(black) == 0) & (pixels == 255)).sum() > 0.001 * (black == 0).sum()


def test_the_matrix_leads_from_the_original_to_the_cleaned_page() -> None:
    page = np.full_like(PAGE, 255)
    page[400:440, 500:560] = 0
    done = cleaning.worked(Picture(np.ascontiguousarray(page), DPI, "colour"), Recipe(quarter_turns=1, skew_degrees=2.0))
    a, b, c, d, e, f = done.matrix
    x, y = a * 530 + b * 420 + c, d * 530 + e * 420 + f
    assert done.picture.pixels[round(y), round(x)].max() < 60
    assert done.picture.pixels[round(y), round(x) + 60].min() > 200


def test_a_recipe_makes_the_same_bytes_again(tmp_path: Path) -> None:
    path = tmp_path / "页.png"
    Image.fromarray(papers.turned(PAGE, 1.1)).save(path, dpi=(DPI, DPI))
    first = clean(path)
    told = {step.name: step.parameters for step in first.steps}
    again = clean(path, Recipe(quarter_turns=0, skew_degrees=float(str(told["straighten"]["degrees"]))))
    assert first.image == again.image
    assert (first.mime, first.dpi) == ("image/jpeg", pytest.approx(DPI, abs=0.1))


def test_black_and_white_stays_black_and_white(tmp_path: Path) -> None:
    path = tmp_path / "页.tif"
    Image.fromarray(GREY).convert("1", dither=Image.Dither.NONE).rotate(1, fillcolor=1).save(path, dpi=(DPI, DPI), compression="group4")
    cleaned = clean(path)
    assert cleaned.mime == "image/png"
    assert next(step.name for step in cleaned.steps) == "straighten"
