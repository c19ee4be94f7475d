"""Progress: rows that a page polls. Losing one harms nothing, so a failing write never stops the work it tells of."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

from lantai.core.errors import Coded
from lantai.shelves.edge.models import Progress
from lantai.work.attempts import get_ahead

WRITE_EVERY_SECONDS = 0.5
SHOWN_FOR = timedelta(hours=1)
_log = logging.getLogger("lantai.work")


class Steps:
    """One piece of work as it goes on; writes its row every half second at most."""

    def __init__(self, row: Progress) -> None:
        self._row = row
        self._written = 0.0

    def advance(self, count: int = 1) -> None:
        """Note that *count* more are done and will not be done again: the running attempt has got ahead."""
        self._row.done += count
        if count:
            get_ahead()
        self._write()

    def look(self, done: int, total: int) -> None:
        """Show how far a pass has come that begins anew when it is broken off: nothing is got ahead of."""
        self._row.done, self._row.total = done, total
        self._write()

    def expect(self, total: int) -> None:
        """Note how many there will be, where that shows only on the way."""
        self._row.total = total
        self._write()

    def step(self, name: str, *, total: int | None = None) -> None:
        """Begin a step: its name for people, and how many there are in it where that is known."""
        self._row.step, self._row.done = name, 0
        self._row.total = total or 0
        self._write(is_urgent=True)

    def end(self, state: str, message: str = "") -> None:
        """Close the row as done or failed."""
        self._row.state, self._row.message = state, message
        self._write(is_urgent=True)

    def _write(self, *, is_urgent: bool = False) -> None:
        now = time.monotonic()
        if not is_urgent and now - self._written < WRITE_EVERY_SECONDS:
            return
        self._written, self._row.updated_at = now, datetime.now(UTC)
        try:
            self._row.save()
        except DatabaseError:
            _log.warning("progress of %s not written", self._row.key, exc_info=True)


@contextmanager
def progress(verb: str, object_id: str, *, step: str = "", total: int = 0) -> Iterator[Steps]:
    """Tell how far *verb* on an object has come, for as long as the block runs; an error ends the row as failed, with its message."""
    row = Progress(key=f"{verb}:{object_id}"[:80], verb=verb, object_id=object_id, step=step, total=total)
    steps = Steps(row)
    steps.step(step, total=total)
    try:
        yield steps
    except Coded as problem:
        steps.end("failed", problem.message)
        raise
    except BaseException:
        steps.end("failed")
        raise
    steps.end("done")


def progress_of(verb: str, object_id: str) -> tuple[int, int]:
    """Return how far *verb* on an object has come, as (done, total); zeros where nothing is told of it."""
    found = Progress.objects.filter(key=f"{verb}:{object_id}"[:80]).values_list("done", "total").first()
    return found or (0, 0)


def last_run(verb: str, object_id: str) -> datetime | None:
    """Return when *verb* on an object last told of itself, None where that is not known; rows are kept for a week."""
    return Progress.objects.filter(key=f"{verb}:{object_id}"[:80]).values_list("updated_at", flat=True).first()


def jobs(limit: int = 20) -> list[Progress]:
    """Return the work that is going on, latest first; rows that nobody touched for an hour are left out."""
    since = datetime.now(UTC) - SHOWN_FOR
    return list(Progress.objects.filter(state="running", updated_at__gte=since).order_by("-updated_at")[:limit])
