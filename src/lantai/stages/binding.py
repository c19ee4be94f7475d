"""What binding volumes 组卷 means: what is kept of a volume before and after, how its items lie in it, what its items say of it.

Shared by the verbs that bind (volumes), take back (undo) and withdraw a number (number).
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from lantai.core import volume as core
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.record import Relation
from lantai.core.volume import Item, Sums
from lantai.ports import House
from lantai.shelves.holdings.models import Record, Volume, VolumeItem
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries

#: The kind of act that this module puts back.
KIND = "volume"
OPEN, FIXED, UNDONE = "open", "fixed", "undone"
#: The elements that say of an item where in its volume it lies (DA/T 46, M15 and M20).
ELEMENTS = ("agency_file_number", "page_number")
PART_OF = "组成"
TOLD = 500
Items = list[tuple[Item, Record]]


def snapshot(row: Volume, record_ids: Sequence[str]) -> dict[str, Any]:
    """Return what an act keeps of a volume."""
    return {"state": row.state, "title": row.title, "note": row.note, "records": list(record_ids)}


def records_of(volume_id: str) -> list[str]:
    """Return the ids of the records in a volume, in their order."""
    return list(VolumeItem.objects.filter(volume_id=volume_id).order_by("sequence").values_list("record_id", flat=True))


def items_of(volumes: Sequence[Volume]) -> dict[str, Items]:
    """Return the items of volumes in their order, by volume id, with their records; one query."""
    found: dict[str, Items] = {row.id: [] for row in volumes}
    filed = VolumeItem.objects.filter(volume_id__in=list(found)).select_related("record").order_by("volume_id", "sequence")
    for place in filed.defer("record__agents", "record__events", "record__arrival"):
        found[place.volume_id].append((item(place.record), place.record))
    return found


def item(row: Record) -> Item:
    """Return a record as its volume sees it."""
    where = (row.fonds, row.category, row.year, row.department)
    return Item(row.id, row.title, row.document_date, row.page_count, row.retention, where, _impediment(row))


def _impediment(row: Record) -> str:
    if row.code:
        return ""
    if row.state != State.ARRANGED or row.quarantined:
        return "已不在整理中"
    if row.hold:
        return "已冻结"
    if row.needs_attention:
        return "还有事要人处理"
    if "archival_code" in row.elements:
        return "自带档号，应登记原有档号"
    missing = [label for name, label in (("title", "题名"), ("year", "年度"), ("retention", "保管期限")) if not getattr(row, name)]
    return f"缺{'、'.join(missing)}" if missing else ""


def lay(volume_id: str, record_ids: Sequence[str]) -> None:
    """Let just these records lie in a volume, in this order. Raises Refusal VOLUME-ELSEWHERE where one lies in another."""
    VolumeItem.objects.filter(volume_id=volume_id).delete()
    try:
        with transaction.atomic():
            VolumeItem.objects.bulk_create(
                VolumeItem(record_id=key, volume_id=volume_id, sequence=at) for at, key in enumerate(record_ids, 1)
            )
    except IntegrityError as problem:
        raise Refusal("VOLUME-ELSEWHERE", elsewhere(volume_id, record_ids)) from problem


def elsewhere(volume_id: str, record_ids: Sequence[str]) -> str:
    """Return the title of the first record that lies in another volume, empty where none does."""
    taken = VolumeItem.objects.filter(record_id__in=record_ids).exclude(volume_id=volume_id)
    return (taken.values_list("record__title", flat=True).first() or "")[:30]


def bind(row: Record, volume: Volume, sums: Sums, *, at: int, first_page: int | None) -> None:
    """Let a record say which volume it is part of, where in it, and what the volume is."""
    row.elements["agency_file_number"] = volume.code.rpartition("-")[2]
    if first_page is not None and row.page_count:
        last = first_page + row.page_count - 1
        row.elements["page_number"] = str(first_page) if last == first_page else f"{first_page}-{last}"
    pages = f"{sums.pages} 页" if sums.pages is not None else "页数未计"
    told = f"案卷《{volume.title}》，{sums.span}，保管期限 {sums.retention}，共 {sums.count} 件 {pages}，本件为第 {at} 件"
    row.relations = [*_others(row), _relation(Relation(volume.code, "文件—文件", PART_OF, told[:1000]))]


def _relation(value: Relation) -> dict[str, str]:
    return {
        "target": value.target,
        "kind": value.kind,
        "relation": value.relation,
        "description": value.description,
        "source": value.source,
    }


def loosen(row: Record) -> None:
    """Let a record say nothing of a volume any more."""
    row.relations = _others(row)
    for name in ELEMENTS:
        row.elements.pop(name, None)


def let_go(record_id: str) -> None:
    """Take a record out of the volume it lies in; the places of the others stay."""
    VolumeItem.objects.filter(record_id=record_id).delete()


def _others(row: Record) -> list[dict[str, str]]:
    filed = VolumeItem.objects.filter(record_id=row.id).select_related("volume").first()
    code = filed.volume.code if filed else ""
    return [other for other in row.relations if not (code and other.get("target") == code and other.get("relation") == PART_OF)]


def sums_of(items: Sequence[tuple[Item, Record]]) -> Sums:
    """Return what follows from the items of a volume."""
    return core.sums([each for each, _ in items])


def put_back(house: House, act: Act, actor_id: str) -> int:
    """Put a volume back as it was before an act, if it still is as the act left it; return how many records it touched, 0 for none."""
    row = Volume.objects.filter(id=act.asked["volume"]).first()
    if row is None or row.state == FIXED or snapshot(row, records_of(row.id)) != act.asked["after"]:
        return 0
    before = act.asked["before"] or act.asked["after"] | {"state": UNDONE, "records": []}
    body = {"undoes": act.id, "title": before["title"], "records": before["records"][:TOLD], "count": len(before["records"])}
    event = "volume:undone" if before["state"] == UNDONE else "volume:changed"
    try:
        with transaction.atomic():
            columns = {name: before[name] for name in ("state", "title", "note")}
            own = Volume.objects.filter(id=row.id, version=row.version)
            if not own.update(version=row.version + 1, **columns):
                return 0
            lay(row.id, before["records"])
            entries.append(house.clock.now(), [entries.Entry(event, actor_id, row.id, body)], ids=house.ids)
    except Refusal:  # a record lies in another volume by now
        return 0
    return act.done
