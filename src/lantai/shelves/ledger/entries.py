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
from lantai.shelves.bulk import insert_values
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
    envelopes: list[Sequence[Any]] = []
    payloads: list[Sequence[Any]] = []
    for entry in entries:
        envelope, payload = _rows(instant, entry, ids.new(), salt(SALT_BYTES))
        envelopes.append(envelope)
        payloads.append(payload)
    insert_values(Event, _ENVELOPE, envelopes)
    insert_values(Payload, _PAYLOAD, payloads)
    return tuple(str(envelope[0]) for envelope in envelopes)


_ENVELOPE = ("id", "type", "instant", "actor", "object_kind", "object_id", "payload_digest", "version")
_PAYLOAD = ("event", "kind", "salt", "body", "version")


def _rows(instant: datetime, entry: Entry, event_id: str, salt: bytes) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the values of an event and of its payload, in the order of their columns above."""
    row = EVENTS[entry.type]
    kind, body = entry.object_kind or row.object_kind, canonical_json(entry.body)
    digest = payload_digest(salt, body)
    Envelope(event_id, entry.type, instant, entry.actor, kind, entry.object_id, digest).demand_fit()
    envelope = (event_id, entry.type, instant, entry.actor, kind, entry.object_id, digest, 1)
    return envelope, (event_id, row.payload.value, salt.hex(), body.decode(), 1)
