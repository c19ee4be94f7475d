"""Reading what an event says."""

import json
from typing import Any

from lantai.shelves.ledger.models import Event


def payload_of(event: Event) -> dict[str, Any]:
    """Return the body of an event's payload; empty where the payload is gone (its class may be destroyed)."""
    payload = getattr(event, "payload", None)
    body = json.loads(payload.body) if payload else {}
    return body if isinstance(body, dict) else {"value": body}
