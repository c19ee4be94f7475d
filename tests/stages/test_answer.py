"""Manual items are answered by a person with words; failed ones are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries
from lantai.stages import answer, capture, judging
from tests.support.line_house import ARCHIVIST, READER, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def waiting(house: House, tmp_path: Path) -> Record:
    """A record whose signature nobody could verify, so that a person must judge it."""
    one_page_pdfs(tmp_path / "papers", 1, 3)
    capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="oa", department="BGS")
    line.finish(house)
    item = ComputerFile.objects.get()
    item.facts |= {"signatures": [{"name": "云汀市发展和改革委员会", "kind": "PAdES", "signature_valid": None}]}
    item.save()
    row = Record.objects.get()
    report = judging.records(house, [row])[0]
    report.save(force_insert=True)
    assert report.conclusion == "manual"
    row.needs_attention = "CHECK-MANUAL"
    row.save()
    return row


def test_an_answer_lets_the_record_go_on_to_the_vault(house: House, waiting: Record) -> None:
    assert answer.answer(house, ARCHIVIST, [waiting.id], opinion="印章与纸质件核对一致") == 1
    waiting.refresh_from_db()
    assert (waiting.needs_attention, waiting.conclusion) == ("", "trial")
    report = Report.objects.filter(subject_id=waiting.id).order_by("-created_at").first()
    assert report is not None
    reasons = {item["id"]: item.get("reason", "") for item in queries.body(report)["items"]}
    assert "沈静宜" in reasons["arrival.1.01"]
    assert Event.objects.filter(type="record:answered", object_id=waiting.id).count() == 1
    assert line.archive(house, ARCHIVIST, [waiting.batch_id]).archived == 1


@pytest.mark.parametrize("opinion", ["", "   "])
def test_an_answer_needs_words(house: House, waiting: Record, opinion: str) -> None:
    with pytest.raises(Refusal, match="ANSWER-OPINION-MISSING"):
        answer.answer(house, ARCHIVIST, [waiting.id], opinion=opinion)


def test_the_batch_concludes_anew_with_its_answered_record(house: House, waiting: Record) -> None:
    Batch.objects.update(conclusion="manual")
    Record.objects.update(conclusion="manual")
    answer.answer(house, ARCHIVIST, [waiting.id], opinion="印章与纸质件核对一致")
    assert Batch.objects.get().conclusion == "trial"


def test_a_batch_concludes_no_better_than_its_worst_record(house: House, waiting: Record) -> None:
    Record.objects.update(conclusion="fail")
    assert judging.overall(waiting.batch_id, "pass") == "fail"


def test_what_failed_is_not_answered(house: House, waiting: Record) -> None:
    Record.objects.filter(id=waiting.id).update(needs_attention="CHECK-FAILED")
    with pytest.raises(Refusal, match="ANSWER-NOTHING"):
        answer.answer(house, ARCHIVIST, [waiting.id], opinion="看过")


def test_a_reader_answers_nothing(house: House, waiting: Record) -> None:
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        answer.answer(house, READER, [waiting.id], opinion="看过")
    assert not Event.objects.filter(type="record:answered").exists()
