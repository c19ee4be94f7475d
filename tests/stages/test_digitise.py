"""The paper line: scans are taken in once, become items, are read and described, sampled, signed by two, and go on."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from lantai import line
from lantai.adapters.readers import GuardedReader
from lantai.core.errors import Fault, Refusal
from lantai.core.metadata import Rule
from lantai.ports import House
from lantai.ports.index import Query
from lantai.ports.reader import Limits
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Acceptance, FiledForm, Item, Learned, Page, Scan, ScanBatch, StepDone
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import digitise, metadata, upkeep
from lantai.stages.digitise import (
    Order,
    Papers,
    accepting,
    assigning,
    describing,
    inspecting,
    learning,
    projects,
    proposing,
    turning,
    watching,
)
from lantai.stages.digitise.describing import Entered
from lantai.stages.digitise.projects import Done
from lantai.stages.report import describing as report_describing
from lantai.stages.report import digitising as report_digitising
from lantai.stages.report import scan_filing, scan_forms
from tests.formats import made
from tests.support import scans
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types

SYSADMIN = replace(ARCHIVIST, id="01TESTSYSADMIN000000000000", login="tao", name="陶志刚", role="sysadmin", department="")
OTHER = replace(ARCHIVIST, id="01TESTOTHER0000000000000000"[:26], login="luo", name="罗建平", role="inspector")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, recogniser=scans.Told(), scan_settle_seconds=0, sample_least=1) as built:
        yield built


def opened(house: House, **more: object) -> ScanBatch:
    project = digitise.make_project(house, ARCHIVIST, Order("甲项目", sample_percent=100))
    return digitise.open_batch(house, ARCHIVIST, project.code, Papers("第 3 盒", **more))  # type: ignore[arg-type]


def taken(house: House, folder: Path, **more: object) -> ScanBatch:
    batch = opened(house, **more)
    digitise.take_in(house, ARCHIVIST, batch.id, folder)
    line.finish(house)
    return batch


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Two items: a folder of single pages, and a file of two pages."""
    folder = tmp_path / "盒"
    scans.write(folder / "件一" / "0001.tif", 11)
    scans.write(folder / "件一" / "0002.jpg", 12)
    scans.write(folder / "件二.tif", 21, frames=2)
    return folder


def describe(house: House, batch: ScanBatch) -> None:
    """Submit every item as it was read, the unsure date looked at."""
    for row in Item.objects.filter(batch=batch, state="proposed"):
        values = {name: str(field["value"]) for name, field in row.read.items()}
        describing.confirm(house, ARCHIVIST, row.id, Entered(values, seen=tuple(values), version=row.version))


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


def test_the_untouched_scan_is_kept_and_nothing_comes_twice(house: House, box: Path) -> None:
    batch = taken(house, box)
    for row in Scan.objects.filter(batch=batch):
        assert (house.data / row.stored).read_bytes() == (box / row.path).read_bytes()
    again = digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert (again.files, again.known) == (0, 3)
    scans.write(box / "件三" / "再来.jpg", 12)
    third = digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert (third.files, third.duplicates, third.items) == (1, 1, 0)


def test_a_bad_file_costs_itself_and_not_the_batch(house: House, box: Path) -> None:
    (box / "件一" / "0003.tif").write_bytes((box / "件二.tif").read_bytes()[:2000])
    (box / "件四").mkdir()
    (box / "件四" / "0001.tif").write_bytes(b"II*\0garbage")
    (box / "说明.docx").write_bytes(b"no scan")
    batch = taken(house, box)
    rows = {row.key: row for row in Item.objects.filter(batch=batch)}
    assert rows["件一"].state == rows["件二"].state == "proposed"
    assert rows["件一"].page_count == 2
    assert [item["code"] for item in rows["件一"].findings] == ["DIGITISE-UNREADABLE"]
    assert rows["件四"].state == "aside"
    refused = {row.path: row.finding["code"] for row in Scan.objects.filter(batch=batch, outcome="refused") if row.finding}
    assert refused == {"件一/0003.tif": "DIGITISE-UNREADABLE", "件四/0001.tif": "DIGITISE-UNREADABLE", "说明.docx": "DIGITISE-NOT-A-SCAN"}


def test_a_header_of_fifty_thousand_megapixels_is_refused(house: House, box: Path) -> None:
    image = Image.new("1", (60_000, 40_000))
    image.save(box / "巨.tif", compression="group4")
    batch = taken(house, box)
    assert Item.objects.get(batch=batch, key="巨").state == "aside"


def test_half_written_files_wait(house: House, box: Path) -> None:
    (box / "件五.tif.part").write_bytes(b"II*")
    (box / "件六.tif").touch()
    batch = opened(house)
    told = digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert told.growing == 2
    assert {item.code for item in told.findings} == {"DIGITISE-GROWING"}
    (box / "件六.tif").unlink()
    scans.write(box / "件六.tif", 61)
    assert digitise.take_in(house, ARCHIVIST, batch.id, box).items == 1


def test_alike_and_long_pages_are_remarked(house: House, tmp_path: Path) -> None:
    for at in range(1, 6):
        scans.write(tmp_path / "盒" / "件" / f"{at:04d}.png", 4 if at == 2 else at * 7, height=scans.HEIGHT * (2 if at == 5 else 1))
    image = Image.open(tmp_path / "盒" / "件" / "0002.png")
    image.save(tmp_path / "盒" / "件" / "0003.png", dpi=(101, 101))
    batch = taken(house, tmp_path / "盒")
    defects = {page.sequence: [item["name"] for item in page.defects] for page in Page.objects.filter(batch=batch)}
    assert "duplicate" in defects[3]
    assert "double_feed" in defects[5]
    assert all("resolution" in names for names in defects.values())


SECRET = ((("机密★10年", 0.9), ("关于某事的报告", 0.9)),)


def test_a_marked_page_is_erased_with_a_certificate_and_nothing_of_it_stays(fresh_data: Path, box: Path) -> None:
    with line_house(fresh_data, recogniser=scans.Told(*SECRET), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        assert {row.state for row in Item.objects.filter(batch=batch)} == {"erased"}
        assert not Page.objects.filter(batch=batch).exists()
        assert [path for path in (house.data / "scans").rglob("*") if path.is_file()] == []
        assert Event.objects.filter(type="digitising:erased").count() == 2
        told = " ".join(str(row) for row in (*Item.objects.values(), *Scan.objects.values()))
        assert "件一" not in told
        assert "报告" not in told
        assert (
            house.index.search(Query(("机密",), visible=({},))).total == house.index.search(Query(("关于某事",), visible=({},))).total == 0
        )
        again = digitise.take_in(house, ARCHIVIST, batch.id, box)
        assert (again.files, again.items) == (0, 0)


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


def test_who_may_not_is_refused(house: House, box: Path) -> None:
    batch = taken(house, box)
    row = Item.objects.filter(batch=batch).earliest("sequence")
    for act in (
        lambda: digitise.make_project(house, READER, Order("乙")),
        lambda: digitise.take_in(house, READER, batch.id, box),
        lambda: describing.save_draft(house, OTHER, row.id, Entered({})),
        lambda: inspecting.draw(house, READER, batch.id),
        lambda: accepting.sign(house, READER, batch.id, count=1),
    ):
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            act()


def test_a_batch_is_sampled_judged_and_signed_by_two(house: House, box: Path) -> None:
    batch = taken(house, box)
    with pytest.raises(Refusal, match="DIGITISE-UNDECIDED"):
        inspecting.draw(house, OTHER, batch.id)
    describe(house, batch)
    drawn = inspecting.draw(house, OTHER, batch.id)
    assert drawn.sampled == Page.objects.filter(batch=batch, is_sampled=True).count() >= 1
    with pytest.raises(Refusal, match="DIGITISE-UNDECIDED"):
        accepting.sign(house, OTHER, batch.id, count=drawn.sampled)
    for page in Page.objects.filter(batch=batch):
        inspecting.verdict(house, OTHER, page.id, "good")
    with pytest.raises(Refusal, match="DIGITISE-COUNT"):
        accepting.sign(house, OTHER, batch.id, count=99)
    accepting.sign(house, OTHER, batch.id, count=drawn.sampled)
    twin = replace(ARCHIVIST, id="01TESTTWIN")
    for person, actor in (("luo", OTHER), ("LUO ", twin)):
        Account.objects.create(id=actor.id, login=actor.id, name=actor.name, role=actor.role, person=person, created_at=house.clock.now())
        with pytest.raises(Refusal, match="DIGITISE-SAME-PERSON"):
            accepting.sign(house, actor, batch.id, count=drawn.sampled)
    page = Page.objects.filter(batch=batch).earliest("id")
    inspecting.verdict(house, OTHER, page.id, "good")
    assert Acceptance.objects.get(id=drawn.id).state == "open"
    accepting.sign(house, OTHER, batch.id, count=drawn.sampled)
    accepting.sign(house, ARCHIVIST, batch.id, count=drawn.sampled)
    batch.refresh_from_db()
    assert batch.state == "accepted"
    assert {row.state for row in Item.objects.filter(batch=batch)} == {"accepted"}
    assert Learned.objects.get(kind="number_code").value == "云发改规划"
    assert Learned.objects.get(kind="body").count == 2
    assert {"digitising:described", "digitising:sampled", "digitising:judged", "digitising:signed", "digitising:accepted"} <= types()


def accepted(house: House, batch: ScanBatch) -> None:
    """Judge every page good and sign twice."""
    drawn = inspecting.draw(house, OTHER, batch.id)
    for page in Page.objects.filter(batch=batch):
        inspecting.verdict(house, OTHER, page.id, "good")
    for person in (OTHER, ARCHIVIST):
        accepting.sign(house, person, batch.id, count=drawn.sampled)


def test_what_is_accepted_becomes_an_archived_record_that_is_found(house: House, box: Path) -> None:
    scans.write(box / "件三" / "0001.tif", 41)
    Image.new("RGB", (scans.WIDTH, scans.HEIGHT), "#FDFCF8").save(box / "件三" / "0002.jpg", dpi=(scans.DPI, scans.DPI))
    batch = taken(house, box, retention="D30", year="2024", department="GHK")
    describe(house, batch)
    turned = Page.objects.filter(batch=batch, item__key="件二").earliest("sequence")
    turning.turn(house, OTHER, turned.id)
    accepted(house, batch)
    line.finish(house)
    batch.refresh_from_db()
    assert batch.state == "delivered"
    assert "digitising:delivered" in types()
    intake = Batch.objects.get(id=batch.intake_batch_id)
    assert line.archive(house, ARCHIVIST, [intake.code]).archived == 3
    counts = [(row.page_count, row.elements["total_number_of_pages"]) for row in Record.objects.filter(batch_id=intake.id)]
    assert sorted(counts) == [(2, "1"), (2, "2"), (2, "2")]  # a blank back is kept and not counted
    record = Record.objects.filter(batch_id=intake.id).earliest("id")
    assert (record.title, record.page_count) == ("云汀市发展和改革委员会关于印发中期评估工作方案的通知", 2)
    files = list(ComputerFile.objects.filter(record=record).order_by("sequence"))
    kinds = [(item.representation, item.name.rpartition(".")[2]) for item in files]
    assert kinds == [("original", "tif"), ("original", "jpg"), ("preservation", "pdf"), ("preservation", "ofd")]
    assert files[0].facts["elements"]["scanning_color_model"] == "彩色"
    assert files[1].facts["elements"]["image_compression_scheme"] == "JPEG"
    assert [bool(item.facts.get("text_path")) for item in files] == [False, False, True, False]
    assert {event["activity"] for event in record.events} >= {"图像处理", "文字识别", "著录"}
    with house.store.open(record.id, files[2].path) as stream:
        content = stream.read()
    said = "".join(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded().split())
    assert said == "".join(text for text, _ in scans.NOTICE[0])
    found = house.index.search(Query(("认真组织实施",), visible=({},)))
    assert found.total == 3
    assert not list((house.data / "scans" / batch.id).glob("out-*"))
    digitise.record_step(house, ARCHIVIST, batch.id, "take_out", Done(items=2))
    digitise.record_step(house, ARCHIVIST, batch.id, "prepare", Done(items=2))
    digitise.record_step(house, ARCHIVIST, batch.id, "give_back", Done(items=2))
    with pytest.raises(Refusal, match="留存"):
        projects.close(house, ARCHIVIST, batch.id)
    scan_filing.keep(house, ARCHIVIST, batch.id)
    projects.close(house, ARCHIVIST, batch.id)
    assert "digitising:closed" in types()


def test_a_watched_folder_is_taken_in_by_itself(house: House, box: Path) -> None:
    Account.objects.create(
        id=ARCHIVIST.id, login="shen", name="沈静宜", role="archivist", person="shen", created_at=house.clock.now(), password="x"
    )
    batch = opened(house, watched=box)
    assert watching.look(house) == 3
    assert watching.look(house) == 0
    scans.write(box / "件三.png", 77)
    assert watching.look(house) == 1
    assert Item.objects.filter(batch=batch).count() == 3
    Account.objects.update(is_active=False)
    scans.write(box / "件四.png", 78)
    assert watching.look(house) == 0


def test_strays_of_the_scan_area_are_tidied(house: House, box: Path) -> None:
    batch = taken(house, box)
    stray = house.data / "scans" / batch.id / "master" / "stray"
    stray.write_bytes(b"left by a crash")
    os.utime(stray, (0, 0))
    assert upkeep.tidy(house)["scans"] == 1
    assert Scan.objects.filter(batch=batch).exclude(stored="").count() == 3
    assert all((house.data / row.stored).is_file() for row in Scan.objects.filter(batch=batch))


def test_a_failed_sample_sends_the_batch_back_and_a_new_scan_takes_the_place_of_the_old(house: House, box: Path) -> None:
    batch = taken(house, box)
    describe(house, batch)
    drawn = inspecting.draw(house, OTHER, batch.id)
    with pytest.raises(Refusal, match="DIGITISE-VERDICT"):
        inspecting.verdict(house, OTHER, Page.objects.filter(batch=batch).earliest("id").id, "rescan", error="ugly")
    for page in Page.objects.filter(batch=batch):
        inspecting.verdict(house, OTHER, page.id, "rescan" if page.item and page.item.key == "件一" else "good", error="blur")
    for person in (OTHER, ARCHIVIST):
        accepting.sign(house, person, batch.id, count=drawn.sampled)
    batch.refresh_from_db()
    assert batch.state == "rejected"
    assert "digitising:rejected" in types()
    row = Item.objects.get(batch=batch, key="件一")
    assert row.state == "rescan"
    assert row.draft["values"]["title"]
    scans.write(box / "件一" / "0001.tif", 91)
    scans.write(box / "件二.tif", 99, frames=2)
    told = digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert [item.code for item in told.findings] == ["DIGITISE-NOT-AWAITED"]
    line.finish(house)
    row.refresh_from_db()
    assert (row.state, row.page_count) == ("proposed", 2)
    assert Scan.objects.filter(batch=batch, outcome="replaced").count() == 1


def test_verdicts_are_taken_back(house: House, box: Path) -> None:
    batch = taken(house, box)
    page = Page.objects.filter(batch=batch).earliest("id")
    inspecting.verdict(house, OTHER, page.id, "doubt")
    assert inspecting.verdict(house, OTHER, page.id, "").verdict == ""


def test_what_is_doubted_or_must_be_scanned_again_is_told(house: House, box: Path) -> None:
    batch = taken(house, box)
    page = Page.objects.filter(batch=batch).earliest("id")
    describing.doubt(house, ARCHIVIST, page.item_id, question="落款日期是否为十一日")
    inspecting.verdict(house, OTHER, page.id, "rescan", error="blur")
    assert inspecting.send_back(house, OTHER, batch.id) == 1
    assert {"digitising:doubted", "digitising:returned"} <= types()


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


def test_a_mark_that_only_shows_once_the_page_is_turned_erases_it(fresh_data: Path, box: Path) -> None:
    marked = [("机密★10年", 0.97), *scans.NOTICE[0]]
    with line_house(fresh_data, recogniser=scans.Told(*scans.NOTICE * 2, marked), scan_settle_seconds=0) as house:
        batch = taken(house, box)
        page = Page.objects.select_related("scan").filter(batch=batch, item__key="件一").earliest("sequence")
        stored = page.scan.stored
        turning.turn(house, ARCHIVIST, page.id)
        assert Item.objects.get(id=page.item_id).state == "erased"
        assert not (house.data / stored).exists()
        assert not list((house.data / "scans" / batch.id / "pages").glob(f"{page.id}*"))


def test_working_papers_are_kept_signed_and_held_against_their_digest(house: House, box: Path) -> None:
    batch = taken(house, box)
    kept = {row.form: row for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
    assert set(kept) == set(scan_forms.FORMS) - {"scan-inspection", "scan-erasure"}
    assert scan_filing.keep(house, ARCHIVIST, batch.id) == ()
    flow = kept["scan-flow"]
    assert scan_filing.shown(house, OTHER, flow.id)[1].startswith(b"%PDF")
    payload = json.loads(Event.objects.filter(type="digitising:filed").latest("id").payload.body)
    assert payload["sha256"] == FiledForm.objects.order_by("-id")[0].sha256
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        scan_filing.sign(house, OTHER, flow.id, place="项目负责人")
    scan_filing.sign(house, ARCHIVIST, flow.id, place="项目负责人")
    with pytest.raises(Refusal, match="DIGITISE-FORM-SIGNED"):
        scan_filing.sign(house, ARCHIVIST, flow.id, place="项目负责人")
    stands = {item.form: item for item in scan_filing.standing(house, ARCHIVIST, batch.id)}
    assert stands["scan-flow"].is_signed
    assert stands["scan-plan"].open_places == ("编制人", "审核人")
    digitise.record_step(house, ARCHIVIST, batch.id, "take_out", Done(items=2, with_whom="库房 韩松"))
    again = {row.form: row.edition for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
    assert again == {"scan-take-out": 2, "scan-flow": 2}
    assert {"digitising:filed", "digitising:countersigned"} <= types()
    (house.data / flow.stored).write_bytes(b"other")
    with pytest.raises(Fault, match="DIGITISE-FORM-CHANGED"):
        scan_filing.shown(house, ARCHIVIST, flow.id)


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


def test_persons_are_named_for_steps_and_find_their_batch_first(house: House, box: Path, tmp_path: Path) -> None:
    for account in (ARCHIVIST, OTHER):
        known = {"login": account.login, "name": account.name, "role": account.role, "created_at": house.clock.now()}
        Account.objects.get_or_create(id=account.id, defaults=known)
    first, second = taken(house, box), taken(house, scans.write(tmp_path / "另" / "件.tif", 77).parent)
    assigning.assign(house, ARCHIVIST, second.id, "describe", [ARCHIVIST.id])
    assert Item.objects.get(id=report_describing.first(ARCHIVIST)).batch_id == second.id
    assigning.assign(house, ARCHIVIST, second.id, "describe", [])
    assert Item.objects.get(id=report_describing.first(ARCHIVIST)).batch_id == first.id
    with pytest.raises(Refusal, match="DIGITISE-PERSON"):
        assigning.assign(house, ARCHIVIST, second.id, "describe", [OTHER.id])
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        assigning.assign(house, ARCHIVIST, second.id, "recognise", [ARCHIVIST.id])
    assert "digitising:assigned" in types()


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
    assert proposing._taught("云发改规划〔2025〕1号") == proposing._taught("云发改规划〔2025〕2号") != proposing._taught("别〔2025〕1号")


def test_steps_are_noted_in_their_order(house: House, box: Path) -> None:
    batch = opened(house)
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        digitise.record_step(house, ARCHIVIST, batch.id, "prepare", Done())
    digitise.record_step(house, ARCHIVIST, batch.id, "take_out", Done(items=9, pages=144, with_whom="库房 韩松"))
    digitise.record_step(house, ARCHIVIST, batch.id, "prepare", Done(items=9))
    assert "digitising:stepped" in types()
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        digitise.record_step(house, ARCHIVIST, batch.id, "recognise", Done())
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        projects.close(house, ARCHIVIST, batch.id)


def test_projects_that_ask_too_little_are_refused(house: House) -> None:
    for order in (Order(""), Order("甲", shape="free"), Order("甲", sample_percent=4), Order("甲", pass_percent=94.0)):
        with pytest.raises(Refusal, match="DIGITISE-PROJECT"):
            digitise.make_project(house, ARCHIVIST, order)


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


def die(house: House, *arguments: str) -> None:
    """Run a process that works on the house's data and is killed in the midst (tests/support/scan_process.py)."""
    own = {"LANTAI_DATA": str(house.data), "DJANGO_SETTINGS_MODULE": "lantai.server.settings", "LANTAI_SECRET_KEY": "x"}
    command = [sys.executable, "-m", "tests.support.scan_process", *arguments]
    assert subprocess.run(command, cwd=ROOT, env=os.environ | own, check=False).returncode < 0


def test_a_killed_delivery_goes_on_and_repeats_nothing(house: House, tmp_path: Path) -> None:
    for at in range(1, 13):
        scans.write(tmp_path / "盒" / f"件{at:02d}.png", at)
    batch = opened(house)
    die(house, batch.id, str(tmp_path / "盒"), "5")
    assert 0 < Item.objects.filter(batch=batch).count() < 12
    told = digitise.take_in(house, ARCHIVIST, batch.id, tmp_path / "盒")
    line.finish(house)
    assert told.known == 5
    assert Item.objects.filter(batch=batch, state="proposed").count() == 12
    assert Scan.objects.filter(batch=batch).count() == 12
    stored = set(Scan.objects.filter(batch=batch).values_list("stored", flat=True))
    assert all((house.data / place).is_file() for place in stored)


def test_reading_that_is_killed_goes_on_with_the_items_that_are_not_read_yet(house: House, tmp_path: Path) -> None:
    """Twelve items of one page, killed while the sixth is read: five stay as they were read, seven are read, none twice."""
    for at in range(1, 13):
        scans.write(tmp_path / "盒" / f"件{at:02d}.png", at)
    batch = opened(house)
    digitise.take_in(house, ARCHIVIST, batch.id, tmp_path / "盒")
    die(house, batch.id, "read", "5")
    read = list(Item.objects.filter(batch=batch, state="proposed").values_list("id", "version"))
    assert len(read) == 5
    line.finish(house)
    assert isinstance(house.recogniser, scans.Told)
    assert len(house.recogniser.asked) == 7
    assert set(read) < set(Item.objects.filter(batch=batch, state="proposed").values_list("id", "version"))
    assert Item.objects.filter(batch=batch, state="proposed").count() == 12
    for step in ("process", "recognise"):
        assert StepDone.objects.filter(batch=batch, step=step).count() == 12
    assert Event.objects.filter(type="digitising:processed").count() == 12


def test_a_page_that_draws_for_ever_is_set_aside_within_the_limit(house: House, box: Path) -> None:
    (box / "件一" / "0003.pdf").write_bytes(made.nested_glyphs(9))
    batch = opened(house)
    with GuardedReader(Limits(seconds=2.0)) as reader:
        impatient = replace(house, reader=reader)
        digitise.take_in(impatient, ARCHIVIST, batch.id, box)
        digitise.work_through(impatient, batch.id)
    rows = {row.key: row for row in Item.objects.filter(batch=batch)}
    assert rows["件一"].state == rows["件二"].state == "proposed"
    assert [(item["code"], item["where"]) for item in rows["件一"].findings] == [("DIGITISE-UNREADABLE", "第 3 页")]
    assert "没有在限定的时间内画完" in rows["件一"].findings[0]["message"]
    assert [page.kind for page in Page.objects.filter(item=rows["件一"]).order_by("sequence")] == ["page", "page", "aside"]


def test_the_rest_of_a_file_whose_pages_draw_for_ever_is_set_aside_undrawn(fresh_data: Path, tmp_path: Path) -> None:
    endless = tmp_path / "盒" / "件.pdf"
    endless.parent.mkdir()
    with pikepdf.open(io.BytesIO(made.nested_glyphs(9))) as document:
        for _ in range(3):
            document.pages.append(document.pages[0])
        document.save(endless)
    with (
        line_house(fresh_data, recogniser=scans.Told(), scan_settle_seconds=0, scan_undrawn_most=1) as house,
        GuardedReader(Limits(seconds=1.5)) as reader,
    ):
        impatient, batch = replace(house, reader=reader), opened(house)
        digitise.take_in(impatient, ARCHIVIST, batch.id, endless.parent)
        digitise.work_through(impatient, batch.id)
        row = Item.objects.get(batch=batch)
        told = [item["message"] for item in row.findings]
        assert row.state == "aside"
        assert ["其余页不再去画" in message for message in told] == [False, True, True, True]
        (event,) = Event.objects.filter(type="digitising:aside").select_related("payload")
        assert (event.object_kind, event.object_id, event.actor) == ("scans", batch.id, "worker")
        assert json.loads(event.payload.body) == {"item": row.sequence, "reasons": ["DIGITISE-UNREADABLE"] * 4}
