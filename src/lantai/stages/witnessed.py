"""When a witness was last read and agreed, as the ledger tells of its verifications."""

from datetime import datetime

from lantai.shelves.ledger import queries
from lantai.shelves.ledger.models import Event

_LOOKED_BACK = 200


def agreed_at(folder: str) -> datetime | None:
    """Return when the witness was last read and agreed; None where none of the last verifications says so."""
    done = Event.objects.filter(type="ledger:verified", payload__isnull=False).select_related("payload").order_by("-instant")
    return next((event.instant for event in done[:_LOOKED_BACK] if folder in queries.said(event).get("agreed", ())), None)
