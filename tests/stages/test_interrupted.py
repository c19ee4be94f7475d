"""Runs that were broken off, or that met another run on the same material: nothing is lost, nothing comes twice."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connections
from django_ox.models import OxTask

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Arrival, Batch, Report
from lantai.shelves.ledger.models import Event
from lantai.stages import archive, capture, conduct, prove, rest, resume
from lantai.stages.capture import receiving
from tests.support import rows
from tests.support.line_house import ARCHIVIST, READER, line_house

PAPERS = 12


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    """A trial installation that works in small slices."""
    with line_house(fresh_data, slice_records=4) as built:
        yield built


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Twelve one-page documents."""
    one_page_pdfs(tmp_path / "papers", PAPERS, 7)
    return tmp_path / "papers"


def open_batch(source: Path) -> str:
    return capture.open_batch(work.house(), ARCHIVIST, [source], channel="manual", department="BGS")


def together(act: object, count: int = 3) -> list[object]:
    """Run *act* in several threads with connections of their own."""

    def run(_: int) -> object:
        try:
            return act()  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def test_a_container_that_was_half_unpacked_when_the_worker_died_comes_out_whole(house: House, tmp_path: Path) -> None:
    """The container's own row stands already, its files do not, and an earlier run left what it had unpacked."""
    with zipfile.ZipFile(tmp_path / "来文.zip", "w") as packed:
        for place in range(3):
            packed.writestr(f"通知{place}.txt", f"关于第{place}号事项的通知\n各科室：请办理。")
    batch_id = open_batch(tmp_path / "来文.zip")
    Arrival.objects.create(id=house.ids.new(), batch_id=batch_id, path="来文.zip", size_bytes=1, outcome="container")
    left = house.staging / f"{batch_id}.unpacked" / "EARLIER"
    left.mkdir(parents=True)
    (left / "通知0.txt").write_text("half")
    line.finish(house)
    outcomes = Counter(Arrival.objects.filter(batch_id=batch_id).values_list("outcome", flat=True))
    assert outcomes == {"container": 1, "record": 3}
    assert not (house.staging / f"{batch_id}.unpacked").exists()


def test_several_who_receive_one_batch_at_once_enter_each_file_once(house: House, papers: Path) -> None:
    batch_id = open_batch(papers)
    together(lambda: capture.receive(house, batch_id))
    assert Arrival.objects.filter(batch_id=batch_id, outcome="record").count() == Record.objects.count() == PAPERS
    named = {path.name.removesuffix(".text.json") for path in (house.staging / batch_id).iterdir()}
    assert len(named) == PAPERS
    assert Batch.objects.get(id=batch_id).record_count == PAPERS


def test_a_slice_of_which_a_part_was_entered_meanwhile_is_finished(house: House, papers: Path) -> None:
    """Another run entered some of the slice after we looked: our rows are refused whole, and the rest is taken again."""
    batch_id = open_batch(papers)
    batch = Batch.objects.get(id=batch_id)
    planner = receiving.Planner(house.staging / "x", receiving._limits(house))
    items = list(planner.items(papers))
    receiving._receive_slice(receiving.Reception.of(house, batch), items[1:3])
    receiving._receive_slice(receiving.Reception.of(house, batch), items[:5])
    assert Record.objects.count() == 5
    assert Arrival.objects.filter(batch_id=batch_id).count() == 5
    assert len(list((house.staging / batch_id).iterdir())) == 10
    line.finish(house)
    assert Record.objects.count() == PAPERS


def test_a_number_taken_by_another_batch_meanwhile_costs_no_record(house: House, papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both batches looked before either had entered the number; the second finds out at the unique key and looks again."""
    batch_id = open_batch(papers)
    batch = Batch.objects.get(id=batch_id)
    items = list(receiving.Planner(house.staging / "x", receiving._limits(house)).items(papers))[:2]
    numbered = [replace(item, electronic_record_code="DZ-2026-0001") for item in items if isinstance(item, receiving.Unit)]
    look, stale = receiving.known, iter([True])

    def known(units: object) -> object:
        seen = look(units)  # type: ignore[arg-type]
        if next(stale, False):
            receiving_first()
        return seen

    def receiving_first() -> None:
        other = rows.batch("PC-X", state="receiving")
        receiving._receive_slice(receiving.Reception.of(house, other), numbered[:1])

    monkeypatch.setattr(receiving, "known", known)
    receiving._receive_slice(receiving.Reception.of(house, batch), numbered[1:])
    assert Record.objects.count() == 2
    assert Record.objects.filter(electronic_record_code="DZ-2026-0001").count() == 1


def test_several_who_archive_one_range_at_once_archive_each_record_once(house: House, papers: Path) -> None:
    open_batch(papers)
    line.finish(house)
    line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    together(lambda: archive.archive(house))
    line.finish(house)
    assert Counter(Record.objects.values_list("state", "needs_attention", "content_version")) == {("archived", "", 1): PAPERS}
    assert Event.objects.filter(type="record:archived").count() == PAPERS
    assert Report.objects.filter(gate="archiving", subject_kind="record").count() == PAPERS
    assert prove.verify_as_service(house, None).as_json()["problems"] == []


def test_staged_bytes_that_another_worker_has_just_archived_are_no_error(
    house: House, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking into the vault and reading what is staged, another worker archives the same records and removes it."""
    open_batch(papers)
    line.finish(house)
    line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    stale = list(Record.objects.filter(state="numbered"))
    line.finish(house)
    looked, real = iter([False] * len(stale)), type(house.store).has
    monkeypatch.setattr(type(house.store), "has", lambda *given: next(looked, None) is None and real(*given))
    assert archive._archive_slice(house, stale, conduct.Ledger(house)) == 0
    monkeypatch.undo()
    assert Event.objects.filter(type="record:archived").count() == PAPERS
    assert prove.verify_as_service(house, None).as_json()["problems"] == []


def test_what_an_earlier_run_wrote_is_taken_up_with_its_own_report_and_inventory(house: House, papers: Path) -> None:
    open_batch(papers)
    line.finish(house)
    line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    written = list(Record.objects.order_by("id")[:3])
    archive._make(house, written, conduct.Ledger(house))
    line.finish(house)
    for row in written:
        report = Report.objects.get(gate="archiving", subject_id=row.id)
        with house.store.open(row.id, "report.json") as stream:
            assert report.id.encode() in stream.read()
        assert len(Event.objects.get(type="record:archived", object_id=row.id).payload.body.split('"inventory_sha256":"')[1]) > 64
    assert prove.verify_as_service(house, None).as_json()["problems"] == []


def test_ranges_are_put_back_one_by_one_and_not_twice(house: House, papers: Path) -> None:
    open_batch(papers)
    line.finish(house)
    sealed = line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    queued = OxTask.objects.filter(task_path__endswith="archive_task", status=OxTask.Status.READY)
    work.sweep(house)
    assert sorted(row.kwargs["range_id"] for row in queued) == sorted(item.range_id for item in sealed)


def test_resting_work_goes_on_when_a_person_says_so_and_not_for_others(house: House, papers: Path) -> None:
    batch_id = open_batch(papers)
    OxTask.objects.all().delete()
    Batch.objects.filter(id=batch_id).update(needs_attention="WORK-LOST")
    line.finish(house)
    assert not Record.objects.exists()
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        resume.resume(house, READER, batch_id)
    assert resume.resume(house, ARCHIVIST, Batch.objects.get().code) == 1
    line.finish(house)
    assert Record.objects.filter(state="arranged").count() == PAPERS
    with pytest.raises(Refusal, match="RESUME-NOTHING"):
        resume.resume(house, ARCHIVIST, batch_id)
    assert Event.objects.filter(type="work:resumed", object_id=batch_id).count() == 1


@pytest.mark.parametrize(
    ("flag", "goes_on"), [("STORE-FULL", True), ("WORK-LOST", False), ("STORE-CONFLICT", False), ("CHECK-FAILED", False)]
)
def test_only_faults_that_pass_are_tried_again_without_a_person(house: House, papers: Path, flag: str, goes_on: bool) -> None:
    open_batch(papers)
    line.finish(house)
    Record.objects.update(needs_attention=flag)
    assert resume.resume_faults(house) == (PAPERS if goes_on else 0)
    assert set(Record.objects.values_list("needs_attention", flat=True)) == {"" if goes_on else flag}


def test_bytes_changed_after_they_were_checked_keep_their_own_record_out_and_no_other(house: House, papers: Path) -> None:
    open_batch(papers)
    line.finish(house)
    altered, gone, *others = list(Record.objects.filter(state="arranged").order_by("id"))
    for row, content in ((altered, b"%PDF-1.7 something else"), (gone, None)):
        staged = house.data / ComputerFile.objects.get(record=row).staged
        staged.unlink()
        if content:
            staged.write_bytes(content)
    line.seal(house, ARCHIVIST, [altered, gone, *others])
    with pytest.raises((Fault, FileNotFoundError)):
        archive.archive(house)
    assert set(Record.objects.filter(state="archived").values_list("id", flat=True)) == {row.id for row in others}
    assert not any(house.store.has(row.id, 1) for row in (altered, gone))
    assert Event.objects.filter(type="record:archived").count() == len(others)
    rest.numbered("STORE-DAMAGED", range_id="")
    assert set(Record.objects.exclude(needs_attention="").values_list("id", flat=True)) == {altered.id, gone.id}
