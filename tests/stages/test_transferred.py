"""What another installation hands over is judged by the items of transfer and reception; a batch on a medium is judged by a person too."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lantai.core.errors import Refusal
from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Role
from lantai.packages import transfer
from lantai.packages.parcel import Parcel
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode
from lantai.shelves.holdings.models import Record as Row
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports.queries import body
from lantai.stages import accept, answer, capture, check, describe, judging, let_pass
from lantai.stages.report import receipts
from tests.support.line_house import ARCHIVIST, READER, line_house

ACTS = ("签收", "登记", "拟办", "承办", "办结", "归档")
CODE = "Z109-WS·2026-D30-BGS-{:04d}"


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path / "data") as built:
        yield built


def handed_over(number: int, acts: tuple[str, ...] = ACTS, **elements: str) -> Parcel:
    """A record as another installation would hand it over."""
    content = f"关于第{number}号事项的函\n请按期函复。\n".encode()
    digests = hashlib.sha256(content).hexdigest(), hashlib.new("sm3", content).hexdigest()
    item = ComputerFile("f", "函.txt", len(content), *digests, path="01-正本/original/函.txt")
    said: dict[str, Any] = {
        "title": f"关于第{number}号事项的函", "author": "云汀市水务局", "date": "20260301", "year": "2026", "retention_period": "30年",
        "archival_code": CODE.format(number), "fonds_identifier": "Z109", "category_code": "WS", "aggregation_level": "文件",
        "fonds_constituting_unit_name": "云汀市水务局", "security_classification": "无", "document_aggregation_type": "单件",
        "electronic_record_code": f"YT-2026-{number}", "agency_item_number": str(number), "organizational_structure_or_function": "BGS",
    }  # fmt: skip
    events = tuple(BusinessEvent(f"e{at}", "a1", act, f"2026-03-{at:02d}T09:00:00+08:00") for at, act in enumerate(acts, 1))
    record = Record(
        id=f"01JD00000000000000000000{number:02d}",
        electronic_record_code=f"YT-2026-{number}",
        version=1,
        content_basis=ContentBasis.DIGITAL,
        elements=said | elements,
        documents=(Document(1, Role.MAIN, "正文", (item,)),),
        agents=(Agent("a1", "个人", "沈知远"),),
        events=events,
        code=(said | elements)["archival_code"],
    )
    return Parcel(record, lambda _: io.BytesIO(content))


def packed(folder: Path, *parcels: Parcel) -> Path:
    writer = transfer.Writer(folder, transfer.form("da_t_93"))
    for item in parcels:
        writer.add(item)
    writer.close({"移交单位": "云汀市水务局", "内容描述": "2026 年文书档案", "软硬件环境": "兰台"}, {"检测报告.json": b"{}"})
    return folder


def taken(house: House, source: Path, channel: str = "transfer", carrier: str = "") -> str:
    batch_id = capture.open_batch(house, ARCHIVIST, [source], channel=channel, department="BGS", carrier=carrier)
    capture.receive(house, batch_id)
    for verb in (check.check, describe.describe, accept.settle):
        verb(house, batch_id)
    return batch_id


def report(key: str) -> dict[str, Any]:
    found = latest_report(key, "arrival")
    assert found is not None
    return body(found)


def item(key: str, number: str) -> dict[str, Any]:
    return next(row for row in report(key)["items"] if row["id"].endswith(f".{number}"))


def judged(key: str, number: str) -> tuple[str, list[str]]:
    """The outcome of an item and the codes of what was found."""
    row = item(key, number)
    return row["outcome"], [found["code"] for found in row["findings"]]


def test_a_transfer_is_judged_by_the_transfer_gate_and_the_receipt_says_so(house: House, tmp_path: Path) -> None:
    batch_id = taken(house, packed(tmp_path / "包", handed_over(1), handed_over(2)))
    rows = list(Row.objects.filter(batch_id=batch_id))
    assert [(report(row.id)["stage"], row.conclusion) for row in rows] == [("transfer", "trial")] * 2
    assert {line["code"].partition("-")[0] for line in report(rows[0].id)["items"]} == {"YJ"}
    assert item(rows[0].id, "2.09")["name"] == "移交范围检测"
    assert [judged(rows[0].id, number) for number in ("1.07", "1.08", "2.03", "2.04", "2.05")] == [("pass", [])] * 5
    assert [judged(batch_id, number)[0] for number in ("2.01", "2.02", "4.07", "4.05")] == ["pass"] * 3 + ["not_applicable"]
    assert item(batch_id, "2.01")["actual"] == "登记 2，实收 2 件"
    assert receipts.receipt(house, ARCHIVIST, batch_id)["checked"] == {
        "gate": "transfer", "gate_name": "移交检测", "scheme": report(batch_id)["scheme"], "conclusion": Batch.objects.get().conclusion,
    }  # fmt: skip
    again = taken(house, tmp_path / "包", "manual")
    assert receipts.receipt(house, ARCHIVIST, again)["checked"]["gate"] == report(again)["stage"] == "arrival"
    assert judged(taken(house, tmp_path / "包"), "2.01")[0] == "pass"  # both came, and are known


FAULTS = {
    "no_act_of_archiving": (handed_over(1, ACTS[:-1]), "2.05", "warn", "GD-2-5-KEPT"),
    "no_code": (handed_over(1, archival_code="无号"), "1.07", "fail", "CODE-SEGMENT-COUNT"),
    "code_of_another_fonds": (handed_over(1, fonds_identifier="Z110"), "1.07", "fail", "GD-1-7-PART"),
    "code_borne_already": (handed_over(9), "1.08", "fail", "GD-1-8-CODE"),
    "no_retention": (handed_over(1, retention_period=""), "2.04", "fail", "GD-2-4"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_only_the_transfer_gate_asks_for(house: House, tmp_path: Path, fault: str) -> None:
    parcel, number, outcome, code = FAULTS[fault]
    ArchivalCode(id="01X", record=_other(), kind="agency", scope="s", value=CODE.format(9), item_number=9, valid_from="20260101").save()
    batch_id = taken(house, packed(tmp_path / "包", parcel))
    found = judged(Row.objects.get(batch_id=batch_id).id, number)
    assert found[0] == outcome
    assert code in found[1]


def _other() -> Row:
    row = Row(id="01OTHER", electronic_record_code="X", state="archived", created_at="2026-01-01T00:00:00Z")
    row.save(force_insert=True)
    return row


def test_more_is_stated_than_came(house: House, tmp_path: Path) -> None:
    folder = packed(tmp_path / "包", handed_over(1))
    path = folder / "说明文件.TXT"
    path.write_text(path.read_text("utf-8").replace("档案数量：1", "档案数量：3").replace("（字节）：", "（字节）：1"), "utf-8")
    batch_id = taken(house, folder)
    outcome, codes = judged(batch_id, "2.01")
    assert (outcome, "TRANSFER-COUNT" in codes) == ("fail", True)
    assert item(batch_id, "2.01")["actual"] == "登记 3，实收 1 件"
    assert judged(batch_id, "2.02") == ("fail", ["GD-2-2"])


def test_a_medium_is_looked_at_by_a_person(house: House, tmp_path: Path) -> None:
    batch_id = taken(house, packed(tmp_path / "包", handed_over(1)), carrier="GP-2026-001")
    assert Batch.objects.get().conclusion == "manual"
    assert [judged(batch_id, number)[0] for number in ("4.04", "4.05", "4.06")] == ["manual"] * 3  # too few bytes for a speed
    answer.answer_batch(house, ARCHIVIST, batch_id, "4.05", is_good=True, opinion="盘面完好")
    said = item(batch_id, "4.05")
    assert (said["outcome"], said["reason"]) == ("pass", "answered:沈静宜")
    assert answer.answer_batch(house, ARCHIVIST, batch_id, "4.06", is_good=False, opinion="块误码率超限") in ("fail", "manual")
    assert judged(batch_id, "4.06")[0] in ("fail", "manual")
    assert Event.objects.filter(type="batch:answered", object_id=batch_id).count() == 2
    for number, actor, words, code in (
        ("4.05", ARCHIVIST, "再看", "ANSWER-NOTHING"),
        ("4.06", ARCHIVIST, " ", "ANSWER-OPINION-MISSING"),
        ("4.06", READER, "看过", "ACCESS-REFUSED"),
    ):
        with pytest.raises(Refusal, match=code):
            answer.answer_batch(house, actor, batch_id, number, is_good=True, opinion=words)
    with pytest.raises(Refusal, match="BATCH-UNKNOWN"):
        answer.answer_batch(house, ARCHIVIST, "01X", "4.05", is_good=True, opinion="看过")


def test_what_is_said_of_a_medium_stands_against_acceptance_as_its_weight_says(house: House, tmp_path: Path) -> None:
    batch_id = taken(house, packed(tmp_path / "包", handed_over(1)), carrier="GP-2026-001")
    with pytest.raises(Refusal, match="BATCH-ITEMS-OPEN") as refused:
        accept.accept(house, ARCHIVIST, batch_id)
    assert [item.where for item in refused.value.reasons] == ["YJ-4-4", "YJ-4-5", "YJ-4-6"]
    for number, is_good in (("4.04", True), ("4.05", True), ("4.06", False)):
        answer.answer_batch(house, ARCHIVIST, batch_id, number, is_good=is_good, opinion="看过")
    with pytest.raises(Refusal, match="BATCH-ITEMS-OPEN") as refused:
        accept.accept(house, ARCHIVIST, batch_id)
    assert [item.where for item in refused.value.reasons] == ["YJ-4-6"]
    assert Batch.objects.get().state == "waiting"
    assert not let_pass.let_pass(house, ARCHIVIST, batch_id, "4.06", words="另有一份完好的光盘")
    with pytest.raises(Refusal, match="OVERRULE-SECOND-PERSON"):
        let_pass.let_pass(house, ARCHIVIST, batch_id, "4.06", words="另有一份完好的光盘")
    with pytest.raises(Refusal, match="BATCH-ITEMS-OPEN"):
        accept.accept(house, ARCHIVIST, batch_id)
    assert let_pass.let_pass(house, replace(ARCHIVIST, id="01SECOND", name="顾闻"), batch_id, "4.06", words="同意")
    assert (item(batch_id, "4.06")["outcome"], item(batch_id, "4.06")["reason"]) == ("fail", "accepted:沈静宜、顾闻")
    assert accept.accept(house, ARCHIVIST, batch_id) == 1
    told = Event.objects.filter(object_kind="batch", object_id=batch_id, type__startswith="overruling:").order_by("id")
    assert list(told.values_list("type", flat=True)) == ["overruling:proposed", "overruling:accepted"]
    for number, actor, words, code in (
        ("4.05", ARCHIVIST, "再看", "OVERRULE-NOTHING"),
        ("4.06", ARCHIVIST, " ", "OVERRULE-REASON-MISSING"),
        ("4.06", READER, "看过", "ACCESS-REFUSED"),
    ):
        with pytest.raises(Refusal, match=code):
            let_pass.let_pass(house, actor, batch_id, number, words=words)
    with pytest.raises(Refusal, match="BATCH-UNKNOWN"):
        let_pass.let_pass(house, ARCHIVIST, "01X", "4.06", words="看过")


@pytest.mark.parametrize(("seconds", "outcome"), [(1.0, "pass"), (8.0, "fail")])
def test_a_medium_is_as_fast_as_it_was_measured(house: House, tmp_path: Path, seconds: float, outcome: str) -> None:
    batch_id = taken(house, packed(tmp_path / "包", handed_over(1)), carrier="GP-2026-001")
    row = Batch.objects.get()
    assert row.facts["carrier_read"][0] == sum(path.stat().st_size for path in (tmp_path / "包" / "Z109").rglob("函.txt"))
    row.facts |= {"carrier_read": [4_000_000, seconds]}
    made = judging.batch(house, row)
    made.save(force_insert=True)
    assert (judged(batch_id, "4.04")[0], item(batch_id, "4.04")["actual"]) == (outcome, f"实测 {4 / seconds:.2f} MB/s")


def test_a_medium_that_was_uploaded_is_measured_by_nobody(house: House, tmp_path: Path) -> None:
    source = packed(tmp_path / "包", handed_over(1))
    batch_id = capture.open_batch(house, ARCHIVIST, [source], channel="transfer", department="BGS", is_upload=True, carrier="GP-1")
    capture.receive(house, batch_id)
    check.check(house, batch_id)
    assert judged(batch_id, "4.04")[0] == "manual"


def test_a_reception_that_the_ledger_does_not_know(house: House, tmp_path: Path) -> None:
    batch_id = capture.open_batch(house, ARCHIVIST, [packed(tmp_path / "包", handed_over(1))], channel="transfer", department="BGS")
    capture.receive(house, batch_id)
    row = Row.objects.get(batch_id=batch_id)
    row.id, row.electronic_record_code = "01STRANGER", "Y"
    row.save(force_insert=True)
    check.check(house, batch_id)
    assert judged(batch_id, "4.07") == ("fail", ["GD-4-7", "GD-4-7-MISSING"])
