"""What several workers do to the same rows at the same moment, on real databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction

from lantai.shelves.holdings import queries as holdings
from lantai.shelves.holdings.models import NumberScope, Record
from lantai.shelves.intake import queries as intake
from lantai.shelves.intake.models import Batch
from tests.support import rows

pytestmark = pytest.mark.usefixtures("fresh_data")
WORKERS = 4
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def together[T](act: Callable[[int], T]) -> list[T]:
    """Run *act* in several threads, each with connections of its own."""

    def run(place: int) -> T:
        try:
            return act(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as threads:
        return list(threads.map(run, range(WORKERS)))


def test_no_batch_code_is_given_twice() -> None:
    def open_some(place: int) -> None:
        for number in range(5):
            with transaction.atomic():
                rows.batch(intake.next_batch_code(NOW), title=f"{place}.{number}")

    together(open_some)
    codes = sorted(Batch.objects.values_list("code", flat=True))
    assert codes == [f"PC-20260302-{number:02d}" for number in range(1, 5 * WORKERS + 1)]


def test_every_record_of_a_slice_moves_once() -> None:
    made = rows.records(400, "B", state="checked")

    def move_all(_: int) -> list[str]:
        moved: list[str] = []
        for part in holdings.slices("B", "checked", 100):
            with transaction.atomic():
                moved += holdings.move(part, "describe", ("title",))
        return moved

    moved = [key for part in together(move_all) for key in part]
    assert sorted(moved) == sorted(row.id for row in made)
    assert set(Record.objects.values_list("state", "version")) == {("described", 2)}


def test_a_scope_gives_each_number_once() -> None:
    def take(_: int) -> list[int]:
        taken = []
        for _again in range(5):
            with transaction.atomic():
                number = holdings.lock_scope("scope") + 1
                holdings.advance_scope("scope", number)
            taken.append(number)
        return taken

    assert sorted(number for part in together(take) for number in part) == list(range(1, 5 * WORKERS + 1))
    assert NumberScope.objects.get().last == 5 * WORKERS
