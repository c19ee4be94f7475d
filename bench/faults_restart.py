"""A PostgreSQL that crashes and comes back in the midst of verbs: ``python -m bench.faults_restart FOLDER`` prints the row as JSON.

Run with LANTAI_DATABASE naming a server of its own (``python -m tests.support.postgres -- …``): it is stopped as if its machine failed.
"""

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

from bench.corpus import AGENCY
from bench.faults_row import Row

ACTS = ("archive", "version", "replicate", "backup", "archive", "version")
RECORDS = 16


def main(folder: Path, turns: int) -> Row:
    """Let the database crash in the midst of each act; look at everything afterwards."""
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data, url = folder / "data", os.environ["LANTAI_DATABASE"]
    found(data, agency=AGENCY, fonds="Z109", kind="trial")
    start(data)
    from django.db import connections

    from bench import faults_verbs
    from lantai import wiring
    from lantai.demo import run
    from tests.support.postgres import restart

    wiring.provide()
    house = wiring.house()
    ground = faults_verbs.prepared(house, run.install(house, "Bench-restart-1"), folder, RECORDS)
    row, chance = Row("PostgreSQL 中途崩溃并重启", is_by_chance=True), Random(4)

    def crash() -> None:
        time.sleep(chance.uniform(0.0, 0.4))
        connections["default"].close()
        restart(url)
        time.sleep(3.0)

    with faults_verbs.forking(ground) as process:
        for turn, act in enumerate(ACTS[:turns]):
            told = faults_verbs.strike(process, act, f"restart-{turn}", crash)
            row.times += 1
            row.midway += any(line.startswith("failed") for line in told)
            row.done += sum(line.startswith(faults_verbs._DONE) for line in told)
            ground.take(told)
            faults_verbs.look(ground, row, f"restart {act} {turn}")
    house.reader.close()
    return row


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(main(Path(sys.argv[1]), int((sys.argv[2:] or [str(len(ACTS))])[0]))), ensure_ascii=False) + "\n")
