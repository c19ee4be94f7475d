"""The virus engine is killed in the middle of a delivery: what it did not see is an error, and nothing goes on."""

from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai.core.checks import Conclusion
from lantai.packages import container
from lantai.ports.scanner import Scan
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.reports.queries import body
from lantai.stages import capture, check, examine
from tests.support.clamd import Fresh, address, running
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
    engine, folder = running(tmp_path / "av"), tmp_path / "av"
    engine.__enter__()
    scanner = Dying(address(folder), 2)
    scanner.end = lambda: engine.__exit__(None, None, None)
    with line_house(tmp_path / "data", kind="production", scanner=scanner) as house:
        batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "来件"], channel="manual", department="BGS", title="")
        capture.receive(house, batch_id)
        check.check(house, batch_id)
        rows = list(Record.objects.filter(batch_id=batch_id).order_by("id"))
    assert [row.conclusion for row in rows] == [Conclusion.ERROR] * 4
    outcomes = []
    for row in rows:
        report = latest_report(row.id, "arrival")
        assert report is not None
        items = {item["id"]: item["outcome"] for item in body(report)["items"]}
        outcomes.append((items["arrival.4.01"], items["arrival.4.02"]))
    assert outcomes == [("error", "pass"), ("error", "pass"), ("error", "error"), ("error", "error")]


def test_a_path_is_not_passed_by_an_engine_that_died(tmp_path: Path) -> None:
    one_page_pdfs(tmp_path / "papers", 3)
    engine = running(tmp_path / "av")
    engine.__enter__()
    scanner = Dying(address(tmp_path / "av"), 1)
    scanner.end = lambda: engine.__exit__(None, None, None)
    from lantai.adapters.readers import GuardedReader

    with GuardedReader() as reader:
        report = examine.check_path(reader, scanner, tmp_path / "papers", stage="archiving", limits=container.ContainerLimits())
    assert report["conclusion"] == "error"
    outcomes = {item["id"]: item["outcome"] for item in report["items"]}
    assert (outcomes["archiving.4.01"], outcomes["archiving.4.02"]) == ("error", "error")
