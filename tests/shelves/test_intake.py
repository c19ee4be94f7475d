"""Questions to the intake shelf."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from lantai.shelves.intake import queries
from lantai.shelves.intake.models import Batch, Report
from tests.support import rows


@pytest.mark.django_db
def test_codes_count_the_batches_of_a_day_in_beijing() -> None:
    late = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert queries.next_batch_code(late) == "PC-20260302-01"
    rows.batch("PC-20260302-01")
    rows.batch("PC-20260302-09")
    assert queries.next_batch_code(late) == "PC-20260302-10"
    rows.batch("PC-20260302-100")
    assert queries.next_batch_code(late) == "PC-20260302-101"
    assert queries.next_batch_code(late - timedelta(seconds=1)) == "PC-20260301-01"


def test_a_code_outside_a_transaction_could_be_given_twice(fresh_data: object) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        queries.next_batch_code(rows.NOW)
    with transaction.atomic():
        assert queries.next_batch_code(rows.NOW).endswith("-01")


@pytest.mark.django_db
def test_what_came_in_is_what_became_of_it() -> None:
    batch = rows.batch()
    for place, outcome in enumerate(["record", "record", "duplicate", "refused"]):
        rows.arrival(batch, f"{place}.pdf", outcome, size_bytes=10)
    rows.arrival(rows.batch("PC-20260302-02"), "0.pdf", "record")
    found = queries.outcomes(batch.id)
    assert [(item.outcome, item.count, item.size_bytes) for item in found] == [
        ("duplicate", 1, 10),
        ("record", 2, 20),
        ("refused", 1, 10),
    ]


@pytest.mark.django_db
def test_the_latest_report_of_a_gate_counts() -> None:
    for minute, gate in enumerate(["arrival", "archiving", "arrival"]):
        Report.objects.create(
            id=rows.IDS.new(),
            gate=gate,
            subject_kind="record",
            subject_id="R1",
            conclusion=str(minute),
            packed={},
            created_at=rows.NOW + timedelta(minutes=minute),
        )
    latest = queries.latest_report("R1", "arrival")
    assert latest is not None
    assert latest.conclusion == "2"
    assert queries.latest_report("R2", "arrival") is None


@pytest.mark.django_db
def test_a_batch_moves_once() -> None:
    batch = rows.batch(state="receiving")
    stale = Batch.objects.get(id=batch.id)
    assert queries.move_batch(batch, "receiving", "checking", {"file_count": 3})
    assert not queries.move_batch(stale, "receiving", "checking")
    moved = Batch.objects.get(id=batch.id)
    assert (moved.state, moved.file_count, moved.version) == ("checking", 3, 2)


@pytest.mark.django_db
def test_a_batch_rests_with_the_first_reason() -> None:
    batch = rows.batch()
    assert queries.need_attention(batch.id, "WORK-LOST")
    assert not queries.need_attention(batch.id, "WORK-FAILED")
    assert Batch.objects.get(id=batch.id).needs_attention == "WORK-LOST"
