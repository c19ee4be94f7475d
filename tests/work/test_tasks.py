"""Declaring, the House, and how often a task is tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai import work
from lantai.core.errors import Fault, Refusal
from lantai.work import tasks
from tests.support import chores


class Result:
    """What a retry rule looks at of a task's result."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts


def test_one_house_a_process() -> None:
    work.provide(chores.house)
    assert work.house() is work.house()


def test_no_house_before_somebody_provides_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_home", tasks._Home())
    with pytest.raises(RuntimeError, match="provide"):
        work.house()


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="chore"):
        work.task("chore")(chores.house)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        work.enqueue("no such chore", batch_id="x")


def test_declaring_the_same_function_again_is_harmless() -> None:
    again = work.task("chore", retry_seconds=0, on_give_up=chores.rest)(chores.chore.func)
    assert tasks.DECLARED["chore"].task is again


@given(st.integers(1, 100), st.integers(0, 120))
def test_delays_grow_and_stay_within_ten_minutes(attempts: int, first: int) -> None:
    rule = tasks._delay(first)
    delay, later = rule(KeyError("x"), Result(attempts)), rule(KeyError("x"), Result(attempts + 1))
    assert delay is not None
    assert later is not None
    assert min(first, 600) <= delay <= later <= tasks.RETRY_LIMIT_SECONDS


@pytest.mark.parametrize("problem", [Refusal("PEOPLE-UNKNOWN", "x"), Fault("QUARANTINE-DAMAGED", "x")])
def test_what_cannot_help_is_not_tried_again(problem: Exception) -> None:
    assert tasks._delay(1)(problem, Result(1)) is None
