"""The sweeper: lost tasks come back once, failing work comes to rest."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django_ox.models import OxTask

from lantai import work
from lantai.ports import House
from lantai.shelves.edge.models import Progress
from lantai.shelves.intake.models import Batch
from lantai.work import sweeping
from tests.support import chores

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[sweeping.Rule]]:
    """A table of one rule: batches that are being received have a chore."""
    monkeypatch.setattr(sweeping, "RULES", [])
    work.due("chore", to_receive)
    return sweeping.RULES


def to_receive(house: House) -> Iterable[dict[str, str]]:
    rows = Batch.objects.filter(state="receiving", needs_attention="").values_list("id", flat=True)
    return [{"batch_id": key} for key in rows]


def test_a_lost_task_comes_back_once(fresh_marks: None) -> None:
    batch_id = chores.new_batch()
    assert work.sweep(chores.house()) == 1
    assert work.sweep(chores.house()) == 0
    assert work.drain(0).run == 1
    assert Batch.objects.get(id=batch_id).state == "checking"
    assert work.sweep(chores.house()) == 0


def test_a_task_that_waits_or_runs_is_not_doubled() -> None:
    batch_id = chores.new_batch()
    work.enqueue("chore", batch_id=batch_id)
    assert work.sweep(chores.house()) == 0
    OxTask.objects.update(status=OxTask.Status.RUNNING)
    assert work.sweep(chores.house()) == 0


def test_a_task_that_ended_while_its_object_stayed_due_comes_back() -> None:
    work.enqueue("chore", batch_id=chores.new_batch())
    OxTask.objects.update(status=OxTask.Status.SUCCESSFUL)
    assert work.sweep(chores.house()) == 1


def test_what_was_given_up_stays_down(fresh_marks: None) -> None:
    batch_id = chores.new_batch()
    work.enqueue("failing chore", batch_id=batch_id, how="refusal")
    assert work.drain(0) == work.Drained(run=1, given_up=1, left=0)
    assert work.sweep(chores.house()) == 0


def test_due_work_must_have_an_owner() -> None:
    with pytest.raises(ValueError, match="on_give_up"):
        work.due("careless chore", to_receive)
    with pytest.raises(KeyError):
        work.due("no such chore", to_receive)


def test_a_task_without_owner_is_closed_all_the_same() -> None:
    work.enqueue("careless chore", batch_id="x")
    assert work.drain(0) == work.Drained(run=1, given_up=1, left=0)


def test_a_task_nobody_knows_any_more_is_closed() -> None:
    work.enqueue("chore", batch_id="x")
    OxTask.objects.update(status=OxTask.Status.LOST, task_path="lantai.gone.task", finished_at=timezone.now())
    assert work.give_up() == 1
    assert OxTask.objects.get().status == OxTask.Status.DISCARDED


def test_an_owner_that_fails_is_asked_again_and_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = chores.new_batch("PC-20261122-01"), chores.new_batch("PC-20261122-02")
    for batch_id in (first, second):
        work.enqueue("chore", batch_id=batch_id)
    OxTask.objects.update(status=OxTask.Status.LOST, finished_at=timezone.now())
    OxTask.objects.filter(kwargs={"batch_id": first}).update(kwargs={"wrong": "arguments"})
    assert work.give_up() == 1
    assert Batch.objects.get(id=second).needs_attention == "WORK-LOST"
    assert OxTask.objects.filter(status=OxTask.Status.LOST).count() == 1


def test_old_rows_are_forgotten_and_open_ones_kept() -> None:
    for _ in range(4):
        work.enqueue("chore", batch_id="x")
    long_ago = timezone.now() - timedelta(days=8)
    ids = list(OxTask.objects.values_list("id", flat=True))
    OxTask.objects.filter(id=ids[0]).update(status=OxTask.Status.SUCCESSFUL, finished_at=long_ago)
    OxTask.objects.filter(id=ids[1]).update(status=OxTask.Status.DISCARDED, finished_at=long_ago)
    OxTask.objects.filter(id=ids[2]).update(status=OxTask.Status.SUCCESSFUL, finished_at=timezone.now())
    Progress.objects.create(key="a", verb="a", object_id="a", updated_at=long_ago)
    work.prune()
    assert set(OxTask.objects.values_list("id", flat=True)) == {ids[2], ids[3]}
    assert not Progress.objects.exists()
