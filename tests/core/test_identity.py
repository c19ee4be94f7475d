"""Keys for comparison: the same thing written otherwise is the same, another thing is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.identity import KEY_CHARACTERS, identity_key, number_key


@pytest.mark.parametrize(
    "raw", ["云发改〔2024〕3号", "发文字号：云发改〔2024〕3 号", "云发改[2024]3号", "云发改（2024）第3号", "云发改〔２０２４〕０３号"]
)
def test_one_number_however_it_is_written(raw: str) -> None:
    assert number_key(raw) == number_key("云发改〔2024〕3号") != ""


@pytest.mark.parametrize("raw", ["", "无", "/", "—", "  ", "公告"])
def test_what_is_no_number_is_like_nothing(raw: str) -> None:
    assert number_key(raw) == ""


def test_other_numbers_are_others() -> None:
    assert len({number_key(f"云发改〔2024〕{count}号") for count in range(1, 200)}) == 199


def test_keys_sort_as_people_count() -> None:
    counted = ["云发改〔2023〕100号", "云发改〔2024〕9号", "云发改〔2024〕10号", "云发改〔2024〕101号", "云发改办〔2024〕2号"]
    assert sorted(set(counted), key=number_key) == counted
    assert sorted(["第10号令", "第9号令"], key=number_key) == ["第9号令", "第10号令"]


def test_identity_needs_title_and_date() -> None:
    assert identity_key("关于值班的通知", "2024年3月1日", "云汀市") == identity_key("关于值班的　通知", "20240301", "云汀市") != ""
    assert identity_key("关于值班的通知", "", "云汀市") == identity_key("", "20240301", "云汀市") == identity_key("甲", "不详", "") == ""
    assert identity_key("甲", "20240301", "") != identity_key("甲", "20240301", "乙")


@given(st.text())
def test_any_text_gives_a_key_that_can_be_kept(text: str) -> None:
    assert len(number_key(text)) <= KEY_CHARACTERS
    assert len(identity_key(text, "20240301", text)) in (0, 32)
