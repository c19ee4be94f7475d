"""Ranks among pixels, held against numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lantai.imaging.ranks import percentile

PIXELS = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=2, max_side=40))


@given(PIXELS, st.floats(0, 100))
def test_a_rank_is_what_numpy_says(pixels: np.ndarray, percent: float) -> None:
    assert percentile(pixels, percent) == pytest.approx(float(np.percentile(pixels, percent)), abs=1e-6)


def test_a_part_with_steps_is_counted_as_it_is() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (300, 200), dtype=np.uint8)
    for percent in (0.5, 75, 99, 99.9, 100):
        assert percentile(pixels[::8, 5:90:3], percent) == pytest.approx(float(np.percentile(pixels[::8, 5:90:3], percent)))
