"""Small tasks for the contract of background work. Each moves a batch once, whatever happens to the process that runs it."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from django.db import transaction

from lantai import work
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.ports.clock import SystemClock, UlidIds
from lantai.ports.settings import Settings
from lantai.shelves.intake import queries
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger.entries import Entry, append

IDS = UlidIds(SystemClock())


def house() -> House:
    """A House of settings, clock and identifiers; these tasks use nothing else of the world."""
    absent = cast(Any, None)
    return House(Settings(), SystemClock(), IDS, absent, absent, absent, absent, absent)


def new_batch(code: str = "PC-20261122-01") -> str:
    """Make a batch that waits to be received."""
    batch_id = IDS.new()
    Batch.objects.create(id=batch_id, code=code, channel="oa", title="来文", source="", submitter="a", created_at=datetime.now(UTC))
    return batch_id


def mark(batch_id: str) -> list[Path]:
    """Leave a mark that a process is at work on the batch; return all marks so far, oldest first."""
    folder = Path(os.environ["LANTAI_DATA"]) / "marks"
    folder.mkdir(exist_ok=True)
    before = sorted(folder.glob(f"{batch_id}.*"))
    (folder / f"{batch_id}.{time.time_ns()}.{os.getpid()}").touch()
    return before


def finish(batch_id: str, read: Batch) -> bool:
    """Apply: state and event together, if the batch is still as it was read."""
    with transaction.atomic():
        moved = queries.move_batch(read, "receiving", "checking")
        if moved:
            append(datetime.now(UTC), [Entry("batch:received", "worker", batch_id)], ids=IDS)
    return moved


def rest(reason: str, batch_id: str, **_: object) -> None:
    """Lay a batch where a person will see it."""
    queries.need_attention(batch_id, reason)


@work.task("chore", retry_seconds=0, on_give_up=rest)
def chore(batch_id: str) -> None:
    """Move the batch at once."""
    mark(batch_id)
    finish(batch_id, Batch.objects.get(id=batch_id))


@work.task("slow chore", retry_seconds=0, on_give_up=rest)
def slow_chore(batch_id: str, first_seconds: float, then_seconds: float = 0.0) -> None:
    """Read, take long the first time, then move the batch."""
    read = Batch.objects.get(id=batch_id)
    time.sleep(then_seconds if mark(batch_id) else first_seconds)
    finish(batch_id, read)


@work.task("failing chore", retry_seconds=0, on_give_up=rest)
def failing_chore(batch_id: str, how: str) -> None:
    """Fail as told: fault (retryable), final (a fault that is not), refusal, or bug."""
    mark(batch_id)
    if how == "bug":
        raise KeyError(how)
    if how == "refusal":
        raise Refusal("PEOPLE-UNKNOWN", batch_id)
    raise Fault({"fault": "STORE-DENIED", "final": "QUARANTINE-DAMAGED"}[how], batch_id)


@work.task("careless chore", attempts=1, retry_seconds=0)
def careless_chore(batch_id: str) -> None:
    """Fail with nobody to tell."""
    raise KeyError(batch_id)
