"""Leftovers of crashes go; what a live run may be writing, or a row names, stays."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_ox.models import OxTask

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.stages import capture, upkeep
from tests.support.line_house import ARCHIVIST, line_house

LONG_AGO = 2 * 3600


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    """A trial installation without a virus engine."""
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def batch(house: House, tmp_path: Path) -> Batch:
    """Three records that wait for a person."""
    one_page_pdfs(tmp_path / "papers", 3, 7)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="oa", department="BGS")
    line.finish(house)
    return Batch.objects.get(id=batch_id)


def lay(path: Path, *, is_old: bool = True) -> Path:
    """Lay a file, by default two hours old, with its folders."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"leftover")
    moment = time.time() - LONG_AGO
    for place in (path, *made) if is_old else ():
        os.utime(place, (moment, moment))
    return path


def test_what_a_row_names_stays_and_old_strays_go(house: House, batch: Batch) -> None:
    named = [house.data / item.staged for item in ComputerFile.objects.all()]
    texts = [path.with_name(path.name + ".text.json") for path in named]
    for path in (*named, *texts):
        os.utime(path, (0, 0))
    stray, young = lay(house.staging / batch.id / "STRAY"), lay(house.staging / batch.id / "YOUNG", is_old=False)
    text = lay(house.staging / batch.id / "STRAY.text.json")
    assert upkeep.tidy(house)["staged"] == 2
    assert not stray.exists()
    assert not text.exists()
    assert all(path.exists() for path in (*named, *texts, young))


def test_a_batch_being_received_keeps_everything(house: House, batch: Batch) -> None:
    Batch.objects.filter(id=batch.id).update(state="receiving")
    left = [lay(house.staging / batch.id / "STRAY"), lay(house.staging / f"{batch.id}.unpacked" / "RUN" / "a.txt")]
    counts = upkeep.tidy(house)
    assert (counts["staged"], counts["unpacked"]) == (0, 0)
    assert all(path.exists() for path in left)


def test_unpacked_containers_and_uploads_of_finished_batches_go(house: House, batch: Batch) -> None:
    unpacked = lay(house.staging / f"{batch.id}.unpacked" / "RUN" / "a.txt")
    upload = lay(house.data / "uploads" / "NOBODY" / "folder" / "b.txt")
    young = lay(house.data / "uploads" / "JUSTNOW" / "c.txt", is_old=False)
    counts = upkeep.tidy(house)
    assert (counts["unpacked"], counts["uploads"]) == (1, 1)
    assert not unpacked.parent.parent.exists()
    assert not upload.parents[1].exists()
    assert young.exists()


def test_an_upload_that_waits_for_reception_stays(house: House) -> None:
    source = lay(house.data / "uploads" / "WAITING" / "通知.txt")
    capture.open_batch(house, ARCHIVIST, [source], channel="manual", department="BGS", is_upload=True)
    assert upkeep.tidy(house)["uploads"] == 0
    assert source.exists()
    line.finish(house)
    assert not source.exists()
    assert Record.objects.count() == 1


def test_staged_bytes_of_archived_records_go_though_the_archiver_died(house: House, batch: Batch) -> None:
    rows = list(ComputerFile.objects.all())
    Record.objects.filter(id=rows[0].record_id).update(state="archived")
    assert upkeep.tidy(house)["stored"] == 1
    assert not (house.data / rows[0].staged).exists()
    assert (house.data / rows[1].staged).exists()
    assert ComputerFile.objects.get(id=rows[0].id).staged == ""


def test_sealed_files_without_a_row_go_after_an_hour(house: House, tmp_path: Path) -> None:
    names = [sealing.seal(lay(tmp_path / f"secret{place}"), house.data) for place in range(2)]
    old = house.data / "quarantine" / names[0]
    os.utime(old, (time.time() - LONG_AGO,) * 2)
    assert upkeep.tidy(house)["sealed"] == 1
    assert not old.exists()
    assert (house.data / "quarantine" / names[1]).exists()


def test_crashed_writes_of_the_vault_go(house: House, batch: Batch) -> None:
    lay(house.data / "vault.tmp" / "crashed" / "01RECORD" / "inventory.json")
    assert upkeep.tidy(house)["vault"] == 1
    assert not list((house.data / "vault.tmp").iterdir())


def test_it_is_due_once_an_hour_and_at_a_workers_start(house: House) -> None:
    tidy = OxTask.objects.filter(task_path__endswith="tidy_task")
    work.sweep(house)
    assert tidy.count() == 1
    work.drain(60)
    work.sweep(house)
    assert tidy.count() == 1
    work.begin()
    work.begin()
    assert tidy.count() == 2


def test_twice_changes_nothing(house: House, batch: Batch) -> None:
    upkeep.tidy(house)
    assert set(upkeep.tidy(house).values()) == {0}
