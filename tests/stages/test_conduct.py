"""Items 3-2 and 4-7 at the archiving gate: the tables and the ledger are asked, and what they say is told."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger import entries, log
from lantai.shelves.reports.queries import body
from lantai.stages import accept, archive, arrange, capture, check, describe, seal
from tests.stages.test_seal import free
from tests.support.line_house import ARCHIVIST, line_house

RECORDS = 3


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation with three numbered records, whose rows are rolled back; everything before the numbering is sealed."""
    one_page_pdfs(tmp_path / "papers", RECORDS, 5)
    with line_house(tmp_path / "data", slice_records=2) as built:
        batch_id = capture.open_batch(built, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        capture.receive(built, batch_id)
        for verb in (check.check, describe.describe, accept.settle, arrange.arrange):
            verb(built, batch_id)
        arrange.revise_many(
            built, ARCHIVIST, list(Record.objects.values_list("id", flat=True)), changes={"year": "2026", "retention": "D30"}
        )
        seal.seal(built)
        line.seal(built, ARCHIVIST, list(Record.objects.all()))
        yield built


def items(number: str) -> list[dict[str, Any]]:
    """That item of the archiving report of every record, in order."""
    reports = [latest_report(row.id, "archiving") for row in Record.objects.order_by("id")]
    return [item for report in reports if report for item in body(report)["items"] if item["id"].endswith(number)]


def archived(house: House) -> list[dict[str, Any]]:
    """Archive everything and return item 4-7 of each report."""
    archive.archive(house)
    return items("4.07")


def test_the_ledger_and_the_tables_are_asked_before_archiving(house: House) -> None:
    told = archived(house)
    assert [item["outcome"] for item in told] == ["pass"] * RECORDS
    assert [item["outcome"] for item in items("3.02")] == ["pass"] * RECORDS
    assert {item["findings"][0]["code"] for item in told} == {"GD-4-7-WAITING"}  # the numbering itself, a moment ago
    acts, proved = (int(word) for word in re.findall(r"\d+", told[0]["actual"]))
    assert acts == proved + 1 > 5


def test_acts_that_nobody_sealed_are_not_verified(house: House) -> None:
    row = Record.objects.earliest("id")
    seal.seal(house)
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("record:answered", "x", row.id, {"answers": []})], ids=house.ids)
    told = archived(house)
    assert [(item["outcome"], item["reason"]) for item in told[:1]] == [("not_applicable", "ledger_not_verified")]
    assert [(item["outcome"], item["findings"]) for item in told[1:]] == [("pass", [])] * (RECORDS - 1)  # sealed throughout


def broken_payload(_: House) -> None:
    execute("UPDATE ledger_payload SET body = '{}' WHERE event_id IN (SELECT id FROM ledger_event WHERE type = 'batch:opened')")


def event_gone(_: House) -> None:
    execute("DELETE FROM ledger_payload WHERE event_id IN (SELECT id FROM ledger_event WHERE type = 'record:numbered')")
    execute("DELETE FROM ledger_event WHERE type = 'record:numbered'")


def reception_gone(_: House) -> None:
    execute("DELETE FROM ledger_payload WHERE event_id IN (SELECT id FROM ledger_event WHERE type = 'batch:received')")
    execute("DELETE FROM ledger_event WHERE type = 'batch:received'")


def numbers_changed_hands(_: House) -> None:
    first, second = ArchivalCode.objects.order_by("item_number")[:2]
    ArchivalCode.objects.filter(id__in=[first.id, second.id]).update(item_number=None)
    ArchivalCode.objects.filter(id=first.id).update(item_number=second.item_number)
    ArchivalCode.objects.filter(id=second.id).update(item_number=first.item_number)


def another_list(_: House) -> None:
    NumberRange.objects.update(list_sha256="0" * 64)


def tile_altered(house: House) -> None:
    place = log.folder(house.data).root / "tile" / "0" / "000.p"
    for tile in place.iterdir():
        tile.write_bytes(bytes(len(tile.read_bytes())))


BROKEN = {
    broken_payload: "GD-4-7-ALTERED",
    event_gone: "GD-4-7-MISSING",
    reception_gone: "GD-4-7-MISSING",
    numbers_changed_hands: "GD-4-7-LIST",
    another_list: "GD-4-7-LIST",
    tile_altered: "GD-4-7-SEAL",
}


def test_what_is_wrong_in_the_ledger_stops_the_archiving(house: House) -> None:
    free()
    for harm, code in BROKEN.items():
        with transaction.atomic():
            harm(house)
            told = archived(house)
            assert [item["outcome"] for item in told] == ["fail"] * RECORDS, harm
            assert all(code in [found["code"] for found in item["findings"]] for item in told), harm
            assert not Record.objects.filter(state="archived").exists()
            transaction.set_rollback(True)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
