"""distinguish 判重: a person judges that records which are alike are not the same, and may take that back.

What was judged is not proposed as a duplicate again; a record that comes later and is like them is.
"""

from collections.abc import Sequence
from itertools import combinations

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Distinction, Record
from lantai.shelves.ledger import entries

#: How many records can be judged together: as many as stand side by side.
MOST = 6
EVENT = "record:distinguished"


def distinguish(house: House, actor: Actor, record_ids: Sequence[str]) -> int:
    """Note that none of the records is the same as another; return how many pairs nobody had judged before.

    Refusals: ACCESS-REFUSED, RECORD-UNKNOWN, SELECTION-EMPTY (fewer than two), SELECTION-TOO-MANY.
    """
    keys = sorted(set(record_ids))
    if len(keys) < 2:
        raise Refusal("SELECTION-EMPTY")
    if len(keys) > MOST:
        raise Refusal("SELECTION-TOO-MANY", actual=len(keys), most=MOST)
    _demand(actor, keys)
    now, judged = house.clock.now(), {"judged_by": actor.id, "judged_at": house.clock.now()}
    with transaction.atomic():
        made = [
            (one, other)
            for one, other in combinations(keys, 2)
            if Distinction.objects.get_or_create(one=one, other=other, defaults=judged)[1]
        ]
        told = [
            entries.Entry(EVENT, actor.id, key, {"judgement": "not_duplicate", "others": others})
            for key in keys
            if (others := [other if one == key else one for one, other in made if key in (one, other)])
        ]
        entries.append(now, told, ids=house.ids)
    return len(made)


def take_back(house: House, actor: Actor, one: str, other: str) -> bool:
    """Let two records be proposed as duplicates again; False where nobody had judged them. Refusals: ACCESS-REFUSED, RECORD-UNKNOWN."""
    keys = sorted((one, other))
    _demand(actor, keys)
    with transaction.atomic():
        gone, _ = Distinction.objects.filter(one=keys[0], other=keys[1]).delete()
        told = [
            entries.Entry(EVENT, actor.id, key, {"judgement": "taken_back", "others": [each for each in keys if each != key]})
            for key in keys
            if gone
        ]
        entries.append(house.clock.now(), told, ids=house.ids)
    return bool(gone)


def _demand(actor: Actor, keys: Sequence[str]) -> None:
    found = {row.id: row for row in Record.objects.filter(id__in=keys, quarantined=False)}
    for key in keys:
        if key not in found:
            raise Refusal("RECORD-UNKNOWN", key)
        access.require(actor, "holdings:record:revise", queries.access_facts(found[key]))
