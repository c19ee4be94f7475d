"""Charts start at zero, keep proportion and lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from lantai.web import charts

SERIES = ("oa", "scan", "manual")
HOURS = st.dictionaries(
    st.integers(min_value=0, max_value=23), st.dictionaries(st.sampled_from(SERIES), st.integers(min_value=0, max_value=5000)), max_size=12
)


@given(st.floats(min_value=0.1, max_value=10**9))
def test_the_axis_holds_the_value_and_splits_in_three(value: float) -> None:
    top = charts.round_up(value)
    assert top >= value
    assert top % 3 == 0
    assert top <= max(3.0, value * 3)


@given(HOURS)
def test_every_value_is_drawn_in_proportion_inside_the_chart(hours: dict[int, dict[str, int]]) -> None:
    drawn = charts.bars(hours, SERIES, first=8, last=16)
    assert sum(box.value for box in drawn.boxes) == sum(sum(row.values()) for row in hours.values())
    assert all(-0.5 <= box.y <= drawn.height and box.x >= 0 and box.x + box.width <= drawn.width for box in drawn.boxes)
    assert drawn.ticks[0].value == 0
    assert {str(hour) for hour in hours} <= {text for _, text in drawn.labels}


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=10), st.booleans())
def test_a_fuller_year_is_a_taller_spine(counts: list[int], has_coming: bool) -> None:
    years = [(str(2010 + at), count) for at, count in enumerate(counts)]
    spines = charts.shelf(years, ("2030", 5) if has_coming else None)
    closed = [spine for spine in spines if not spine.is_open]
    assert [spine.count for spine in closed] == counts
    assert sorted(closed, key=lambda spine: spine.count)[-1].height == max(spine.height for spine in closed)
    assert all(round(spine.y + spine.height) == 208 for spine in spines)
    assert spines[-1].is_open == has_coming


def test_the_year_in_progress_stands_in_its_place_with_what_is_filed_already() -> None:
    spines = charts.shelf([("2022", 10), ("2024", 5)], ("2023", 3))
    assert [(spine.year, spine.is_open) for spine in spines] == [("22", False), ("23", True), ("24", False)]
    assert charts.shelf([("2024", 5)], ("2024", 3))[0].count == 8


def test_no_holdings_no_spines() -> None:
    assert charts.shelf([], None) == ()
