"""Workbooks for people: texts stay texts, and a table longer than a sheet goes on in the next."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from lantai.packages import workbook
from lantai.packages.workbook import Sheet

MADE = datetime(2025, 4, 16, tzinfo=UTC)


def written(*sheets: Sheet) -> CalamineWorkbook:
    out = BytesIO()
    workbook.write(out, sheets, made=MADE)
    return CalamineWorkbook.from_filelike(BytesIO(out.getvalue()))


def test_texts_are_never_formulas_links_or_numbers() -> None:
    row = ["=1+1", "http://example.invalid/", "0012", "二\x01行", None, 12, 1.5]
    book = written(Sheet("清单", [("列", 10)] * 7, [row]))
    assert book.get_sheet_by_name("清单").to_python()[1] == ["=1+1", "http://example.invalid/", "0012", "二行", "", 12.0, 1.5]


def test_a_long_table_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 3)
    book = written(Sheet("清单", [("号", 6)], [[number] for number in range(7)]))
    assert book.sheet_names == ["清单", "清单2", "清单3"]
    assert [len(book.get_sheet_by_name(name).to_python()) - 1 for name in book.sheet_names] == [3, 3, 1]


def test_an_empty_table_has_its_headings() -> None:
    assert written(Sheet("清单", [("号", 6), ("名", 6)], [])).get_sheet_by_name("清单").to_python() == [["号", "名"]]
