"""The contract of background work: whatever happens to processes, a task's effect comes once, or a person is told.

Real processes, real signals, real files; leases scaled down to a second or two. On PostgreSQL: ``python -m
tests.support.postgres -- pytest tests/contract/test_work.py``.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from django_ox.models import OxTask

from lantai import work
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger.models import Event
from tests.support import chores

ROOT = Path(__file__).resolve().parents[2]
LEASE = 1.5
COMMAND = (sys.executable, "-m", "tests.support.worker_process", str(LEASE))
pytestmark = pytest.mark.usefixtures("fresh_data")

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _house() -> None:
    work.provide(chores.house)


@pytest.fixture
def start(fresh_data: Path) -> Iterator[Start]:
    """Start worker processes on the test's databases; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        running.append(subprocess.Popen(COMMAND, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL))
        return running[-1]

    yield one
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def marks(data: Path, batch_id: str) -> list[Path]:
    return sorted((data / "marks").glob(f"{batch_id}.*"))


def state(batch_id: str) -> str:
    return Batch.objects.get(id=batch_id).state


def effects(batch_id: str) -> int:
    return Event.objects.filter(object_id=batch_id, type="batch:received").count()


def test_a_rollback_enqueues_nothing() -> None:
    batch_id = chores.new_batch()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Batch.objects.filter(id=batch_id).update(title="改了")
        work.enqueue("chore", batch_id=batch_id)
        raise ZeroDivisionError
    assert OxTask.objects.count() == 0
    assert Batch.objects.get(id=batch_id).title == "来文"
    assert work.drain(0) == work.Drained(run=0, given_up=0, left=0)


def test_a_commit_brings_the_change_and_the_task() -> None:
    batch_id = chores.new_batch()
    with transaction.atomic():
        Batch.objects.filter(id=batch_id).update(title="改了")
        work.enqueue(chores.chore, batch_id=batch_id)
    assert work.drain() == work.Drained(run=1, given_up=0, left=0)
    assert (state(batch_id), effects(batch_id)) == ("checking", 1)


def test_running_twice_has_one_effect() -> None:
    batch_id = chores.new_batch()
    for _ in range(3):
        work.enqueue("chore", batch_id=batch_id)
    assert work.drain().run == 3
    assert effects(batch_id) == 1


def test_killed_in_the_middle_another_worker_finishes(fresh_data: Path, start: Start) -> None:
    batch_id = chores.new_batch()
    work.enqueue("slow chore", batch_id=batch_id, first_seconds=60)
    victim = start()
    until(lambda: marks(fresh_data, batch_id))
    other = start()
    victim.kill()
    victim.wait()
    until(lambda: state(batch_id) == "checking")
    assert effects(batch_id) == 1
    assert [mark.suffix for mark in marks(fresh_data, batch_id)] == [f".{victim.pid}", f".{other.pid}"]


def test_stopped_beyond_its_lease_a_worker_has_no_second_effect(fresh_data: Path, start: Start) -> None:
    batch_id = chores.new_batch()
    work.enqueue("slow chore", batch_id=batch_id, first_seconds=1)
    sleeper = start()
    until(lambda: marks(fresh_data, batch_id))
    sleeper.send_signal(signal.SIGSTOP)
    start()
    until(lambda: state(batch_id) == "checking")
    sleeper.send_signal(signal.SIGCONT)
    sleeper.terminate()
    assert sleeper.wait(15) == 0
    assert len(marks(fresh_data, batch_id)) == 2
    assert effects(batch_id) == 1
    assert OxTask.objects.get().status == OxTask.Status.SUCCESSFUL


def test_a_long_task_keeps_its_lease(fresh_data: Path, start: Start) -> None:
    batch_id = chores.new_batch()
    work.enqueue("slow chore", batch_id=batch_id, first_seconds=3 * LEASE)
    start()
    until(lambda: marks(fresh_data, batch_id))
    start()
    until(lambda: state(batch_id) == "checking")
    assert len(marks(fresh_data, batch_id)) == 1
    assert OxTask.objects.get().attempts == 1


@pytest.mark.parametrize(
    ("how", "attempts", "reason"),
    [
        ("bug", 3, "WORK-FAILED"),
        ("fault", 3, "STORE-DENIED"),
        ("final", 1, "QUARANTINE-DAMAGED"),
        ("refusal", 1, "PEOPLE-UNKNOWN"),
    ],
)
def test_a_failing_task_is_tried_again_where_that_can_help_then_given_up(fresh_data: Path, how: str, attempts: int, reason: str) -> None:
    batch_id = chores.new_batch()
    work.enqueue("failing chore", batch_id=batch_id, how=how)
    assert work.drain(is_hurried=True) == work.Drained(run=attempts, given_up=1, left=0)
    assert len(marks(fresh_data, batch_id)) == attempts
    assert Batch.objects.get(id=batch_id).needs_attention == reason
    assert work.give_up() == 0


def test_a_retry_waits_for_its_time() -> None:
    batch_id = chores.new_batch()
    work.enqueue("failing chore", batch_id=batch_id, how="bug")
    OxTask.objects.update(run_after=timezone.now() + timedelta(hours=1))
    assert work.drain(0.1) == work.Drained(run=0, given_up=0, left=1)


def test_what_a_lost_machine_held_is_taken_over() -> None:
    batch_id = chores.new_batch()
    work.enqueue("chore", batch_id=batch_id)
    _held_by_a_lost_machine(attempts=1)
    assert work.drain(5) == work.Drained(run=1, given_up=0, left=0)
    assert effects(batch_id) == 1


def test_what_lost_machines_held_too_often_is_given_up() -> None:
    batch_id = chores.new_batch()
    work.enqueue("chore", batch_id=batch_id)
    _held_by_a_lost_machine(attempts=3)
    assert work.drain(5) == work.Drained(run=0, given_up=1, left=0)
    assert Batch.objects.get(id=batch_id).needs_attention == "WORK-LOST"


def _held_by_a_lost_machine(*, attempts: int) -> None:
    then = timezone.now() - timedelta(minutes=5)
    OxTask.objects.update(
        status=OxTask.Status.RUNNING,
        attempts=attempts,
        locked_by="gone",
        locked_at=then,
        lease_expires_at=then,
        worker_ids=["gone"] * attempts,
        lease_epoch=attempts,
    )


def test_workers_beside_a_server_are_started_again_and_end_with_it(fresh_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    monkeypatch.chdir(ROOT)
    with work.embedded(1, COMMAND) as workers:
        (first,) = workers.pids
        time.sleep(0.6)
        os.kill(first, signal.SIGKILL)
        until(lambda: workers.pids != (first,))
        batch_id = chores.new_batch()
        work.enqueue("chore", batch_id=batch_id)
        until(lambda: state(batch_id) == "checking")
        (second,) = workers.pids
        assert os.getpriority(os.PRIO_PROCESS, second) > os.getpriority(os.PRIO_PROCESS, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
    assert effects(batch_id) == 1


def test_workers_end_when_their_server_was_killed(fresh_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    server = subprocess.Popen([sys.executable, "-m", "tests.support.worker_process", str(LEASE), "serve"], cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    batch_id = chores.new_batch()
    work.enqueue("chore", batch_id=batch_id)
    until(lambda: state(batch_id) == "checking")
    server.kill()
    server.communicate()
    until(lambda: not Path(f"/proc/{worker}").exists() or "Z" in Path(f"/proc/{worker}/stat").read_text().split()[2])
