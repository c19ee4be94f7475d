"""A signature's row never says more than was checked: nothing that is null is shown as passed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lantai.formats.signing.verdict import LEVELS as KEPT
from lantai.web import signing

GOOD = dict.fromkeys(signing.LEVELS, True)
answers = st.sampled_from([True, False, None, "", 1, 0, "true"])
rows = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(signing.LEVELS, answers)
    | {
        "altered": st.lists(st.text(max_size=8), max_size=12),
        "not_checked": st.lists(st.one_of(st.text(max_size=12), st.sampled_from([f"{key}：原因" for key in signing.LEVELS])), max_size=6),
        "remarks": st.lists(st.text(max_size=8), max_size=3),
    },
)


def test_the_levels_are_those_of_reading() -> None:
    assert tuple(signing.LEVELS) == (*KEPT, "revocation")


@given(rows)
def test_what_is_null_is_never_shown_as_passed(row: dict[str, Any]) -> None:
    shown = signing.signature("甲.ofd", row)
    for key, level in zip(signing.LEVELS, shown.levels, strict=True):
        assert (level.state == "ok") is (row.get(key) is True)
        assert (level.state == "err") is (row.get(key) is False)
        if level.state == "none":
            assert level.says.startswith("未核：")
            assert len(level.says) > len("未核：")
    if shown.tone == "ok":
        assert all(row.get(key) is True for key in signing.LEVELS)
        assert not row.get("altered")
        assert not [line for line in row.get("not_checked", ()) if line.partition("：")[0] not in signing.LEVELS]
    if any(row.get(key) is False for key in signing.LEVELS):
        assert shown.tone == "err"


def test_all_six_and_nothing_left_is_the_only_green() -> None:
    assert signing.signature("甲.ofd", GOOD).tone == "ok"
    assert signing.signature("甲.ofd", GOOD | {"not_checked": ["time_stamp：没有时间戳"]}).tone == ""
    assert signing.signature("甲.ofd", GOOD | {"seal_valid": None}).total == "5 项通过，1 项未核"
    assert signing.signature("甲.ofd", GOOD | {"altered": ["Doc_0/Pages/Page_0/Content.xml"]}).tone == "warn"
    assert signing.signature("甲.ofd", {}).total == "没有核验"


def test_the_reason_is_the_one_that_was_kept() -> None:
    row = GOOD | {"chain_valid": None, "not_checked": ["chain_valid：没有设置受信任的证书", "time_stamp：没有时间戳"]}
    shown = signing.signature("甲.ofd", row)
    assert shown.levels[3].says == "未核：没有设置受信任的证书"
    assert shown.unseen == ("时间戳：没有时间戳",)
    assert signing.signature("甲.pdf", {"not_checked": list(signing.LEVELS)}).levels[0].says == "未核：没有记下原因"


def test_altered_pages_are_named() -> None:
    row = GOOD | {
        "digests_valid": False,
        "altered": [f"Page_{number}" for number in range(11)],
        "altered_pages": [2, 5],
        "signed_at": "2024-03-12T08:00:00Z",
    }
    shown = signing.signature("甲.ofd", row)
    assert shown.altered[0] == "第 2、5 页"
    assert ("签名时间", "2024-03-12 16:00:00（签名人自述）") in shown.facts
    assert len(shown.altered) == signing.MOST_ALTERED
    assert shown.more_altered == 4
    assert shown.total == "内容摘要不通过"


def test_a_time_that_is_none_stays_as_it_was_kept() -> None:
    assert ("签名时间", "去年（签名人自述）") in signing.signature("甲.pdf", {"signed_at": "去年"}).facts
    assert ("时间戳", "2024-03-12 08:00:00") in signing.signature("甲.pdf", {"stamped_at": "2024-03-12T08:00:00"}).facts
    assert signing.signature("甲.pdf", {}).facts == ()
