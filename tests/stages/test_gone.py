"""What is no more: files of discarded records, staged bytes that changed or went; each told, none holding up the others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.scanner import Engine, Scan
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.stages import accept, capture, recheck, use
from tests.support.line_house import ARCHIVIST, line_house


class LateEngine:
    """An engine that is there from some moment on."""

    def __init__(self) -> None:
        self.is_ready = False

    def engine(self) -> Engine:
        """Return its state."""
        return Engine(self.is_ready, "late", "1", datetime.now(UTC).strftime("%Y-%m-%d"))

    def scan(self, chunks: Iterator[bytes]) -> Scan:
        """Call everything clean, once it is there."""
        for _ in chunks:
            pass
        return Scan("clean" if self.is_ready else "error")


@pytest.fixture
def engine() -> LateEngine:
    return LateEngine()


@pytest.fixture
def house(fresh_data: Path, engine: LateEngine) -> Iterator[House]:
    with line_house(fresh_data, kind="production", scanner=engine) as built:
        yield built


@pytest.fixture
def records(house: House, tmp_path: Path) -> list[Record]:
    one_page_pdfs(tmp_path / "papers", 3, 5)
    capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="oa", department="BGS")
    line.finish(house)
    return list(Record.objects.order_by("id"))


@pytest.mark.parametrize("fault", ["gone", "changed"])
def test_a_staged_file_that_is_damaged_holds_up_nobody_else(house: House, engine: LateEngine, records: list[Record], fault: str) -> None:
    staged = house.data / ComputerFile.objects.get(record=records[0]).staged
    if fault == "gone":
        staged.unlink()
    else:
        staged.write_bytes(b"other bytes")
    engine.is_ready = True
    recheck.recheck(house)
    flags = dict(Record.objects.values_list("id", "needs_attention"))
    assert flags == {records[0].id: "STAGED-DAMAGED", records[1].id: "", records[2].id: ""}


def test_the_file_of_a_discarded_record_is_told_to_be_gone(house: House, records: list[Record]) -> None:
    accept.discard(house, ARCHIVIST, [records[0].id], reason="不属归档范围")
    item = ComputerFile.objects.get(record=records[0])
    with pytest.raises(Refusal, match="FILE-GONE"):
        use.file(house, ARCHIVIST, records[0].id, item.id)


@pytest.mark.parametrize("reason", ["", "  "])
def test_discarding_needs_a_reason(house: House, records: list[Record], reason: str) -> None:
    with pytest.raises(Refusal, match="DISCARD-REASON-MISSING"):
        accept.discard(house, ARCHIVIST, [records[0].id], reason=reason)
    assert (house.data / ComputerFile.objects.get(record=records[0]).staged).exists()
