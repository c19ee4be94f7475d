"""The table of coverage names nothing that does not exist, explains what nothing checks, and counts the sure apart from the unsure."""

import pytest

from lantai.standards import da_t_46, da_t_70, gb_t_39784
from tests.support import coverage
from tests.support.coverage import Line


def test_every_named_function_fixture_and_test_exists() -> None:
    assert coverage.broken_names() == ()


def test_every_requirement_stands_in_the_table() -> None:
    found = coverage.standards()
    assert len(found["DA/T 70-2018 四性检测项"]) == len(da_t_70.items()) == 40
    assert len(found["DA/T 46-2009 元数据元素"]) == len(da_t_46.elements()) == 88
    assert [line.number for line in found["GB/T 39784-2021 系统功能"]] == [row.id for row in gb_t_39784.requirements()]


def test_every_sure_item_of_the_gates_is_covered() -> None:
    assert [line.number for line in coverage.standards()["DA/T 70-2018 四性检测项"] if line.is_sure and not line.is_covered] == []


def test_a_name_that_does_not_exist_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Line("X", "", "S", ("lantai.core.checks.metadata:no_such",), ("bad/GD-9-9_nothing",))
    silent = Line("Y", "", "S")
    monkeypatch.setattr(coverage, "standards", lambda: {"made": (made, silent)})
    assert coverage.broken_names() == (*made.functions, *made.proofs, "Y: neither covered nor explained")


def test_sure_and_unsure_are_counted_apart() -> None:
    sums = coverage._sums({"made": (Line("X", "", "S", ("f",), ("p",)), Line("Y", "", "?"), Line("Z", "", "K"))})
    assert sums.splitlines()[-1] == "| made | 2 | 1 | 1 | 0 |"
