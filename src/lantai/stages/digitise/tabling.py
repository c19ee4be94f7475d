"""What only a person can say of a batch, as a table: it goes out with what was read, is filled in, and comes back.

Each row that is marked as looked at is submitted. A row is an item as it stood when the table went out; one that has changed since
is told and left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import ItemState
from lantai.core.errors import Refusal
from lantai.packages import catalogue, workbook
from lantai.packages.outside import Unreadable
from lantai.packages.workbook import Cell, Sheet
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, ScanBatch
from lantai.stages.digitise import confirming, describing, form
from lantai.stages.digitise.confirming import Left
from lantai.stages.digitise.describing import Entered

_ID, _VERSION, _ITEM, _ASKED, _SEEN = "标识", "版本", "第几件", "请看", "已核对"
_HEAD = ((_ID, 28), (_VERSION, 6), (_ITEM, 20), (_ASKED, 60), (_SEEN, 8))
_YES = frozenset({"是", "y", "yes", "1", "√", "true"})
_SUBMITTED = frozenset({ItemState.CONFIRMED, ItemState.ACCEPTED, ItemState.DELIVERED})
_WIDTHS = {"title": 50, "author": 24, "document_number": 24, "principal_receiver": 24}


@dataclass(slots=True)
class Entries:
    """What came of a table: items submitted, rows nobody has looked at yet, items submitted before, and (row, why) of those refused."""

    done: int = 0
    unseen: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def write(house: House, actor: Actor, batch_id: str, out: BinaryIO, *, period: str = "") -> int:
    """Write what is left to be said of a batch as a workbook to *out*, a row an item; return how many. Refusals: ACCESS-REFUSED."""
    access.require(actor, "digitise:item:describe")
    fields = form.fields()
    items = [item for item in confirming.left(house, batch_id, period=period) if item.asked or item.remarks]
    headings = [*_HEAD, *((item.label, _WIDTHS.get(item.name, 14)) for item in fields)]
    rows = [_row(item, [field.name for field in fields]) for item in items]
    workbook.write(out, [Sheet("著录", headings, rows)], made=house.clock.now())
    return len(rows)


def _row(item: Left, names: Sequence[str]) -> list[Cell]:
    row, drafted = item.row, item.row.draft.get("values", {})
    asked = [f"{one.label}（{int(100 * one.confidence)}% {one.reason}）" if one.value else f"{one.label}（没有读出）" for one in item.asked]
    values = [str(drafted.get(name) or item.values.get(name, "")) for name in names]
    return [row.id, row.version, f"{row.sequence} {row.key}", "；".join([*asked, *item.remarks]), "", *values]


def enter(house: House, actor: Actor, batch_id: str, path: Path) -> Entries:
    """Submit every row of a table that is marked as looked at, each by itself; repeated, what is submitted is passed by.

    Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN, DIGITISE-TABLE where it is no such table.
    """
    access.require(actor, "digitise:item:describe")
    batch, told = queries.batch(batch_id), Entries()
    for number, said in list(_lines(path)):
        if said[_SEEN].strip().lower() not in _YES:
            told.unseen += 1
            continue
        try:
            is_new = _enter(house, actor, batch, said)
        except Refusal as refused:
            told.refused.append((number, refused.message))
            continue
        told.done += is_new
        told.known += not is_new
    return told


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table by heading, each with its number. Raises Refusal DIGITISE-TABLE."""
    try:
        headings, lines = catalogue.table(path)
        if missing := [name for name, _ in _HEAD if name not in headings]:
            raise Refusal("DIGITISE-TABLE", path.name, reason=f"没有“{'”“'.join(missing)}”列")
        for number, cells in lines:
            yield number, dict(zip(headings, [*cells, *[""] * len(headings)], strict=False))
    except Unreadable as problem:
        raise Refusal("DIGITISE-TABLE", path.name, reason=str(problem)) from None


def _enter(house: House, actor: Actor, batch: ScanBatch, said: dict[str, str]) -> bool:
    """Submit one row; False where its item is submitted already."""
    row = Item.objects.filter(id=said[_ID].strip(), batch=batch).first()
    if row is None:
        raise Refusal("DIGITISE-ITEM-UNKNOWN", said[_ITEM] or said[_ID])
    if row.state in _SUBMITTED:
        return False
    values = {item.name: said[item.label].strip() for item in form.fields() if item.label in said}
    if not said[_VERSION].strip().isdecimal() or int(said[_VERSION]) != row.version:
        raise Refusal("DIGITISE-TABLE", row.title or row.key, reason="导出之后这一件有了变动")
    describing.confirm(house, actor, row.id, Entered(values, tuple(values), row.version))
    return True
