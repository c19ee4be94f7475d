"""refusals 越权: an act that a rule refused is told to the ledger, so that the auditor sees who tried what."""

from typing import Any

from django.db import transaction

from lantai.core.access import Actor
from lantai.core.errors import Coded, Refusal
from lantai.ports import House
from lantai.shelves.ledger import entries

REFUSED = "ACCESS-REFUSED"


def note(house: House, actor: Actor, refusal: Refusal) -> None:
    """Tell the ledger that *actor* was refused an act. Other refusals are no matter of rights and are not told."""
    if refusal.code != REFUSED:
        return
    body = {"what": refusal.message, "where": refusal.where, "reasons": [item.code for item in refusal.reasons]}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("access:refused", actor.id, actor.id, body)], ids=house.ids)


def as_json(ending: Coded) -> dict[str, Any]:
    """Return an ending for the one who asked. What a person may not see is not named to them: the code or title stays in the ledger."""
    return ending.as_json() | ({"where": ""} if ending.code == REFUSED else {})
