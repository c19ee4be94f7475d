"""The stamp of receipt over the head of a letter: its number and day are never the letter's."""

import pytest

from lantai.core.officialdoc import Box, Page, elements
from lantai.core.officialdoc.receipt import without_receipt

LETTER: tuple[tuple[str, Box], ...] = (
    ("栖霞地区建设银行支行文件", (115.0, 112.0, 480.0, 144.0)),
    ("栖建发〔2006〕36号", (222.0, 225.0, 371.0, 243.0)),
    ("关于推进老旧小区供水改造的通知", (150.0, 280.0, 445.0, 302.0)),
    ("各有关单位：", (80.0, 360.0, 176.0, 376.0)),
    ("请认真贯彻执行。", (112.0, 389.0, 240.0, 405.0)),
    ("栖霞地区建设银行支行", (320.0, 500.0, 480.0, 516.0)),
    ("2006年9月2日", (350.0, 529.0, 450.0, 545.0)),
)


def _page(*stamp: tuple[str, Box]) -> Page:
    return Page(595.0, 842.0, (*LETTER[:1], *stamp, *LETTER[1:]))


@pytest.mark.parametrize("left", [410.0, 330.0])
@pytest.mark.parametrize(
    ("head", "count", "day"),
    [
        ("绿荫县档案局收文", "第 336 号", "2006年10月6日"),
        ("收文章", "〇字第 12 号", "2006.10.6"),
        ("绿荫县收 文 专用章", "336", "06-10-6"),
        ("绿荫县收文", "第", "2010--0"),
    ],
)
def test_a_stamp_of_receipt_is_no_part_of_the_letter(head: str, count: str, day: str, left: float) -> None:
    boxes: tuple[Box, ...] = tuple((left, 200.0 + 18 * row, left + 100, 216.0 + 18 * row) for row in range(3))
    found = elements([_page(*zip((head, count, day), boxes, strict=True))], "")
    assert found.value("document_number") == "栖建发〔2006〕36号"
    assert found.value("title") == "关于推进老旧小区供水改造的通知"
    assert (found.value("date"), found.value("author")) == ("20060902", "栖霞地区建设银行支行")


@pytest.mark.parametrize("bar", ["", "|", " "])
def test_a_stamp_that_was_read_along_with_the_number_is_no_part_of_it_either(bar: str) -> None:
    """Its first row stands close behind the number; of the second only a piece could be read."""
    glued = f"栖建发〔2006〕36号{bar}县档案局收文"
    page = _page(("弟", (372.0, 246.0, 382.0, 256.0)), ("2006年10月6日", (366.0, 262.0, 446.0, 274.0)))
    lines = tuple((glued, (222.0, 225.0, 450.0, 243.0)) if text.startswith("栖建发") else (text, box) for text, box in page.lines)
    found = elements([Page(page.width, page.height, lines)], "")
    assert found.value("document_number") == "栖建发〔2006〕36号"
    assert found.value("title") == "关于推进老旧小区供水改造的通知"
    assert found.value("date") == "20060902"


def test_the_end_of_the_number_under_a_stamp_is_no_row_of_it() -> None:
    page = _page(
        ("绿荫县档案局收文", (366.0, 218.0, 466.0, 232.0)), ("第644号", (380.0, 236.0, 440.0, 250.0)), ("号", (368.0, 226.0, 384.0, 243.0))
    )
    lines = tuple(("栖建发〔2006〕36" if text.startswith("栖建发") else text, box) for text, box in page.lines)
    found = elements([Page(page.width, page.height, lines)], "")
    assert found.value("document_number") == "栖建发〔2006〕36号"
    assert found.value("title") == "关于推进老旧小区供水改造的通知"


def test_what_is_left_of_a_stamp_is_no_title() -> None:
    """Its first row was not read at all; a count and a day alone stand between number and title."""
    page = _page()
    scrap, title = ("全沙目档安", (380.0, 244.0, 460.0, 256.0)), ("栖霞地区建设银行支行关于推进", (150.0, 268.0, 445.0, 279.0))
    rest = tuple((text.removeprefix("关于推进"), box) for text, box in page.lines[2:])
    found = elements([Page(page.width, page.height, (*page.lines[:2], scrap, ("第867号", (390.0, 257.0, 440.0, 267.0)), title, *rest))], "")
    assert found.value("title") == "栖霞地区建设银行支行关于推进老旧小区供水改造的通知"
    lines = (*page.lines[:2], ("074号", (400.0, 246.0, 440.0, 256.0)), ("2006年10月6日", (380.0, 262.0, 460.0, 274.0)), *page.lines[2:])
    found = elements([Page(page.width, page.height, lines)], "")
    assert (found.value("document_number"), found.value("title")) == ("栖建发〔2006〕36号", "关于推进老旧小区供水改造的通知")


def test_a_form_about_receipt_and_a_line_alone_stay() -> None:
    form = _page(("清源县人民政府收文", (100.0, 200.0, 400.0, 216.0)), ("第3号", (100.0, 218.0, 160.0, 234.0)))
    assert without_receipt(form) == form
    alone = _page(("绿荫县档案局收文", (410.0, 200.0, 510.0, 216.0)))
    assert without_receipt(alone) == alone
    low = _page(("绿荫县档案局收文", (410.0, 600.0, 510.0, 616.0)), ("第3号", (420.0, 618.0, 470.0, 634.0)))
    assert without_receipt(low) == low
