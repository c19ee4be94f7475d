"""Every element of an official document, from pages with boxes: read whatever the order, scale and pieces of the lines."""

import csv
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import formats_officialdoc as probes
from lantai.core.officialdoc import NAMES, Box, Known, Page, elements, objection
from lantai.core.officialdoc.element import confidence
from lantai.core.officialdoc.rules import RULES
from lantai.standards import gb_t_9704
from tests.support.papers import HEIGHT, ORGAN, WIDTH, Paper, expected, pages, plain

FULL = Paper(secrecy="秘密★1年")
OPTIONAL = ("copy_number", "precedence", "signatory", "receiver", "attachments", "release", "copies")


def values(paged: list[Page]) -> dict[str, str]:
    return {item.name: item.value for item in elements(paged, "扫描件001.pdf")}


@given(st.sets(st.sampled_from(OPTIONAL)), st.sampled_from(["", "许维岳"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_element_that_is_set_is_read_and_no_other(left_out: set[str], signatory: str, is_marked: bool) -> None:
    paper = Paper(signatory=signatory, secrecy="秘密★1年" if is_marked else "").without(*left_out)
    read = values(pages(paper))
    known = expected(paper)
    assert {name: read.get(name) for name in known} == known
    assert read.keys() - known.keys() <= {"date", "printing_date", "document_type"}
    assert (read["date"], read["printing_date"], read["document_type"]) == ("20240312", "20240313", "通知")


@given(st.randoms(use_true_random=False), st.floats(0.5, 3.0), st.integers(-20, 20))
@settings(max_examples=60, deadline=None)
def test_order_scale_place_and_pieces_of_lines_change_nothing(rng: random.Random, scale: float, shift: int) -> None:
    page = pages(FULL)[0]
    lines: list[tuple[str, Box]] = []
    for text, box in page.lines:
        lines += pieces(text, box, rng)
    rng.shuffle(lines)
    moved = tuple((text, tuple(round((edge + shift) * scale, 2) for edge in box)) for text, box in lines)
    other = Page(WIDTH * scale, HEIGHT * scale, moved)  # type: ignore[arg-type]
    assert values([other]) == values([page])


def pieces(text: str, box: Box, rng: random.Random) -> list[tuple[str, Box]]:
    """Break a line of wide characters in two where it stands, as a change of font does."""
    if len(text) < 4 or not text.isalpha() or rng.random() < 0.5:
        return [(text, box)]
    at = rng.randint(1, len(text) - 1)
    middle = box[0] + (box[2] - box[0]) * at / len(text)
    return [(text[:at], (box[0], box[1], middle, box[3])), (text[at:], (middle, box[1], box[2], box[3]))]


@given(st.sets(st.sampled_from(OPTIONAL)))
@settings(max_examples=30, deadline=None)
def test_without_boxes_the_same_is_read_but_for_page_numbers(left_out: set[str]) -> None:
    paged = pages(Paper().without(*left_out))
    ours, theirs = values(paged), values(plain(paged))
    for name in ("body", "page_numbers", "printing_body"):
        ours.pop(name, None), theirs.pop(name, None)
    assert theirs == ours


def test_every_element_has_its_place_and_its_reasons() -> None:
    paged = pages(FULL)
    boxes = {box for _, box in paged[0].lines}
    for item in elements(paged, ""):
        assert item.place.page == 1, item
        assert item.place.boxes
        assert set(item.place.boxes) <= boxes
        assert item.reasons
        assert 0 < item.confidence < 1
        assert item.confidence == confidence([reason.rule for reason in item.reasons])
        assert item.confidence > 0.8, item
        assert item.reason
    assert [item.name for item in elements(paged, "")] == [name for name in NAMES if name in values(paged)]


@given(st.lists(st.sampled_from(sorted(RULES)), max_size=8), st.sampled_from(sorted(RULES)))
def test_a_rule_that_speaks_for_never_lowers_and_one_against_never_raises(rules: list[str], one: str) -> None:
    before, after = confidence(rules), confidence([*rules, one])
    assert after >= before if RULES[one][0] > 0 else after <= before


@given(
    st.lists(
        st.builds(
            Page,
            st.floats(0, 700),
            st.floats(0, 900),
            st.lists(
                st.tuples(
                    st.text(st.sampled_from("关于的通知〔2024〕15号文件：附件1.局年3月12日印发抄送签发人特急秘密★\n 　（）—"), max_size=14),
                    st.tuples(*[st.floats(-100, 1000)] * 4),
                ),
                max_size=12,
            ).map(tuple),
            st.text(st.sampled_from("关于通知〔〕24年3月12日号附件：局\n\r\x0c　。（）"), max_size=60),
        ),
        max_size=3,
    )
)
@settings(deadline=None)
def test_no_page_breaks_the_reading(paged: list[Page]) -> None:
    for item in elements(paged, "a.pdf"):
        assert item.value
        assert 0 <= item.place.page <= len(paged)
        assert item.reasons


def set_lines(*rows: str) -> Page:
    """Set rows one below the other in the middle of a page, 16 points high."""
    wide = [16.0 * len(row) for row in rows]
    boxes = [((WIDTH - own) / 2, 80.0 + 40 * at, (WIDTH + own) / 2, 96.0 + 40 * at) for at, own in enumerate(wide)]
    return Page(WIDTH, HEIGHT, tuple(zip(rows, boxes, strict=True)))


@pytest.mark.parametrize(
    ("rows", "name", "value", "at"),
    [
        (
            ("清源市人民政府令", "第29号", "《河道采砂办法》已经审议通过。", "2021年3月5日"),
            "document_number",
            "清源市人民政府令第29号",
            (0, 1),
        ),
        (("临溪县粮食局公告", "1998年第7号", "关于换证的公告", "特此公告。"), "document_number", "临溪县粮食局公告1998年第7号", (0, 1)),
        (("清源市人民政府令第29号", "《河道采砂办法》已经审议通过。"), "document_number", "清源市人民政府令第29号", (0,)),
        (("云汀市水利局文件", "云水发〔2021〕9号", "关于防汛的通知", "各科室：", "请做好防汛。"), "author", "云汀市水利局", (0,)),
        (("云汀市水利局会议纪要", "云汀市水利局 2021年3月5日", "研究防汛工作的会议纪要", "会议研究了防汛。"), "date", "20210305", (1,)),
    ],
)
def test_a_place_holds_every_line_that_a_value_was_read_from(rows: tuple[str, ...], name: str, value: str, at: tuple[int, ...]) -> None:
    page = set_lines(*rows)
    found = elements([page], "").get(name)
    assert found is not None
    assert (found.value, found.place.page) == (value, 1)
    assert found.place.boxes == tuple(page.lines[index][1] for index in at)


def test_a_date_that_runs_over_two_lines_has_both_and_what_is_below_is_below_both() -> None:
    page = set_lines("关于防汛的通知", "各科室：", "请做好防汛。", "云汀市水利局", "2021年3月", "5日", "（此件公开发布）")
    found = elements([page], "")
    date = found.get("date")
    assert date is not None
    assert (date.value, date.place.boxes) == ("20210305", (page.lines[4][1], page.lines[5][1]))
    assert found.value("release_note") == "此件公开发布"


@pytest.mark.parametrize(
    ("printed", "number"), [("云水函[2014] 51号", "云水函〔2014〕51号"), ("云水函 (2014) 第 51 号", "云水函〔2014〕51号")]
)
def test_a_number_may_be_read_with_spaces(printed: str, number: str) -> None:
    found = elements([set_lines("云汀市水利局文件", printed, "关于商请防汛的函", "清源市水利局：", "请予支持。")], "")
    assert (found.value("document_number"), found.value("title")) == (number, "关于商请防汛的函")


@pytest.mark.parametrize(
    "printed", ["云水发·〔2014〕51号", "云水发|[2014]51号", "云水发〔2014〕_51号", "云水发〔2014〕_51号签发人：林岚越"]
)
def test_a_stray_sign_before_the_year_is_left_out_and_the_number_doubted(printed: str) -> None:
    found = elements(
        [set_lines("云汀市水利局文件", printed, "关于防汛的通知", "各科室：", "请做好防汛。", "云汀市水利局", "2014年3月5日")], ""
    )
    number = found.get("document_number")
    assert number is not None
    assert (number.value, found.value("title")) == ("云水发〔2014〕51号", "关于防汛的通知")
    assert number.confidence < 0.95


def test_a_receiver_with_a_sign_that_no_name_has_is_not_sure() -> None:
    read = [
        elements([set_lines("关于防汛的通知", f"{name}、各直属机构：", "请做好防汛。", "云汀市水利局", "2014年3月5日")], "").get(
            "principal_receiver"
        )
        for name in ("市政府各部门", "市政府各部]")
    ]
    marks = [{item.rule for item in found.reasons} for found in read if found]
    assert ["receiver.odd" in one for one in marks] == [False, True]


def test_figures_behind_the_full_stop_of_a_list_are_no_part_of_it() -> None:
    page = set_lines("关于防汛的通知", "各科室：", "请做好防汛。", "抄送：市财政局，存档。2426", "云汀市水利局办公室2014年3月5日印发")
    assert elements([page], "").value("other_receivers") == "市财政局，存档"


@pytest.mark.parametrize("word", ["等级加急", "加急", "紧急程度：加急"])
def test_urgency_is_told_by_its_word_whatever_stands_before_it(word: str) -> None:
    page = set_lines("传真电报", word, "云明电〔2024〕59号", "关于防汛的紧急通知", "各乡镇人民政府：", "请做好防汛。")
    assert elements([page], "").value("precedence") == "加急"


@pytest.mark.parametrize(
    ("head", "signed", "spoke"),
    [
        (("云汀市水利局文件",), ("云汀市水利局",), "author.agrees_sign"),
        (("云汀市水利局", "云汀市林业局文件"), ("云汀市水利局", "云汀市林业局"), "author.agrees_sign"),
        (("云汀市水利局文件",), ("汀市水利局",), ""),  # a letter was lost: part of a name is no second witness
        (("云汀市水利局文件",), ("云汀市财政局",), "author.differs_sign"),
    ],
)
def test_the_red_head_speaks_for_an_author_whose_whole_name_it_bears(head: tuple[str, ...], signed: tuple[str, ...], spoke: str) -> None:
    found = elements(
        [set_lines(*head, "云水发〔2021〕9号", "关于防汛的通知", "各科室：", "请做好防汛。", *signed, "2021年3月5日")], ""
    ).get("author")
    assert found is not None
    assert {item.rule for item in found.reasons} & {"author.agrees_sign", "author.differs_sign"} == ({spoke} if spoke else set())


def test_two_columns_are_not_read_across() -> None:
    left = [(f"左栏第{index}行的文字内容写在这里", (60.0, 100.0 + 20 * index, 290.0, 114.0 + 20 * index)) for index in range(10)]
    right = [(f"右栏第{index}行的文字内容写在这里", (310.0, 100.0 + 20 * index, 540.0, 114.0 + 20 * index)) for index in range(10)]
    body = elements([Page(600, 800, (("关于栏目的通知", (200.0, 40.0, 400.0, 60.0)), *left, *right))], "").value("body")
    assert body.index("左栏第9行") < body.index("右栏第0行")


def test_joint_documents_name_every_organ_of_the_sign() -> None:
    lines = (
        ("云汀市发展和改革委员会", (90.0, 120.0, 430.0, 150.0)),
        ("文件", (440.0, 140.0, 510.0, 170.0)),
        ("云汀市财政局", (90.0, 165.0, 430.0, 195.0)),
        ("云发改〔2024〕16号", (230.0, 230.0, 370.0, 246.0)),
        ("关于联合检查的通知", (200.0, 280.0, 400.0, 302.0)),
        ("各县（区）人民政府：", (80.0, 330.0, 260.0, 346.0)),
        ("现就有关事项通知如下。", (112.0, 354.0, 300.0, 370.0)),
        ("云汀市发展和改革委员会　　云汀市财政局", (150.0, 420.0, 500.0, 436.0)),
        ("2024年4月1日", (380.0, 444.0, 480.0, 460.0)),
    )
    read = elements([Page(595, 842, lines)], "")
    assert "云汀市发展和改革委员会" in read.value("issuing_sign")
    assert "云汀市财政局" in read.value("issuing_sign")
    author = read.get("author")
    assert author is not None
    assert author.items == ("云汀市发展和改革委员会", "云汀市财政局")


def test_attachments_begin_on_pages_of_their_own() -> None:
    sheet = Page(
        595,
        842,
        (
            ("附件1", (80.0, 100.0, 130.0, 116.0)),
            ("企业用工情况调查表", (200.0, 140.0, 400.0, 164.0)),
            ("序号 内容", (80.0, 200.0, 300.0, 214.0)),
        ),
    )
    other = Page(
        595,
        842,
        (
            ("附件2", (80.0, 100.0, 130.0, 116.0)),
            ("企业成本情况调查表", (200.0, 140.0, 400.0, 164.0)),
            ("序号 内容", (80.0, 200.0, 300.0, 214.0)),
        ),
    )
    read = elements([*pages(Paper(copies="", office="")), sheet, other], "")
    attachments = read.get("attachments")
    assert attachments is not None
    assert attachments.items == ("企业用工情况调查表", "企业成本情况调查表")
    assert attachments.place.page == 2
    assert "attachment.listed" in {reason.rule for reason in attachments.reasons}


def test_the_table_of_the_standard_and_the_code_name_the_same_elements() -> None:
    rows = gb_t_9704.elements()
    assert {row.key: row.name for row in rows} == NAMES
    assert all(row.clause and row.certainty for row in rows)
    page = (Path(__file__).resolve().parents[2] / "docs/reference/formats.md").read_text("utf-8")
    assert [row.key for row in rows if f"| `{row.key}` | {row.name} | {row.clause} |" not in page] == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("云发改〔2024〕15号", ""),
        ("发文字号：云发改[2024]第015号", ""),
        ("", "没有内容"),
        ("编号：", "没有内容"),
        ("云发改〔24〕15号", ""),
        ("云发改〔202〕15号", "年份不是四位数字"),
        ("云发改〔2024〕号15", "序号写在“号”之后"),
        ("云发改〔2024〕15", "没有“号”字"),
        ("云发改〔2024〕15号〔〕", "“号”之后还有文字"),
        ("〔2024〕15号", "没有机关代字"),
        ("某某文件", "没有〔年份〕，也不是第几号"),
    ],
)
def test_a_number_is_refused_for_a_reason(raw: str, reason: str) -> None:
    assert objection(raw) == reason


def test_known_bodies_speak_for_what_was_read() -> None:
    before = elements(pages(Paper()), "").get("author")
    after = elements(pages(Paper()), "", known=Known(frozenset({ORGAN}), frozenset({"云发改"}))).get("author")
    assert before is not None
    assert after is not None
    assert after.confidence > before.confidence
    assert "见于机构名册" in after.speaks_for


# --- documents nobody here wrote


def test_the_demonstration_s_documents_are_read_whole(tmp_path: Path) -> None:
    wrong = []
    for letter, content in probes.letters(24):
        path = tmp_path / "x.pdf"
        path.write_bytes(content)
        read = probes.elements_of(path)
        page_count = len((found.items if (found := read.get("page_numbers")) else ()) or ("1",))
        wrong += [(letter.number, name) for name, value in probes.known_elements(letter, page_count).items() if read.value(name) != value]
    assert wrong == []


@pytest.mark.corpus
def test_one_document_in_five_forms(corpus: Path) -> None:
    assert probes.forms(corpus)["is_reached"]


@pytest.mark.corpus
def test_documents_of_the_state_council(corpus: Path) -> None:
    assert probes.state_council(corpus)["share"] == 1.0


@pytest.mark.corpus
def test_every_number_of_the_catalogues_is_tidy_or_refused_for_a_reason(corpus: Path) -> None:
    result = probes.numbers(corpus)
    assert result["is_reached"]
    refused = result["refused"]
    assert isinstance(refused, list)
    assert all(row["理由"] for row in refused)
    with (corpus / "catalogue" / "公文目录_国务院及六省市.csv").open(encoding="utf-8-sig", newline="") as rows:
        assert all(not objection(row["发文字号"]) or not row["发文字号"].strip() for row in csv.DictReader(rows))


@pytest.mark.corpus
@pytest.mark.slow
def test_laws_as_docx_and_pdf_agree(corpus: Path) -> None:
    assert probes.laws(corpus)["is_reached"]
