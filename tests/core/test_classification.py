"""Classification schemes: which holds for a year, and what a scheme may not be; lists of values follow one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import classification, value_list
from lantai.core.classification import Scheme, of_year
from lantai.core.value_list import Entry

TERMS = (("ZH", "综合"), ("防汛", "防汛抗旱"))


def test_the_scheme_that_began_last_holds_for_a_year() -> None:
    schemes = (Scheme("WS", 1, since=""), Scheme("WS", 3, "year-retention", since="2026"), Scheme("WS", 2, since="2020"))
    assert [of_year("WS", schemes, year).number for year in ("", "2019", "2020", "2025", "2026", "2099")] == [1, 1, 2, 2, 3, 3]
    assert of_year("KJ", (), "2024") == Scheme("KJ")
    assert (Scheme("KJ").label, Scheme("KJ", 4).label) == ("", "KJ:4")


@pytest.mark.parametrize(
    ("form", "name", "columns", "middle"),
    [
        ("year-department-retention", "年度—机构—期限", ("year", "department", "retention"), "department"),
        ("year-retention-department", "年度—期限—机构", ("year", "retention", "department"), "department"),
        ("year-subject-retention", "年度—问题—期限", ("year", "department", "retention"), "subject"),
        ("year-retention-subject", "年度—期限—问题", ("year", "retention", "department"), "subject"),
        ("year-retention", "年度—期限", ("year", "retention"), ""),
    ],
)
def test_the_five_forms(form: str, name: str, columns: tuple[str, ...], middle: str) -> None:
    scheme = Scheme("WS", 1, form, TERMS)
    assert (scheme.name, scheme.columns, scheme.middle) == (name, columns, middle)
    assert scheme.admits("ZH")
    assert scheme.admits("CW") is (middle != "subject")


@pytest.mark.parametrize(
    ("form", "terms", "since", "said"),
    [
        ("retention-year", (), "", "只能是"),
        ("year-subject-retention", (), "", "须列出问题"),
        ("year-retention", TERMS, "", "不能列问题"),
        ("year-retention", (), "26", "4 位数字"),
        ("year-subject-retention", (("ZH", "综合"), ("ZH", "再一次")), "", "不能重复"),
        ("year-subject-retention", (("z-h", "综合"),), "", "大写字母"),
        ("year-subject-retention", (("ZH", ""),), "", "没有名称"),
        ("year-subject-retention", (("ZH", "综\x07合"),), "", "控制字符"),
        ("year-subject-retention", (("ZH", "长" * 61),), "", "超过 60 字"),
        ("year-subject-retention", tuple((f"Z{at}", "综合") for at in range(201)), "", "最多 200 个"),
    ],
)
def test_what_a_scheme_may_not_be(form: str, terms: classification.Terms, since: str, said: str) -> None:
    assert said in classification.problem(form, terms, since)


def test_subjects_are_read_as_they_are_written() -> None:
    assert classification.terms(" zh  综合 事务\n\n防汛 防汛抗旱\n空") == (("ZH", "综合 事务"), ("防汛", "防汛抗旱"), ("空", ""))
    assert classification.terms(classification.as_text(TERMS)) == TERMS
    assert classification.problem("year-subject-retention", TERMS, "2026") == ""


_VALUES = st.lists(st.sampled_from("甲乙丙丁戊"), min_size=1, unique=True)


@given(st.lists(_VALUES, min_size=1, max_size=5))
def test_no_value_is_ever_lost_and_those_named_last_can_be_chosen(versions: list[list[str]]) -> None:
    entries: tuple[Entry, ...] = ()
    for values in versions:
        entries = value_list.follow(entries, [(value, "") for value in values])
    assert [entry.value for entry in entries if not entry.is_retired] == versions[-1]
    assert {entry.value for entry in entries} == {value for values in versions for value in values}
    assert value_list.read(value_list.as_text(entries)) == tuple((value, "") for value in versions[-1])


@pytest.mark.parametrize(
    ("code", "name", "text", "said"),
    [
        ("1", "文种", "通知", "小写字母"),
        ("wenzhong", "", "通知", "名称"),
        ("wenzhong", "文种", " \n", "1 至 500 个值"),
        ("wenzhong", "文种", "\n".join(map(str, range(501))), "1 至 500 个值"),
        ("wenzhong", "文种", "通知\n通知", "列了两次"),
        ("wenzhong", "文种", "｜只有含义", "空的"),
        ("wenzhong", "文种", "通\x07知", "控制字符"),
        ("wenzhong", "文种", "长" * 61, "太长"),
        ("wenzhong", "文种", "通知｜告知下级", ""),
    ],
)
def test_what_a_list_may_not_be(code: str, name: str, text: str, said: str) -> None:
    found = value_list.problem(code, name, value_list.read(text))
    assert said in found if said else not found
