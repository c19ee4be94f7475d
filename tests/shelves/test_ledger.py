"""Writing to the ledger."""

import hashlib
from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.events import EVENTS, Envelope
from lantai.core.evidence import canonical_json, payload_digest
from lantai.shelves.ledger import queries
from lantai.shelves.ledger.entries import SALT_BYTES, Entry, append
from lantai.shelves.ledger.models import Event, Payload
from tests.support.rows import IDS, NOW


@pytest.mark.django_db
def test_an_event_and_its_payload_are_written_together() -> None:
    (key,) = append(NOW, [Entry("record:archived", "张三", "R1", {"code": "Z109-WS·2026-Y-BGS-0001"})], ids=IDS)
    event = Event.objects.select_related("payload").get()
    assert (event.id, event.type, event.instant, event.actor) == (key, "record:archived", NOW, "张三")
    assert (event.object_kind, event.object_id, event.position) == ("record", "R1", None)
    assert event.payload.kind == "permanent"
    assert event.payload.body == '{"code":"Z109-WS·2026-Y-BGS-0001"}'
    assert event.payload_digest == payload_digest(bytes.fromhex(event.payload.salt), event.payload.body.encode())


@pytest.mark.django_db
@pytest.mark.parametrize("row", EVENTS.values(), ids=lambda row: row.type)
def test_every_type_has_its_class_and_object(row: object) -> None:
    append(NOW, [Entry(row.type, "a", "X")], ids=IDS)
    assert Payload.objects.get().kind == row.payload
    assert Event.objects.get().object_kind == row.object_kind


@pytest.mark.django_db
def test_a_slice_is_three_statements_and_keeps_its_order(django_assert_num_queries: object) -> None:
    entries = [Entry("record:received", "worker", f"R{place}", {"n": place}) for place in range(50)]
    with transaction.atomic(), django_assert_num_queries(2):
        keys = append(NOW, entries, ids=IDS)
    assert len(set(keys)) == 50
    assert [Event.objects.get(id=key).object_id for key in keys] == [entry.object_id for entry in entries]
    assert len(set(Payload.objects.values_list("salt", flat=True))) == 50
    assert queries.unsealed() == 50


@pytest.mark.django_db
def test_nothing_to_tell_writes_nothing() -> None:
    assert append(NOW, [], ids=IDS) == ()


@pytest.mark.django_db
def test_an_unlisted_event_is_a_bug() -> None:
    with pytest.raises(KeyError):
        append(NOW, [Entry("record:vanished", "a", "R1")], ids=IDS)


@pytest.mark.django_db
def test_an_entry_over_four_kibibytes_is_refused() -> None:
    with pytest.raises(ValueError, match="log entry"):
        append(NOW, [Entry("record:read", "a" * 4096, "R1")], ids=IDS)
    assert not Event.objects.exists()


def test_outside_a_transaction_nothing_is_told(fresh_data: object) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        append(NOW, [Entry("record:read", "a", "R1")], ids=IDS)


def test_a_change_undone_is_not_told(fresh_data: object) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        append(NOW, [Entry("record:read", "a", "R1")], ids=IDS)
        raise ZeroDivisionError
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_events_are_found_by_object_and_by_time() -> None:
    for minute, name in enumerate(["record:received", "record:read"]):
        append(NOW + timedelta(minutes=minute), [Entry(name, "a", "R1"), Entry("search:asked", "a", "search")], ids=IDS)
    assert [event.type for event in queries.of_object("R1")] == ["record:received", "record:read"]
    assert [event.type for event in queries.latest(3)].count("search:asked") == 2


@pytest.mark.django_db
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=8), st.text(st.characters(exclude_characters="\x00"), max_size=20) | st.integers(), max_size=4))
def test_a_stored_payload_still_has_its_digest(body: dict[str, object]) -> None:
    (key,) = append(NOW, [Entry("record:revised", "a", "R1", body)], ids=IDS)
    event = Event.objects.select_related("payload").get(id=key)
    assert len(bytes.fromhex(event.payload.salt)) == SALT_BYTES
    assert event.payload_digest == payload_digest(bytes.fromhex(event.payload.salt), event.payload.body.encode())
    assert event.payload.body.encode() == canonical_json(body)


def test_an_entry_is_canonical_json_of_its_envelope() -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    envelope = Envelope("01E", "record:read", beijing, "张三", "record", "R1", hashlib.sha256(b"").hexdigest())
    assert (
        envelope.entry()
        == (
            '{"actor":"张三","id":"01E","instant":"2026-03-02T01:30:00.000250Z","object_id":"R1","object_kind":"record",'
            '"payload_digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","type":"record:read"}'
        ).encode()
    )


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Envelope("01E", "record:read", datetime(2026, 1, 1), "a", "record", "R1", "").entry()  # noqa: DTZ001 - the very point
