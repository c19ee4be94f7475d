"""Attempts are counted from the last one that got ahead."""

import pytest
from django_ox.models import OxTask

from lantai import work
from lantai.core.errors import Fault
from lantai.shelves.intake.models import Batch
from tests.support import chores

pytestmark = pytest.mark.usefixtures("fresh_data")
LEFT: dict[str, int] = {}


@work.task("stumbling chore", retry_seconds=0, on_give_up=chores.rest)
def stumbling_chore(batch_id: str, parts: int, is_ahead: bool) -> None:
    """Do one part of many, tell of it or not, and fail."""
    LEFT[batch_id] = LEFT.get(batch_id, parts) - 1
    with work.progress("stumble", batch_id) as progress:
        progress.advance(1 if is_ahead else 0)
        if LEFT[batch_id]:
            raise Fault("STORE-DENIED", batch_id)


def run(*, parts: int, is_ahead: bool) -> Batch:
    work.provide(chores.house)
    batch_id = chores.new_batch()
    work.enqueue("stumbling chore", batch_id=batch_id, parts=parts, is_ahead=is_ahead)
    work.drain(60, is_hurried=True)
    return Batch.objects.get(id=batch_id)


def test_work_that_gets_ahead_each_time_comes_to_its_end() -> None:
    batch = run(parts=8, is_ahead=True)
    assert (LEFT[batch.id], batch.needs_attention) == (0, "")
    task = OxTask.objects.get()
    assert (task.status, task.attempts) == (OxTask.Status.SUCCESSFUL, 8)


def test_work_that_gets_nowhere_is_given_up_after_its_attempts() -> None:
    batch = run(parts=8, is_ahead=False)
    assert (LEFT[batch.id], batch.needs_attention) == (5, "STORE-DENIED")


def test_outside_a_task_getting_ahead_changes_nothing() -> None:
    with work.progress("stumble", "x") as progress:
        progress.advance()
    assert not OxTask.objects.exists()
