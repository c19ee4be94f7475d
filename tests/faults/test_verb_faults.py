"""A seeded share of the kills of whole verbs, and a PostgreSQL that is restarted in the midst: no half-truth, nothing said is lost."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import faults_verbs
from lantai import wiring
from lantai.adapters.stores.following import FollowingStore
from tests.support import postgres
from tests.support.line_house import ARCHIVIST, line_house


@pytest.mark.slow
def test_verbs_killed_at_random_leave_nothing_half_said(fresh_data: Path, tmp_path: Path) -> None:
    with line_house(fresh_data, slice_records=2) as built:
        house = replace(built, store=FollowingStore(fresh_data, wiring._placed_store))
        ground = faults_verbs.prepared(house, ARCHIVIST, tmp_path, 12)
        for row in faults_verbs.kills(ground, len(faults_verbs.ACTS), 3):
            assert (row.lost, row.half, row.unclean, row.notes) == (0, 0, 0, [])
            assert row.times == 1


@pytest.mark.slow
def test_a_database_that_crashes_in_the_midst_loses_nothing(tmp_path: Path) -> None:
    if os.environ.get("LANTAI_DATABASE") or not postgres.is_present():
        pytest.skip("it crashes a server of its own, once")
    command = [sys.executable, "-m", "tests.support.postgres", "--", sys.executable, "-m", "bench.faults_restart", str(tmp_path), "2"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env=os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    row = json.loads(done.stdout.splitlines()[-1])
    assert (row["lost"], row["half"], row["unclean"], row["notes"]) == (0, 0, 0, [])
    assert row["times"] == 2
    assert row["midway"] > 0, "it was in the midst of something"
