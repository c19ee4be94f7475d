"""Days are those of Beijing, however an instant is written."""

import pytest

from lantai.core import beijing


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-29T15:59:59.999999Z", "2026-11-29"),
        ("2026-11-29T16:58:40.851226Z", "2026-11-30"),
        ("2026-11-29T16:58:40+00:00", "2026-11-30"),
        ("2026-11-30T00:30:00+08:00", "2026-11-30"),
        ("2026-11-29T16:58:40", "2026-11-29"),
        ("2026-11-29", "2026-11-29"),
        ("20261129", "20261129"),
        ("约 1958 年", "约 1958 年"),
        ("", ""),
    ],
)
def test_the_day_of_an_instant_is_that_of_beijing(text: str, day: str) -> None:
    assert beijing.day_of(text) == day
