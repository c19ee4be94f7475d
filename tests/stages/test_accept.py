"""Accepting and giving back: a refusal changes nothing, and what went back may be sent again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.shelves.ledger.models import Event
from lantai.stages import accept, capture
from lantai.stages.report import batches
from tests.support.line_house import ARCHIVIST, line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, accept_automatically=()) as built:
        yield built


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    one_page_pdfs(tmp_path / "papers", 1, 3)
    return tmp_path / "papers"


def deliver(house: House, papers: Path) -> Batch:
    key = capture.open_batch(house, ARCHIVIST, [papers], channel="manual", department="BGS")
    line.finish(house)
    return Batch.objects.get(id=key)


def test_a_refused_acceptance_leaves_the_batch_waiting(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    Record.objects.filter(batch_id=batch.id).update(needs_attention="CHECK-FAILED", conclusion="fail")
    with pytest.raises(Refusal, match="BATCH-NOTHING-TO-ACCEPT"):
        accept.accept(house, ARCHIVIST, batch.id)
    batch.refresh_from_db()
    assert (batch.state, batch.accepted_by, batch.accepted_at) == ("waiting", "", None)


def test_what_was_given_back_is_not_said_to_be_accepted(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    accept.give_back(house, ARCHIVIST, batch.id, record_ids=None, reason="附件缺失")
    with pytest.raises(Refusal, match="BATCH-NOTHING-TO-ACCEPT"):
        accept.accept(house, ARCHIVIST, batch.id)
    batch.refresh_from_db()
    assert (batch.state, batch.accepted_by, batch.accepted_at) == ("returned", "", None)


def test_what_was_given_back_is_taken_up_as_it_is_and_checked_anew(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    accept.give_back(house, ARCHIVIST, batch.id, record_ids=None, reason="附件缺失")
    keys = list(Record.objects.filter(batch_id=batch.id).values_list("id", flat=True))
    assert accept.resubmit(house, ARCHIVIST, keys) == 1
    line.finish(house)
    assert not Record.objects.filter(id__in=keys, state="returned").exists()
    assert Event.objects.filter(type="record:resubmitted", object_id=keys[0]).count() == 1


def test_accepting_twice_keeps_who_accepted_and_when(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    assert accept.accept(house, ARCHIVIST, batch.id) == 1
    first = Batch.objects.get(id=batch.id).accepted_at
    line.finish(house)
    assert accept.accept(house, ARCHIVIST, batch.id) == 0
    assert Batch.objects.get(id=batch.id).accepted_at == first


def test_what_is_accepted_counts_before_it_has_its_place(house: House, papers: Path) -> None:
    batch = deliver(house, papers)
    accept.accept(house, ARCHIVIST, batch.id)
    told = batches.batch(ARCHIVIST, batch.id)
    assert (told.accepted, told.arranging, told.acceptable) == (1, 1, 0)
    line.finish(house)
    told = batches.batch(ARCHIVIST, batch.id)
    assert (told.accepted, told.arranging) == (1, 0)


def test_what_was_given_back_becomes_a_record_when_it_is_sent_again(house: House, papers: Path) -> None:
    earlier = deliver(house, papers)
    accept.give_back(house, ARCHIVIST, earlier.id, record_ids=None, reason="附件缺失")
    again = deliver(house, papers)
    assert Record.objects.get(batch_id=again.id).state == "described"
    assert set(Arrival.objects.filter(batch=again).values_list("outcome", flat=True)) == {"record"}


def test_a_batch_of_duplicates_alone_waits_for_nobody(house: House, papers: Path) -> None:
    deliver(house, papers)
    again = deliver(house, papers)
    assert not Record.objects.filter(batch_id=again.id).exists()
    assert again.state == "done"


def test_a_catalogue_that_was_given_back_can_be_imported_again(house: House, tmp_path: Path) -> None:
    catalogue = tmp_path / "目录.csv"
    catalogue.write_text("题名,文号,责任者,成文日期\n关于编制年度预算的通知,云发改〔2021〕7号,云汀市发展和改革委员会,20210305\n", "utf-8")
    key = capture.open_batch(house, ARCHIVIST, [catalogue], channel="catalogue", department="BGS")
    line.finish(house)
    assert accept.give_back(house, ARCHIVIST, key, record_ids=None, reason="元数据有误") == 1
    assert capture.open_batch(house, ARCHIVIST, [catalogue], channel="catalogue", department="BGS")


def test_what_is_taken_out_leaves_its_title_and_the_reason_in_the_ledger(house: House, papers: Path) -> None:
    row = Record.objects.get(batch_id=deliver(house, papers).id)
    assert accept.discard(house, ARCHIVIST, [row.id], reason="不属归档范围") == 1
    event = Event.objects.select_related("payload").get(type="record:discarded")
    assert json.loads(event.payload.body) == {"reason": "不属归档范围", "title": row.title}
