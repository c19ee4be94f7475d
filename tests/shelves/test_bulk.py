"""Many rows at once."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lantai.shelves.bulk import insert, insert_values, one
from lantai.shelves.holdings.models import ComputerFile, Document, NumberScope, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.shelves.journal.models import Act, Trace
from lantai.shelves.ledger.entries import Entry, append
from tests.support import rows


@pytest.mark.django_db
def test_bulk_rows_are_the_orms_rows() -> None:
    ours, theirs = rows.record("B", hold=True, page_count=None), rows.record("B", hold=True, page_count=None)
    insert(Record, [ours])
    theirs.save(force_insert=True)
    stored = [Record.objects.filter(id=row.id).values().get() for row in (ours, theirs)]
    for row in stored:
        row.pop("id"), row.pop("electronic_record_code")
    assert stored[0] == stored[1]


@pytest.mark.django_db
def test_a_row_that_is_there_already_is_an_error() -> None:
    NumberScope.objects.create(scope="s")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(NumberScope, [NumberScope(scope="t"), NumberScope(scope="s")])
    assert NumberScope.objects.count() == 1


@pytest.mark.django_db
def test_nothing_is_no_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        insert(Record, [])


def test_many_records_are_few_statements(fresh_data: object) -> None:
    batch, counts = rows.batch(), []
    for count in (200, 400):
        with CaptureQueriesContext(connection) as statements:
            _enter(batch, count)
        counts.append(len(statements))
    assert counts[0] < 200 / 4
    assert counts[1] <= 2 * counts[0]


def _enter(batch: Batch, count: int) -> None:
    made = [rows.record(batch.id) for _ in range(count)]
    parts = [Document(id=rows.IDS.new(), record_id=row.id, sequence=1, role="正本") for row in made]
    files = [
        ComputerFile(
            id=rows.IDS.new(), record_id=part.record_id, document_id=part.id, name="a", size_bytes=1, sha256="0" * 64, sm3="1" * 64
        )
        for part in parts
    ]
    arrivals = [
        Arrival(id=rows.IDS.new(), batch_id=batch.id, path=row.id, size_bytes=1, outcome="record", record_id=row.id) for row in made
    ]
    with transaction.atomic():
        for model, items in ((Record, made), (Document, parts), (ComputerFile, files), (Arrival, arrivals)):
            insert(model, items)
        told = [Entry(name, "worker", row.id, {"title": row.title}) for row in made for name in ("record:received", "record:checked")]
        append(rows.NOW, told, ids=rows.IDS)


@pytest.mark.django_db
def test_rows_given_as_values_are_the_rows_of_objects() -> None:
    act = Act(id="A" * 26, actor="a", kind="revise", title="改", state="done", made_at=rows.NOW)
    act.save(force_insert=True)
    before, after = {"title": "甲", "elements.note": None}, {"title": "乙", "elements.note": ["一", "二"]}
    Trace.objects.create(act=act, record_id="R1", before=before, after=after)
    insert_values(Trace, ("act", "record_id", "before", "after", "version"), [(act.id, "R2", before, after, 1)])
    insert_values(Trace, ("act", "record_id"), [])
    one, other = Trace.objects.order_by("record_id").values("act", "before", "after", "version")
    assert one == other


@pytest.mark.django_db
def test_one_row_is_the_orms_row() -> None:
    made = rows.records(2, "B", hold=True, archived_at=rows.NOW)[1]
    row, same = one(Record, made.id), Record.objects.get(id=made.id)
    assert row is not None
    names = [field.attname for field in Record._meta.concrete_fields]
    assert {name: getattr(row, name) for name in names} == {name: getattr(same, name) for name in names}
    assert (type(row), row._state.db, row._state.adding) == (Record, "default", False)
    assert one(Record, "X" * 26) is None
