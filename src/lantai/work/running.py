"""Running tasks: in this process until nothing is left, as a worker, or as workers kept alive beside a server."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.db import close_old_connections, connections
from django_ox.management.commands.ox_worker import install_stop_handlers
from django_ox.models import OxTask
from django_ox.worker import Worker

from lantai.ports import House
from lantai.work import sweeping
from lantai.work.tasks import declarations, house

PARENT_VARIABLE = "LANTAI_WORKER_PARENT"
POLL_SECONDS = 0.5
SWEEP_SECONDS = 60.0
#: Workers beside a server let people go first where a processor is short.
_STEP_BACK = 5
_WAIT_SECONDS = 0.05
_PRUNE_EVERY_SWEEPS = 1440
_STOP_SECONDS = 20.0
_RESTART_LIMIT_SECONDS = 30.0
REGULAR: dict[str, tuple[Callable[[], None], Callable[[House], float]]] = {}
_log = logging.getLogger("lantai.work")


@dataclass(frozen=True, slots=True)
class Drained:
    """What :func:`drain` did: attempts it ran, tasks it saw given up, and tasks that were still open when its time was over."""

    run: int
    given_up: int
    left: int


def drain(timeout: float = 600.0, *, is_hurried: bool = False) -> Drained:
    """Run everything that is due in this process, one after the other, until nothing is open or *timeout* seconds are over.

    Waits for what other workers run and for retries in their time; ``is_hurried`` runs retries at once. With a timeout of 0 only
    what is due now is run. Starts no attempt after the timeout, but lets the last one finish. Ctrl-C ends the attempt under way;
    its task goes back on the queue at once.
    """
    declarations()
    worker, deadline = Worker(poll_interval=POLL_SECONDS), time.monotonic() + timeout
    run, before = 0, OxTask.objects.filter(status=OxTask.Status.DISCARDED).count()
    while True:
        while (run == 0 or timeout == 0 or time.monotonic() < deadline) and _run_once(worker):
            run += 1
        sweeping.give_up()
        if is_hurried:
            OxTask.objects.filter(status=OxTask.Status.READY, run_after__isnull=False).update(run_after=None)
        left = OxTask.objects.filter(status__in=sweeping.OPEN).count()
        if not left or time.monotonic() >= deadline:
            break
        worker.reap()
        time.sleep(_WAIT_SECONDS)
    return Drained(run, OxTask.objects.filter(status=OxTask.Status.DISCARDED).count() - before, left)


def _run_once(worker: Worker) -> bool:
    try:
        ran: bool = worker.run_once()
    except KeyboardInterrupt:
        held = OxTask.objects.filter(status=OxTask.Status.RUNNING, locked_by=worker.worker_id)
        held.update(status=OxTask.Status.READY, locked_by=None, locked_at=None, lease_expires_at=None)
        raise
    return ran


def run_worker(
    *,
    concurrency: int = 1,
    queues: Sequence[str] = (),
    poll_seconds: float = POLL_SECONDS,
    sweep_seconds: float = SWEEP_SECONDS,
    lease_seconds: float | None = None,
) -> None:
    """Work in the foreground until SIGTERM or SIGINT, then finish what was begun. A second signal ends it at once.

    Sweeps at the start and every *sweep_seconds*. Ends by itself when the process that :func:`embedded` it is gone.
    *lease_seconds* is how long another worker waits before it takes over from one that fell silent (setting's 60 by default).
    Must run in the main thread, with the House provided.
    """
    declarations()
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if parent:
        step_back()
    worker = Worker(
        queues=list(queues) or None,
        concurrency=concurrency,
        poll_interval=poll_seconds,
        lock_timeout=lease_seconds,
        parent_pid=int(parent) if parent else None,
    )
    retire_signals = install_stop_handlers(worker)
    stop = threading.Event()
    beside = [threading.Thread(target=_sweep_until, args=(stop, sweep_seconds), name="sweeper", daemon=True)]
    beside += [threading.Thread(target=_keep_at, args=(stop, name), name=name, daemon=True) for name in REGULAR]
    for thread in beside:
        thread.start()
    try:
        worker.run()
    finally:
        stop.set()
        for thread in beside:
            thread.join(timeout=_STOP_SECONDS)
        retire_signals()


def step_back() -> None:
    """Let this process have a third of what a server beside it gets, where both want the same processor."""
    os.nice(_STEP_BACK)


def embedded(count: int, command: Sequence[str], *, after_seconds: float = 0.0) -> "Embedded":
    """Return *count* worker processes, each started with *command*, to be kept alive for as long as a ``with`` block runs.

    They start *after_seconds* into it, so that they do not compete with what the block itself has to start.
    """
    return Embedded(count, tuple(command), after_seconds)


class Embedded:
    """Worker processes beside a server: started, started again when they die, stopped gently at the end."""

    def __init__(self, count: int, command: tuple[str, ...], after_seconds: float) -> None:
        self._command = command
        self._after_seconds = after_seconds
        self._slots = [_Slot() for _ in range(count)]
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="workers", daemon=True)

    def __enter__(self) -> Self:
        if not self._after_seconds:
            self._start()
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._watcher.join()
        for slot in self._slots:
            slot.terminate()
        for slot in self._slots:
            slot.wait()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers, as they are now."""
        return tuple(slot.process.pid for slot in self._slots if slot.process is not None)

    def _start(self) -> None:
        for slot in self._slots:
            slot.start(self._command)

    def _watch(self) -> None:
        if self._after_seconds:
            if self._stop.wait(self._after_seconds):
                return
            self._start()
        while not self._stop.wait(0.5):
            for slot in self._slots:
                slot.revive(self._command)


class _Slot:
    """One place for a worker process, and how long to wait before it is filled again."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = 0.5

    def start(self, command: Sequence[str]) -> None:
        """Start the worker in a session of its own: Ctrl-C at the terminal is for the server, which then stops it gently."""
        self._started = time.monotonic()
        self.process = subprocess.Popen(command, env=os.environ | {PARENT_VARIABLE: str(os.getpid())}, start_new_session=True)  # noqa: S603 - our own command

    def revive(self, command: Sequence[str]) -> None:
        """Start the worker again once it is dead, later each time it dies young."""
        if self.process is None or (status := self.process.poll()) is None:
            return
        lived = time.monotonic() - self._started
        if lived < self._delay:
            return
        _log.warning("worker %d ended with %s, starting another", self.process.pid, status)
        self._delay = 0.5 if lived > _RESTART_LIMIT_SECONDS else min(self._delay * 2, _RESTART_LIMIT_SECONDS)
        self.start(command)

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def wait(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def regularly(name: str, act: Callable[[], None], *, every: Callable[[House], float]) -> None:
    """Let every worker do *act* beside its tasks, again *every* so many seconds (asked of the settings), in a thread of its own.

    For what has no object and no state to be derived from. *act* must be safe to run anywhere, any time, also twice at once.
    """
    REGULAR[name] = (act, every)


def _keep_at(stop: threading.Event, name: str) -> None:
    """Do a regular act until told to stop, and once more then; whatever goes wrong is logged and tried again."""
    act, every = REGULAR[name]
    is_last = False
    while not is_last:
        is_last = stop.wait(every(house()))
        try:
            close_old_connections()
            act()
        except Exception:  # noqa: BLE001 - the worker loop: whatever an act breaks on, the other work goes on
            _log.exception("%s failed", name)
    connections.close_all()


def _sweep_until(stop: threading.Event, every_seconds: float) -> None:
    """Sweep now and then until told to stop; whatever goes wrong is logged and tried again."""
    passes = 0
    while True:
        try:
            close_old_connections()
            sweeping.give_up()
            sweeping.sweep(house())
            if passes == 0:
                sweeping.begin()
            if passes % _PRUNE_EVERY_SWEEPS == 0:
                sweeping.prune()
        except Exception:  # noqa: BLE001 - the worker loop: whatever a rule breaks on, the other work goes on
            _log.exception("sweep failed")
        passes += 1
        if stop.wait(every_seconds):
            connections.close_all()
            return
