"""Batch cataloguing: rows a second for the import itself, and what a row costs in each later stage.

``python -m bench.catalogue [FILE] --rows N``: without a file, N rows are generated, the same ones each time. A fresh data folder,
a trial installation, no virus engine. CPU is that of the process and its children.
"""

import argparse
import csv
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.corpus import AGENCY, text
from bench.line import LockTimes, cpu_seconds

HEADINGS = ("题名", "文号", "责任者", "日期", "保管期限", "存放位置", "登记人")


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench catalogue")
    parser.add_argument("file", nargs="?", type=Path, help="a catalogue, .csv or .xlsx; otherwise one is generated")
    parser.add_argument("--rows", type=int, default=20_000, help="how many rows to generate")
    parser.add_argument("--profile", type=Path, default=None, help="write a cProfile of the whole run here")
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        source = chosen.file.resolve() if chosen.file else generate(folder / "catalogue.csv", chosen.rows)
        return _profiled(chosen.profile, lambda: _run(folder, source)) if chosen.profile else _run(folder, source)
    finally:
        shutil.rmtree(folder)


def generate(path: Path, rows: int) -> Path:
    """Write a catalogue of *rows* invented rows; two columns of it are nothing that the elements know."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for number in range(rows):
            paper = text(number)
            place = f"{number % 9 + 1}排{number % 30 + 1}架{number % 6 + 1}层"
            writer.writerow((paper.title, paper.number, AGENCY, paper.date, ("永久", "30年", "10年")[number % 3], place, "沈静宜"))
    return path


def _profiled(path: Path, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    import cProfile

    profile = cProfile.Profile()
    result: dict[str, Any] = profile.runcall(run)
    profile.dump_stats(path)
    return result


def _run(folder: Path, source: Path) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data = folder / "data"
    found(data, agency=AGENCY, fonds="Z109", kind="trial")
    start(data)
    return _walk(source)


def _walk(source: Path) -> dict[str, Any]:
    from lantai import wiring
    from lantai.demo import run
    from lantai.shelves.intake.models import Batch
    from lantai.stages import accept, arrange, capture, check, describe, index

    wiring.provide()
    house = wiring.house()
    archivist = run.install(house, "Bench-catalogue-1")
    locks, spent = LockTimes(), dict[str, tuple[float, float]]()
    with locks.watch():
        began, cpu = time.monotonic(), cpu_seconds()
        batch_id = capture.open_batch(house, archivist, [source], channel="catalogue", department="BGS")
        capture.receive(house, batch_id)
        spent["import"] = (cpu_seconds() - cpu, time.monotonic() - began)
        later: dict[str, Callable[[], object]] = {
            "check": lambda: check.check(house, batch_id),
            "describe": lambda: describe.describe(house, batch_id),
            "settle": lambda: accept.settle(house, batch_id),
            "arrange": lambda: arrange.arrange(house, batch_id),
            "index": lambda: index.refresh(house),
        }
        for name, verb in later.items():
            began, cpu = time.monotonic(), cpu_seconds()
            verb()
            spent[name] = (cpu_seconds() - cpu, time.monotonic() - began)
    house.reader.close()
    return _figures(Batch.objects.get(id=batch_id).record_count, spent) | {"longest_write_lock_ms": round(locks.longest * 1000, 1)}


def _figures(rows: int, spent: dict[str, tuple[float, float]]) -> dict[str, Any]:
    later = [seconds for name, seconds in spent.items() if name != "import"]
    return {
        "rows": rows,
        "import_rows_per_s": round(rows / spent["import"][1]),
        "import_cpu_ms_per_row": round(1000 * spent["import"][0] / rows, 3),
        "later_cpu_ms_per_row": round(1000 * sum(cpu for cpu, _ in later) / rows, 3),
        "stages_cpu_ms_per_row": {name: round(1000 * cpu / rows, 3) for name, (cpu, _) in spent.items()},
        "stages_wall_s": {name: round(wall, 2) for name, (_, wall) in spent.items()},
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1))
