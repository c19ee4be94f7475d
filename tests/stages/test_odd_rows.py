"""Catalogues as an attacker or a tired person writes them: every row is kept, none reaches outside, one odd cell stops nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Arrival, Quarantine
from lantai.stages import arrange
from tests.support.deliveries import check_no_trace, deliver, outcomes, paths
from tests.support.line_house import line_house

GOOD = "关于值班安排的通知\n各科室：按要求办理。\n"


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A delivery with one good file in it."""
    made = tmp_path / "移交"
    made.mkdir()
    (made / "好文件.txt").write_text(GOOD, "utf-8")
    return made


def test_characters_that_no_database_takes_are_written_out_and_told(house: House, folder: Path) -> None:
    (folder / "目录.csv").write_bytes("题名,文号,附注,文件名\n关于\0值班的通知,云字\0〔2024〕1号,甲\0乙,好文件.txt\n".encode())
    (folder / "空字符.txt").write_bytes("关于检查的通知\n\0\n各科室：照办。".encode())
    batch = deliver(house, folder)
    row = next(row for row in Record.objects.filter(batch_id=batch.id) if row.arrival["raw"])
    assert row.title == "关于<U+0000>值班的通知"
    assert row.arrival["raw"]["附注"] == "甲<U+0000>乙"
    assert "CAPTURE-CHARACTERS-WRITTEN-OUT" in [item["code"] for item in row.arrival["findings"]]
    kept = json.dumps([list(Record.objects.values()), list(ComputerFile.objects.values()), list(Arrival.objects.values())], default=str)
    assert "\\u0000" not in kept
    assert "\\ud8" not in kept


def test_rows_that_name_files_outside_or_twice_or_the_catalogue_itself(house: House, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "外面.txt").write_text("外面", "utf-8")
    (folder / "连").symlink_to(tmp_path)
    long = "长" * 300
    rows = [
        "../外面.txt",
        "/etc/passwd",
        "连/外面.txt",
        "目录.csv",
        "好文件.txt",
        "好文件.txt",
        "好文件.txt;好文件.txt",
        "没有.txt",
        long,
        "a\\..\\..\\外面.txt",
        ".",
    ]
    text = "题名,文件名\n" + "".join(f"第{number}件,{name}\n" for number, name in enumerate(rows))
    (folder / "目录.csv").write_text(text, "utf-8")
    batch = deliver(house, folder)
    assert paths(batch, "record").count("移交/好文件.txt") == 1
    assert paths(batch, "metadata") == ["移交/目录.csv"]
    records = {row.title: [item["code"] for item in row.arrival["findings"]] for row in Record.objects.filter(batch_id=batch.id)}
    assert len(records) == len(rows)
    assert {records[f"第{number}件"][0] for number in (0, 1, 2, 9)} == {"CATALOGUE-FILE-UNSAFE"}
    assert {records[f"第{number}件"][0] for number in (3, 5, 6)} == {"CATALOGUE-FILE-TWICE"}
    assert {records[f"第{number}件"][0] for number in (7, 8, 10)} <= {"CATALOGUE-FILE-MISSING", "CATALOGUE-FILE-UNSAFE"}
    assert "外面" not in json.dumps(list(ComputerFile.objects.values("name")), ensure_ascii=False)


def test_a_workbook_with_files_beside_it(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "移交"
    (folder / "附件").mkdir(parents=True)
    (folder / "通知.txt").write_text(GOOD, "utf-8")
    (folder / "附件" / "名单.txt").write_text("名单", "utf-8")
    (folder / "没有列出的.txt").write_text("别的", "utf-8")
    with xlsxwriter.Workbook(folder / "目录.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["题名", "文号", "责任者", "日期", "文件名", "柜号"])
        sheet.write_row(1, 0, ["关于值班的通知", "云字〔2024〕1号", "云汀市", "2024-03-01", "通知.txt；附件/名单.txt", "A3"])
        sheet.write_row(2, 0, ["关于会议的纪要", "", "云汀市", "2024年4月", "", "A4"])
    batch = deliver(house, folder)
    assert outcomes(batch) == {"metadata": 1, "record": 4}
    digital, paper = (Record.objects.get(title=title) for title in ("关于值班的通知", "关于会议的纪要"))
    assert [item.name for item in digital.files.order_by("document__sequence")] == ["通知.txt", "名单.txt"]
    assert (paper.content_basis, paper.document_date, paper.arrival["raw"]["柜号"]) == ("physical_only", "202404", "A4")


def test_two_rows_with_equal_files_are_two_records(house: House, folder: Path) -> None:
    (folder / "甲.txt").write_text("同样的内容", "utf-8")
    (folder / "乙.txt").write_text("同样的内容", "utf-8")
    (folder / "目录.csv").write_text("题名,文件名\n关于甲的通知,甲.txt\n关于乙的通知,乙.txt\n", "utf-8")
    batch = deliver(house, folder)
    assert outcomes(batch) == {"metadata": 1, "record": 3}
    again = deliver(house, folder)
    assert outcomes(again) == {"metadata": 1, "duplicate": 3}


def test_a_row_that_says_it_is_secret_is_sealed_and_its_neighbours_go_on(house: House, tmp_path: Path) -> None:
    path = tmp_path / "目录.csv"
    path.write_text("题名,密级,日期\n关于某项暗号的通知,机密,20240301\n关于值班的通知,,20240302\n", "utf-8")
    batch = deliver(house, path, channel="catalogue")
    assert outcomes(batch) == {"metadata": 1, "quarantined": 1, "record": 1}
    check_no_trace(house, ["某项暗号"])
    item = Quarantine.objects.get()
    opened = sealing.unseal(house.data, item.sealed_name, tmp_path / "opened")
    assert json.loads(opened.read_text("utf-8"))["raw"]["题名"] == "关于某项暗号的通知"


def test_places_that_are_none_are_left_to_a_person(house: House, tmp_path: Path) -> None:
    """Even where a person has answered that such a record may go on, one odd cell stops no batch."""
    path = tmp_path / "目录.csv"
    long = "办公室、" * 20
    cells = [("永久保存", "2024年度", long), ("定期30年", "2024", "BGS"), ("", "", "")]
    rows = "".join(f"第{number}件,20240301,{','.join(cell)}\n" for number, cell in enumerate(cells))
    path.write_text(f"题名,日期,保管期限,年度,机构\n{rows}", "utf-8")
    batch = deliver(house, path, channel="catalogue")
    Record.objects.update(conclusion="pass", needs_attention="", state="described")
    arrange.arrange(house, batch.id)
    odd, plain, none = Record.objects.order_by("id")
    assert (odd.year, odd.department, odd.retention) == ("2024", "BGS", "")
    assert odd.arrival["said"]["year"] == "2024年度"
    assert odd.elements["retention_period"] == "永久保存"
    assert (plain.year, plain.retention, none.year) == ("2024", "D30", "2024")
