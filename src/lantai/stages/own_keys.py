"""own keys: the single keys that a person presses in place of the usual ones, kept with the account so that they hold on every machine."""

from collections.abc import Mapping

from lantai.core import own_keys
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.shelves.people.models import Account


def of(actor: Actor) -> dict[str, str]:
    """Return a person's own keys, by the usual ones; only those that differ."""
    found: dict[str, str] = Account.objects.values_list("own_keys", flat=True).get(id=actor.id)
    return found


def keep(actor: Actor, wanted: Mapping[str, str]) -> dict[str, str]:
    """Keep a person's own keys and return them; an empty key means the usual one. Raises Refusal KEYS-WRONG for a conflict or another
    key than may be."""
    own = {usual: key.strip().lower() for usual, key in wanted.items() if key.strip() and key.strip().lower() != usual}
    if problem := own_keys.problem(own):
        raise Refusal("KEYS-WRONG", actor.name, problem=problem)
    Account.objects.filter(id=actor.id).update(own_keys=own)
    return own
