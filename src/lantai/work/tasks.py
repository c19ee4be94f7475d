"""Declaring tasks, putting them on the queue, and the House they work in."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import Any, Protocol

from django.tasks import Task, TaskResult
from django.tasks import task as django_task

from lantai.core.errors import Fault, Refusal
from lantai.ports import House

RETRY_LIMIT_SECONDS = 600


class GiveUp(Protocol):
    """What marks the object of a task that cannot go on: it gets the code of why and the arguments of the task.

    It runs in a transaction of its own and may run twice.
    """

    def __call__(self, reason: str, **kwargs: Any) -> object:  # noqa: ANN401 - the arguments of the task
        """Let the object rest where a person will see it."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared task: its name, Django's task, who to tell when it is given up, and after how many attempts that is."""

    name: str
    task: "Task[..., Any]"
    on_give_up: GiveUp | None
    attempts: int


DECLARED: dict[str, Declared] = {}
BY_PATH: dict[str, Declared] = {}


def task(
    name: str = "",
    *,
    queue: str = "default",
    attempts: int = 3,
    retry_seconds: int = 30,
    on_give_up: GiveUp | None = None,
) -> "Callable[[Callable[..., Any]], Task[..., Any]]":
    """Declare a module-level function of plain keyword arguments as the task *name* (the function's name by default).

    It is tried up to *attempts* times, after *retry_seconds*, then twice that and so on, ten minutes at most; a Refusal or a
    Fault that is not retryable ends it at once. A worker's death counts as an attempt; an attempt that told of progress counts
    as the first again. After the last one *on_give_up* is called. Raises ValueError for a name that is taken.
    """

    def declare(function: Callable[..., Any]) -> "Task[..., Any]":
        known = name or function.__name__
        policy: dict[str, Any] = {"max_attempts": attempts, "backoff": _delay(retry_seconds)}
        made: Task[..., Any] = django_task(queue_name=queue, **policy)(function)
        if known in DECLARED and BY_PATH.get(made.module_path) is not DECLARED[known]:
            raise ValueError(f"task declared twice: {known}")
        DECLARED[known] = BY_PATH[made.module_path] = Declared(known, made, on_give_up, attempts)
        return made

    return declare


def enqueue(which: "str | Task[..., Any]", /, **kwargs: str | int | bool | None) -> None:
    """Put a task, by name or itself, on the queue with JSON arguments.

    Inside a transaction the task comes with the commit and goes with a rollback. Raises KeyError for an unknown name.

    A task whose module is there already is taken as it is: bringing all stages along takes a second in which the write lock may be held.
    """
    made = (DECLARED.get(which) or declarations()[which]).task if isinstance(which, str) else which
    made.enqueue(**kwargs)


def declared_in(module: str) -> None:
    """Say which module declares every task; it is imported when the first task is asked for, since it brings all stages along."""
    _home.module = module


def declarations() -> dict[str, Declared]:
    """Return every declared task by its name."""
    with _home.lock:
        module, _home.module = _home.module, ""
        if module:
            importlib.import_module(module)
    return DECLARED


def provide(factory: Callable[[], House]) -> None:
    """Say how this process builds its House; it is built when the first task asks for it."""
    with _home.lock:
        _home.factory, _home.built = factory, None


def house() -> House:
    """Return the House of this process, built once. Raises RuntimeError where nobody provided one."""
    with _home.lock:
        if _home.built is None:
            if _home.factory is None:
                raise RuntimeError("work.provide() was not called in this process")
            _home.built = _home.factory()
        return _home.built


class _Home:
    """The one House of a process, which tasks running in several threads share."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.module = ""
        self.factory: Callable[[], House] | None = None
        self.built: House | None = None


_home = _Home()


def _delay(retry_seconds: int) -> "Callable[[BaseException, TaskResult[..., Any]], int | None]":
    """Return the retry rule of a task: seconds until the next attempt, None for never."""

    def seconds(problem: BaseException, result: "TaskResult[..., Any]") -> int | None:
        if isinstance(problem, Refusal) or (isinstance(problem, Fault) and not problem.is_retryable):
            return None
        doublings = min(max(result.attempts - 1, 0), 16)
        return int(min(retry_seconds * 2**doublings, RETRY_LIMIT_SECONDS))

    return seconds
