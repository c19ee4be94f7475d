"""Numbers, dates and codes as the screens write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import beijing
from lantai.web import words

TODAY = date(2025, 4, 16)


@given(st.integers(min_value=0, max_value=10**15))
def test_thousands_say_the_same_number(value: int) -> None:
    text = words.thousands(value)
    assert int(text.replace(words.THIN, "")) == value
    assert all(len(group) == 3 for group in text.split(words.THIN)[1:])


def test_an_unknown_count_is_a_dash() -> None:
    assert words.thousands(None) == "—"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2025, 4, 16), "今天"),
        (date(2025, 4, 15), "昨天"),
        (date(2025, 1, 3), "1月3日"),
        (date(2024, 3, 12), "2024年3月12日"),
        (datetime(2025, 4, 15, 16, 30, tzinfo=UTC), "今天"),
    ],
)
def test_days_are_told_from_here(value: datetime | date, said: str) -> None:
    assert words.day(value, TODAY) == said


@pytest.mark.parametrize(
    ("text", "said"), [("2019", "2019年"), ("201910", "2019年10月"), ("20191015", "2019年10月15日"), ("约1958年", "约1958年"), ("", "")]
)
def test_civil_dates_keep_their_precision(text: str, said: str) -> None:
    assert beijing.civil(text) == said


@given(st.text(max_size=12))
def test_whatever_a_date_holds_is_shown(text: str) -> None:
    assert beijing.civil(text) or not text


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (486 * 1024, "486 KB"), (int(2.31 * 1024**3), "2.31 GB"), (int(15.5 * 1024**2), "15.5 MB")],
)
def test_sizes(count: int, said: str) -> None:
    assert words.size(count) == said


@given(st.integers(min_value=0, max_value=2**60))
def test_every_size_has_a_unit(count: int) -> None:
    assert words.size(count).split(" ")[-1] in {"B", "KB", "MB", "GB", "TB"}


@given(st.text(alphabet="0123456789abcdef", min_size=64, max_size=64), st.integers(min_value=2, max_value=16))
def test_a_cut_digest_shows_its_two_ends(digest: str, groups: int) -> None:
    shown = words.digest(digest, groups)
    assert digest.startswith(shown[:4])
    assert digest.endswith(shown[-4:])
    assert ("…" in shown) == (groups < 16)


@pytest.mark.parametrize(("code", "name"), [("Y", "永久"), ("D30", "30年"), ("D10", "10年"), ("C", "C"), ("", "")])
def test_retention_names(code: str, name: str) -> None:
    assert words.retention(code) == name


@given(st.integers(min_value=0, max_value=4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_the_log_tells_shanghai_time(instant: datetime) -> None:
    shown = datetime.strptime(words.log_time(instant), "%Y-%m-%d %H:%M:%S").replace(tzinfo=beijing.ZONE)
    assert abs(shown - instant) < timedelta(seconds=1)


def test_every_hour_is_greeted() -> None:
    assert {words.greeting(datetime(2025, 4, 16, hour, tzinfo=UTC)) for hour in range(24)} == {
        "夜深了",
        "早上好",
        "中午好",
        "下午好",
        "晚上好",
    }
