"""What accepted records teach: names of bodies, receivers and the codes of their numbers, in a table that people can read."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import F

from lantai.core import officialdoc
from lantai.core.digitising import ItemState
from lantai.ports import House
from lantai.shelves.digitising.models import Item, Learned, ScanBatch

_LONGEST = 200
_MOST_RECEIVERS = 20


def learn(house: House, batch: ScanBatch) -> None:
    """Count what the accepted items of a batch name; must run in the transaction that accepts them."""
    rows = Item.objects.filter(batch=batch, state=ItemState.ACCEPTED).values_list("values", flat=True)
    for (kind, value), count in Counter(pair for values in rows for pair in _named(values)).items():
        row, _ = Learned.objects.get_or_create(kind=kind, value=value, defaults={"id": house.ids.new()})
        Learned.objects.filter(id=row.id).update(count=F("count") + count, version=F("version") + 1)


def _named(values: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in _parts(values.get("author", "")):
        yield "body", name
    for name in _parts(values.get("principal_receiver", ""))[:_MOST_RECEIVERS]:
        yield "receiver", name
    code, opening, _ = officialdoc.document_number(values.get("document_number", "")).partition("〔")
    if opening and code:
        yield "number_code", code[:_LONGEST]


def _parts(text: str) -> list[str]:
    for mark in "，、,；;":
        text = text.replace(mark, "\n")
    return [part.strip()[:_LONGEST] for part in text.split("\n") if part.strip()]
