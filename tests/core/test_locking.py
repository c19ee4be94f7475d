"""How long a copy may be locked: never beyond its retention period, and not at all where that is not known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import beijing
from lantai.core.locking import lock_until

NOW = datetime(2026, 3, 8, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "retention", "due_date", "expected"),
    [
        (30, "Y", "", NOW + timedelta(days=30)),
        (30, "D30", "20560101", NOW + timedelta(days=30)),
        (30, "D10", "20260310", datetime(2026, 3, 10, tzinfo=beijing.ZONE)),
        (30, "D10", "20260308", None),
        (30, "D10", "20200101", None),
        (30, "C", "", None),
        (30, "D10", "2026", None),
        (30, "", "", None),
        (0, "Y", "", None),
    ],
)
def test_a_lock_ends_in_time(days: int, retention: str, due_date: str, expected: datetime | None) -> None:
    assert lock_until(NOW, days, retention=retention, due_date=due_date) == expected


@given(days=st.integers(1, 40_000), due=st.dates(min_value=NOW.date()))
def test_no_lock_outlives_the_retention(days: int, due: object) -> None:
    until = lock_until(NOW, days, retention="D30", due_date=f"{due:%Y%m%d}")
    assert until is None or NOW < until <= datetime.strptime(f"{due:%Y%m%d}", "%Y%m%d").replace(tzinfo=beijing.ZONE)
