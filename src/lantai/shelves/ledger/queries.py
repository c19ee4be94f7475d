"""Questions to the ledger. Reading it changes nothing; who asked is told by the verb that asks."""

from django.db.models import QuerySet

from lantai.shelves.ledger.models import Event


def unsealed() -> int:
    """Return how many events have no position in the log yet, reported as 未封存 n."""
    return Event.objects.filter(position__isnull=True).count()


def of_object(object_id: str) -> "QuerySet[Event]":
    """Return the events about one object with their payloads, oldest first."""
    return Event.objects.filter(object_id=object_id).select_related("payload").order_by("instant", "id")


def latest(limit: int) -> list[Event]:
    """Return the latest events with their payloads, newest first."""
    return list(Event.objects.select_related("payload").order_by("-instant", "-id")[:limit])
