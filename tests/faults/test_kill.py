"""SIGKILL at many random points of a 500-record run: in the end every record is in exactly one true state and in = out."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.shelves.holdings.models import ArchivalCode, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, prove
from tests.support.line_house import ARCHIVIST, line_house

RECORDS = 500
PATIENCE_SECONDS = 240.0


class Killed:
    """A worker that is killed without warning, again and again, at moments that a seed decides."""

    def __init__(self, data: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._environment = os.environ | {"LANTAI_DATA": str(data), "LANTAI_KIND": "trial", "LANTAI_SLICE_RECORDS": "40"}
        self.kills = 0

    def until(self, is_done: object, kills: int) -> None:
        """Start workers and kill them *kills* times, then let the last one finish until *is_done* is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():  # type: ignore[operator]
            assert time.monotonic() < deadline, "the line did not come to an end"
            with self._started() as worker:
                if self.kills < kills:
                    # A worker needs about a second to start; most kills fall into the work after that.
                    time.sleep(self._random.uniform(0.8, 2.4))
                    self.kills += 1
                else:
                    while not is_done() and time.monotonic() < deadline:  # type: ignore[operator]
                        time.sleep(0.1)
                os.killpg(worker.pid, signal.SIGKILL)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.support.line_worker", "2"]
        return subprocess.Popen(command, env=self._environment, start_new_session=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_every_record_ends_in_one_true_state(fresh_data: Path, tmp_path: Path, seed: int) -> None:
    one_page_pdfs(tmp_path / "papers", RECORDS, seed)
    with line_house(fresh_data) as house:
        batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        killed = Killed(fresh_data, seed)
        killed.until(lambda: Record.objects.filter(state="arranged").count() == RECORDS, 8)
        sealed = line.seal(house, ARCHIVIST, list(Record.objects.filter(state="arranged")))
        killed.until(lambda: not Record.objects.exclude(state="archived").exists(), 14)
        line.finish(house)

        assert killed.kills >= 10
        assert Counter(Record.objects.values_list("state", flat=True)) == {"archived": RECORDS}
        batch = Batch.objects.get(id=batch_id)
        assert (batch.record_count, batch.file_count) == (RECORDS, RECORDS)
        assert Arrival.objects.filter(batch_id=batch_id, outcome="record").values("record_id").distinct().count() == RECORDS
        assert sum(item.count for item in sealed) == ArchivalCode.objects.count() == RECORDS
        assert Event.objects.filter(type="record:archived").count() == RECORDS
        assert prove.verify_as_service(house, None).as_json()["problems"] == []
        assert sum(1 for _ in house.store.record_ids()) == RECORDS
        house.store.sweep()
        assert sum(1 for _ in house.store.record_ids()) == RECORDS
