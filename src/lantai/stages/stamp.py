"""stamp 加盖时间戳: batch roots that have none, checkpoints now and then, and whatever must go on before a certificate ends.

Never in anybody's way: archiving is done before a root is stamped. An authority that does not answer is asked again later, and until
then everybody is told 未加盖时间戳. A stamped checkpoint covers every stamp before it; it is what goes on for them.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lantai import work
from lantai.core import checkpoint as notes
from lantai.core.errors import Fault
from lantai.packages import proof
from lantai.ports import House
from lantai.ports.signer import Signature
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.models import Event
from lantai.stages import renewals, rest, stamps

SIGNED = ("proof:signed", renewals.RENEWED)
A_PASS = 200
RETRY_EVERY = timedelta(minutes=5)
_log = logging.getLogger("lantai.stamp")


@dataclass(frozen=True, slots=True)
class Stamped:
    """What one run did: roots and checkpoints stamped, roots that still have none."""

    roots: int
    checkpoints: int
    waiting: int


def stamp(house: House, *, is_asked: bool = False) -> Stamped:
    """Stamp every root that has no stamp, and the latest checkpoint where that is due (*is_asked*: in any case, if it has none yet).

    Raises Fault STAMP-… at the first that the authority does not stamp; what was stamped before stays.
    """
    if not house.stamper.digests:
        raise Fault("STAMP-NOT-SET", "tsa")
    roots = 0
    with work.progress("stamp", "stamp", step="加盖时间戳", total=unstamped().count()) as progress:
        while waiting := list(unstamped().select_related("payload").order_by("instant", "id")[:A_PASS]):
            for event in waiting:
                roots += _apply(house, stamps.ROOT, event.object_id, message_of(event))
                progress.advance()
        checkpoints = _checkpoint(house, is_asked=is_asked)
    return Stamped(roots, checkpoints, unstamped().count())


def unstamped() -> "QuerySet[Event]":
    """Return the events of signed roots that have no stamp."""
    given = Event.objects.filter(type=stamps.ROOT, object_id=OuterRef("object_id"))
    return Event.objects.filter(type__in=SIGNED).exclude(Exists(given))


def message_of(event: Event) -> bytes:
    """Return what is stamped of the root that an event tells of."""
    body = json.loads(event.payload.body)
    if event.type == renewals.RENEWED:
        return renewals.renewal_of(event.object_id, body).stamped()
    return proof.Batch(event.object_id, body["size"], tuple(Signature(**item) for item in body["signatures"])).stamped()


def _apply(house: House, kind: str, subject: str, message: bytes) -> int:
    """Get the stamps, one a digest, and tell the ledger; tell 0 where somebody else has told it meanwhile."""
    made = [house.stamper.stamp(message, digest) for digest in house.stamper.digests]
    with transaction.atomic():
        if Event.objects.filter(type=kind, object_id=subject).exists():
            return 0
        told = [entries.Entry(kind, "worker", subject, stamps.body_of(item)) for item in made]
        entries.append(house.clock.now(), told, ids=house.ids)
    return 1


def _checkpoint(house: House, *, is_asked: bool) -> int:
    last = log.latest()
    if last is None or not (is_asked or is_checkpoint_due(house, house.clock.now())):
        return 0
    if Event.objects.filter(type=stamps.CHECKPOINT, object_id=str(last.size)).exists():
        return 0
    return _apply(house, stamps.CHECKPOINT, str(last.size), stamps.note_message(notes.parse(last.note)))


def is_checkpoint_due(house: House, now: datetime) -> bool:
    """Tell whether a checkpoint must be stamped: so many hours after the last time, or before a certificate ends."""
    last = stamps.latest_checkpoint()
    hours = house.settings.stamp_checkpoint_hours
    if hours and (last is None or now - last.stamp.instant >= timedelta(hours=hours)):
        return log.latest() is not None
    if last is not None and now - last.stamp.instant < timedelta(days=1):
        return False
    edge = now + timedelta(days=house.settings.stamp_renew_days)
    return any(until <= edge for until in _ends(last))


def _ends(last: stamps.Kept | None) -> Iterator[datetime]:
    """Yield when the certificates end of the last stamped checkpoint and of the stamps that it does not cover."""
    later = Event.objects.filter(type=stamps.ROOT)
    if last is not None:
        yield last.stamp.until
        later = later.exclude(position__lt=int(last.subject))
    for body in later.values_list("payload__body", flat=True).iterator(chunk_size=500):
        yield datetime.fromisoformat(json.loads(body)["until"])


def due(house: House) -> bool:
    """Tell whether there is something to stamp and the authority has not been asked in vain just now."""
    if not house.stamper.digests:
        return False
    last = work.last_run("stamp", "stamp")
    if last is not None and house.clock.now() - last < RETRY_EVERY:
        return False
    return unstamped().exists() or is_checkpoint_due(house, house.clock.now())


@work.task("stamp", on_give_up=rest.nothing)
def stamp_task() -> None:
    """Stamp in the background; what the authority does not stamp now is stamped later."""
    try:
        stamp(work.house())
    except Fault as problem:
        _log.warning("nothing was stamped: %s", problem)
