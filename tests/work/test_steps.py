"""Progress rows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from lantai import work
from lantai.core.errors import Refusal
from lantai.shelves.edge.models import Progress

pytestmark = pytest.mark.django_db


def row() -> Progress:
    return Progress.objects.get()


def test_work_is_told_as_it_goes_on() -> None:
    with work.progress("receive", "B1", step="接收", total=10) as steps:
        assert [item.object_id for item in work.jobs()] == ["B1"]
        steps.advance(3)
        steps.step("检测", total=4)
        assert (row().step, row().done, row().total, row().state) == ("检测", 0, 4, "running")
        steps.advance(4)
    assert (row().done, row().state) == (4, "done")
    assert work.jobs() == []


def test_small_steps_are_not_each_written(django_assert_max_num_queries: object) -> None:
    with work.progress("receive", "B1") as steps:
        for _ in range(1000):
            steps.advance()
        assert row().done < 1000
    assert row().done == 1000


def test_a_refusal_ends_with_its_message() -> None:
    with pytest.raises(Refusal), work.progress("number", "B1"):
        raise Refusal("PEOPLE-UNKNOWN", "张三")
    assert row().state == "failed"
    assert "张三" in row().message


def test_a_bug_ends_as_failed() -> None:
    with pytest.raises(ZeroDivisionError), work.progress("number", "B1"):
        raise ZeroDivisionError
    assert (row().state, row().message) == ("failed", "")


def test_a_second_run_takes_the_row_over() -> None:
    for _ in range(2):
        with work.progress("receive", "B1") as steps:
            steps.advance()
    assert Progress.objects.count() == 1


def test_rows_nobody_touched_for_an_hour_are_not_shown() -> None:
    Progress.objects.create(key="a", verb="a", object_id="a", updated_at=datetime.now(UTC) - timedelta(hours=2))
    assert work.jobs() == []


def test_a_row_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(self: Progress) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Progress, "save", refuse)
    with work.progress("receive", "B1") as steps:
        steps.advance()
    assert "not written" in caplog.text
