"""Samples cover everything once, periods follow one another, and changes are named."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.preservation import Change, Every, change_of, next_start, period_of, slot_of, slots_for


@given(st.integers(1, 100), st.lists(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26), unique=True, max_size=40))
def test_every_record_falls_into_one_slot_and_a_run_takes_no_less_than_asked(percent: int, ids: list[str]) -> None:
    slots = slots_for(percent)
    taken = [key for slot in range(slots) for key in ids if slot_of("seed", key, slots) == slot]
    assert sorted(taken) == sorted(ids)
    assert slots * percent >= 100
    assert (slots - 1) * percent < 100


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(list(Every)))
def test_the_next_period_begins_the_day_after_this_one_ends(day: date, every: Every) -> None:
    after = next_start(day, every)
    assert after > day
    assert period_of(after, every) != period_of(day, every) == period_of(after - timedelta(days=1), every)


@pytest.mark.parametrize("percent", [0, 101, -1])
def test_a_share_outside_a_hundred_is_no_share(percent: int) -> None:
    with pytest.raises(ValueError, match="percent"):
        slots_for(percent)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (None, ("pass", ""), Change.FIRST),
        (None, ("fail", "A"), Change.NEW),
        (("pass", ""), ("trial", ""), Change.SAME),
        (("pass", ""), ("error", "A"), Change.NEW),
        (("fail", "A"), ("fail", "A"), Change.SAME),
        (("fail", "A"), ("fail", "A B"), Change.OTHER),
        (("error", "A"), ("manual", ""), Change.MENDED),
        (("pass", ""), ("manual", "A"), Change.OTHER),
        (("manual", "A"), ("fail", "A"), Change.NEW),
        (None, ("manual", "A"), Change.FIRST),
        (("fail", "A"), ("pass", ""), Change.MENDED),
    ],
)
def test_a_change_is_named(before: tuple[str, str] | None, now: tuple[str, str], change: Change) -> None:
    assert change_of(before, now) is change
