"""Sealers killed at random points, two at a time: no gap, no fork, nothing sealed twice, and the ledger verifies whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import attest, seal
from tests.support.line_house import line_house

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10


def started(data: Path, witness: Path, seed: int) -> "subprocess.Popen[bytes]":
    known = os.environ | {"LANTAI_DATA": str(data), "LANTAI_WITNESS_FOLDERS": str(witness), "LANTAI_SECRET_KEY": "x" * 50}
    command = [sys.executable, "-m", "tests.support.seal_worker", str(seed)]
    worker = subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.PIPE, start_new_session=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    return worker


@pytest.mark.slow
def test_sealers_killed_at_random(fresh_data: Path, tmp_path: Path) -> None:
    chance, witness = Random(11), tmp_path / "witness"
    witness.mkdir()
    with line_house(fresh_data, witness_folders=(str(witness),)) as house:
        workers = [started(fresh_data, witness, seed) for seed in (1, 2)]
        for kill in range(KILLS):
            time.sleep(chance.uniform(0.02, 0.5))
            at = kill % 2
            os.killpg(workers[at].pid, signal.SIGKILL)
            workers[at].wait()
            workers[at].stdout.close()  # type: ignore[union-attr]
            workers[at] = started(fresh_data, witness, 10 + kill)
        for worker in workers:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
            worker.stdout.close()  # type: ignore[union-attr]
        before = Checkpoint.objects.count()
        assert before > 2, "they sealed while they lived"
        seal.seal(house)
        outcome = attest.attest(house)
        assert outcome.ok, outcome.problems
        sealed = Event.objects.exclude(type="ledger:verified").values_list("position", flat=True)
        assert (outcome.size, outcome.unsealed) == (len(sealed), 0)
        assert sorted(sealed) == list(range(outcome.size))
