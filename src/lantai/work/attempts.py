"""Attempts are counted from the last one that got ahead: work that goes on, however often it is broken off, is not given up.

A task over thousands of records may lose its worker many times and still come to its end; one that dies at the same record
again and again gets ahead no more, and its attempts run out.
"""

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.db.models import F
from django.tasks import TaskResult
from django.tasks.signals import task_started
from django_ox.models import OxTask

from lantai.work.tasks import BY_PATH

_log = logging.getLogger("lantai.work")


@dataclass(slots=True)
class _Attempt:
    """The attempt that runs in this thread, how many its task may have, and whether it has got ahead."""

    task_id: str
    allowed: int
    is_ahead: bool = False


_running: ContextVar[_Attempt | None] = ContextVar("lantai_attempt", default=None)


def get_ahead() -> None:
    """Note that the running attempt has done a part that need not be done again; outside a task nothing happens.

    The attempt counts as the first again. Written once an attempt; losing the note costs a try at worst, so it never stops work.
    """
    attempt = _running.get()
    if attempt is None or attempt.is_ahead:
        return
    attempt.is_ahead = True
    row = OxTask.objects.filter(pk=attempt.task_id, status=OxTask.Status.RUNNING)
    try:
        row.update(max_attempts=F("attempts") + attempt.allowed - 1)
    except DatabaseError:
        _log.warning("attempt of %s not noted as getting ahead", attempt.task_id, exc_info=True)


def _on_started(sender: object, task_result: "TaskResult[..., Any]", **_: object) -> None:
    declared = BY_PATH.get(task_result.task.module_path)
    _running.set(_Attempt(task_result.id, declared.attempts) if declared else None)


task_started.connect(_on_started, dispatch_uid="lantai.work.attempts")
