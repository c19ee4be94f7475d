"""Material on disk through the gate: every fault is found at its item, and what is only at the edge of one is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lantai.adapters.readers import GuardedReader
from lantai.packages import container
from lantai.ports.scanner import NoScanner
from lantai.stages import examine
from lantai.standards import da_t_70
from tests.support.gates import disk

#: What needs the store, a declaration of the whole, a medium, an engine or a person; and items that are to be verified.
ELSEWHERE = frozenset(("1.07", "2.01", "2.02", "2.06", "2.09", "3.02", "4.01", "4.04", "4.05", "4.06", "4.07"))


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as lent:
        yield lent


def items(reader: GuardedReader, path: Path) -> dict[str, dict[str, Any]]:
    told = examine.check_path(reader, NoScanner(), path, stage="archiving", limits=container.ContainerLimits())
    assert all(item["outcome"] != "not_applicable" or item["reason"] for item in told["items"])
    return {item["id"].partition(".")[2]: item for item in told["items"]}


@pytest.mark.parametrize("name", disk.BAD)
def test_a_fault_on_disk_is_found_at_its_item(reader: GuardedReader, tmp_path: Path, name: str) -> None:
    code, make = disk.BAD[name]
    item = items(reader, make(tmp_path))[name.partition("_")[0]]
    assert code in [found["code"] for found in item["findings"]]
    assert item["outcome"] in (("error", "fail") if item["id"].endswith("4.02") else ("fail", "warn", "manual"))  # no engine here


@pytest.mark.parametrize("name", disk.BOUNDARY)
def test_what_is_at_the_edge_of_a_fault_is_none(reader: GuardedReader, tmp_path: Path, name: str) -> None:
    number = name.partition("_")[0]
    item = items(reader, disk.BOUNDARY[name](tmp_path))[number]
    codes = [found["code"] for found in item["findings"] if found["severity"] != "info"]
    if number == "4.02":
        assert codes == ["GD-4-2-NOT-SCANNED"]  # no engine here
    else:
        assert (item["outcome"] in ("pass", "not_applicable"), codes) == (True, [])


@pytest.mark.parametrize("name", disk.GOOD)
def test_good_material_fails_at_nothing(reader: GuardedReader, tmp_path: Path, name: str) -> None:
    found = items(reader, disk.GOOD[name](tmp_path))
    assert {number for number, item in found.items() if item["outcome"] in ("fail", "error")} == {"4.01", "4.02"}  # no engine here


def test_every_sure_item_that_a_path_decides_has_its_material() -> None:
    sure = {item.number for item in da_t_70.items() if item.is_enabled} - ELSEWHERE
    assert sure == {name.partition("_")[0] for name in disk.BAD}
