"""Retention periods and the laws of proposing one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.errors import Refusal
from lantai.core.retention import Kind, Retention, RetentionFacts, Rule, compile_rules, propose


@pytest.mark.parametrize(
    ("raw", "code", "label"),
    [
        ("永久", "Y", "永久"),
        ("Y", "Y", "永久"),
        ("D30", "D30", "30年"),
        ("ｄ３０", "D30", "30年"),
        ("30年", "D30", "30年"),
        ("30 年", "D30", "30年"),
        ("定期30年", "D30", "30年"),
        ("定期（10年）", "D10", "10年"),
        ("三十年", "D30", "30年"),
        ("10", "D10", "10年"),
        ("长期", "C", "长期"),
        ("長期", "C", "长期"),
        ("短期", "D", "短期"),
    ],
)
def test_periods_are_read(raw: str, code: str, label: str) -> None:
    read = Retention.parse(raw)
    assert (read.code, read.label) == (code, label)
    assert Retention.parse(read.code) == Retention.parse(read.label) == read


@pytest.mark.parametrize("raw", ["", "年", "0年", "D0", "D1000", "很久", "D30年以上", "Y30"])
def test_what_is_no_period_is_refused(raw: str) -> None:
    with pytest.raises(Refusal) as caught:
        Retention.parse(raw)
    assert caught.value.code == "RETENTION-UNKNOWN"


@given(st.integers(1, 999), st.integers(1900, 2100))
def test_the_due_date_is_n_years_from_new_year_less_a_day(years: int, year: int) -> None:
    due = Retention(Kind.YEARS, years).due_date(str(year))
    assert due == f"{date(year + 1 + years, 1, 1) - timedelta(days=1):%Y%m%d}"


def test_permanent_and_legacy_have_no_due_date_until_mapped() -> None:
    assert Retention.parse("永久").due_date("2026") == ""
    assert Retention.parse("D30").due_date("2026") == "20561231"
    assert Retention.parse("D30").due_date("") == ""
    long = Retention.parse("长期")
    assert long.due_date("1998") == ""
    assert long.mapped({"长期": 50}).due_date("1998") == "20481231"
    assert long.mapped({}) == long
    assert Retention.parse("D10").mapped({"长期": 50}).code == "D10"


FIRST = Rule("R1", "先", "Y", 1, any_of=("总结",), certainty="S")
SECOND = Rule("R2", "后", "D10", 2, any_of=("工作总结",), also=("季度", "批示"), in_head=True, certainty="K")
THIRD = Rule("R3", "批复", "D30", 3, types=("批复",), directions=("上级",), certainty="K")
OUTSIDE = Rule("N1", "事务", "D10", 0, any_of=("放假",), unless=("应急",), is_outside_scope=True, certainty="S")


def test_a_smaller_priority_is_asked_first_whatever_the_table_order() -> None:
    rules = compile_rules((THIRD, SECOND, FIRST, OUTSIDE))
    assert propose(RetentionFacts("第一季度工作总结"), rules).rule_id == "R1"
    assert propose(RetentionFacts("第一季度工作总结"), compile_rules((SECOND,))).rule_id == "R2"


def test_conditions_must_all_hold() -> None:
    rules = compile_rules((SECOND, THIRD, OUTSIDE))
    assert propose(RetentionFacts("工作总结"), rules).rule_id == ""
    assert propose(RetentionFacts("工作总结", text_head="领导批示：同意"), rules).rule_id == "R2"
    assert propose(RetentionFacts("关于项目的批复", "批复", "上级"), rules).rule_id == "R3"
    assert propose(RetentionFacts("关于项目的批复", "批复"), rules).rule_id == ""
    assert propose(RetentionFacts("放假期间应急工作"), rules).rule_id == ""


def test_the_reason_names_rule_and_words() -> None:
    proposal = propose(RetentionFacts("二○二五年工作總結"), compile_rules((FIRST,)))
    assert proposal.retention_code == "Y"
    assert proposal.reason == "题名含“总结”，按8号令 R1（先）建议永久，请人工确认"
    outside = propose(RetentionFacts("放假通知"), compile_rules((OUTSIDE,)))
    assert outside.is_outside_scope
    assert "不归档" in outside.reason


def test_no_hit_proposes_the_fallback_and_says_so() -> None:
    proposal = propose(RetentionFacts("其他"), compile_rules((FIRST,)))
    assert (proposal.retention_code, proposal.rule_id, proposal.reason) == ("D30", "", "未命中规则，请人工确认")


@given(st.text(), st.sampled_from(["", "通知", "批复"]), st.sampled_from(["", "上级", "下级"]), st.text())
def test_a_proposal_is_always_made_and_always_a_period(title: str, kind: str, direction: str, head: str) -> None:
    proposal = propose(RetentionFacts(title, kind, direction, head), compile_rules((FIRST, SECOND, THIRD, OUTSIDE)))
    assert Retention.parse(proposal.retention_code).code == proposal.retention_code
    assert proposal.reason.endswith("请人工确认")


@pytest.mark.parametrize(
    "row", [Rule("X", "空", "Y", 1), Rule("X", "短", "Y", 1, any_of=("旬",)), Rule("X", "繁", "Y", 1, any_of=("總結",))]
)
def test_a_row_that_cannot_work_is_a_bug(row: Rule) -> None:
    with pytest.raises(ValueError, match="retention rule"):
        compile_rules((row,))


def test_disabled_rows_are_never_asked() -> None:
    off = Rule("R9", "关", "Y", 1, any_of=("总结",), is_enabled=False)
    assert propose(RetentionFacts("工作总结"), compile_rules((off,))).rule_id == ""
