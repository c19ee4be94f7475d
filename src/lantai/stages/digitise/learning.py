"""What accepted records teach: bodies, receivers, codes of numbers and whose they are, in a table that people can read and retire."""

from collections import Counter
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F

from lantai.core import access, officialdoc
from lantai.core.access import Actor
from lantai.core.digitising import ItemState
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Learned, ScanBatch
from lantai.shelves.ledger import entries

_LONGEST = 200
_MOST_RECEIVERS = 20


def learn(house: House, batch: ScanBatch) -> None:
    """Count what the accepted items of a batch name; must run in the transaction that accepts them."""
    rows = Item.objects.filter(batch=batch, state=ItemState.ACCEPTED).values_list("values", flat=True)
    counted = Counter(pair for values in rows for pair in _named(values))
    queries.teach(counted, house.ids, batch=batch.id, now=house.clock.now())


def retire(house: House, actor: Actor, learned_id: str, *, is_retired: bool) -> Learned:
    """Let nothing be recognised by what was learned any more 停用, or again 恢复. It goes on being counted.

    Refusals: ACCESS-REFUSED, DIGITISE-LEARNED-UNKNOWN.
    """
    access.require(actor, "digitise:batch:open")
    row = Learned.objects.filter(id=learned_id).first()
    if row is None:
        raise Refusal("DIGITISE-LEARNED-UNKNOWN", learned_id)
    now = house.clock.now()
    values = {"retired_by": actor.id, "retired_at": now} if is_retired else {"retired_by": "", "retired_at": None}
    with transaction.atomic():
        Learned.objects.filter(id=row.id).update(version=F("version") + 1, **values)
        event = "digitising:retired" if is_retired else "digitising:restored"
        entries.append(now, [entries.Entry(event, actor.id, row.id, {"kind": row.kind, "value": row.value})], ids=house.ids)
    return Learned.objects.get(id=row.id)


def _named(values: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in _parts(values.get("author", "")):
        yield "body", name
    for name in _parts(values.get("principal_receiver", ""))[:_MOST_RECEIVERS]:
        yield "receiver", name
    code, opening, _ = officialdoc.document_number(values.get("document_number", "")).partition("〔")
    if opening and code:
        yield "number_code", code[:_LONGEST]
        if department := values.get("organizational_structure_or_function", "").strip():
            yield "department", f"{code}{queries.PAIR}{department}"[:_LONGEST]


def _parts(text: str) -> list[str]:
    for mark in "，、,；;":
        text = text.replace(mark, "\n")
    return [part.strip()[:_LONGEST] for part in text.split("\n") if part.strip()]
