"""What the ledger was told, for tests that say so by name."""

from lantai.shelves.ledger.models import Event


def types() -> set[str]:
    """Return the types of all events that the ledger holds."""
    return set(Event.objects.values_list("type", flat=True))
