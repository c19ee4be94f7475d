"""Writing to the ledger: events and their payloads, in the transaction of the change they tell of."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, router

from lantai.core.events import EVENTS, Envelope
from lantai.core.evidence import canonical_json, payload_digest
from lantai.ports.clock import Ids
from lantai.shelves.bulk import insert
from lantai.shelves.ledger.models import Event, Payload

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be told: an event type of ``core.events``, who, about which object, and a JSON body."""

    type: str
    actor: str
    object_id: str
    body: dict[str, Any] = field(default_factory=dict)
    object_kind: str = ""


def append(instant: datetime, entries: Sequence[Entry], *, ids: Ids, salt: Callable[[int], bytes] = os.urandom) -> tuple[str, ...]:
    """Insert the events and their payloads, all at *instant* (aware), and return the events' ids in order.

    Must be called inside the transaction of the change told of: raises RuntimeError outside one, KeyError for an event
    type that is not in the table, ValueError for an entry over 4 KiB. *salt* gives fresh random bytes of a length.
    """
    if not connections[router.db_for_write(Event)].in_atomic_block:
        raise RuntimeError("ledger: append outside a transaction")
    pairs = [_rows(instant, entry, ids.new(), salt(SALT_BYTES)) for entry in entries]
    insert(Event, [event for event, _ in pairs])
    insert(Payload, [payload for _, payload in pairs])
    return tuple(event.id for event, _ in pairs)


def _rows(instant: datetime, entry: Entry, event_id: str, salt: bytes) -> tuple[Event, Payload]:
    row = EVENTS[entry.type]
    body = canonical_json(entry.body)
    envelope = Envelope(
        id=event_id,
        type=entry.type,
        instant=instant,
        actor=entry.actor,
        object_kind=entry.object_kind or row.object_kind,
        object_id=entry.object_id,
        payload_digest=payload_digest(salt, body),
    )
    envelope.entry()
    event = Event(
        id=event_id,
        type=envelope.type,
        instant=instant,
        actor=envelope.actor,
        object_kind=envelope.object_kind,
        object_id=envelope.object_id,
        payload_digest=envelope.payload_digest,
    )
    return event, Payload(event_id=event_id, kind=row.payload.value, salt=salt.hex(), body=body.decode())
