"""Describing: the sender's word wins, the page fills gaps when it is sure enough, and differences are told, never mended."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import describing
from lantai.core.describing import TAKEN, Terms, describe
from lantai.core.officialdoc import Elements, Fields, Page, elements
from lantai.standards import da_t_46, gb_t_9704
from tests.support.papers import ORGAN, Paper, expected, pages, plain

TERMS = Terms(today="20261122")
PAPER = Paper(signatory="许维岳")
READ = elements(pages(PAPER), "a.pdf")
NOTHING = Elements((), Fields())


def codes(said: dict[str, str | list[str]], read: Elements = READ) -> list[str]:
    return [item.code for item in describe(said, read, TERMS).findings]


def test_without_a_word_of_the_sender_the_page_tells_everything() -> None:
    elements_ = describe({}, READ, TERMS).elements
    known = expected(PAPER)
    assert elements_["title"] == known["title"]
    assert elements_["date"] == "20240312"
    assert elements_["attachment_note"] == list(PAPER.attachments)
    assert set(elements_) == {*TAKEN}
    assert describe({}, READ, TERMS).findings == ()


@given(st.dictionaries(st.sampled_from([name for name in TAKEN if name != "date"]), st.text(min_size=1, max_size=8)))
def test_the_sender_s_word_always_wins(said: dict[str, str | list[str]]) -> None:
    described = describe(said, READ, TERMS)
    assert {name: described.elements[name] for name in said} == said
    assert all(not described.read[name]["taken"] for name in said if name in described.read)


def test_a_doubtful_value_is_a_suggestion() -> None:
    read = elements([Page(text="某项工作情况\n这里写了一些事情。")], "甲.txt")
    described = describe({}, read, TERMS)
    assert "title" not in described.elements
    assert described.read["title"]["value"] == "某项工作情况"
    assert described.read["title"]["taken"] is False
    assert describe({}, read, replace(TERMS, confidence=0.1)).elements["title"] == "某项工作情况"


def test_what_is_too_long_for_its_element_is_a_suggestion() -> None:
    described = describe({}, READ, replace(TERMS, lengths={"title": 5}))
    assert "title" not in described.elements
    assert described.read["title"]["value"]


def test_secrecy_is_never_taken_from_the_page() -> None:
    read = elements(pages(Paper(secrecy="秘密★1年")), "")
    described = describe({}, read, TERMS)
    assert read.value("security_classification") == "秘密"
    assert "security_classification" not in described.elements
    assert "secrecy_period" not in described.elements


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": "关于另一件事情的通知"}, "DESCRIBE-TITLE-DIFFERS"),
        ({"document_number": "云发改〔2024〕16号"}, "DESCRIBE-NUMBER-DIFFERS"),
        ({"date": "20240313"}, "DESCRIBE-DATE-DIFFERS"),
    ],
)
def test_a_difference_is_told_and_nothing_is_changed(said: dict[str, str | list[str]], code: str) -> None:
    assert codes(said) == [code]
    assert {name: describe(said, READ, TERMS).elements[name] for name in said} == said


@pytest.mark.parametrize(
    "said",
    [
        {"title": "关于开展企业用工和成本情况调查的通知"},
        {"title": f"{ORGAN} 关于开展企业用工和成本情况调查的通知"},
        {"document_number": "云发改[2024] 15 号"},
        {"date": "2024年3月12日"},
        {"date": "202403"},
        {"date": "2024"},
        {"title": "", "document_number": " "},
    ],
)
def test_other_writings_of_the_same_are_no_difference(said: dict[str, str | list[str]]) -> None:
    assert codes(said) == []


def test_a_page_that_was_hardly_read_contradicts_nobody() -> None:
    read = elements([Page(text="某项工作情况\n这里写了一些事情。")], "甲.txt")
    assert codes({"title": "关于检查的通知"}, read) == []


def test_a_number_of_another_year_than_the_date_is_told() -> None:
    read = elements(pages(replace(PAPER, number="云发改〔2023〕15号")), "")
    assert codes({}, read) == ["DESCRIBE-YEAR-DIFFERS"]
    assert codes({"document_number": "云发改〔2023〕15号", "date": "20240312"}, NOTHING) == ["DESCRIBE-YEAR-DIFFERS"]


def test_dates_come_into_form_and_the_sender_s_writing_is_kept() -> None:
    described = describe({"date": "2024年3月12日"}, NOTHING, TERMS)
    assert (described.elements["date"], described.said) == ("20240312", {"date": "2024年3月12日"})
    assert describe({"date": "20240312"}, NOTHING, TERMS).said == {}
    doubtful = describe({"date": "2024年13月45日"}, NOTHING, TERMS)
    assert doubtful.elements["date"] == "2024年13月45日"
    assert [item.code for item in doubtful.findings] == ["DATE-IMPOSSIBLE"]


def test_who_signed_hints_at_an_event() -> None:
    assert [hint["persons"] for hint in describe({}, READ, TERMS).hints] == [["许维岳"]]
    assert describe({}, elements(pages(Paper()), ""), TERMS).hints == ()


def test_attachments_named_and_not_inside_must_be_files() -> None:
    assert describe({}, READ, TERMS).attachments_named == PAPER.attachments
    inside = Page(595, 842, (("附件1", (80.0, 100.0, 130.0, 116.0)), ("企业用工情况调查表", (200.0, 140.0, 400.0, 164.0))))
    assert describe({}, elements([*pages(PAPER), inside], ""), TERMS).attachments_named == PAPER.attachments[1:]
    assert describe({}, elements(pages(Paper(attachments=())), ""), TERMS).attachments_named == ()


def test_what_was_read_can_be_shown_beside_its_place() -> None:
    read = describe({}, READ, TERMS).read
    assert read["title"]["page"] == 1
    assert len(read["title"]["boxes"]) == 2  # type: ignore[arg-type]
    assert read["body"]["value"] == ""
    assert all(set(row) >= {"value", "confidence", "reason", "page", "boxes", "taken"} for row in read.values())
    assert describe({}, elements(plain(pages(PAPER)), ""), TERMS).read["title"]["boxes"] == []


def test_every_key_is_of_the_standard_or_a_documented_extension() -> None:
    rows = {row.key: row for row in gb_t_9704.elements()}
    known = da_t_46.by_code()
    assert set(describing.TAKEN) <= set(rows)
    for key, row in rows.items():
        assert (known[key].number if key in known else "") == row.da_t_46, key
