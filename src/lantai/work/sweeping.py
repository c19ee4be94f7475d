"""The sweeper: due work is derived again from states, and work that cannot go on is laid where a person will see it."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.tasks import TaskResult, TaskResultStatus
from django.tasks.signals import task_finished
from django.utils import timezone
from django_ox.actions import discard
from django_ox.models import OxTask

from lantai.ports import House
from lantai.shelves.databases import lock
from lantai.shelves.edge.models import Progress
from lantai.work.tasks import BY_PATH, DECLARED, declarations, enqueue

Arguments = Mapping[str, str | int | bool | None]
OPEN = (OxTask.Status.READY, OxTask.Status.RUNNING)
ENDED_BADLY = (OxTask.Status.FAILED, OxTask.Status.LOST)
KEEP_DAYS = 7
_A_PASS = 100
_CODE = re.compile(r"^[\w.]+: ([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+): ", re.MULTILINE)
# What SQLite and PostgreSQL say where their disk is full.
_FULL = ("database or disk is full", "No space left on device")
_log = logging.getLogger("lantai.work")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the sweeper's table: the task, and who finds the arguments of every piece of work that is due."""

    task: str
    find: Callable[[House], Iterable[Arguments]]


RULES: list[Rule] = []
AT_START: list[str] = []


def due(task: str, find: Callable[[House], Iterable[Arguments]]) -> None:
    """Register what is due for a task: *find* returns its arguments for every object whose state says so (a few hundred at most).

    *find* must pass by what needs attention. The task must be declared with ``on_give_up``, or failing work would be put back
    for ever: raises ValueError where it is not, KeyError where there is no such task.
    """
    if DECLARED[task].on_give_up is None:
        raise ValueError(f"task {task} has no on_give_up")
    RULES.append(Rule(task, find))


def at_start(task: str) -> None:
    """Say that a task without arguments is due whenever a worker starts. Raises KeyError where there is no such task."""
    AT_START.append(DECLARED[task].name)


def begin() -> None:
    """Queue what is due at a worker's start, unless it is queued already."""
    declarations()
    for task in AT_START:
        with transaction.atomic():
            lock("sweep")
            if not _open_keys(task):
                enqueue(task)


def sweep(house: House, rules: Sequence[Rule] | None = None) -> int:
    """Put back on the queue what is due by its state but has no open task; return how many pieces of work that were.

    Safe to run anywhere, any time, also twice at once.
    """
    declarations()
    put = 0
    for rule in RULES if rules is None else rules:
        with transaction.atomic():
            lock("sweep")
            wanted = {_key(kwargs): kwargs for kwargs in rule.find(house)}
            missing = [wanted[key] for key in wanted.keys() - _open_keys(rule.task)] if wanted else []
            for kwargs in missing:
                enqueue(rule.task, **kwargs)
            put += len(missing)
        if missing:
            _log.info("sweeper put back %d × %s", len(missing), rule.task)
    return put


def give_up() -> int:
    """Tell the owner of every task that ended badly, and close the task; return how many were closed.

    Both in one transaction, so that a crash between them changes nothing. An owner that fails itself is asked again later.
    """
    declarations()
    closed = 0
    for row in OxTask.objects.filter(status__in=ENDED_BADLY).order_by("finished_at")[:_A_PASS]:
        try:
            with transaction.atomic():
                _tell_owner(row)
                closed += discard(row.id)
        except Exception:  # noqa: BLE001 - the worker loop: one owner that fails must not keep the others waiting
            _log.exception("giving up %s %s failed", row.task_path, row.kwargs)
    return closed


def prune() -> None:
    """Forget finished tasks and progress rows after a week."""
    call_command("ox_prune", older_than=f"{KEEP_DAYS}d", verbosity=0, stdout=io.StringIO())  # it prints what it removed, always
    OxTask.objects.filter(status=OxTask.Status.DISCARDED, finished_at__lt=timezone.now() - timedelta(days=KEEP_DAYS)).delete()
    Progress.objects.filter(updated_at__lt=timezone.now() - timedelta(days=KEEP_DAYS)).delete()


def reason_of(row: OxTask) -> str:
    """Return the code of why a task ended badly: its refusal's or fault's own, WORK-LOST, or WORK-FAILED for anything else."""
    if row.status == OxTask.Status.LOST:
        return "WORK-LOST"
    told = row.errors[-1]["traceback"].rsplit("\nTraceback ", 1)[-1] if row.errors else ""
    found = [match[1] for match in _CODE.finditer(told)]
    if not found and any(words in told for words in _FULL):
        return "DATABASE-FULL"
    return found[-1] if found else "WORK-FAILED"


def _tell_owner(row: OxTask) -> None:
    declared = BY_PATH.get(row.task_path)
    _log.error("gave up %s %s: %s", row.task_path, row.kwargs, reason_of(row))
    if declared is not None and declared.on_give_up is not None:
        declared.on_give_up(reason_of(row), **row.kwargs)


def _key(kwargs: Arguments) -> str:
    return json.dumps(dict(kwargs), sort_keys=True)


def _open_keys(task: str) -> set[str]:
    path = DECLARED[task].task.module_path
    return {_key(kwargs) for kwargs in OxTask.objects.filter(task_path=path, status__in=OPEN).values_list("kwargs", flat=True)}


def _on_finished(sender: object, task_result: "TaskResult[..., Any]", **_: object) -> None:
    """Give up at once instead of at the next sweep."""
    if task_result.status == TaskResultStatus.FAILED:
        give_up()


task_finished.connect(_on_finished, dispatch_uid="lantai.work.give_up")
