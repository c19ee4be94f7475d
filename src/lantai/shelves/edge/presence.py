"""Who else has a record open right now. Worth little and written often, so it rests in the edge database; a failing write stops nobody."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError

from lantai.shelves.edge.models import Presence

FOR = timedelta(seconds=30)
_RENEW = timedelta(seconds=8)
_log = logging.getLogger("lantai.presence")


def meet(record_id: str, account_id: str, name: str, now: datetime) -> list[str]:
    """Note that a person has the record open, and return the names of the others who do."""
    there = list(Presence.objects.filter(record_id=record_id, at__gte=now - FOR))
    mine = next((row for row in there if row.account_id == account_id), None)
    if mine is None or now - mine.at > _RENEW:
        try:
            Presence.objects.update_or_create(record_id=record_id, account_id=account_id, defaults={"name": name, "at": now})
            Presence.objects.filter(account_id=account_id).exclude(record_id=record_id).delete()
        except DatabaseError:
            _log.warning("presence of %s not noted", account_id, exc_info=True)
    return sorted({row.name for row in there if row.account_id != account_id})
