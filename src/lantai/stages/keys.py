"""keys 更换密钥: new signing keys take over from the former, which sign that they hand over; the log goes on under the new ones.

Checkpoints that cover the event must be signed by the new keys: whoever holds a former key can sign nothing later with it.
"""

import getpass
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction

from lantai.ports import House
from lantai.ports.signer import Handover, PublicKey, Signature
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event

ROTATED = "key:rotated"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of keys as the ledger has it: where (None: not sealed yet), and the handover."""

    position: int | None
    handover: Handover


def rotate(house: House, *, reason: str, is_compromised: bool) -> Handover:
    """Make new keys and tell the ledger; *reason* in words. Whatever is broken off is ended by asking again."""
    made = house.signer.rotate()
    body = {"reason": reason, "is_compromised": is_compromised, **asdict(made)}
    with transaction.atomic():
        if not Event.objects.filter(type=ROTATED, object_id=made.current[0].key_id).exists():
            told = entries.Entry(ROTATED, f"service:{getpass.getuser()}", made.current[0].key_id, body)
            entries.append(house.clock.now(), [told], ids=house.ids)
    house.signer.settle()
    return made


def changes() -> Iterator[Change]:
    """Yield the changes of keys, the first first; one that cannot be read any more is none, and walking the ledger names it."""
    for event in Event.objects.filter(type=ROTATED, payload__isnull=False).select_related("payload").order_by("instant", "id"):
        try:
            body = json.loads(event.payload.body)
            former, current = (tuple(PublicKey(**key) for key in body[name]) for name in ("former", "current"))
            signed = tuple(Signature(**item) for item in body["signatures"])
        except (ValueError, KeyError, TypeError):
            continue
        yield Change(event.position, Handover(former, current, signed))


def retired() -> dict[str, int]:
    """Return up to which position each former key may have signed checkpoints, by key id."""
    return {key.key_id: item.position for item in changes() if item.position is not None for key in item.handover.former}
