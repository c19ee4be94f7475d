"""expire 到期销毁: payloads that tell of persons are removed when their period is over; the envelope and its digest stay for ever.

Every removal is told before it happens, in the same transaction: up to which instant, how many, between which positions. So verifying can
tell what expired lawfully from what is missing. The setting is the agency's; 0 keeps everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core.events import EVENTS, PayloadClass, instant_text
from lantai.ports import House
from lantai.shelves.databases import lock
from lantai.shelves.ledger import entries, queries
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import rest

EXPIRED = "ledger:expired"
SLICE = 1000
EVERY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Expired:
    """What one run did: payloads removed, and the instant before which (None: the setting keeps everything)."""

    removed: int
    before: datetime | None


def expire(house: House) -> Expired:
    """Remove the personal payloads whose period is over, slice by slice; only sealed ones, so that the log has their digests."""
    days = house.settings.personal_days
    if not days:
        return Expired(0, None)
    before, removed = house.clock.now() - timedelta(days=days), 0
    with work.progress("expire", "expire", step="到期销毁", total=_over(before).count()) as progress:
        while count := _slice(house, before):
            removed += count
            progress.advance(count)
    return Expired(removed, before)


def _over(before: datetime) -> "QuerySet[Payload]":
    return Payload.objects.filter(kind=PayloadClass.PERSONAL, event__instant__lt=before, event__position__isnull=False)


def _slice(house: House, before: datetime) -> int:
    with transaction.atomic():
        lock("expire")
        rows = list(_over(before).order_by("event__position").values_list("event_id", "event__position")[:SLICE])
        if not rows:
            return 0
        entries.append(house.clock.now(), [_told(house, before, rows)], ids=house.ids)
        Payload.objects.filter(event_id__in=[key for key, _ in rows]).delete()
    return len(rows)


def _told(house: House, before: datetime, rows: Sequence[tuple[str, int | None]]) -> entries.Entry:
    places = [place for _, place in rows if place is not None]
    body = {
        "before": instant_text(before),
        "kind": PayloadClass.PERSONAL.value,
        "days": house.settings.personal_days,
        "payloads": len(rows),
        "first": places[0],
        "last": places[-1],
        "list_sha256": sha256("".join(f"{place}\n" for place in places).encode()).hexdigest(),
    }
    return entries.Entry(EXPIRED, "worker", "ledger", body)


def left(first: int, last: int) -> set[int]:
    """Return the positions between *first* and *last* whose personal payload is still there."""
    found = Payload.objects.filter(kind=PayloadClass.PERSONAL, event__position__gte=first, event__position__lte=last)
    return {place for place in found.values_list("event__position", flat=True) if place is not None}


def again() -> int:
    """Remove once more what the ledger says has gone, after older copies brought it back; return how many payloads."""
    told = expired_before()
    return _over(datetime.fromisoformat(told)).delete()[0] if told else 0


def lacking() -> int:
    """Return how many events have no payload though its period is not over."""
    found, told = Event.objects.filter(payload=None), expired_before()
    personal = [row.type for row in EVENTS.values() if row.payload is PayloadClass.PERSONAL]
    return (found.exclude(type__in=personal, instant__lt=datetime.fromisoformat(told)) if told else found).count()


def expired_before() -> str:
    """Return before which instant (as entries write it) personal payloads have lawfully gone; empty where none have."""
    told = Event.objects.filter(type=EXPIRED, payload__isnull=False).values_list("payload__body", flat=True)
    return max((str(queries.read(body).get("before", "")) for body in told), default="")


def due(house: House) -> bool:
    """Tell whether something is over its period, asked once a day."""
    if not house.settings.personal_days:
        return False
    last = work.last_run("expire", "expire")
    return last is None or house.clock.now() - last >= EVERY


@work.task("expire", on_give_up=rest.nothing)
def expire_task() -> None:
    """Remove in the background what is over its period."""
    expire(work.house())
