"""Fields proposed from pages, described by persons, held against a catalogue, learned from."""

from pathlib import Path

import pytest
from PIL import Image

from lantai.core.errors import Refusal
from lantai.core.metadata import Rule
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page, Scan, StepDone
from lantai.stages import metadata
from lantai.stages.digitise import (
    describing,
    learning,
    projects,
    proposing,
    turning,
)
from lantai.stages.digitise.describing import Entered
from lantai.stages.report import describing as report_describing
from lantai.stages.report import digitising as report_digitising
from tests.stages.paper.boxes import OTHER, SYSADMIN, accepted, describe, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.told import types


def test_a_box_becomes_items_whose_fields_are_proposed(house: House, box: Path) -> None:
    batch = taken(house, box)
    items = list(Item.objects.filter(batch=batch).order_by("sequence"))
    assert [(row.key, row.state, row.page_count) for row in items] == [("件一", "proposed", 2), ("件二", "proposed", 2)]
    read = items[0].read
    assert read["title"]["value"] == "云汀市发展和改革委员会关于印发中期评估工作方案的通知"
    assert read["document_number"]["value"] == "云发改规划〔2024〕5号"
    assert read["date"]["value"] == "20240112"
    assert read["date"]["confidence"] <= 0.64
    assert read["total_number_of_pages"] == read["total_number_of_pages"] | {"value": "2", "source": "count"}
    page = Page.objects.get(id=read["date"]["page"])
    assert page.item_id == items[0].id
    assert read["date"]["boxes"][0][1] == pytest.approx(460, abs=1)
    assert queries.steps_done(batch) >= {"scan", "process", "recognise"}
    assert {row.operator for row in StepDone.objects.filter(batch=batch)} == {"worker"}
    assert {"digitising:planned", "digitising:opened", "digitising:scanned", "digitising:processed"} <= types()


def test_two_who_describe_one_item_are_told_of_each_other(house: House, box: Path) -> None:
    batch = taken(house, box)
    row = Item.objects.filter(batch=batch).earliest("sequence")
    saved = describing.save_draft(house, ARCHIVIST, row.id, Entered({"title": "甲"}, version=row.version))
    assert saved.draft["values"]["title"] == "甲"
    with pytest.raises(Refusal, match="DIGITISE-CHANGED"):
        describing.save_draft(house, ARCHIVIST, row.id, Entered({"title": "乙"}, version=row.version))
    values = {name: str(field["value"]) for name, field in row.read.items()}
    with pytest.raises(Refusal, match="成文日期（必须核对）"):
        describing.confirm(house, ARCHIVIST, row.id, Entered(values, version=saved.version))
    with pytest.raises(Refusal, match="责任者（必填）"):
        describing.confirm(house, ARCHIVIST, row.id, Entered(values | {"author": ""}, seen=("date",), version=saved.version))
    done = describing.confirm(house, ARCHIVIST, row.id, Entered(values | {"date": "2024年1月17日"}, version=saved.version))
    assert (done.state, done.values["date"]) == ("confirmed", "20240117")
    with pytest.raises(Refusal, match="DIGITISE-STATE"):
        describing.save_draft(house, ARCHIVIST, row.id, Entered(values))
    describing.reopen(house, ARCHIVIST, row.id)
    assert Item.objects.get(id=row.id).draft["values"]["date"] == "20240117"


def test_the_form_asks_what_the_scheme_of_the_agency_asks(house: House, box: Path) -> None:
    """A field of its own, a list of values, and one that must be filled where another says so."""
    rules = (
        Rule("precedence", values=("平件", "加急")),
        Rule("case_number", name="案号", obligation="C", condition="precedence=加急", pattern=r"A\d{3}", required_from="description"),
        Rule("principal_receiver", obligation="M", required_from="description"),
    )
    number = metadata.propose(house, ARCHIVIST, "", rules, reason="著录细则").number
    metadata.adopt(house, SYSADMIN, "", number, reason="经讨论采用")
    row = Item.objects.get(batch=taken(house, box), key="件一")
    fields = {field.name: field for field in report_describing.desk(house, ARCHIVIST, row.id).fields}
    assert fields["principal_receiver"].is_required
    assert fields["case_number"].label == "案号"
    assert [code for code, _ in fields["precedence"].options] == ["平件", "加急"]
    values = {name: str(field["value"]) for name, field in row.read.items()}

    def told(**more: str) -> str:
        with pytest.raises(Refusal, match="DIGITISE-UNCONFIRMED") as refused:
            describing.confirm(house, ARCHIVIST, row.id, Entered(values | more, seen=tuple(values)))
        return refused.value.message

    assert "主送（必填）" in told(principal_receiver="")
    assert "紧急程度" in told(precedence="不急")
    assert "案号（本单位方案要求此时填写）" in told(precedence="加急")
    assert "案号" in told(precedence="加急", case_number="7")
    done = describing.confirm(house, ARCHIVIST, row.id, Entered(values | {"precedence": "加急", "case_number": "A007"}, seen=tuple(values)))
    assert done.values["case_number"] == "A007"


def test_a_turned_page_is_a_new_picture_with_its_recipe_and_is_read_again(house: House, box: Path) -> None:
    batch = taken(house, box)
    before = Page.objects.filter(batch=batch, item__key="件一").earliest("sequence")
    scan, picture = (house.data / before.scan.stored).read_bytes(), house.data / before.picture
    page = turning.turn(house, OTHER, before.id)
    assert (page.turned, (house.data / page.scan.stored).read_bytes()) == (90, scan)
    assert {"name": "turn", "quarter_turns": 3}.items() <= {
        (name, value) for step in page.recipe["steps"] for name, value in ({"name": step["name"]} | step["parameters"]).items()
    }
    assert not picture.exists()
    with Image.open(house.data / page.picture) as made:
        assert made.size == (scans.HEIGHT, scans.WIDTH)
    assert page.item is not None
    assert page.item.read["title"]["value"].startswith("云汀市发展和改革委员会")
    assert "digitising:turned" in types()
    for _ in range(3):
        page = turning.turn(house, ARCHIVIST, page.id)
    assert (page.turned, [step["name"] for step in page.recipe["steps"] if step["name"] == "turn"]) == (0, [])
    Item.objects.filter(batch=batch).update(state="accepted")
    with pytest.raises(Refusal, match="DIGITISE-STATE"):
        turning.turn(house, OTHER, page.id)


def test_an_archival_stamp_is_read_and_held_against_the_rest(fresh_data: Path, tmp_path: Path) -> None:
    with line_house(fresh_data, recogniser=scans.Stamped(), scan_settle_seconds=0) as house:
        batch = taken(house, scans.write(tmp_path / "盒" / "件.tif", 5).parent)
        row = Item.objects.get(batch=batch)
        year, period, pages = (row.read[name] for name in ("year", "retention_period", "total_number_of_pages"))
        assert (year["value"], year["source"], len(year["boxes"])) == ("2024", "page", 1)
        assert year["confidence"] >= 0.95
        assert (period["value"], pages["value"], pages["candidates"][0]["value"]) == ("永久", "1", "6")
        assert row.read["agency_item_number"]["value"] == "15"
        told = [item["message"] for item in row.findings if item["code"] == "DIGITISE-STAMP-DIFFERS"]
        assert any("页数" in message for message in told)
        assert row.read["title"]["value"] == "云汀市发展和改革委员会关于印发中期评估工作方案的通知"


def test_what_was_learned_is_shown_with_its_source_and_may_be_retired(house: House, box: Path) -> None:
    batch = taken(house, box, department="GHK")
    describe(house, batch)
    accepted(house, batch)
    rows = {(item.row.kind, item.row.value): item for item in report_digitising.taught(ARCHIVIST)}
    body = rows["body", "云汀市发展和改革委员会"]
    assert body.sources == ((batch.id, batch.code),)
    assert queries.departments_of("云发改规划") == {"GHK": 2}
    assert "云汀市发展和改革委员会" in proposing.known(house).bodies
    learning.retire(house, ARCHIVIST, body.row.id, is_retired=True)
    assert "云汀市发展和改革委员会" not in proposing.known(house).bodies
    learning.retire(house, ARCHIVIST, body.row.id, is_retired=False)
    assert "云汀市发展和改革委员会" in proposing.known(house).bodies
    with pytest.raises(Refusal, match="DIGITISE-LEARNED-UNKNOWN"):
        learning.retire(house, ARCHIVIST, "none", is_retired=True)
    assert {"digitising:retired", "digitising:restored"} <= types()
    taught = proposing._taught("云发改规划〔2025〕1号", 0.9)
    assert taught == proposing._taught("云发改规划〔2025〕2号", 0.9) != proposing._taught("别〔2025〕1号", 0.9)
    assert taught is not None
    doubted = proposing._taught("云发改规划〔2025〕1号", 0.3)
    assert doubted == taught | {"confidence": 0.3}  # no surer than the number it follows from


def test_a_catalogue_is_held_against_the_pages(house: House, box: Path, tmp_path: Path) -> None:
    listed = tmp_path / "目录.csv"
    listed.write_text(
        "件号,题名,文号,成文日期,页数,文件名\n1,云汀市发展和改革委员会关于印发中期评估方案的通知,云发改规划〔2023〕5号,20240112,3,件一\n"
        "2,云汀市发展和改革委员会关于印发中期评估工作方案的通知,云发改规划〔2024〕5号,20240112,2,件二\n3,没有扫的一件,,20240113,1,件九\n",
        "utf-8",
    )
    batch = taken(house, box, catalogue=listed)
    first, second = Item.objects.filter(batch=batch).order_by("sequence")
    codes = [item["code"] for item in first.findings]
    assert "DIGITISE-PAGES-DIFFER" in codes
    assert codes.count("DIGITISE-FIELD-DIFFERS") >= 2
    assert first.risk > second.risk == 0
    assert first.read["document_number"]["candidates"][0] == {"value": "云发改规划〔2023〕5号", "why": "目录"}
    told = report_digitising.as_json(report_digitising.summary(ARCHIVIST, batch.id))["remarks"]
    assert [item["code"] for item in told] == ["DIGITISE-FORMATS-DIFFER"]
    Scan.objects.filter(batch=batch).update(mime="image/tiff")
    assert report_digitising.summary(ARCHIVIST, batch.id).remarks == ()
    projects.exclude(house, ARCHIVIST, batch.id, 4, reason="不归档：重复件")
    assert batch.rows.get(number=4).not_scanned
