"""Taking scans in: what comes is kept untouched and once, what is bad costs itself, what is killed goes on."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
from PIL import Image

from lantai import line
from lantai.adapters.readers import GuardedReader
from lantai.ports import House
from lantai.ports.reader import Limits
from lantai.shelves.digitising.models import Item, Page, Scan, StepDone
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import digitise, upkeep
from lantai.stages.digitise import (
    watching,
)
from tests.formats import made
from tests.stages.paper.boxes import opened, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST, line_house

ROOT = Path(__file__).resolve().parents[3]


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
    os.utime(box / "件六.tif", (0, 0))
    told = digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert (told.growing, told.refused) == (1, 1)
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
