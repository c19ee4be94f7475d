"""The virus engine is killed in the middle of a delivery: what it did not see is an error, and nothing goes on."""

from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai.adapters.readers import GuardedReader
from lantai.packages import container
from lantai.ports.scanner import Scan
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.reports.queries import body
from lantai.stages import accept, capture, check, describe, examine, recheck
from tests.support.clamd import Fresh, address, kill, running
from tests.support.line_house import ARCHIVIST, line_house

pytestmark = pytest.mark.needs("clamav-daemon")


class Dying(Fresh):
    """The real engine, ended by the test after it has judged so many files."""

    def __init__(self, address: str, after: int) -> None:
        super().__init__(address)
        self.left, self.end = after, lambda: None

    def scan(self, chunks: object) -> Scan:
        """Scan, and once none are left to scan end the engine first."""
        if self.left == 0:
            self.end()
        self.left -= 1
        return super().scan(chunks)  # type: ignore[arg-type]


def test_what_a_killed_engine_did_not_see_blocks_the_batch(db: None, tmp_path: Path) -> None:
    one_page_pdfs(tmp_path / "来件", 4)
    folder = tmp_path / "av"
    scanner = Dying(address(folder), 2)
    scanner.end = lambda: kill(folder)
    with line_house(tmp_path / "data", kind="production", scanner=scanner) as house:
        with running(folder):
            batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "来件"], channel="manual", department="BGS", title="")
            capture.receive(house, batch_id)
            for verb in (check.check, describe.describe, accept.settle):
                verb(house, batch_id)
        assert (folder / "clamd.ctl").exists()  # killed, it took nothing with it
        assert outcomes() == [("error", "pass"), ("error", "pass"), ("error", "error"), ("error", "error")]
        assert set(states()) == {("described", "error", "CHECK-NOT-RUN")}
        assert not recheck.is_ready(house)
        with running(folder):
            assert recheck.recheck(house) == 4
        assert outcomes() == [("pass", "pass")] * 4
        assert not {"error", "fail"} & {conclusion for _, conclusion, _ in states()}


def outcomes() -> list[tuple[str, str]]:
    """What 4-1 and 4-2 came to in the newest arrival report of every record."""
    found = []
    for row in Record.objects.order_by("id"):
        report = latest_report(row.id, "arrival")
        assert report is not None
        items = {item["id"]: item["outcome"] for item in body(report)["items"]}
        found.append((items["arrival.4.01"], items["arrival.4.02"]))
    return found


def states() -> list[tuple[str, str, str]]:
    return list(Record.objects.order_by("id").values_list("state", "conclusion", "needs_attention"))


def test_a_path_is_not_passed_by_an_engine_that_died(tmp_path: Path) -> None:
    one_page_pdfs(tmp_path / "papers", 3)
    scanner = Dying(address(tmp_path / "av"), 1)
    scanner.end = lambda: kill(tmp_path / "av")
    with running(tmp_path / "av"), GuardedReader() as reader:
        report = examine.check_path(reader, scanner, tmp_path / "papers", stage="archiving", limits=container.ContainerLimits())
    assert report["conclusion"] == "error"
    outcomes = {item["id"]: item["outcome"] for item in report["items"]}
    assert (outcomes["archiving.4.01"], outcomes["archiving.4.02"]) == ("error", "error")
