"""著录 as a screen: one item with its pages, the boxes of what was read, and the form with where each value comes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import Difference, ItemState, compare, level
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page
from lantai.stages.digitise import assigning, describing, form
from lantai.stages.report import digitising, scope
from lantai.standards import da_t_46

SOURCES = {"count": "扫描页数", "batch": "本批次", "rule": "规则建议", "page": ""}
_LONG = frozenset({"title", "principal_receiver", "other_receivers", "attachment_note", "annotation"})
_PERIODS = ("永久", "30年", "10年")


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page that a field was read from: its number on the screen, the field, edges in pixels, and how sure it is."""

    number: int
    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    level: str
    percent: int
    is_first: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the item: its id, number, size in pixels, the boxes on it, and its lines for the text layer."""

    id: str
    number: int
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[dict[str, Any], ...]
    is_blank: bool
    turned: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: value, what it may be instead, where it comes from, and what speaks for and against it."""

    name: str
    label: str
    is_required: bool
    kind: str
    value: str
    read: str
    percent: int
    level: str
    source: str
    number: int
    page: str
    crop: str
    reason: str
    against: str
    candidates: tuple[dict[str, str], ...]
    options: tuple[tuple[str, str], ...]
    is_seen: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole screen of one item; ``at`` of ``total`` is its place in the batch, ``earlier`` and ``later`` its open neighbours."""

    item: Item
    leaves: tuple[Leaf, ...]
    fields: tuple[Field, ...]
    must: int
    glance: int
    taken: int
    at: int
    total: int
    left: int
    earlier: str
    later: str
    draft_by: str
    draft_at: datetime | None
    differences: tuple[Difference, ...]
    labels: Mapping[str, str]


def first(actor: Actor, batch_id: str = "", after: int = 0) -> str:
    """Return the id of the next item that waits for a description: of the batch behind *after*, what is in doubt last; empty for none.

    Without a batch, one that *actor* was named for comes before the others.
    """
    access.require(actor, "digitise:item:describe")
    rows = Item.objects.filter(state=ItemState.PROPOSED, needs_attention="")
    named = rows.filter(batch__in=assigning.named_for(actor.id, "describe"))
    own = rows.filter(batch_id=batch_id) if batch_id else named
    for found in (own.filter(sequence__gt=after, doubt=""), own.filter(doubt=""), rows.filter(doubt=""), own, rows):
        if key := found.order_by("batch_id", "sequence").values_list("id", flat=True).first():
            return str(key)
    return ""


def waiting(actor: Actor) -> int:
    """Return how many items wait for a description, 0 for whoever may not describe."""
    if not access.may(actor, "digitise:item:describe").allowed:
        return 0
    return Item.objects.filter(state=ItemState.PROPOSED, needs_attention="").count()


def desk(house: House, actor: Actor, item_id: str) -> Desk:
    """Return the screen of an item. Refusals: ACCESS-REFUSED, DIGITISE-ITEM-UNKNOWN."""
    access.require(actor, "digitise:item:describe")
    row = queries.item(item_id)
    values, seen = standing(row)
    pages = queries.kept_pages(row.id)
    fields = _fields(house, row, values, seen)
    siblings = Item.objects.filter(batch=row.batch).exclude(state__in=(ItemState.ERASED,))
    open_ = siblings.filter(state=ItemState.PROPOSED)
    listed = row.catalogue.elements if row.catalogue else {}
    read = {name: (str(field["value"]), float(field["confidence"])) for name, field in row.read.items()}
    shown = [field for field in fields if field.value and not field.is_seen and field.value == field.read]
    return Desk(
        row,
        tuple(_leaf(house, page, at, fields, row.read) for at, page in enumerate(pages, 1)),
        fields,
        sum(field.level == "must" for field in shown),
        sum(field.level == "glance" for field in shown),
        sum(field.level == "sure" or field.is_seen for field in fields if field.percent),
        siblings.filter(sequence__lte=row.sequence).count(),
        siblings.count(),
        open_.count(),
        open_.filter(sequence__lt=row.sequence).order_by("-sequence").values_list("id", flat=True).first() or "",
        open_.filter(sequence__gt=row.sequence).order_by("sequence").values_list("id", flat=True).first() or "",
        digitising.names({row.draft_by}).get(row.draft_by, ""),
        row.draft_at,
        compare(listed, read) if row.catalogue else (),
        {item.code: item.name for item in da_t_46.base()},
    )


def standing(row: Item) -> tuple[dict[str, str], set[str]]:
    """Return the values as they stand (draft, else confirmed, else read, else catalogue) and the fields a person has looked at."""
    listed = {name: str(value) for name, value in (row.catalogue.elements if row.catalogue else {}).items()}
    read = {name: str(field["value"]) for name, field in row.read.items()}
    own = row.draft.get("values") or row.values
    return listed | read | {name: str(value) for name, value in own.items()}, set(row.draft.get("seen", ()))


def _fields(house: House, row: Item, values: Mapping[str, str], seen: set[str]) -> tuple[Field, ...]:
    marks, numbers = describing.marks(house), _numbers(row.read)
    made = []
    for item in form.fields():
        name, read = item.name, row.read.get(item.name, {})
        confidence = float(read.get("confidence", 0))
        value = values.get(name, "") or item.default
        options = _listed(item.values, value) or _options(name, value)
        made.append(
            Field(
                name, item.label, item.is_required, "select" if options else "long" if name in _LONG else "line", value,
                str(read.get("value", "")), round(confidence * 100), level(confidence, marks) if read else "",
                SOURCES.get(str(read.get("source", "")), ""), numbers.get(name, 0), str(read.get("page", "")), _crop(read),
                str(read.get("reason", "")), str(read.get("against", "")), tuple(read.get("candidates", ())), options, name in seen,
            )
        )  # fmt: skip
    return tuple(made)


def _numbers(read: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of each field that has a place, in the order of the pages from the top down."""
    placed = [(field["page"], min(box[1] for box in field["boxes"]), name) for name, field in read.items() if field.get("boxes")]
    known = [item.name for item in form.fields()]
    return {name: at for at, (_, _, name) in enumerate(sorted(item for item in placed if item[2] in known), 1)}


def _crop(read: Mapping[str, Any]) -> str:
    """Return the part of the page around a field as ``x0,y0,x1,y1`` in pixels, with some room, empty where it has no place."""
    boxes = read.get("boxes") or []
    if not boxes:
        return ""
    room = max(box[3] - box[1] for box in boxes)
    edges = (
        min(b[0] for b in boxes) - room,
        min(b[1] for b in boxes) - room,
        max(b[2] for b in boxes) + room,
        max(b[3] for b in boxes) + room,
    )
    return ",".join(str(max(0, round(edge))) for edge in edges)


def _listed(admitted: tuple[str, ...], value: str) -> tuple[tuple[str, str], ...]:
    """Return the agency's own list of values, and what stands in the field though it is not on it."""
    known = admitted if not value or value in admitted else (*admitted, value)
    return tuple((one, one) for one in known) if admitted else ()


def _options(name: str, value: str) -> tuple[tuple[str, str], ...]:
    if name == "retention_period":
        known = _PERIODS if not value or value in _PERIODS else (*_PERIODS, value)
        return tuple((label, Retention.parse(label).label if label in _PERIODS else label) for label in known)
    if name == "organizational_structure_or_function":
        departments = scope.departments()
        known_codes = departments if value in departments or not value else {value: value, **departments}
        return tuple((code, f"{code}　{label}" if code != label else code) for code, label in known_codes.items())
    return ()


def _leaf(house: House, page: Page, number: int, fields: tuple[Field, ...], read: Mapping[str, Any]) -> Leaf:
    document = _lines(house, page)
    width, height = int(document.get("width") or page.width or 1), int(document.get("height") or page.height or 1)
    boxes = [
        Box(field.number, field.name, field.label, box[0], box[1], box[2] - box[0], box[3] - box[1], field.level, field.percent, at == 0)
        for field in fields
        if field.number and field.page == page.id
        for at, box in enumerate(read[field.name]["boxes"])
    ]
    lines = tuple(_line(line) for line in document.get("lines", ()) if line["text"].strip())
    return Leaf(page.id, number, width, height, tuple(boxes), lines, page.kind == "blank", page.turned)


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    x0, y0, x1, y1 = line["box"]
    return {"text": line["text"], "x": x0, "y": y1 - (y1 - y0) * 0.18, "width": max(1, x1 - x0), "size": max(1, (y1 - y0) * 0.86)}


def _lines(house: House, page: Page) -> dict[str, Any]:
    if not page.lines:
        return {}
    try:
        return dict(json.loads((house.data / page.lines).read_bytes()))
    except (OSError, ValueError):
        return {}
