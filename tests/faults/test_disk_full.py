"""A full or read-only disk under staging area, quarantine, vault and database: a coded fault, nothing half-true, and then it goes on.

Real small file systems are mounted, which needs root; elsewhere these tests are skipped and counted.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.core.codes import CODES
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine
from lantai.stages import capture, prove, resume, upkeep
from tests.support.line_house import ARCHIVIST, line_house

ROOT = Path(__file__).resolve().parents[2]
PAPERS = 40
SLICE = 8


class Disk:
    """A small file system of its own, mounted at ``path``."""

    def __init__(self, path: Path, size: str) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))

    def again(self, options: str) -> None:
        """Mount it again with other options."""
        _run("mount", "-o", f"remount,{options}", str(self.path))

    def leave(self, free_bytes: int) -> Path:
        """Fill it up but for so many bytes; return the file that fills it."""
        state, ballast = os.statvfs(self.path), self.path / "ballast"
        ballast.write_bytes(bytes(max(0, state.f_bavail * state.f_frsize - free_bytes)))
        return ballast


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def disk(path: Path, size: str) -> Iterator[Disk]:
    """Mount a small file system for a while."""
    try:
        made = Disk(path, size)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT RUN: needs the right to mount a small file system")
    try:
        yield made
    finally:
        _run("umount", "--lazy", str(path))


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Forty one-page documents of 45 KB."""
    one_page_pdfs(tmp_path / "papers", PAPERS, 3)
    return tmp_path / "papers"


def deliver(house: House, papers: Path) -> str:
    """Deliver the papers and do what can be done."""
    batch_id = capture.open_batch(house, ARCHIVIST, [papers], channel="manual", department="BGS")
    line.finish(house)
    return batch_id


def seal(house: House) -> None:
    """Fix the codes of what is arranged and try to archive it."""
    line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
    line.finish(house)


def everything_is_archived(house: House) -> None:
    """In = out, all whole, and no leftover."""
    assert Counter(Record.objects.values_list("state", "needs_attention")) == {("archived", ""): PAPERS}
    assert Arrival.objects.filter(outcome="record").count() == PAPERS
    assert prove.verify_as_service(house, None).as_json()["problems"] == []
    assert sum(1 for _ in house.store.record_ids()) == PAPERS
    # What a failed slice left would be cleared away in an hour; here the hour is over.
    upkeep.tidy(replace(house, settings=house.settings.model_copy(update={"leftover_minutes": 0})))
    assert [path for path in house.staging.rglob("*") if path.is_file() and path.name != "ballast"] == []


def says_what_is_safe_and_what_next(code: str) -> None:
    row = CODES[code]
    assert row.kind == "fault"
    assert row.text
    assert row.safe
    assert row.next


def only_true_rows(house: House) -> None:
    """Every record that is there has all its bytes, and the staging area holds nothing besides."""
    named = {item.staged for item in ComputerFile.objects.all()}
    there = [path for path in house.staging.rglob("*") if path.is_file() and path.name != "ballast"]
    assert {str(path.relative_to(house.data)).removesuffix(".text.json") for path in there} == named
    for item in ComputerFile.objects.all():
        assert (house.data / item.staged).stat().st_size == item.size_bytes


def test_a_staging_area_that_fills_up_keeps_what_it_has_and_goes_on_with_room(fresh_data: Path, papers: Path) -> None:
    with disk(fresh_data / "staging", "1m") as small, line_house(fresh_data, slice_records=SLICE, leftover_minutes=0) as house:
        batch_id = deliver(house, papers)
        batch = Batch.objects.get(id=batch_id)
        assert (batch.state, batch.needs_attention) == ("receiving", "CAPTURE-STAGING-FAILED")
        says_what_is_safe_and_what_next(batch.needs_attention)
        assert 0 < Record.objects.count() < PAPERS
        only_true_rows(house)
        small.again("size=64m")
        assert resume.resume(house, ARCHIVIST, batch.code) == 1
        line.finish(house)
        assert Batch.objects.get(id=batch_id).record_count == PAPERS
        seal(house)
        everything_is_archived(house)


def test_a_file_cut_short_by_a_full_disk_is_never_taken_for_whole(fresh_data: Path, tmp_path: Path) -> None:
    """The system takes a part of the last chunk before it objects; that part must not pass for the file."""
    (tmp_path / "large.txt").write_bytes("关于值班安排的通知\n".encode() + b"x" * 700_000)
    with disk(fresh_data / "staging", "600k"), line_house(fresh_data, slice_records=SLICE) as house:
        deliver(house, tmp_path / "large.txt")
        assert Batch.objects.get().needs_attention == "CAPTURE-STAGING-FAILED"
        assert not Record.objects.exists()
        assert not Arrival.objects.exists()


def test_a_read_only_staging_area_receives_nothing(fresh_data: Path, papers: Path) -> None:
    with disk(fresh_data / "staging", "64m") as small, line_house(fresh_data, slice_records=SLICE, leftover_minutes=0) as house:
        small.again("ro")
        deliver(house, papers)
        assert Batch.objects.get().needs_attention == "CAPTURE-STAGING-FAILED"
        assert not Record.objects.exists()
        small.again("rw")
        upkeep.tidy(house)
        line.finish(house)
        seal(house)
        everything_is_archived(house)


def test_a_secret_that_cannot_be_sealed_is_not_received(fresh_data: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "甲.txt").write_text("机密★10年\n\n关于某项工作安排的通知\n", encoding="utf-8")
    with disk(fresh_data / "quarantine", "1m") as small, line_house(fresh_data) as house:
        small.again("ro")
        batch_id = deliver(house, tmp_path / "in")
        assert Batch.objects.get().needs_attention == "QUARANTINE-NOT-WRITTEN"
        says_what_is_safe_and_what_next("QUARANTINE-NOT-WRITTEN")
        assert not [path for path in house.staging.rglob("*") if path.is_file()]
        small.again("rw")
        resume.resume(house, ARCHIVIST, batch_id)
        line.finish(house)
        assert Quarantine.objects.filter(state="held").count() == 1


@pytest.mark.parametrize(("trouble", "cure", "code"), [("size=1m", "size=64m", "STORE-FULL"), ("ro", "rw", "STORE-READ-ONLY")])
def test_a_vault_that_takes_no_more_rests_its_records_and_goes_on(
    fresh_data: Path, papers: Path, trouble: str, cure: str, code: str
) -> None:
    with disk(fresh_data / "disk", "64m") as small:
        vault = fresh_data / "disk" / "vault"
        with line_house(fresh_data, slice_records=SLICE, leftover_minutes=0, vault=vault) as house:
            deliver(house, papers)
            small.again(trouble)
            seal(house)
            states = Counter(Record.objects.values_list("state", "needs_attention"))
            assert states["numbered", code] == PAPERS - states["archived", ""] > 0
            says_what_is_safe_and_what_next(code)
            assert sum(1 for _ in house.store.record_ids()) == states["archived", ""]
            assert prove.verify_as_service(house, None).as_json()["problems"] == []
            small.again(cure)
            resume.resume_faults(house)
            line.finish(house)
            everything_is_archived(house)


def test_a_disk_mounted_at_the_vault_itself_is_refused_in_words(fresh_data: Path, papers: Path) -> None:
    with disk(fresh_data / "vault", "64m"), line_house(fresh_data) as house:
        deliver(house, papers)
        seal(house)
        assert set(Record.objects.values_list("state", "needs_attention")) == {("numbered", "STORE-SPLIT")}


def until(is_done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, Counter(Record.objects.values_list("state", "needs_attention"))
        time.sleep(0.1)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The command of a worker process of a trial installation."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    for name, value in {"KIND": "trial", "AGENCY": "云汀市发展和改革委员会", "SLICE_RECORDS": str(SLICE)}.items():
        monkeypatch.setenv(f"LANTAI_{name}", value)
    return (sys.executable, "-m", "tests.support.line_worker", "2")


@pytest.fixture
def data_on_a_small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Disk, Path]]:
    """A data folder whose database lies on a small disk of its own; the staging area has another."""
    with disk(tmp_path / "data", "24m") as small:
        folder = request.getfixturevalue("fresh_data")
        with disk(folder / "staging", "64m"):
            yield small, folder


def test_a_full_database_says_nothing_untrue_and_goes_on_with_room(
    data_on_a_small_disk: tuple[Disk, Path], papers: Path, command: tuple[str, ...]
) -> None:
    if os.environ.get("LANTAI_DATABASE"):
        pytest.skip("PostgreSQL's files are the server's")
    small, data = data_on_a_small_disk
    with line_house(data, slice_records=SLICE, leftover_minutes=0) as house:
        capture.open_batch(house, ARCHIVIST, [papers], channel="manual", department="BGS")
        ballast = small.leave(120_000)
        with work.embedded(1, command):
            time.sleep(6)
            assert Record.objects.count() < PAPERS
            for item in ComputerFile.objects.all():
                assert (house.data / item.staged).stat().st_size == item.size_bytes
            ballast.unlink()
            work.sweep(house)
            until(lambda: Record.objects.filter(state="arranged").count() == PAPERS, 90)
        seal(house)
        everything_is_archived(house)
