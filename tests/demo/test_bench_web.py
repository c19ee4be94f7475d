"""The benchmark of the workbench runs and gives its figures; what it measures is asked of real pages."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_it_gives_its_figures() -> None:
    command = [sys.executable, "-m", "bench.web", "--records", "400", "--requests", "1"]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert figures["records"] == 400
    assert figures["changed"] >= 40
    assert {"list_p95_ms", "list_own_p95_ms", "others_own_p95_ms", "undo_s", "move_deep_s", "sheet_rows_per_own_s"} <= figures.keys()
    assert 5 < figures["pages"]["large class"]["kb"] <= 40  # as it travels
