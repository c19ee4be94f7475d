"""The table out and back: what is edited comes in cell by cell, whole or not at all, and twice is once."""

import io
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.packages import catalogue, workbook
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger.models import Event
from lantai.stages import arrange, changing, due, sheets, undo
from lantai.stages.sheets import columns, jobs, plans
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.screens import ROOT
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]
COLLEAGUE = Actor("01COLLEAGUE", "han", "韩松", "archivist")


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


def received(house: House, path: Path) -> Act:
    """Bring a workbook in as an upload lies."""
    kept = house.data / "uploads" / house.ids.new() / path.name
    kept.parent.mkdir(parents=True)
    shutil.copy(path, kept)
    return sheets.receive(house, ARCHIVIST, kept)


def tried(house: House, path: Path) -> tuple[str, sheets.Plan, list[sheets.Line]]:
    """Return the act of a workbook that came in, what it would do, and the rows of its first page."""
    act, folder = sheets.find(house, ARCHIVIST, received(house, path).id)
    plan = sheets.load(folder)
    return act.id, plan, [*sheets.page(folder, plan, sheets.WRONG if plan.wrong else sheets.CHANGES, 0).lines]


def test_edited_cells_are_shown_applied_as_one_act_and_taken_back(house: House, tmp_path: Path) -> None:
    first, second = rows.record(), rows.record(author="云汀市人民政府")
    path = out(house, tmp_path, 责任者="云汀市人民政府", 保管期限="永久", 成文日期="2024-03-15 00:00:00")
    act_id, plan, lines = tried(house, path)
    assert (plan.rows, plan.records, plan.cells, plan.wrong) == (2, 2, 5, 0)
    assert set(lines[0].cells) == {
        ("责任者", first.author, "云汀市人民政府"),
        ("保管期限", "30年", "永久"),
        ("成文日期", "20240312", "20240315"),
    }
    act = sheets.apply(house, ARCHIVIST, act_id)
    first.refresh_from_db()
    assert (act.state, act.done, first.author, first.retention, first.document_date) == ("done", 2, "云汀市人民政府", "Y", "20240315")
    refused("SHEET-GONE", lambda: sheets.apply(house, ARCHIVIST, act_id))
    again, plan, _ = tried(house, path)
    assert plan.records == 0
    refused("SHEET-SAME", lambda: sheets.apply(house, ARCHIVIST, again))
    assert undo.undo(house, ARCHIVIST).done == 2
    second.refresh_from_db()
    assert (second.retention, second.document_date) == ("D30", "20240312")


def test_one_wrong_row_keeps_the_whole_sheet_out(house: House, tmp_path: Path) -> None:
    fixed = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001")
    rows.record()
    act_id, plan, lines = tried(house, out(house, tmp_path, 责任者="云汀市"))
    assert [(item.row, "已固定" in item.reason) for item in lines] == [(2, True)]
    assert (plan.wrong, plan.records) == (1, 1)
    refused("SHEET-WRONG", lambda: sheets.apply(house, ARCHIVIST, act_id))
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
    _, _, lines = tried(house, out(house, tmp_path, **edits))
    assert [words in item.reason for item in lines] == [True]


def test_a_sheet_that_was_overtaken_goes_back_whole(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "SLICE", 1)
    kept = [rows.record() for _ in range(3)]
    path = out(house, tmp_path, 责任者="云汀市")
    act_id, _, _ = tried(house, path)
    arrange.revise_many(house, COLLEAGUE, [kept[2].id], changes={"annotation": "缺附件"})
    refused("SHEET-MOVED-ON", lambda: sheets.apply(house, ARCHIVIST, act_id))
    assert set(Record.objects.values_list("author", flat=True)) == {kept[0].author}
    assert (Act.objects.get(id=act_id).done, Event.objects.filter(type="record:revised").count()) == (0, 5)
    assert [act.id for act in undo.failed(house, ARCHIVIST)] == [act_id]
    refused("ACCESS-REFUSED", lambda: sheets.find(house, READER, act_id))


def test_a_page_is_a_hundred_rows_wherever_it_lies(tmp_path: Path) -> None:
    with plans.Writer(tmp_path) as stream:
        for at in range(250):
            stream.add(sheets.Line(at, f"k{at}", 1, "题\ud83d名", (("题名", "旧", "新"),)))
        made = stream.close(250)
    assert sheets.load(tmp_path) == made
    deep = sheets.page(tmp_path, made, sheets.CHANGES, 230)
    assert (deep.first, deep.last, deep.total, deep.lines[0].record_id) == (200, 250, 250, "k200")
    assert sheets.page(tmp_path, made, sheets.WRONG, 9) == sheets.Page((), 0, 0)
    path = tmp_path / "changes.jsonl"
    path.write_bytes(path.read_bytes().replace("新".encode(), "改".encode(), 1))
    refused("SHEET-GONE", lambda: list(plans.changes(tmp_path, made)))


def test_calling_off_puts_back_what_was_written(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [rows.record() for _ in range(4)]
    path = out(house, tmp_path, 责任者="云汀市")
    act_id, _, _ = tried(house, path)
    assert sheets.call_off(house, ARCHIVIST, act_id).state == "dropped"
    monkeypatch.setattr(changing, "SLICE", 2)
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    act_id, _, _ = tried(house, path)
    assert sheets.apply(house, ARCHIVIST, act_id).state == "queued"
    write = changing.write

    def meanwhile(*given: Any, **named: Any) -> int:  # noqa: ANN401 - those of the verb
        count = write(*given, **named)
        sheets.call_off(house, ARCHIVIST, act_id)
        return count

    monkeypatch.setattr(changing, "write", meanwhile)
    sheets.run(house, act_id)
    assert Record.objects.filter(author="云汀市").count() == 2
    undo.undo_task.func(act_id)
    assert (Act.objects.get(id=act_id).state, set(Record.objects.values_list("author", flat=True))) == ("dropped", {kept[0].author})
    assert Event.objects.filter(type="record:revised").count() == 4


def test_large_sheets_are_undone_in_the_background_and_lapse(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [rows.record() for _ in range(3)]
    path = out(house, tmp_path, 责任者="云汀市")
    act_id, _, _ = tried(house, path)
    sheets.apply(house, ARCHIVIST, act_id)
    monkeypatch.setattr(undo, "AT_ONCE", 2)
    assert undo.undo(house, ARCHIVIST).is_going_on
    assert Record.objects.filter(author="云汀市").count() == 3
    undo.undo_task.func(act_id)
    assert (Act.objects.get(id=act_id).state, Record.objects.filter(author=kept[0].author).count()) == ("undone", 3)
    waiting, _, _ = tried(house, path)
    assert [path.is_dir() for path in sheets.claimed(house)] == [True]
    Act.objects.filter(id=waiting).update(made_at=rows.NOW - timedelta(days=30))
    assert (sheets.lapse(house), sheets.claimed(house)) == (1, [])


def test_other_tables_are_told_apart(house: House, tmp_path: Path) -> None:
    path = tmp_path / "目录.csv"
    path.write_text("题名,文号\n关于供暖的通知,云发改〔2024〕1号\n", encoding="utf-8")
    act = received(house, path)
    assert (act.state, act.reason, "标识" in act.asked["why"]) == ("failed", "SHEET-NOT-OURS", True)


def test_the_way_through_the_screen(house: House, tmp_path: Path) -> None:
    town = rows.found(house)
    row = rows.record()
    client = town.client("archivist")
    answer = client.get("/arrange/sheet.xlsx?year=2024")
    assert answer["Content-Type"].endswith("sheet")
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    path = out(house, tmp_path, 责任者="云汀市人民政府")
    with path.open("rb") as stream:
        place = client.post("/arrange/sheet/try", {"file": stream})["Location"]
    assert "云汀市人民政府" in client.get(place).content.decode()
    assert Record.objects.get(id=row.id).author == row.author
    assert place in client.get("/arrange/sheet/").content.decode()
    assert rows.signed_in(rows.account("archivist", "he", "何远")).get(place).status_code == 404
    assert client.post(f"{place}apply").status_code == 302
    assert Record.objects.get(id=row.id).author == "云汀市人民政府"
    assert client.post(f"{place}apply").status_code == 404
    assert "改好了 1 件" in client.get(place).content.decode()
    assert client.post("/arrange/sheet/none/apply").status_code == 404


def test_a_worker_that_is_killed_leaves_a_sheet_that_another_finishes(
    fresh_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    with line_house(fresh_data) as house:
        count = len([rows.record() for _ in range(120)])
        act_id, _, _ = tried(house, out(house, tmp_path, 责任者="云汀市"))
        act = sheets.apply(house, ARCHIVIST, act_id)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        worker = subprocess.Popen([sys.executable, "-m", "tests.support.sheet_process", act_id], cwd=ROOT, env=environment)
        while act.done < 5:
            time.sleep(0.002)
            act.refresh_from_db()
        worker.kill()
        worker.wait()
        act.refresh_from_db()
        assert (act.state, act.traces.count(), act.done < count) == ("queued", act.done, True)
        sheets.run(house, act_id)
        act.refresh_from_db()
        assert (act.state, act.done, act.traces.count()) == ("done", count, count)
        assert Event.objects.filter(type="record:revised").count() == Record.objects.filter(author="云汀市", version=2).count() == count


def test_a_long_list_is_written_in_the_background_and_fetched_for_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "AT_ONCE", 2)
    monkeypatch.setattr(columns, "_A_QUERY", 2)
    town = rows.found(house)
    ids = [rows.record().id for _ in range(3)]
    client, other = town.client("archivist"), rows.signed_in(rows.account("archivist", "he", "何远"))
    assert "最多" in client.get("/arrange/sheet.xlsx?year=2024").content.decode()
    place = client.post("/arrange/sheet/out?year=2024")["Location"]
    act = Act.objects.get(kind="export")
    assert (act.state, act.total, act.asked["name"]) == ("queued", 3, "著录-2024.xlsx")
    assert "正在导出" in client.get(place).content.decode()
    assert client.get(f"{place}file.xlsx").status_code == 404
    assert {"act_id": act.id} in list(due._unsheeted(house))
    sheets.run(house, act.id)
    sheets.run(house, act.id)
    assert "下载表格" in client.get(place).content.decode()
    assert place in client.get("/arrange/sheet/").content.decode()
    folder = house.data / "uploads" / act.asked["folder"]
    assert folder.resolve() in sheets.claimed(house)
    answer = client.get(f"{place}file.xlsx")
    (house.data / "fetched.xlsx").write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert {line.raw["标识（勿改）"] for line in catalogue.read(house.data / "fetched.xlsx").rows} == set(ids)
    assert [other.get(each).status_code for each in (place, f"{place}file.xlsx")] == [404, 404]
    assert undo.last(house, ARCHIVIST) is None
    Act.objects.filter(id=act.id).update(made_at=house.clock.now() - timedelta(hours=25))
    assert sheets.lapse(house) == 1
    assert sheets.claimed(house) == []
    assert client.get(f"{place}file.xlsx").status_code == 404


def test_a_short_list_is_fetched_at_once(house: House) -> None:
    rows.record()
    client = rows.found(house).client("archivist")
    assert client.post("/arrange/sheet/out?year=2024&words=通知")["Location"] == "/arrange/sheet.xlsx?year=2024&words=%E9%80%9A%E7%9F%A5"
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("edits", "words"),
    [({"责任者": "云汀市"}, "试算好了，还没有导入"), ({}, "不需要导入"), ({"成文日期": "20240230"}, "有错，不能导入")],
)
def test_the_list_of_sheets_says_of_each_what_its_own_page_says(house: House, tmp_path: Path, edits: dict[str, str], words: str) -> None:
    rows.record()
    stream = out(house, tmp_path, **edits)
    client = rows.found(house).client("archivist")
    with stream.open("rb") as sheet:
        place = client.post("/arrange/sheet/try", {"file": sheet})["Location"]
    listed, own = (client.get(each).content.decode() for each in ("/arrange/sheet/", place))
    assert all(words in page for page in (listed, own))
    assert words.startswith("试算") or "试算好了" not in listed


@pytest.mark.parametrize("is_written", [False, True])
def test_a_list_on_its_way_out_is_called_off(house: House, *, is_written: bool) -> None:
    act = sheets.send(house, ARCHIVIST, [rows.record().id], name="著录.xlsx")
    folder = house.data / "uploads" / act.asked["folder"]
    if is_written:
        sheets.run(house, act.id)
    assert sheets.call_off(house, ARCHIVIST, act.id).state == "dropped"
    assert not folder.exists()
    sheets.run(house, act.id)
    assert Act.objects.get(id=act.id).state == "dropped"
    refused("SHEET-NOT-KEPT", lambda: sheets.file(Act.objects.get(id=act.id), folder))
    refused("ACCESS-REFUSED", lambda: sheets.send(house, READER, [], name="著录.xlsx"))
