"""Questions to the digitising shelf. No rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from lantai.core import beijing
from lantai.core.digitising import ItemState, origins
from lantai.core.errors import Refusal
from lantai.ports.clock import Ids
from lantai.shelves import databases
from lantai.shelves.digitising.models import Acceptance, Item, Learned, Page, Project, ScanBatch, StepDone

#: Kinds of pages that become part of a record.
KEPT = ("page", "blank")
#: What stands between the code of a number and the department in what was learned of both.
PAIR = " → "


def next_code(prefix: str, model: type[Project] | type[ScanBatch], now: datetime) -> str:
    """Return the next free code PREFIX-YYYY-NNNN of the year and hold the sequence until the transaction ends."""
    databases.lock(f"{prefix} code")
    head = f"{prefix}-{now.astimezone(beijing.ZONE):%Y}-"
    codes = model.objects.filter(code__startswith=head).values_list("code", flat=True)
    return f"{head}{max((int(code.removeprefix(head)) for code in codes), default=0) + 1:04d}"


def batch(key: str) -> ScanBatch:
    """Return the batch of that id or code. Raises Refusal DIGITISE-BATCH-UNKNOWN."""
    rows = ScanBatch.objects.select_related("project")
    found = rows.filter(id=key).first() or rows.filter(code=key).first()
    if found is None:
        raise Refusal("DIGITISE-BATCH-UNKNOWN", key)
    return found


def item(key: str) -> Item:
    """Return an item with its batch and catalogue row. Raises Refusal DIGITISE-ITEM-UNKNOWN."""
    found = Item.objects.filter(id=key).select_related("batch__project", "catalogue").first()
    if found is None:
        raise Refusal("DIGITISE-ITEM-UNKNOWN", key)
    return found


def page(key: str) -> Page:
    """Return a page with its scan, item and batch. Raises Refusal DIGITISE-PAGE-UNKNOWN."""
    found = Page.objects.filter(id=key).select_related("scan", "item", "batch__project").first()
    if found is None:
        raise Refusal("DIGITISE-PAGE-UNKNOWN", key)
    return found


def pages_of(items: Sequence[Item]) -> dict[str, list[Page]]:
    """Return the pages of items by item id, in order, with their scans; one query."""
    found: dict[str, list[Page]] = {}
    rows = Page.objects.filter(item_id__in=[row.id for row in items]).select_related("scan")
    for row in rows.order_by("sequence", "id"):
        found.setdefault(str(row.item_id), []).append(row)
    return found


def kept_pages(item_id: str) -> list[Page]:
    """Return the pages of an item that become part of its record, in order, with their scans."""
    return list(Page.objects.filter(item_id=item_id, kind__in=KEPT).select_related("scan").order_by("sequence", "id"))


def waiting(batch_id: str, state: str) -> "QuerySet[Item]":
    """Return the items of a batch in *state* that rest for nobody, in order."""
    return Item.objects.filter(batch_id=batch_id, state=state, needs_attention="").order_by("sequence", "id")


def move(row: Item, verb: str, target: ItemState, values: Mapping[str, Any] | None = None) -> bool:
    """Move an item as *verb* does, with further columns, if nobody changed it since it was read; tell whether it was."""
    own = Item.objects.filter(id=row.id, version=row.version, state__in=origins(verb))
    return bool(own.update(state=target, version=F("version") + 1, **(values or {})))


def counts(batch_id: str) -> dict[str, int]:
    """Return how many items of a batch stand in each state."""
    rows = Item.objects.filter(batch_id=batch_id).values("state").annotate(count=Count("id")).order_by("state")
    return {row["state"]: row["count"] for row in rows}


def steps_done(batch: ScanBatch) -> set[str]:
    """Return the steps of a batch that are done: those noted, and for steps on items those that no item awaits any more.

    What the catalogue-first shape calls 目录 is done with the first row of the catalogue; 扫描 with the first scan.
    """
    found = set(StepDone.objects.filter(batch=batch, item_id="").values_list("step", flat=True))
    found |= {"catalogue"} if batch.rows.exists() else set()
    tallied = counts(batch.id)
    if not tallied:
        return found
    found.add("scan")
    left = set(tallied)
    for steps, before in _AWAITED:
        if not left & before:
            found |= steps
    return found


_S = ItemState
_EARLY = {_S.RECEIVED.value}
#: Steps, and the states of items that show that they are still to be done.
_AWAITED: tuple[tuple[set[str], set[str]], ...] = (
    ({"process"}, _EARLY),
    ({"recognise", "link"}, {*_EARLY, _S.PROCESSED.value}),
    ({"describe"}, {*_EARLY, _S.PROCESSED.value, _S.PROPOSED.value}),
    ({"inspect", "accept"}, {*_EARLY, _S.PROCESSED.value, _S.PROPOSED.value, _S.CONFIRMED.value, _S.RESCAN.value}),
)


def acceptance(batch_id: str) -> Acceptance | None:
    """Return the newest acceptance of a batch."""
    return Acceptance.objects.filter(batch_id=batch_id).order_by("-id").first()


def learned(kind: str, *, least: int = 1) -> set[str]:
    """Return what was learned of a kind, seen at least so often, and not retired."""
    return set(Learned.objects.filter(kind=kind, count__gte=least, retired_at=None).values_list("value", flat=True))


def retired(kind: str) -> set[str]:
    """Return what was learned of a kind and retired by a person."""
    return set(Learned.objects.filter(kind=kind).exclude(retired_at=None).values_list("value", flat=True))


def used(kind: str, *, most: int = 5000) -> dict[str, int]:
    """Return what accepted records used of a kind and how often, the most used first, without what was retired."""
    rows = Learned.objects.filter(kind=kind, retired_at=None).order_by("-count", "value")
    return dict(rows.values_list("value", "count")[:most])


def teach(counted: Mapping[tuple[str, str], int], ids: Ids, *, batch: str, now: datetime) -> None:
    """Add to what was learned: how often accepted records of a batch had each (kind, value); runs in the transaction that accepts."""
    for (kind, value), count in sorted(counted.items()):
        row, _ = Learned.objects.get_or_create(kind=kind, value=value, defaults={"id": ids.new(), "first_batch": batch})
        told = {"last_batch": batch, "taught_at": now}
        Learned.objects.filter(id=row.id).update(count=F("count") + count, version=F("version") + 1, **told)


def departments_of(number_code: str) -> dict[str, int]:
    """Return how often accepted records with this code of their number went to which department."""
    rows = Learned.objects.filter(kind="department", value__startswith=f"{number_code}{PAIR}", retired_at=None)
    return {value.partition(PAIR)[2]: count for value, count in rows.values_list("value", "count")}
