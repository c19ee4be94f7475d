"""One line on the terminal that tells how far the work of this process has come."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lantai.cli.help import cut, width

EVERY_SECONDS = 0.3
LINE = 78


@contextmanager
def progress() -> Iterator[None]:
    """Show step, done and total on stderr for as long as the block runs; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(stop,), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=2)


def line(step: str, done: int, total: int) -> str:
    """Write one step of the work: ``检测 120/1000（12%）``, or what is done where nobody knows the total."""
    if total:
        return cut(f"  {step} {min(done, total)}/{total}（{min(done, total) * 100 // total}%）", LINE)
    return cut(f"  {step} {done}" if done else f"  {step}……", LINE)


def _watch(stop: threading.Event) -> None:
    from django.db import DatabaseError, connections

    from lantai import work

    shown = 0
    while not stop.wait(EVERY_SECONDS):
        try:
            rows = work.jobs(1)
        except DatabaseError:
            continue
        if rows:
            text = line(rows[0].step, rows[0].done, rows[0].total)
            sys.stderr.write("\r" + text + " " * max(0, shown - width(text)))
            sys.stderr.flush()
            shown = width(text)
    if shown:
        sys.stderr.write("\r" + " " * shown + "\r")
        sys.stderr.flush()
    connections.close_all()
