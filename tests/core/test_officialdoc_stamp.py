"""The archival stamp: six boxes told by where they stand, with labels or without, and nothing where there is none."""

from dataclasses import replace

import pytest

from lantai.core.officialdoc import STAMP, Box, Page, elements
from lantai.core.officialdoc.stamp import stamp, without
from tests.support import papers

SAID = {
    "fonds_code": "J001", "year": "2024", "agency_item_number": "15", "organizational_structure_or_function": "综合科",
    "retention_period": "30年", "total_number_of_pages": "6",
}  # fmt: skip
Lines = list[tuple[str, Box]]


def cell(at: int, text: str, *, down: float = 0.0) -> tuple[str, Box]:
    """A text in one of the six boxes, 44 points wide and 24 high."""
    x, y = 300.0 + (at % 3) * 44 + 4, 24.0 + (at // 3) * 24 + down
    return text, (x, y, x + 7.0 * len(text), y + 10)


def plain(**more: str) -> Lines:
    return [cell(at, value) for at, value in enumerate((SAID | more).values()) if value]


def labelled() -> Lines:
    names = ("全宗号", "年度", "件号", "机构(问题)", "保管期限", "页数")
    both = enumerate(zip(names, SAID.values(), strict=True))
    return [item for at, (name, value) in both for item in (cell(at, name, down=-9), cell(at, value, down=2))]


def ruled() -> Lines:
    values = list(SAID.values())
    return [("|".join(values[:3]), (300.0, 24.0, 432.0, 36.0)), ("|".join(values[3:]), (300.0, 48.0, 432.0, 60.0))]


def paged(lines: Lines) -> Page:
    page = papers.pages(papers.Paper())[0]
    return replace(page, lines=(*lines, *page.lines))


def read(lines: Lines) -> dict[str, str]:
    found = stamp(paged(lines))
    return {item.name: item.value for item in found.cells} if found else {}


@pytest.mark.parametrize("lines", [plain(), labelled(), ruled()], ids=["values alone", "with labels", "read across the rules"])
def test_every_box_is_read(lines: Lines) -> None:
    assert read(lines) == SAID


def test_a_value_has_its_place_and_is_as_sure_as_the_stamp_is_whole() -> None:
    found = stamp(paged(plain()))
    assert found is not None
    assert {item.confidence for item in found.cells} == {0.96}
    assert all(item.box[1] < 80 for item in found.cells)
    half = stamp(paged(plain(agency_item_number="", total_number_of_pages="")))
    assert half is not None
    assert [item.name for item in half.cells] == [name for name in STAMP if name not in ("agency_item_number", "total_number_of_pages")]
    assert {item.confidence for item in half.cells} == {0.75}


@pytest.mark.parametrize(("said", "told"), [("永久", "永久"), ("D30", "30年"), ("定期10年", "10年"), ("长期", "长期"), ("Y", "永久")])
def test_periods_are_told_in_one_way(said: str, told: str) -> None:
    assert read(plain(retention_period=said))["retention_period"] == told


def test_a_document_reads_the_same_with_a_stamp_on_it() -> None:
    bare, stamped = elements([paged([])], "x"), elements([paged(labelled())], "x")
    assert bare.stamp is None
    assert stamped.stamp is not None
    assert [(item.name, item.value) for item in stamped] == [(item.name, item.value) for item in bare]
    assert without(paged([]), None) == paged([])


def test_a_page_without_places_or_without_a_stamp_has_none() -> None:
    assert stamp(Page(text="2024 永久")) is None
    assert stamp(paged([cell(1, "2024"), cell(4, "永久", down=400)])) is None
    assert read(plain(fonds_code="", agency_item_number="", organizational_structure_or_function="", total_number_of_pages="")) == {}
