"""The acts on ten thousand records of ``bench web``, and what another person's pages take while the first of them goes on.

Jobs run in a process of their own, as a worker does; the pages are asked for in this one, as the server does. Of each job ``…_lock_s`` is
how long its longest transaction lasted: on SQLite nobody else writes meanwhile.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.line import LockTimes
from bench.ownclock import OwnClock
from bench.web_fonds import LARGE, kinds, timed

ROOT = Path(__file__).resolve().parents[1]
CHANGED = 10_000


def measure(house: Any, account: Any) -> dict[str, Any]:
    """Measure every act and return the figures."""
    from lantai.core.access import Actor
    from lantai.stages import arrange, undo
    from lantai.stages.report import arrangement

    actor = Actor(account.id, account.login, account.name, account.role)
    ids = arrangement.ids(actor, arrangement.Class(**LARGE), CHANGED)
    figures: dict[str, Any] = {"changed": len(ids)}
    act = arrange.revise_many(house, actor, ids, changes={"author": f"云汀市发展改革委{house.ids.new()[-4:]}"})
    with _others(account) as meanwhile:
        figures |= _job(house, "revise", act.id, "bulk_change") if act.state == "queued" else {}
    figures |= {f"others_{name}": value for name, value in meanwhile().items()}
    figures |= _here("undo", lambda: undo.undo(house, actor, act.id))
    act.refresh_from_db()
    figures |= _job(house, "undo", act.id, "undo_job") if act.state == "returning" else {}
    for name, moved, after in (("move_first", ids[-1:], ""), ("move_again", ids[-2:-1], ids[0]), ("move_deep", ids[:1], ids[-3])):
        figures |= _here(name, lambda moved=moved, after=after: arrange.reorder(house, actor, moved, after=after))  # type: ignore[misc]
    figures |= _sheet(house, actor)
    return figures | _fix(house, actor)


def _here(name: str, do: Callable[[], object]) -> dict[str, float]:
    """Measure what is done while the person waits."""
    clock = OwnClock()
    do()
    return clock.figures(name)


def _job(house: Any, verb: str, act_id: str, name: str) -> dict[str, Any]:
    """Run the task of an act in a process of its own and return what it took there."""
    command = [sys.executable, "-m", "bench.web_acts", str(house.data), verb, act_id]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return {f"{name}{end}": value for end, value in json.loads(told.splitlines()[-1]).items()}


def _sheet(house: Any, actor: Any) -> dict[str, Any]:
    """Measure a list of the large class on its way out as a workbook and back: tried, then applied, every row with a change."""
    from lantai.shelves.journal.models import Act
    from lantai.stages import sheets
    from lantai.stages.report import arrangement

    ids = arrangement.ids(actor, arrangement.Class(**LARGE), sheets.MOST_ROWS)
    folder = house.data / "uploads" / house.ids.new()
    folder.mkdir(parents=True)
    figures: dict[str, Any] = _here("sheet_out", lambda: _changed_sheet(ids, folder / "sheet.xlsx"))
    act = sheets.receive(house, actor, folder / "sheet.xlsx")
    figures |= _job(house, "sheet", act.id, "sheet_tried")
    figures |= _here("sheet_asked", lambda: sheets.apply(house, actor, act.id)) | _job(house, "sheet", act.id, "sheet_applied")
    done = Act.objects.get(id=act.id)
    if done.state != "done" or done.done != len(ids):
        raise RuntimeError(f"sheet: {done.state} {done.reason} {done.done}")
    for clock in ("", "_own", "_cpu"):
        took = figures[f"sheet_tried{clock}_s"] + figures[f"sheet_applied{clock}_s"]
        figures[f"sheet_rows_per{clock}_s"] = round(len(ids) / max(took, 0.01))
    return {"sheet_rows": len(ids), **figures}


def _changed_sheet(ids: list[str], path: Path) -> None:
    """Write the workbook of the list with another remark in every row."""
    from lantai.packages import workbook
    from lantai.stages import sheets
    from lantai.stages.sheets import columns

    headings = [(sheets.MARK, 28), (sheets.VERSION, 6), ("档号", 30), *((heading, width) for heading, _, width in sheets.COLUMNS)]
    last = len(headings) - 1
    rows = ([*row[:last], f"第{at}行已核对"] for at, row in enumerate(columns.rows(ids), 1))
    with path.open("wb") as out:
        workbook.write(out, [workbook.Sheet("著录", headings, rows)], made=datetime(2026, 1, 5, tzinfo=UTC))


def _fix(house: Any, actor: Any) -> dict[str, Any]:
    """Fix the codes of the large class, a job where it is large."""
    from lantai.shelves.journal.models import Act
    from lantai.stages import number

    clock = OwnClock()
    done = number.begin(house, actor, **LARGE, expected=number.outlook(house, actor, **LARGE).free)
    asked = clock.figures("fix_asked")
    return asked | (_job(house, "number", done.id, "fix_large_class") if isinstance(done, Act) else {})


class _others:
    """Another person's pages, asked for in a thread while the block lasts; gives their p95."""

    def __init__(self, account: Any) -> None:
        self._account, self._stop, self._took = account, threading.Event(), list[dict[str, Any]]()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Callable[[], dict[str, float]]:
        self._thread.start()
        return self._p95

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _p95(self) -> dict[str, float]:
        at = int(len(self._took) * 0.95)
        return {name: sorted(each[name] for each in self._took)[at] for name in ("p95_ms", "own_p95_ms", "cpu_p95_ms")}

    def _ask(self) -> None:
        from django.db import connections

        ask = kinds(100_000)["class"]
        while not self._stop.is_set() or not self._took:
            self._took.append(timed(self._account, ask, 1))
            self._stop.wait(0.05)
        connections.close_all()


def _worker(data: str, verb: str, act_id: str) -> None:
    """Run one task as a worker does, and print what it took."""
    from lantai.cli.console import start

    start(Path(data))
    from lantai import wiring, work
    from lantai.work.running import step_back
    from lantai.work.tasks import declarations

    step_back()
    wiring.provide()
    house, task = work.house(), declarations()[verb].task
    clock, locks = OwnClock(), LockTimes()
    with locks.watch():
        task.func(act_id=act_id)
    sys.stdout.write(json.dumps(clock.figures("") | {"_lock_s": round(locks.longest, 2), "_lock_by": locks.where}) + "\n")
    house.reader.close()


if __name__ == "__main__":
    _worker(*sys.argv[1:4])
