"""The workbench at size: server time of its pages over a fonds of a million records, and of the acts on ten thousand of them,
a workbook of a hundred thousand rows among them.

``python -m bench.web --records 1000000 --requests 60`` makes that many rows in the database alone (no files), a tenth of them in one
class, and asks for every kind of page through the whole server stack without a socket. ``list_p95_ms`` is the worst kind's p95;
``pages`` holds each kind, by the clock and by our own clock: without the time in which others had the processors, which is what a
machine that does nothing else would take; ``kb`` is what travels, compressed. The setting ``LANTAI_DATABASE`` lets it run on PostgreSQL, in
a database that must be empty.
``--keys`` also serves it to a Chromium and measures from a key to the painted answer (``web_keys``).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import web_acts, web_keys
from bench.web_fonds import PASSWORD, generate, kinds, timed


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench web")
    parser.add_argument("--records", type=int, default=1_000_000, help="how many records the fonds has")
    parser.add_argument("--requests", type=int, default=60, help="how many requests of each kind")
    parser.add_argument("--keep", type=Path, default=None, help="make or use the installation in this folder and leave it there")
    parser.add_argument("--keys", action="store_true", help="measure keys in Chromium too")
    parser.add_argument("--without-acts", action="store_true", help="ask for pages alone, and change nothing")
    chosen = parser.parse_args(arguments)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder / "data", chosen)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder)


def _run(data: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    is_new = not (data / "lantai.toml").exists()
    if is_new:
        found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    os.environ["LANTAI_CODE_TEMPLATE"] = "{fonds}-{category}·{year}-{retention}-{org}-{item:06d}"
    start(data)
    from lantai import wiring
    from lantai.demo import run
    from lantai.server.readiness import make_ready
    from lantai.shelves import databases
    from lantai.shelves.holdings.models import Record
    from lantai.shelves.people.models import Account

    databases.bring_up(data)
    wiring.provide()
    make_ready()
    house = wiring.house()
    began = time.monotonic()
    if is_new:
        run.install(house, PASSWORD)
        generate(chosen.records)
    made = time.monotonic() - began
    try:
        account = Account.objects.get(login="shen")
        pages = {kind: timed(account, ask, chosen.requests) for kind, ask in kinds(chosen.records).items()}
        worst = {f"list_{name}": max(each[name] for each in pages.values()) for name in ("p95_ms", "own_p95_ms", "cpu_p95_ms")}
        figures = {"records": Record.objects.count(), "generated_s": round(made, 1)} | worst | {"pages": pages}
        figures |= web_keys.measure(data, chosen.requests) if chosen.keys else {}
        return figures if chosen.without_acts else figures | web_acts.measure(house, account)
    finally:
        house.reader.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=2) + "\n")
