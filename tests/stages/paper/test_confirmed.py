"""What is sure is submitted in one act, and what only a person can say is told, goes out as a table and comes back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lantai.core.errors import Refusal
from lantai.packages import catalogue, workbook
from lantai.ports import House
from lantai.shelves.digitising.models import Item, ScanBatch
from lantai.shelves.ledger.models import Event
from lantai.stages.digitise import confirming, tabling
from tests.stages.paper.boxes import OTHER, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST, READER, line_house

SURE = 0.99


def letter(title: str, number: str, *, date: float = SURE) -> scans.Lines:
    """A letter as the engine reads it, its date as surely as is said."""
    organ = "云汀市发展和改革委员会"
    return (
        (f"{organ}文件", SURE), (number, SURE), (f"{organ}{title}", SURE),
        ("现将工作方案印发给你们，请认真组织实施。", SURE), (organ, SURE), ("2024年1月12日", date),
    )  # fmt: skip


def box(house: House, folder: Path, *pages: scans.Lines, **more: object) -> ScanBatch:
    """A batch of items of one page each, read as *pages* say."""
    assert isinstance(house.recogniser, scans.Told)
    house.recogniser.say(*pages)
    for at, _ in enumerate(pages, 1):
        scans.write(folder / f"件{at}.png", at * 3)
    return taken(house, folder, **more)


ORDINARY = letter("关于开展节能检查的通知", "云发改规划〔2024〕5号")
PLAN = letter("关于印发中期评估工作方案的通知", "云发改规划〔2024〕6号")
UNSURE = letter("关于开展用水检查的通知", "云发改规划〔2024〕7号", date=0.64)


def states(batch: ScanBatch) -> list[str]:
    return list(Item.objects.filter(batch=batch).order_by("sequence").values_list("state", flat=True))


def test_no_machine_says_how_long_a_record_is_kept(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, UNSURE)
    done, left = confirming.confirm_sure(house, ARCHIVIST, batch.id)
    assert (done, states(batch)) == (0, ["proposed", "proposed"])
    assert [[one.name for one in item.asked] for item in left] == [["retention_period"], ["date", "retention_period"]]
    assert "请人工确认" in left[0].asked[0].reason


def test_a_period_given_for_the_batch_submits_what_is_sure_besides(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, UNSURE)
    with pytest.raises(Refusal, match="RETENTION-UNKNOWN"):
        confirming.confirm_sure(house, ARCHIVIST, batch.id, period="很久")
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        confirming.confirm_sure(house, READER, batch.id, period="D10")
    done, left = confirming.confirm_sure(house, ARCHIVIST, batch.id, period="D10")
    assert (done, states(batch)) == (1, ["confirmed", "proposed"])
    assert [[one.name for one in item.asked] for item in left] == [["date"]]
    row = Item.objects.get(batch=batch, sequence=1)
    assert (row.values["retention_period"], row.confirmed_by) == ("10年", ARCHIVIST.id)
    told = json.loads(Event.objects.filter(type="digitising:described").select_related("payload").latest("id").payload.body)
    assert told["seen"] == ["retention_period"]


def test_the_schedule_settles_what_one_of_its_lines_names(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, PLAN)
    fields = [row.read["retention_period"] for row in Item.objects.filter(batch=batch).order_by("sequence")]
    assert [bool(field["rule"]) for field in fields] == [False, True]
    done, left = confirming.confirm_sure(house, ARCHIVIST, batch.id, period="schedule")
    assert (done, states(batch)) == (1, ["proposed", "confirmed"])
    assert Item.objects.get(batch=batch, sequence=2).values["retention_period"] == fields[1]["value"]
    assert [one.name for one in left[0].asked] == ["retention_period"]


def test_a_stamp_that_says_otherwise_is_for_a_person(fresh_data: Path, tmp_path: Path) -> None:
    """The stamp says 永久, the batch is given 30年; the item waits, and what is sure besides does not change that."""
    with line_house(fresh_data, recogniser=scans.Stamped(ORDINARY), scan_settle_seconds=0) as house:
        scans.write(tmp_path / "盒" / "件.png", 5)
        batch = taken(house, tmp_path / "盒")
        _, left = confirming.confirm_sure(house, ARCHIVIST, batch.id, period="D30")
        assert states(batch) == ["proposed"]
        assert ("retention_period", "永久") in [(one.name, one.value) for one in left[0].asked]


def test_remarks_doubts_and_drafts_keep_an_item_for_a_person(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, PLAN, ORDINARY)
    rows = list(Item.objects.filter(batch=batch).order_by("sequence"))
    Item.objects.filter(id=rows[0].id).update(doubt="是哪一年")
    Item.objects.filter(id=rows[1].id).update(draft={"values": {"title": "甲"}, "seen": []})
    Item.objects.filter(id=rows[2].id).update(findings=[{"code": "X", "severity": "warning", "message": "页码不连续。", "where": ""}])
    done, left = confirming.confirm_sure(house, ARCHIVIST, batch.id, period="Y")
    assert done == 0
    assert [item.remarks for item in left] == [("存疑：是哪一年",), ("有人正在著录，草稿还没有提交",), ("页码不连续。",)]


def test_what_follows_from_a_field_is_no_surer_than_it(house: House, tmp_path: Path) -> None:
    """The year comes of the date, the period of the title: what is hardly read is not sure because a rule made something of it."""
    pale = tuple((text, 0.7 if "工作方案" in text else sure) for text, sure in PLAN)
    unnumbered = tuple(line for line in UNSURE if "〔" not in line[0])
    batch = box(house, tmp_path / "盒", unnumbered, pale, UNSURE)
    unsure, titled, numbered = Item.objects.filter(batch=batch).order_by("sequence")
    assert unsure.read["year"]["confidence"] == unsure.read["date"]["confidence"] == 0.64
    assert numbered.read["year"]["confidence"] > 0.95  # the number says the same year
    assert titled.read["retention_period"]["confidence"] == titled.read["title"]["confidence"] == 0.7


def test_a_catalogue_that_says_the_same_makes_a_field_sure(house: House, tmp_path: Path) -> None:
    table = tmp_path / "目录.csv"
    table.write_text("题名,日期,保管期限,文件名\n云汀市发展和改革委员会关于开展用水检查的通知,20240112,30年,件1.png\n", "utf-8")
    batch = box(house, tmp_path / "盒", UNSURE, catalogue=table)
    read = Item.objects.get(batch=batch).read
    assert {name: read[name]["confidence"] for name in ("date", "title", "retention_period")} == {
        "date": 0.99, "title": 0.99, "retention_period": 0.99,
    }  # fmt: skip
    assert confirming.confirm_sure(house, ARCHIVIST, batch.id)[0] == 1


def filled(source: Path, target: Path, *edits: dict[str, str]) -> Path:
    """Write a table again with edits row by row."""
    headings, lines = catalogue.table(source)
    rows = [dict(zip(headings, cells, strict=True)) for _, cells in lines]
    cells = [list((row | edit).values()) for row, edit in zip(rows, edits, strict=True)]
    with target.open("wb") as out:
        workbook.write(out, [workbook.Sheet("著录", [(name, 9) for name in headings], cells)], made=datetime(2024, 1, 1, tzinfo=UTC))
    return target


def test_what_is_left_goes_out_as_a_table_and_comes_back(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, UNSURE, PLAN)
    gone = tmp_path / "要看.xlsx"
    with gone.open("wb") as out:
        assert tabling.write(house, ARCHIVIST, batch.id, out) == 3
    headings, lines = catalogue.table(gone)
    first = dict(zip(headings, next(lines)[1], strict=True))
    assert first["题名"] == "云汀市发展和改革委员会关于开展节能检查的通知"
    assert "保管期限（60%" in first["请看"]
    yes = {"已核对": "是", "保管期限": "永久"}
    back = filled(gone, tmp_path / "改好.xlsx", yes, {"已核对": "是", "成文日期": "2024年1月17日"}, {})
    told = tabling.enter(house, ARCHIVIST, batch.id, back)
    assert (told.done, told.unseen, told.known, told.refused) == (2, 1, 0, [])
    assert states(batch) == ["confirmed", "confirmed", "proposed"]
    rows = list(Item.objects.filter(batch=batch).order_by("sequence"))
    assert (rows[0].values["retention_period"], rows[1].values["date"]) == ("永久", "20240117")
    again = tabling.enter(house, ARCHIVIST, batch.id, back)
    assert (again.done, again.known) == (0, 2)


def test_rows_that_cannot_be_submitted_are_told_and_the_others_are(house: House, tmp_path: Path) -> None:
    batch = box(house, tmp_path / "盒", ORDINARY, UNSURE, PLAN, ORDINARY)
    gone = tmp_path / "要看.xlsx"
    with gone.open("wb") as out:
        tabling.write(house, ARCHIVIST, batch.id, out)
    other = Item.objects.get(batch=batch, sequence=3)
    Item.objects.filter(id=other.id).update(version=other.version + 1)
    yes = {"已核对": "是"}
    back = filled(gone, tmp_path / "改好.xlsx", yes | {"题名": ""}, yes | {"成文日期": "某日"}, yes, yes)
    told = tabling.enter(house, ARCHIVIST, batch.id, back)
    assert told.done == 1
    assert [number for number, _ in told.refused] == [2, 3, 4]
    assert "题名（必填）" in told.refused[0][1]
    assert "读不出日期" in told.refused[1][1]
    assert "有了变动" in told.refused[2][1]
    (tmp_path / "别的.csv").write_text("题名,日期\n甲,20240101\n", "utf-8")
    for place in (tmp_path / "别的.csv", tmp_path / "无.xlsx"):
        with pytest.raises(Refusal, match="DIGITISE-TABLE"):
            tabling.enter(house, ARCHIVIST, batch.id, place)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        tabling.enter(house, OTHER, batch.id, back)
