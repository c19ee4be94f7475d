"""The database itself keeps the ledger: events are never changed or deleted, permanent payloads stay."""

import pytest
from django.db import DatabaseError, connection, transaction

from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Event, Payload
from tests.support.databases import IS_POSTGRESQL
from tests.support.rows import IDS, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys() -> tuple[str, ...]:
    """One event of each payload class: permanent, content-bound, personal."""
    return append(NOW, [Entry(name, "a", "R1") for name in ("record:archived", "record:revised", "record:read")], ids=IDS)


@pytest.mark.parametrize("column", [field.column for field in Event._meta.concrete_fields if field.name != "position"])
def test_no_column_of_an_event_changes(keys: tuple[str, ...], column: str) -> None:
    value = {"instant": "'2020-01-01 00:00:00+00'", "version": "9"}.get(column, "'x'")
    for also in ("", ", position = 5"):
        with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_event SET {column} = {value}{also} WHERE id = '{keys[0]}'")


def test_the_sealer_gives_a_position_once(keys: tuple[str, ...]) -> None:
    Event.objects.filter(id=keys[0]).update(position=1)
    for value in (2, None):
        with pytest.raises(DatabaseError, match="ledger"), transaction.atomic():
            Event.objects.filter(id=keys[0]).update(position=value)
    assert Event.objects.get(id=keys[0]).position == 1


def test_no_event_is_deleted(keys: tuple[str, ...]) -> None:
    with transaction.atomic():
        Payload.objects.filter(event_id=keys[2]).delete()
        with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM ledger_event WHERE id = '{keys[2]}'")
    assert Event.objects.count() == 3


def test_no_payload_changes(keys: tuple[str, ...]) -> None:
    for key in keys:
        with pytest.raises(DatabaseError, match="ledger"), transaction.atomic():
            Payload.objects.filter(event_id=key).update(body="{}")


def test_only_what_may_expire_can_be_deleted(keys: tuple[str, ...]) -> None:
    with pytest.raises(DatabaseError, match="ledger"), transaction.atomic():
        Payload.objects.filter(event_id=keys[0]).delete()
    for key in keys[1:]:
        assert Payload.objects.filter(event_id=key).delete()[0] == 1


@pytest.mark.skipif(IS_POSTGRESQL, reason="SQLite's own way around")
def test_replacing_is_deleting(keys: tuple[str, ...]) -> None:
    columns = "id, type, instant, actor, object_kind, object_id, payload_digest, version"
    statement = (
        f"INSERT OR REPLACE INTO ledger_event ({columns}) SELECT {columns.replace('actor', chr(39) + 'b' + chr(39))} FROM ledger_event"
    )
    with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.skipif(not IS_POSTGRESQL, reason="PostgreSQL's own way around")
@pytest.mark.parametrize("table", ["ledger_event", "ledger_payload"])
def test_emptying_is_deleting(keys: tuple[str, ...], table: str) -> None:
    with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
