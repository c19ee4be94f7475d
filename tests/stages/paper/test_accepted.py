"""Sampling, verdicts, two signatures, and what becomes of an accepted batch."""

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.index import Query
from lantai.shelves.digitising.models import Acceptance, Item, Learned, Page, Scan
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.people.models import Account
from lantai.stages import digitise
from lantai.stages.digitise import (
    accepting,
    describing,
    inspecting,
    projects,
    turning,
)
from lantai.stages.digitise.projects import Done
from lantai.stages.report import scan_filing
from tests.stages.paper.boxes import OTHER, accepted, describe, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST
from tests.support.told import types


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
