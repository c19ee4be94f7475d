"""The line: N one-page PDFs from a folder to archived and searchable, in CPU-seconds a record, and the same at ten times N.

Each size runs in a process of its own on a fresh data folder; CPU is that of the process and all its children. No virus
engine takes part (a trial installation), so its cost is not in the figures.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.ground import fresh_ground


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench line")
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--pages", type=int, default=1, help="pages of each document")
    parser.add_argument("--no-growth", action="store_true", help="leave out the run at ten times the records")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.only:
        return _measure(chosen.records, chosen.pages)
    small = _apart(chosen.records, chosen.pages)
    if chosen.no_growth:
        return small
    large = _apart(chosen.records * 10, chosen.pages)
    growth = round(large["cpu_s_per_record"] / small["cpu_s_per_record"], 3)
    return small | {"growth_10x": growth, "at_10x": large}


def _apart(records: int, pages: int) -> dict[str, Any]:
    """Run one size in its own process, so that its peak memory is its own."""
    command = [sys.executable, "-m", "bench.line", "--only", "--records", str(records), "--pages", str(pages)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return figures


class Stages:
    """CPU-seconds by stage, of this process and its ended or waited-for children."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Any:
        """Add what the block spends to the stage."""
        before = cpu_seconds()
        yield
        self.spent[name] = self.spent.get(name, 0.0) + cpu_seconds() - before


def cpu_seconds() -> float:
    """Return user and system seconds of this process and of all its children, living ones included."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = os.sysconf("SC_CLK_TCK")
    living = 0.0
    for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in children.read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            living += (int(fields[11]) + int(fields[12])) / ticks
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + living


def _measure(records: int, pages: int) -> dict[str, Any]:
    with fresh_ground(2 * 1024**3 + records * 1024**2) as (folder, ground):
        return _run(folder, records, pages) | {"ground": ground}


def _run(folder: Path, records: int, pages: int) -> dict[str, Any]:
    from bench import corpus
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    source = folder / "source"
    if pages == 1:
        corpus.one_page_pdfs(source, records, 1)
    else:
        source.mkdir(parents=True)
        for number in range(records):
            (source / f"{number:06}.pdf").write_bytes(corpus.many_page_pdf(pages, number))
    own = sum(path.stat().st_size for path in source.iterdir())
    data = folder / "data"
    found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    start(data)
    return _walk(data, source, records, own)


def _walk(data: Path, source: Path, records: int, own: int) -> dict[str, Any]:
    from lantai import line, wiring, work
    from lantai.demo import run
    from lantai.shelves.holdings.models import Record
    from lantai.stages import accept, arrange, capture, check, describe

    wiring.provide()
    house = wiring.house()
    archivist = run.install(house, "Bench-line-1")
    locks, told = LockTimes(), LedgerCost()
    stages, began = Stages(), time.monotonic()
    house.reader.read(next(source.iterdir()), "warm.pdf")
    with locks.watch(), told.watch():
        with stages.stage("capture"):
            batch_id = capture.open_batch(house, archivist, [source], channel="manual", department="BGS")
            capture.receive(house, batch_id)
        for name, verb in (
            ("check", check.check),
            ("describe", describe.describe),
            ("settle", accept.settle),
            ("arrange", arrange.arrange),
        ):
            with stages.stage(name):
                verb(house, batch_id)
        with stages.stage("number"):
            line.seal(house, archivist, list(Record.objects.filter(batch_id=batch_id, state="arranged")))
        with stages.stage("archive"):
            from lantai.stages import archive

            archive.archive(house)
        with stages.stage("index"):
            from lantai.stages import index

            index.refresh(house)
        with stages.stage("queue"):
            work.drain()
        with stages.stage("ledger_seal"):
            from lantai.stages import seal

            seal.seal(house)
    seconds = time.monotonic() - began
    states = Counter(Record.objects.values_list("state", flat=True))
    house.reader.close()
    ledger = {
        "ledger_ms_cpu_per_record": round(1000 * (told.seconds + stages.spent["ledger_seal"]) / records, 3),
        "ledger_events_per_record": round(told.events / records, 2),
    }
    lock: dict[str, Any] = {"longest_write_lock_ms": round(locks.longest * 1000, 1)}
    lock |= {"longest_write_lock_before_commit_ms": round(locks.own * 1000, 1), "held_in": locks.where}
    return _figures(data, records, own, stages, seconds) | {"states": dict(states)} | ledger | lock


class LedgerCost:
    """Adds up the CPU-seconds in which events are written into their tables, and counts the events; sealing is a stage of its own."""

    def __init__(self) -> None:
        self.seconds, self.events = 0.0, 0

    @contextmanager
    def watch(self) -> Any:
        """Watch while the block runs."""
        from lantai.shelves.ledger import entries

        append = entries.append

        def timed(now: Any, told: Any, **given: Any) -> Any:
            told, began = list(told), time.thread_time()
            ids = append(now, told, **given)
            self.seconds, self.events = self.seconds + time.thread_time() - began, self.events + len(told)
            return ids

        entries.append = timed
        try:
            yield
        finally:
            entries.append = append


class LockTimes:
    """Times how long each transaction on the default database lasts: with its commit, which waits for the disk, and up to it.

    ``own`` is the longest up to its commit, ``where`` the function that held it.
    """

    def __init__(self) -> None:
        self.longest, self.own, self.where = 0.0, 0.0, ""

    @contextmanager
    def watch(self) -> Any:
        """Watch transactions while the block runs."""
        from django.db.transaction import Atomic

        enter, leave, watch = Atomic.__enter__, Atomic.__exit__, self

        def timed_enter(atomic: Any) -> None:
            enter(atomic)
            atomic.began = time.monotonic()

        def timed_exit(atomic: Any, *error: Any) -> None:
            own = time.monotonic() - atomic.began
            leave(atomic, *error)
            watch.longest = max(watch.longest, time.monotonic() - atomic.began)
            if own > watch.own:
                watch.own, watch.where = own, _beginner()

        Atomic.__enter__, Atomic.__exit__ = timed_enter, timed_exit
        try:
            yield
        finally:
            Atomic.__enter__, Atomic.__exit__ = enter, leave


def _beginner() -> str:
    """Return which function of ours holds the transaction that ends now."""
    own = (frame for frame in reversed(traceback.extract_stack()) if "/lantai/" in frame.filename)
    frame = next(own, None)
    return f"{Path(frame.filename).stem}.{frame.name}" if frame else ""


def _figures(data: Path, records: int, own: int, stages: Stages, seconds: float) -> dict[str, Any]:
    inodes, size = 0, 0
    for root, folders, files in os.walk(data / "vault"):
        inodes += len(folders) + len(files)
        size += sum((Path(root) / name).lstat().st_blocks * 512 for name in (*files, *folders))
    total = sum(stages.spent.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "records": records,
        "cpu_s_per_record": round(total / records, 5),
        "records_per_s": round(records / seconds, 1),
        "peak_rss_mb": round(peak + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
        "stages": {name: round(spent / records, 5) for name, spent in stages.spent.items()},
        "inodes_per_record": round(inodes / records, 2),
        "disk_kib_per_record_beyond_own": round((size - own) / records / 1024, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
