"""Questions to the ledger. Reading it changes nothing; who asked is told by the verb that asks."""

import json
from typing import Any

from django.db.models import QuerySet

from lantai.shelves.ledger.models import Event


def said(event: Event) -> dict[str, Any]:
    """Return what the payload of *event* says; empty where it is gone, and where somebody altered it so that it says nothing."""
    payload = getattr(event, "payload", None)
    return read(payload.body) if payload else {}


def read(body: str) -> dict[str, Any]:
    """Return the body of a payload; empty where it is none. That it was altered is found by verifying the ledger."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {"value": told}


def unsealed() -> int:
    """Return how many events have no position in the log yet, reported as 未封存 n."""
    return Event.objects.filter(position__isnull=True).count()


def of_object(object_id: str) -> "QuerySet[Event]":
    """Return the events about one object with their payloads, oldest first."""
    return Event.objects.filter(object_id=object_id).select_related("payload").order_by("instant", "id")


def latest(limit: int) -> list[Event]:
    """Return the latest events with their payloads, newest first."""
    return list(Event.objects.select_related("payload").order_by("-instant", "-id")[:limit])
