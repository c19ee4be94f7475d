"""A seeded share of ``lantai bench faults``: what strikes the vault and its copies leaves nothing lost, half there or lying about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench import faults

FAULTS = {run.keywords["act"] if hasattr(run, "keywords") else run.__name__: run for run in faults.faults(4)}


@pytest.mark.parametrize("name", FAULTS)
def test_what_strikes_the_vault_leaves_it_whole(name: str, tmp_path: Path) -> None:
    run: Callable[[Path, int], faults.Row] = FAULTS[name]
    row = run(tmp_path, 7)
    if not row.times:
        pytest.skip("a file system can be mounted here by nobody")
    assert (row.lost, row.half, row.unclean, row.notes) == (0, 0, 0, [])
    assert row.as_dict()["结果"] in (("通过", "没有击中") if row.is_by_chance else ("通过",))


def test_a_fault_that_never_struck_in_the_midst_shows_nothing() -> None:
    assert faults.Row("made", times=3, is_by_chance=True).as_dict()["结果"] == "没有击中"
    assert faults.Row("made", times=3, midway=1, is_by_chance=True).as_dict()["结果"] == "通过"
    assert faults.Row("made", times=3, midway=1, half=1, is_by_chance=True).as_dict()["结果"] == "不通过"
    assert faults.Row("made", times=3).as_dict()["结果"] == "通过"
    assert faults.Row("made").as_dict()["结果"] == "未做"


def test_a_lost_record_is_not_green(tmp_path: Path) -> None:
    row = faults.Row("made")
    row.times = 1
    store = faults.LocalStore(tmp_path / "vault")
    store.write([faults.draft(0, 1), faults.draft(2, 1)])
    faults.spoil(store, 2)
    faults.judge(row, store, {0: 1, 1: 1}, where="here")
    assert (row.lost, row.half, row.as_dict()["结果"]) == (1, 1, "不通过")
