"""Sealing under kills: two sealers and writers at once, each killed with SIGKILL at a random point again and again; then no gap, no fork.

``python -m bench.crash --kills 200`` lets two processes write events (one of them with a clock that goes back, transactions ending in
another order than they began) and seal them into a witness, kills one of them at a time, and at the end seals once more and verifies all.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench crash")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.worker:
        _work(chosen.worker, Random(chosen.seed))
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder, chosen.kills, Random(chosen.seed))
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, kills: int, chance: Random) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data, witness = folder / "data", folder / "witness"
    witness.mkdir()
    found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    with (data / "lantai.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'witness_folders = ["{witness}"]\n')
    workers = [_started(data, seed) for seed in (1, 2)]
    for kill in range(kills):
        time.sleep(chance.uniform(0.0, 0.4))
        _kill(workers[kill % 2])
        workers[kill % 2] = _started(data, 10 + kill)
    for worker in workers:
        _kill(worker)
    start(data)
    return _outcome(kills)


def _outcome(kills: int) -> dict[str, Any]:
    from lantai import wiring
    from lantai.shelves.ledger.models import Checkpoint, Event
    from lantai.stages import attest, seal

    wiring.provide()
    house = wiring.house()
    seal.seal(house)
    outcome = attest.attest(house)
    positions = list(Event.objects.exclude(position=None).order_by("position").values_list("position", flat=True))
    back = Event.objects.filter(instant__lt=datetime.now(UTC) - timedelta(days=300)).count()
    return {
        "kills": kills,
        "events": len(positions),
        "checkpoints": Checkpoint.objects.count(),
        "events_of_a_clock_gone_back": back,
        "gaps": sum(1 for at, position in enumerate(positions) if at != position),
        "problems": [item.message for item in outcome.problems[:5]],
        "ok": outcome.ok,
    }


def _started(data: Path, seed: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", f"from bench.crash import main; main(['--worker', {str(data)!r}, '--seed', '{seed}'])"]
    known = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "LANTAI_DATA": str(data)}
    worker = subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.PIPE, start_new_session=True)
    if worker.stdout is None or worker.stdout.readline() != b"ready\n":
        raise RuntimeError("a worker did not start")
    return worker


def _kill(worker: "subprocess.Popen[bytes]") -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    if worker.stdout is not None:
        worker.stdout.close()


def _work(data: Path, chance: Random) -> None:
    """Write and seal until killed."""
    from lantai.cli.console import start

    start(data)
    from django.db import transaction

    from lantai import wiring
    from lantai.core.errors import Refusal
    from lantai.shelves.ledger.entries import Entry, append
    from lantai.stages import seal

    wiring.provide()
    house = wiring.house()
    print("ready", flush=True)
    while True:
        back = timedelta(days=400) if chance.random() < 0.2 else timedelta()
        told = [Entry("search:asked", "worker", "search", {"n": number}) for number in range(chance.randrange(1, 40))]
        with transaction.atomic():
            append(house.clock.now() - back, told, ids=house.ids)
        try:
            seal.seal(house)
        except Refusal:  # the other sealer handed the witness a longer checkpoint meanwhile
            continue
