"""Metadata schemes: laid over the standard, never below it, and the same by whatever way they are looked at."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core import metadata
from lantai.core.checks import Gate, Outcome, RecordFacts, check_record
from lantai.core.checks.described import _CIRCUMSTANCES
from lantai.core.metadata import Element, Rule, Version
from lantai.core.record import Agent, BusinessEvent, Relation, Signature
from lantai.standards import da_t_46, da_t_70
from tests.core.checks.good import a_record

BASE = da_t_46.base()
COPY_NUMBER = Rule("copy_number", name="份号", pattern=r"\d{6}", max_length=6)


def laid(*rules: Rule, category: str = "") -> dict[str, Element]:
    return {item.code: item for item in metadata.effective(BASE, [Version(category, 1, rules)])}


def wrong(*rules: Rule) -> tuple[str, ...]:
    return metadata.objections(BASE, [Version("", 1, rules)])


def outcome(number: str, facts: RecordFacts, *rules: Rule) -> tuple[Outcome, tuple[str, ...]]:
    versions = (Version("", 1, rules),) if rules else ()
    scheme = da_t_70.scheme_with(Gate.ARCHIVING, described=versions)
    result = next(item for item in check_record(Gate.ARCHIVING, facts, scheme) if item.id.endswith(number))
    return result.outcome, tuple(item.code for item in result.findings)


def test_without_rules_the_standard_holds() -> None:
    assert metadata.effective(BASE, ()) == BASE
    assert len(BASE) == len([item for item in da_t_46.elements() if item.kind != "container"])


def test_an_own_element_stands_last_under_its_own_name() -> None:
    found = metadata.effective(BASE, [Version("WS", 3, (COPY_NUMBER,))])
    assert found[-1].code == "copy_number"
    assert found[-1].is_own
    assert found[-1].set_by == "WS:3"
    assert metadata.labels(found) == {"copy_number": "份号"}


def test_what_a_category_says_stands_over_what_holds_for_all() -> None:
    every, own = Version("", 1, (Rule("title", max_length=300),)), Version("KJ", 1, (Rule("title", max_length=100),))
    assert {item.code: item for item in metadata.effective(BASE, [every, own])}["title"].max_length == 100


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule("title", obligation="O"), "不能放宽"),
        (Rule("title", required_from="archiving"), "不能推迟"),
        (Rule("title", name="名称"), "名称和类型不能改"),
        (Rule("date", data_type="text"), "名称和类型不能改"),
        (Rule("title", is_repeatable=True), "不能改为可重复"),
        (Rule("security_classification", values=("无", "机密")), "不处理国家秘密"),
        (Rule("agent_name", obligation="O"), "只能改长度"),
        (Rule("Copy", name="份号"), "小写字母"),
        (Rule("copy_number"), "须有名称"),
        (Rule("copy_number", name="题名"), "两个元素同名"),
        (Rule("copy_number", name="份号", data_type="uri"), "类型只能是"),
        (Rule("copy_number", name="份号", pattern="("), "写得不对"),
        (Rule("copy_number", name="份号", pattern="(a+)+"), "重复里又套重复"),
        (Rule("copy_number", name="份号", obligation="C"), "须写明条件"),
        (Rule("copy_number", name="份号", obligation="C", condition="nothing=1"), "不存在"),
        (Rule("copy_number", name="份号", obligation="C", condition="@offline"), "不认识"),
        (Rule("copy_number", name="份号", obligation="X"), "约束只能是"),
        (Rule("copy_number", name="份号", required_from="later"), "必填时点只能是"),
        (Rule("copy_number", name="份号", max_length=5000), "最大长度"),
        (Rule("copy_number", name="份号", values=("", "a")), "不能有空值"),
        (Rule("copy_number", name="份号", values=("a",), default="b"), "缺省值不在值表中"),
    ],
)
def test_what_a_scheme_may_not_ask(rule: Rule, told: str) -> None:
    assert any(told in problem for problem in wrong(rule)), wrong(rule)


def test_one_element_is_ruled_once() -> None:
    assert any("不止一次" in problem for problem in wrong(COPY_NUMBER, COPY_NUMBER))


def test_a_good_scheme_has_no_objections() -> None:
    good = (
        COPY_NUMBER,
        Rule("keyword", obligation="M", required_from="arrangement"),
        Rule("document_number", obligation="C", condition="document_type=通知|函", required_from="description"),
        Rule("signer_note", name="验签说明", obligation="C", condition="@signed"),
        Rule("title", max_length=200),
    )
    assert wrong(*good) == ()


LONG = a_record(elements={"keyword": "", "copy_number": "12"})


def test_the_gates_judge_by_the_scheme() -> None:
    assert outcome("1.03", LONG)[0] is Outcome.PASS
    assert outcome("1.03", LONG, COPY_NUMBER) == (Outcome.FAIL, ("GD-1-3-PATTERN",))
    assert outcome("2.04", LONG, Rule("keyword", obligation="M"))[0] is Outcome.FAIL
    closed = Rule("grade", name="等级", values=("一级", "二级"))
    assert outcome("1.04", a_record(elements={"grade": "三级"}), closed) == (Outcome.FAIL, ("GD-1-4",))
    assert outcome("1.04", a_record(elements={"grade": "三级"}), replace(closed, is_closed=False))[0] is Outcome.WARN
    assert outcome("1.04", a_record(elements={"grade": "二级"}), closed)[0] is Outcome.PASS
    assert outcome("1.02", a_record(elements={"copy_number": "1234567"}), COPY_NUMBER)[0] is Outcome.FAIL


def test_an_element_asked_for_at_a_later_step_is_not_asked_for_on_arrival() -> None:
    scheme = da_t_70.scheme_with(Gate.ARRIVAL, described=(Version("", 1, (Rule("keyword", obligation="M"),)),))
    assert "keyword" not in scheme.parameters.required
    early = Version("", 2, (Rule("keyword", obligation="M", required_from="arrival"),))
    assert "keyword" in da_t_70.scheme_with(Gate.ARRIVAL, described=(early,)).parameters.required


@pytest.mark.parametrize(
    ("condition", "elements", "is_asked"),
    [
        ("document_type=函|通知", {"document_type": "函"}, True),
        ("document_type=函|通知", {"document_type": "报告"}, False),
        ("copies=*", {"copies": "3"}, True),
        ("copies=*", {"copies": " "}, False),
        ("@digitised", {"scanning_resolution": "300"}, True),
        ("@digitised", {}, False),
    ],
)
def test_a_condition_is_evaluated(condition: str, elements: dict[str, str | list[str]], is_asked: bool) -> None:
    rules = (Rule("copies", name="份数"), Rule("extra", name="附加项", obligation="C", condition=condition))
    assert ("GD-2-4" in outcome("2.04", a_record(elements=elements), *rules)[1]) is is_asked


def test_every_circumstance_has_words_and_a_law() -> None:
    assert {f"@{name}" for name in metadata.CIRCUMSTANCES} == set(_CIRCUMSTANCES)
    assert metadata.condition_words("@signed", {}) == "有电子签名"
    assert metadata.condition_words("document_type=函|令", {"document_type": "文种"}) == "文种为函、令"


def test_the_other_entities_are_judged_by_their_elements() -> None:
    people = a_record(agents=(Agent("a", "委员会", "云汀市档案馆"),), relations=(Relation("", "文件—文件", "版本"),))
    assert outcome("1.04", people)[0] is Outcome.FAIL
    assert "GD-2-4-ENTITY" in outcome("2.04", people)[1]
    acts = a_record(events=(BusinessEvent("e", "a", "签发", "昨天"),))
    assert "GD-1-3-INSTANT" in outcome("1.03", acts)[1]
    signed = a_record(signatures_described=(Signature("s", "", "", "SM2"),))
    assert [code for code in outcome("2.04", signed)[1] if code == "GD-2-4-ENTITY"] == ["GD-2-4-ENTITY"] * 3


LIGHT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULES = st.lists(
    st.builds(
        Rule,
        code=st.sampled_from([item.code for item in BASE] + ["own_one", "own_two"]),
        name=st.sampled_from(["", "甲", "乙"]),
        obligation=st.sampled_from(["", "M", "C", "O"]),
        max_length=st.none() | st.integers(0, 50),
        values=st.lists(st.sampled_from("甲乙丙"), unique=True).map(tuple),
        is_repeatable=st.sampled_from([None, True, False]),
    ),
    max_size=6,
).map(tuple)


@given(RULES)
@LIGHT
def test_a_scheme_without_objections_never_loosens_the_standard(rules: tuple[Rule, ...]) -> None:
    if wrong(*rules):
        return
    found = laid(*rules)
    for item in BASE:
        after = found[item.code]
        assert item.obligation != "M" or after.obligation == "M"
        assert (after.name, after.data_type) == (item.name, item.data_type)


@given(RULES, RULES)
@LIGHT
def test_differences_are_empty_exactly_between_equals(one: tuple[Rule, ...], other: tuple[Rule, ...]) -> None:
    before, after = (metadata.effective(BASE, [Version("", 1, rules)]) for rules in (one, other))
    strip = [tuple(replace(item, set_by="", certainty="") for item in items) for items in (before, after)]
    same = {item.code: item for item in strip[0]} == {item.code: item for item in strip[1]}
    assert same is not bool(metadata.differences(before, after))
    assert metadata.differences(before, before) == ()
