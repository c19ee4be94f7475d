"""Earlier verifications of a record, from the ledger: when, by whom, what they found, and when the last one found nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from lantai.shelves.ledger import queries
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier verification: when, by whom (an account's id), how many problems with this record it found, or that none was possible."""

    instant: datetime
    actor: str
    problems: int
    is_unable: bool = False


def of(record_id: str, *, limit: int = SHOWN) -> Iterator[Earlier]:
    """Yield the verifications that named a record, the latest first."""
    named = Q(object_id=record_id) | Q(payload__body__contains=record_id)
    done = Event.objects.filter(named, type="record:verified").select_related("payload").order_by("-instant", "-id")
    for event in done[:limit]:
        body = queries.said(event)
        yield Earlier(event.instant, event.actor, _problems(body, record_id), record_id in body.get("unable", ()))


def last_good(record_id: str) -> datetime | None:
    """Return when a verification last found nothing wrong with a record, None where none is known."""
    return next((item.instant for item in of(record_id) if not item.problems and not item.is_unable), None)


def _problems(body: dict[str, Any], record_id: str) -> int:
    """Return how many problems were this record's; a body of older editions counts them for all records that it names."""
    told = body.get("bad")
    return int(told.get(record_id, 0)) if isinstance(told, dict) else int(body.get("problems", 0))


def persons(role: str) -> tuple[str, ...]:
    """Return the names of the persons who hold a role now."""
    return tuple(Account.objects.filter(role=role, is_active=True).order_by("login").values_list("name", flat=True))
