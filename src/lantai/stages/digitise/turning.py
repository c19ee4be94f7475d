"""Turning a page upright that came the wrong way round: a new picture of the scan with its recipe, read again; the scan stays as it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import F

from lantai.core import access, officialdoc
from lantai.core.access import Actor
from lantai.core.digitising import ITEM_NAMES, ItemState
from lantai.core.errors import Refusal
from lantai.packages import sealing
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.imager import Job
from lantai.ports.recogniser import ReadPage
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page
from lantai.shelves.ledger import entries
from lantai.stages.digitise import erasing, layers, pictures, proposing, reading

_OPEN = (ItemState.PROPOSED, ItemState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class _Made:
    """The new picture of a page and what was read in it, both durable."""

    looked: pictures.Looked
    picture: str
    lines: str
    read: ReadPage


def turn(house: House, actor: Actor, page_id: str) -> Page:
    """Turn a page by 90° clockwise for everybody: its picture is made anew from the scan, read again, and its item proposed again.

    Refusals: ACCESS-REFUSED, DIGITISE-PAGE-UNKNOWN, DIGITISE-STATE once the item is accepted, DIGITISE-CHANGED where somebody else
    changed the page meanwhile. Raises Fault SCAN-UNREADABLE.
    """
    if not access.may(actor, "digitise:item:describe").allowed:
        access.require(actor, "digitise:page:inspect")
    page = queries.page(page_id)
    row = page.item
    if row is None or row.state not in _OPEN:
        raise Refusal("DIGITISE-STATE", page.batch.code, state=ITEM_NAMES[row.state] if row else "分隔页", act="旋转")
    if not page.recipe.get("source"):
        raise Refusal("DIGITISE-PAGE-UNKNOWN", page_id)
    made = _made(house, page)
    pages = queries.kept_pages(row.id)
    read = [(each, made.read if each.id == page.id else _kept(house, each)) for each in pages]
    texts = [answer.text for _, answer in read if answer is not None]
    if officialdoc.secrecy(texts, dict(row.catalogue.elements) if row.catalogue else {}, row.key).is_blocked:
        for place in (made.picture, made.lines):
            sealing.erase(house.data / place)
        erasing.erase(house, row)
        return page
    _apply(house, actor, page, made, proposing.propose(house, row, read, proposing.known(house)))
    return queries.page(page_id)


def _made(house: House, page: Page) -> _Made:
    """Make the picture and its lines beside those that are there, under names of their own; what is in their way is left over."""
    folder = house.data / "scans" / page.batch_id / "pages"
    turns = (pictures.quarter_turns(page.recipe.get("steps", ())) - 1) % 4
    target = folder / f"{page.id}-{house.ids.new()[-8:]}"
    job = Job(house.data / str(page.recipe["source"]), target, quarter_turns=turns)
    looked = pictures.looked(house, next(iter(house.imager.look([job]))))
    read = next(iter(house.recogniser.read([looked.picture])))
    lines = looked.picture.with_suffix(".json")
    lines.write_bytes(reading.as_json(read))
    make_durable(folder)
    return _Made(looked, str(looked.picture.relative_to(house.data)), str(lines.relative_to(house.data)), read)


def _kept(house: House, page: Page) -> ReadPage | None:
    return layers.read_page(house.data / page.lines) if page.lines else None


def _apply(house: House, actor: Actor, page: Page, made: _Made, proposed: proposing.Proposed) -> None:
    """Let the new picture take the old one's place, and the new proposal that of an item that nobody has submitted."""
    old, row, now = (page.picture, page.lines), page.item, house.clock.now()
    degrees = (page.turned + 90) % 360
    changed = {
        "turned": degrees, "picture": made.picture, "lines": made.lines, "engine": made.read.engine[:100],
        "confidence": min((line.confidence for line in made.read.lines), default=None),
        "recipe": made.looked.recipe | {"source": page.recipe["source"]}, "quality": made.looked.quality,
        "defects": [asdict(item) for item in made.looked.defects], "fingerprint": made.looked.fingerprint,
    }  # fmt: skip
    with transaction.atomic():
        if not Page.objects.filter(id=page.id, version=page.version).update(version=F("version") + 1, **changed):
            raise Refusal("DIGITISE-CHANGED", f"第 {page.sequence} 页", who="他人")
        if row is not None and row.state == ItemState.PROPOSED:
            values = {"read": proposed.fields, "risk": proposed.risk, "title": proposed.title or row.title}
            Item.objects.filter(id=row.id, state=ItemState.PROPOSED).update(version=F("version") + 1, **values)
        told = {"page": page.sequence, "turned": degrees, "engine": made.read.engine}
        entries.append(now, [entries.Entry("digitising:turned", actor.id, page.id, told)], ids=house.ids)
    _remove([house.data / place for place in old if place])


def _remove(places: Sequence[Path]) -> None:
    for place in places:
        place.unlink(missing_ok=True)
