"""What goes back, what the sender is told, what comes again: reasons are kept, receipts give codes, what is new is linked."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports.models import GivenBack, Seal
from lantai.stages import accept, capture, report_seal
from lantai.stages.report import findings, receipts
from lantai.stages.succession import Terms
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, accept_automatically=()) as built:
        yield built


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    one_page_pdfs(tmp_path / "papers", 2, 3)
    return tmp_path / "papers"


def deliver(house: House, papers: Path) -> Batch:
    key = capture.open_batch(house, ARCHIVIST, [papers], channel="manual", department="BGS")
    line.finish(house)
    return Batch.objects.get(id=key)


def give_back(house: House, batch: Batch, record: Record, deadline: str = "29991231") -> int:
    terms = Terms("请重新封装后单独移交，其余不受影响。", deadline)
    return accept.give_back(house, ARCHIVIST, batch.id, record_ids=(record.id,), reason="摘要不符，需重新封装；附件缺失", terms=terms)


def test_a_return_keeps_reasons_words_day_and_evidence(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    first, second = Record.objects.filter(batch_id=batch.id).order_by("id")
    assert give_back(house, batch, first) == 1
    kept = GivenBack.objects.get(record_id=first.id)
    assert (kept.reasons, kept.deadline) == (["摘要不符，需重新封装", "附件缺失"], "29991231")
    assert kept.digests == {item.name: item.sha256 for item in first.files.all()}
    assert any(item["code"] == "GD-4-2-NOT-SCANNED" for item in kept.findings)
    assert not GivenBack.objects.filter(record_id=second.id).exists()
    assert "record:returned" in types()


@pytest.mark.parametrize("deadline", ["20200101", "2999", "29990230", "明天"])
def test_a_day_that_is_none_gives_nothing_back(house: House, papers: Path, deadline: str) -> None:
    batch = deliver(house, papers)
    record = Record.objects.filter(batch_id=batch.id).first()
    assert record
    with pytest.raises(Refusal, match="RETURN-DEADLINE-WRONG"):
        give_back(house, batch, record, deadline)
    assert not GivenBack.objects.exists()


def test_the_receipt_tells_what_went_back_and_later_gives_the_codes(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    first, second = Record.objects.filter(batch_id=batch.id).order_by("id")
    give_back(house, batch, first)
    accept.accept(house, ARCHIVIST, batch.id)
    line.finish(house)
    told = receipts.receipt(house, ARCHIVIST, batch.code)
    (returned,), (accepted,) = told["returned"], told["accepted"]
    assert (returned["record"], returned["deadline"], returned["reasons"][1]) == (first.id, "29991231", "附件缺失")
    assert returned["findings"][0]["message"]
    assert (accepted["record"], accepted["code"]) == (second.id, "")
    Record.objects.filter(id=second.id).update(year="2024", retention="D30")
    line.archive(house, ARCHIVIST, [batch.code])
    assert receipts.receipt(house, ARCHIVIST, batch.id)["accepted"][0]["code"].endswith("-0001")
    assert told["signatures"][0]["algorithm"] == "Ed25519"
    json.dumps(told)


def test_a_receipt_is_for_those_who_may_see_the_batch(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    with pytest.raises(Refusal, match="ACCESS"):
        receipts.receipt(house, READER, batch.code)


def test_what_comes_again_knows_what_it_stands_for(house: House, papers: Path) -> None:
    earlier = deliver(house, papers)
    first = Record.objects.filter(batch_id=earlier.id).order_by("id")[0]
    give_back(house, earlier, first)
    name = first.files.get().name
    content = next(path for path in papers.rglob("*.pdf") if path.name == name)
    content.write_bytes(content.read_bytes() + b"\n% mended\n")
    again = deliver(house, papers)
    new = Record.objects.get(batch_id=again.id)
    link = GivenBack.objects.get(record_id=first.id)
    assert (link.successor_id, link.successor_batch_id) == (new.id, again.id)
    assert link.mended["changed"] == [name]
    assert receipts.receipt(house, ARCHIVIST, again.id)["batch"]["predecessors"] == [earlier.code]
    assert receipts.receipt(house, ARCHIVIST, earlier.id)["returned"][0]["successor_batch"] == again.code


def test_the_reports_of_a_batch_are_sealed_and_a_changed_one_shows(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    good = report_seal.state(house, batch.id)
    assert (good.state, good.reports) == ("good", 3)
    assert "Ed25519" in good.algorithms
    assert not report_seal.seal(house, batch.id)
    assert Event.objects.filter(type="batch:sealed").count() == 1
    report = Report.objects.filter(batch_id=batch.id, subject_kind="record").first()
    assert report
    Report.objects.filter(id=report.id).update(packed=report.packed | {"conclusion": "pass"})
    assert report_seal.state(house, batch.id).state == "altered"
    Report.objects.filter(id=report.id).update(packed=report.packed)
    Report.objects.create(id="7ZZZZZZZZZZZZZZZZZZZZZZZZZ", gate="arrival", subject_kind="batch", subject_id=batch.id, batch_id=batch.id,
                          conclusion="fail", packed=report.packed, created_at=report.created_at)  # fmt: skip
    assert report_seal.state(house, batch.id).state == "open"
    assert report_seal.seal(house, batch.id)
    assert report_seal.state(house, batch.id).state == "good"
    row = Seal.objects.order_by("-id")[0]
    Seal.objects.filter(id=row.id).update(signatures=[item | {"value": "AAAA"} for item in row.signatures])
    assert report_seal.state(house, batch.id).state == "forged"


def test_a_batch_without_reports_has_no_seal(house: House) -> None:
    assert report_seal.state(house, "01X").state == "none"
    assert not report_seal.seal(house, "01X")


def test_findings_go_out_as_tables_that_run_nothing(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    Record.objects.filter(batch_id=batch.id).update(title="=cmd|'/c calc'!A1")
    text = findings.as_csv(batch.id).decode("utf-8-sig")
    assert "GD-4-2-NOT-SCANNED" in text
    assert "\n=cmd" not in text
    assert "'=cmd" in text
    rows = CalamineWorkbook.from_filelike(io.BytesIO(findings.as_xlsx(batch.id))).get_sheet_by_index(0).to_python()
    assert tuple(rows[0]) == findings.HEAD
    assert len(rows) == len(list(findings.rows(batch.id))) + 1
