"""Templates of archival codes: both written forms, the laws of parse and format, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.archival_code import CodeParts, Template, explain, normalise_separators
from lantai.core.errors import Refusal

DA_T_22 = Template("{fonds}-{category}·{year}-{retention}-{org}-{item:04d}")
DA_T_13 = Template("{fonds}-{category}·{year}·{retention}·{org}-{item:04d}")

EXAMPLES = (
    ("{fonds}-{category}·{year}-{retention}-{org}-{item:04d}", "Z109-WS·2011-Y-BGS-0001", CodeParts("Z109", "WS", "2011", "Y", "BGS", 1)),
    ("{fonds}-{category}·{year}-{retention}-{org}-{item:04d}", "Z109-WS·2011-D30-0042", CodeParts("Z109", "WS", "2011", "D30", "", 42)),
    (
        "{fonds}-{category}·{year}·{retention}·{org}-{item:04d}",
        "Z109-WS·2011·Y·办公室-0001",
        CodeParts("Z109", "WS", "2011", "Y", "办公室", 1),
    ),
    ("{fonds}-{category}·{year}·{retention}·{org}-{item:03d}", "Z008-WS·2019·Y-037", CodeParts("Z008", "WS", "2019", "Y", "", 37)),
    (
        "{fonds}-{category}·{year}·{retention}-{volume}-{item:03d}",
        "A439-WS·2015·D30-003-005",
        CodeParts("A439", "WS", "2015", "D30", item=5, volume="003"),
    ),
    (
        "{fonds}-{category}·{year}·{retention}·{org}-{item:03}",
        "A439-WS·2015·D30·003-005",
        CodeParts("A439", "WS", "2015", "D30", "003", 5),
    ),
    ("{fonds}-{catalogue}-{volume}-{item:03d}", "C038-001-002-003", CodeParts("C038", item=3, catalogue="001", volume="002")),
    (
        "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}",
        "J019-ZY·JC·CC·2019·D30-001-001",
        CodeParts("J019", "ZY·JC·CC", "2019", "D30", item=1, volume="001"),
    ),
    ("{fonds}-{category}-{volume}-{item:03d}", "X032-KJ·KY·01-003-007", CodeParts("X032", "KJ·KY·01", item=7, volume="003")),
    ("{fonds}-{category}-{volume}-{page:03d}", "X032-KJ·JJ·02-005-054", CodeParts("X032", "KJ·JJ·02", volume="005", page="054")),
    (
        "{fonds}-{category}·{year}·{retention}-{item:05d}",
        "C015-WY·TZGG·2019·D10-00001",
        CodeParts("C015", "WY·TZGG", "2019", "D10", item=1),
    ),
)


@pytest.mark.parametrize(("template", "code", "parts"), EXAMPLES)
def test_examples_of_both_standards(template: str, code: str, parts: CodeParts) -> None:
    compiled = Template(template)
    assert compiled.parse(code) == parts
    assert compiled.format(parts) == code
    assert code.startswith(compiled.scope(parts) + "-")


PARTS = st.builds(
    CodeParts,
    fonds=st.from_regex(r"[A-Z][0-9]{3}", fullmatch=True),
    category=st.from_regex(r"[A-Z]{2}(·[A-Z0-9]{1,4}){0,2}", fullmatch=True),
    year=st.from_regex(r"[0-9]{4}", fullmatch=True),
    retention=st.sampled_from(["Y", "D30", "D10", "D5", "C", "D"]),
    org=st.from_regex(r"([A-Z0-9]{3}|办公室|D10|Y|2011|)", fullmatch=True),
    item=st.integers(1, 9999),
)


@given(st.sampled_from([DA_T_22, DA_T_13]), PARTS)
def test_parse_undoes_format(template: Template, parts: CodeParts) -> None:
    assert template.parse(template.format(parts)) == parts
    assert explain(template.format(parts), template, parts) == ()


@given(st.sampled_from([DA_T_22, DA_T_13]), st.text("ZDY0123·-WS办", max_size=30))
def test_format_undoes_parse_and_explain_agrees_with_it(template: Template, code: str) -> None:
    try:
        parts = template.parse(code)
    except Refusal as refusal:
        assert refusal.code == "CODE-SHAPE"
        assert refusal.reasons == explain(code, template) != ()
    else:
        assert template.format(parts) == code


@given(PARTS, st.text("-·AB·\n 办，", max_size=6))
def test_a_value_that_would_not_come_back_is_refused(parts: CodeParts, org: str) -> None:
    odd = CodeParts(parts.fonds, parts.category, parts.year, parts.retention, org, parts.item)
    try:
        code = DA_T_13.format(odd)
    except Refusal as refusal:
        assert refusal.code == "CODE-VALUE"
    else:
        assert DA_T_13.parse(code) == odd


@pytest.mark.parametrize(
    "code", ["Z109－WS•2011－Y－BGS－0001", "Z109-WS・2011-Y-BGS-0001", " Z109—WS･2011–Y-BGS-0001", "Z109-WS‧2011-Y-BGS-0001"]
)
def test_look_alike_separators_are_read(code: str) -> None:
    assert normalise_separators(code) == "Z109-WS·2011-Y-BGS-0001"
    assert DA_T_22.parse(code).item == 1
    assert [remark.code for remark in explain(code, DA_T_22)] == ["CODE-SEPARATOR"]


def test_the_scope_is_the_code_without_its_item_number() -> None:
    parts = CodeParts("Z109", "WS", "2026", "D30", "BGS")
    assert DA_T_22.scope(parts) == "Z109-WS·2026-D30-BGS"
    assert DA_T_22.scope(CodeParts("Z109", "WS", "2026", "D30")) == "Z109-WS·2026-D30"


def test_a_full_scope_is_refused_before_anything_is_written() -> None:
    with pytest.raises(Refusal) as caught:
        DA_T_22.format(CodeParts("Z109", "WS", "2026", "Y", "BGS", 10_000))
    assert caught.value.code == "CODE-ITEM-OVERFLOW"
    assert DA_T_22.capacity == 9999
    assert Template("{fonds}-{category}-{item}").capacity == 999_999_999
    assert Template("{fonds}-{category}-{page}").capacity == 0


def test_parts_a_template_has_no_field_for_are_left_out() -> None:
    template = Template("{fonds}-{category}·{year}·{retention}-{item:04d}")
    parts = CodeParts("Z109", "WS", "2026", "Y", "BGS", 7)
    assert template.format(parts) == "Z109-WS·2026·Y-0007"
    assert template.parse("Z109-WS·2026·Y-0007") == template.restrict(parts)


@pytest.mark.parametrize(
    "parts",
    [CodeParts("Z109", "WS", "2026", "Y", "B-S", 1), CodeParts("", "WS", "2026", "Y", "", 1), CodeParts("Z109", "WS", "2026", "Y", "", 0)],
)
def test_bad_values_are_refused(parts: CodeParts) -> None:
    with pytest.raises(Refusal) as caught:
        DA_T_22.format(parts)
    assert caught.value.code == "CODE-VALUE"


@pytest.mark.parametrize(
    "text",
    ["", "{item}", "{fonds}", "{fonds}{item}", "{fonds}-{fonds}-{item}", "{fonds}-{nonsense}-{item}", "{fonds}-{item}-{year}",
     "X{fonds}-{item}",     "{fonds}-{item:04d}!", "{fonds}-{org:03d}-{item}", "{fonds}/{item}"],
)  # fmt: skip
def test_bad_templates_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        Template(text)
    assert caught.value.code == "CODE-TEMPLATE"


@pytest.mark.parametrize(
    ("code", "codes", "words"),
    [
        ("Z109-WS·2011-Y-BGS-001", ["CODE-SEGMENT"], "件号应为4 位数字，实际为“001”"),
        ("Z9-WS·2011-Y-BGS-0001", ["CODE-SEGMENT"], "全宗号"),
        ("Z109-WS-2011-Y-BGS-0001", ["CODE-SEGMENT"], "年度前的分隔符"),
        ("Z109-WS·11-D3X-0001", ["CODE-SEGMENT", "CODE-SEGMENT"], "年度"),
        ("Z109-WS", ["CODE-SEGMENT-COUNT"], "应有 5 或 6 段，实际有 2 段"),
        ("Z109-WS·2011-Y-BGS-0000", ["CODE-SEGMENT"], "件号"),
    ],
)
def test_what_is_wrong_is_said_by_segment(code: str, codes: list[str], words: str) -> None:
    remarks = explain(code, DA_T_22)
    assert [remark.code for remark in remarks] == codes
    assert words in remarks[0].message


def test_segments_are_compared_with_the_metadata() -> None:
    remarks = explain("Z109-WS·2011-Y-BGS-0001", DA_T_22, CodeParts("Z109", "WS", "2012", "Y", "BGS", 1))
    assert [remark.code for remark in remarks] == ["CODE-MISMATCH"]
    assert "年度" in remarks[0].message
