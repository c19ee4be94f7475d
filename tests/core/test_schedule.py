"""The lines of a schedule: Order No. 8 survives the way out and back, wrong lines are named, none disappears."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import schedule
from lantai.core.errors import Refusal
from lantai.core.retention import RetentionFacts, propose
from lantai.core.schedule import Line
from lantai.standards import order_8

ORDER = schedule.from_rules(order_8.rows())
_PHRASES = st.lists(st.text("春耕备防汛通知纪要报告", min_size=2, max_size=6), max_size=4, unique=True).map(tuple)
LINES = st.builds(
    Line,
    id=st.from_regex(r"[A-Z][0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True),
    name=st.text("关于春耕防汛的通知报告（）", min_size=1, max_size=30),
    retention=st.sampled_from(("Y", "D30", "D10", "D15")),
    is_outside=st.booleans(),
    any_of=_PHRASES.filter(bool),
    also=_PHRASES,
    unless=_PHRASES,
    types=st.sampled_from(((), ("通知",), ("请示", "批复"))),
    directions=st.sampled_from(((), ("上级",), ("同级", "下级"))),
    in_head=st.booleans(),
    source=st.sampled_from(("", "8号令第七条")),
    is_retired=st.booleans(),
)


def test_order_8_is_the_beginning_and_proposes_what_it_proposed() -> None:
    assert len({row.id for row in ORDER}) == len(ORDER) == len(order_8.rows())
    assert schedule.objections(ORDER) == []
    own = schedule.compiled(ORDER, "本单位表")
    for title in ("关于召开全市工作会议的通知", "关于元旦放假的通知", "党组会议纪要", "关于某项目批复的请示", "春节值班安排", "什么也不是"):
        before, after = (propose(RetentionFacts(title), rules) for rules in (order_8.rules(), own))
        assert (before.retention_code, before.is_outside_scope) == (after.retention_code, after.is_outside_scope)
        assert not after.rule_id or "按本单位表" in after.reason or after.is_outside_scope


@given(LINES)
def test_a_line_says_in_texts_what_it_is(row: Line) -> None:
    assert schedule.line(schedule.texts(row)) == row


@pytest.mark.parametrize("row", ORDER, ids=lambda row: row.id)
def test_every_line_of_order_8_survives_its_texts(row: Line) -> None:
    assert schedule.line(schedule.texts(row)) == row


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"id": "", "name": "纪要", "retention": "永久"}, "编号"),
        ({"id": "R 1/2", "name": "纪要", "retention": "永久"}, "编号"),
        ({"id": "R1", "name": "", "retention": "永久"}, "没有写"),
        ({"id": "R1", "name": "纪\u0000要", "retention": "永久"}, "不可见"),
        ({"id": "R1", "name": "纪" * 121, "retention": "永久"}, "120"),
        ({"id": "R1", "name": "纪要", "retention": "很久"}, "保管期限"),
        ({"id": "R1", "name": "纪要", "retention": "长期"}, "年数"),
        ({"id": "R1", "name": "纪要", "retention": "永久", "any_of": "纪"}, "一个字"),
        ({"id": "R1", "name": "纪要", "retention": "永久", "also": "会议"}, "题名含其一"),
        ({"id": "R1", "name": "纪要", "retention": "永久", "directions": "外单位"}, "外单位"),
        ({"id": "R1", "name": "纪要", "retention": "永久", "is_retired": "也许"}, "停用"),
    ],
)
def test_a_wrong_line_is_named(said: dict[str, str], problem: str) -> None:
    with pytest.raises(Refusal) as refused:
        schedule.line(said)
    assert refused.value.code == "SCHEDULE-WRONG"
    assert problem in refused.value.message


def test_a_retired_line_is_not_asked_and_none_disappears() -> None:
    kept = schedule.line({"id": "A1", "name": "春耕", "retention": "永久", "any_of": "春耕"})
    gone = schedule.line({"id": "A2", "name": "防汛", "retention": "10年", "any_of": "防汛"})
    after = schedule.carried((kept,), (kept, gone))
    assert [(row.id, row.is_retired) for row in after] == [("A1", False), ("A2", True)]
    assert propose(RetentionFacts("关于防汛的通知"), schedule.compiled(after, "表")).rule_id == ""
    assert [(item.id, item.what, item.after) for item in schedule.changes((kept, gone), after)] == [("A2", "停用", "是")]
    assert schedule.objections((*after, kept)) == ["编号 A1 出现了不止一次"]
