"""SIGKILL at many random points of a 500-record run: in the end every record is in exactly one true state and in = out."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django_ox.models import OxTask

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, IndexOutbox, Record
from lantai.shelves.intake.models import Arrival, Batch, Report
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, prove, resume, upkeep
from tests.support.line_house import ARCHIVIST, line_house

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 500
SEEDS = [int(seed) for seed in os.environ.get("LANTAI_KILL_SEEDS", "1").split(",")]
SLICE = 25
PATIENCE_SECONDS = 120.0
LEASE_SECONDS = "1.5"


class Killed:
    """Workers that are killed without warning, again and again, at moments that a seed decides."""

    def __init__(self, house: House, seed: int) -> None:
        self._house = house
        self._random = random.Random(seed)
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self._environment = os.environ | {
            "LANTAI_DATA": str(house.data),
            "LANTAI_KIND": "trial",
            "LANTAI_AGENCY": "云汀市发展和改革委员会",
            "LANTAI_SLICE_RECORDS": str(SLICE),
            "LANTAI_LEFTOVER_MINUTES": "0",
            "PYTHONPATH": path,
        }
        self.kills = 0
        self.resumed = 0

    def until(self, is_done: Callable[[], bool], kills: int) -> None:
        """Start workers, one or two, and kill them until *kills* is reached; then let the last finish until *is_done*."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            self._resume()
            workers = [self._started() for _ in range(self._random.choice((1, 1, 2)))]
            try:
                self._work(is_done, kills, deadline)
            finally:
                for worker in workers:
                    self._kill(worker)

    def _work(self, is_done: Callable[[], bool], kills: int, deadline: float) -> None:
        if self.kills < kills:
            # A worker needs a second to read its first file; some kills come before that, most in the midst of work.
            time.sleep(self._random.uniform(0.05, 1.3))
            self.kills += 1
        else:
            while not is_done():
                assert time.monotonic() < deadline, _standing()
                self._resume()
                time.sleep(0.2)

    def _resume(self) -> None:
        """Three deaths without any progress in between rest until a person says go on; here we are that person."""
        for key in Batch.objects.exclude(needs_attention="").values_list("id", flat=True):
            self.resumed += resume.resume(self._house, ARCHIVIST, key)
        for key in Record.objects.filter(needs_attention="WORK-LOST").values_list("id", flat=True):
            self.resumed += resume.resume(self._house, ARCHIVIST, key)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.support.line_worker", LEASE_SECONDS]
        worker = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, start_new_session=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        return worker

    def _kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """Kill the worker alone, so that its reading child must end by itself, or everything it started with it."""
        if self._random.random() < 0.5:
            worker.kill()
        else:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()


def _standing() -> str:
    """Return where everything stands, for a person to see why the line did not come to an end."""
    records = Counter(Record.objects.values_list("state", "needs_attention"))
    open_tasks = OxTask.objects.exclude(status=OxTask.Status.SUCCESSFUL)
    tasks = [(row.task_path, row.kwargs, row.status, row.attempts, row.max_attempts, row.errors[-1:]) for row in open_tasks]
    batches = list(Batch.objects.values_list("state", "needs_attention"))
    return f"the line did not come to an end: {records} {batches} {tasks}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_every_record_ends_in_one_true_state(fresh_data: Path, tmp_path: Path, seed: int) -> None:
    one_page_pdfs(tmp_path / "papers", RECORDS, seed)
    with line_house(fresh_data, leftover_minutes=0) as house:
        batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        killed = Killed(house, seed)
        killed.until(lambda: Record.objects.filter(state="arranged").count() == RECORDS, 9)
        sealed = line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
        killed.until(lambda: not Record.objects.exclude(state="archived").exists(), killed.kills + 6)
        line.finish(house)
        assert killed.kills >= 10
        _in_is_out(batch_id)
        assert sum(item.count for item in sealed) == ArchivalCode.objects.count() == RECORDS
        _everything_once(house)


def _in_is_out(batch_id: str) -> None:
    assert Counter(Record.objects.values_list("state", "needs_attention")) == {("archived", ""): RECORDS}
    batch = Batch.objects.get(id=batch_id)
    assert (batch.record_count, batch.file_count, batch.needs_attention) == (RECORDS, RECORDS, "")
    assert Arrival.objects.filter(batch_id=batch_id, outcome="record").values("record_id").distinct().count() == RECORDS


def _everything_once(house: House) -> None:
    """One event, one report a gate, one object a record; the proof holds; upkeep leaves no staged byte and no half package behind."""
    assert Event.objects.filter(type="record:archived").count() == RECORDS
    assert Report.objects.filter(subject_kind="record", gate="archiving").count() == RECORDS
    assert not IndexOutbox.objects.exists()
    assert prove.verify_as_service(house, None).as_json()["problems"] == []
    # A worker killed between saying "archived" and erasing the staged copies leaves the copies to upkeep.
    upkeep.tidy(house)
    assert not ComputerFile.objects.exclude(staged="").exists()
    assert sum(1 for _ in house.store.record_ids()) == RECORDS
    assert list(house.staging.rglob("*")) == []
    assert list((house.data / "vault.tmp").iterdir()) == []
