"""The benchmark of batch cataloguing runs, and what it generates is a catalogue."""

import json
import subprocess
import sys
from pathlib import Path

from bench.catalogue import generate
from lantai.packages import catalogue

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_generated_is_the_same_catalogue_each_time(tmp_path: Path) -> None:
    first, second = generate(tmp_path / "1.csv", 50), generate(tmp_path / "2.csv", 50)
    assert first.read_bytes() == second.read_bytes()
    read = catalogue.read(first)
    assert (len(read.rows), read.findings) == (50, ())
    assert {"title", "document_number", "author", "date", "retention_period"} <= set(read.columns.values())
    assert len({row.elements["document_number"] for row in read.rows}) == 50


def test_it_gives_its_figures() -> None:
    command = [sys.executable, "-m", "bench.catalogue", "--rows", "30"]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert figures["rows"] == 30
    assert figures["import_rows_per_s"] > 0
    assert set(figures["stages_cpu_ms_per_row"]) == {"import", "check", "describe", "settle", "arrange", "index"}
