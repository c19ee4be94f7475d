"""The table out and back: what is edited comes in cell by cell, whole or not at all, and twice is once."""

import io
from pathlib import Path

import pytest

from lantai.core.errors import Refusal
from lantai.packages import catalogue, workbook
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.stages import arrange, sheets, undo
from tests.support.line_house import ARCHIVIST, READER
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]


def out(house: House, tmp_path: Path, **edits: str) -> Path:
    """Write the list out and bring it back with the same edits in every row; ``x_`` edits go to the columns that are ours."""
    stream = io.BytesIO()
    sheets.write(house, ARCHIVIST, list(Record.objects.order_by("id").values_list("id", flat=True)), stream)
    path = tmp_path / "著录.xlsx"
    path.write_bytes(stream.getvalue())
    read = catalogue.read(path)
    lines = [line.raw | edits for line in read.rows]
    with path.open("wb") as again:
        workbook.write(
            again, [workbook.Sheet("著录", [(name, 9) for name in read.columns], [list(line.values()) for line in lines])], made=rows.NOW
        )
    return path


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def test_edited_cells_are_shown_applied_as_one_act_and_taken_back(house: House, tmp_path: Path) -> None:
    first, second = rows.record(), rows.record(author="云汀市人民政府")
    path = out(house, tmp_path, 责任者="云汀市人民政府", 保管期限="永久", 成文日期="2024-03-15 00:00:00")
    plan = sheets.plan(house, ARCHIVIST, path)
    assert (plan.rows, plan.records, len(plan.cells), plan.wrong) == (2, 2, 5, ())
    assert {(cell.heading, cell.before, cell.after) for cell in plan.cells if cell.row == 2} == {
        ("责任者", first.author, "云汀市人民政府"),
        ("保管期限", "30年", "永久"),
        ("成文日期", "20240312", "20240315"),
    }
    act = sheets.apply(house, ARCHIVIST, path, digest=plan.digest)
    first.refresh_from_db()
    assert (act.done, first.author, first.retention, first.document_date) == (2, "云汀市人民政府", "Y", "20240315")
    refused("SHEET-SAME", lambda: sheets.apply(house, ARCHIVIST, path, digest=plan.digest))
    assert undo.undo(house, ARCHIVIST).done == 2
    second.refresh_from_db()
    assert (second.retention, second.document_date) == ("D30", "20240312")


def test_one_wrong_row_keeps_the_whole_sheet_out(house: House, tmp_path: Path) -> None:
    fixed = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001")
    rows.record()
    path = out(house, tmp_path, 责任者="云汀市")
    plan = sheets.plan(house, ARCHIVIST, path)
    assert [(item.row, "已固定" in item.message) for item in plan.wrong] == [(2, True)]
    refused("SHEET-WRONG", lambda: sheets.apply(house, ARCHIVIST, path, digest=plan.digest))
    assert set(Record.objects.values_list("author", flat=True)) == {fixed.author}


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"成文日期": "20240230"}, "日期"),
        ({"年度": "0"}, "年度"),
        ({"保管期限": "很久"}, "期限"),
        ({"题名": ""}, "必须填写"),
        ({sheets.MARK: "不是标识"}, "找不到"),
        ({sheets.VERSION: "99", "责任者": "云汀市"}, "又被改过"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(house: House, tmp_path: Path, edits: dict[str, str], words: str) -> None:
    rows.record()
    plan = sheets.plan(house, ARCHIVIST, out(house, tmp_path, **edits))
    assert [words in item.message for item in plan.wrong] == [True]


def test_a_sheet_that_was_overtaken_is_not_applied(house: House, tmp_path: Path) -> None:
    row = rows.record()
    path = out(house, tmp_path, 责任者="云汀市")
    plan = sheets.plan(house, ARCHIVIST, path)
    arrange.revise_many(house, ARCHIVIST, [row.id], changes={"annotation": "缺附件"})
    refused("SHEET-WRONG", lambda: sheets.apply(house, ARCHIVIST, path, digest=plan.digest))
    refused("ACCESS-REFUSED", lambda: sheets.plan(house, READER, path))


def test_other_tables_are_told_apart(house: House, tmp_path: Path) -> None:
    path = tmp_path / "目录.csv"
    path.write_text("题名,文号\n关于供暖的通知,云发改〔2024〕1号\n", encoding="utf-8")
    refused("SHEET-NOT-OURS", lambda: sheets.plan(house, ARCHIVIST, path))


def test_the_way_through_the_screen(house: House, tmp_path: Path) -> None:
    town = rows.found(house)
    row = rows.record()
    client = town.client("archivist")
    answer = client.get("/arrange/sheet.xlsx?year=2024")
    assert answer["Content-Type"].endswith("sheet")
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    path = out(house, tmp_path, 责任者="云汀市人民政府")
    with path.open("rb") as stream:
        tried = client.post("/arrange/sheet/try", {"file": stream})
    text = tried.content.decode()
    assert "云汀市人民政府" in text
    given = {"kept": tried.context["kept"], "digest": tried.context["digest"]}
    assert Record.objects.get(id=row.id).author == row.author
    assert client.post("/arrange/sheet/apply", given).status_code == 302
    assert Record.objects.get(id=row.id).author == "云汀市人民政府"
    assert client.post("/arrange/sheet/apply", given).status_code == 404
    assert client.post("/arrange/sheet/apply", {"kept": "../..", "digest": ""}).status_code == 404
