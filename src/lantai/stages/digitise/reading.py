"""Recognising the pages of a batch, and what follows for each item: a marked one is erased, for every other one fields are proposed.

Pages of all items flow through the engine one after the other; an item is brought forward as soon as its last page is there.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lantai.core import access, officialdoc
from lantai.core.access import Actor
from lantai.core.digitising import ITEM_NAMES, ItemState
from lantai.core.errors import Fault, Refusal
from lantai.core.findings import Finding, finding
from lantai.formats import frames
from lantai.packages import sealing
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.recogniser import ReadPage
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page, StepDone
from lantai.shelves.ledger import entries
from lantai.stages.digitise import erasing, layers, proposing
from lantai.stages.digitise.processing import NOT_OF_THE_PAGE, reason_of

WORKER = "worker"
SCHEMA = "lantai-lines/1"
_WIDEST = 4000


@dataclass(slots=True)
class _Gathered:
    """An item while its pages come back from the engine."""

    row: Item
    pages: list[Page]
    read: list[ReadPage | None] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def recognise_batch(house: House, batch_id: str) -> Iterator[Item]:
    """Recognise every processed item of a batch and yield each as it is done. Raises Fault where there is no engine to read with."""
    rows = list(queries.waiting(batch_id, ItemState.PROCESSED))
    if not rows:
        return
    pages = queries.pages_of(rows)
    known = proposing.known(house)
    gathered = [_Gathered(row, [page for page in pages.get(row.id, []) if page.kind in queries.KEPT]) for row in rows]
    places = (house.data / page.picture for item in gathered for page in item.pages)
    answers = iter(house.recogniser.read(places))
    for item in gathered:
        began = house.clock.now()
        for page in item.pages:
            _next(answers, page, item)
        if officialdoc.secrecy(_texts(item), _metadata(item), _names(item)).is_blocked:
            erasing.erase(house, item.row)
        else:
            _keep(house, item, proposing.propose(house, item.row, list(zip(item.pages, item.read, strict=True)), known), began=began)
        yield item.row


def _next(answers: Iterator[ReadPage], page: Page, item: _Gathered) -> None:
    """Take the next answer; a page that could not be read is remarked, and the others go on."""
    try:
        item.read.append(next(answers))
    except Fault as problem:
        if problem.code in NOT_OF_THE_PAGE:
            raise
        item.read.append(None)
        item.findings.append(finding("DIGITISE-UNREADABLE", f"第 {page.sequence} 页", reason=reason_of(problem)))


def _texts(item: _Gathered) -> list[str]:
    return [read.text for read in item.read if read is not None]


def _metadata(item: _Gathered) -> dict[str, object]:
    return dict(item.row.catalogue.elements) if item.row.catalogue else {}


def _names(item: _Gathered) -> str:
    return " ".join([item.row.key, *(page.scan.path for page in item.pages)])


def _keep(house: House, item: _Gathered, proposed: proposing.Proposed, *, began: datetime) -> None:
    """Write the lines of every page, then the rows: pages, item, event and the step for the flow sheet."""
    changed = []
    for page, read in zip(item.pages, item.read, strict=True):
        if read is None:
            continue
        place = Path(page.picture).with_suffix(".json")
        (house.data / place).write_bytes(as_json(read))
        page.lines, page.engine = str(place), read.engine[:100]
        page.confidence = min((line.confidence for line in read.lines), default=None)
        changed.append(page)
    if changed:
        make_durable((house.data / changed[0].lines).parent)
    now, row = house.clock.now(), item.row
    findings = [*row.findings, *(told.as_json() for told in (*item.findings, *proposed.findings))]
    values = {"read": proposed.fields, "findings": findings, "risk": proposed.risk, "title": row.title or proposed.title}
    with transaction.atomic():
        if not queries.move(row, "recognise", ItemState.PROPOSED, values):
            return
        save_unchanged(Page, changed, ("lines", "engine", "confidence"))
        StepDone.objects.create(
            id=house.ids.new(), batch_id=row.batch_id, item_id=row.id, step="recognise", operator=WORKER, began_at=began, ended_at=now,
            items=1, pages=len(item.pages), facts={"engine": house.recogniser.name},
        )  # fmt: skip
        told = {"item": row.sequence, "pages": len(item.pages), "engine": house.recogniser.name}
        entries.append(now, [entries.Entry("digitising:processed", WORKER, row.batch_id, told)], ids=house.ids)


def read_again(house: House, actor: Actor, page_id: str, box: tuple[int, int, int, int]) -> tuple[str, float]:
    """Read a part of a page again, *box* in pixels of its picture; return its text and the least confidence of its lines.

    A part that bears a mark of secrecy, alone or with what was read of the page before, erases the item as reading the page would have.

    Refusals: ACCESS-REFUSED, DIGITISE-PAGE-UNKNOWN, DIGITISE-STATE, DIGITISE-MARK-FOUND. Raises Fault where the engine fails.
    """
    access.require(actor, "digitise:item:describe")
    page = queries.page(page_id)
    row = page.item
    content = frames.crop(house.data / page.picture, box, pixels=house.settings.file_pixels, width=_WIDEST) if page.picture else None
    if content is None or row is None:
        raise Refusal("DIGITISE-PAGE-UNKNOWN", page_id)
    if row.state != ItemState.PROPOSED:
        raise Refusal("DIGITISE-STATE", page.batch.code, state=ITEM_NAMES[row.state], act="重读")
    read = _part(house, content)
    before = layers.read_page(house.data / page.lines) if page.lines else None
    if _is_marked(read, before):
        erasing.erase(house, row)
        raise Refusal("DIGITISE-MARK-FOUND", f"第 {row.sequence} 件")
    return "".join(line.text for line in read.lines), min((line.confidence for line in read.lines), default=0.0)


def _is_marked(read: ReadPage, before: ReadPage | None) -> bool:
    """Tell whether a part shows a mark, by itself or at the head of what was read of its page before."""
    texts = [read.text, *([f"{read.text}\n{before.text}"] if before else [])]
    return any(officialdoc.secrecy([text], {}, "").is_blocked for text in texts)


def _part(house: House, content: bytes) -> ReadPage:
    """Read a picture that lies in the scratch folder no longer than that takes."""
    place = house.data / "scratch" / f"{house.ids.new()}.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.write_bytes(content)
        return next(iter(house.recogniser.read([place])))
    finally:
        sealing.erase(place)


def as_json(read: ReadPage) -> bytes:
    """Return the lines of a page with boxes in pixels of its picture, character by character, as one JSON document."""
    lines = [
        {
            "text": line.text,
            "box": _box(line.box),
            "confidence": round(line.confidence, 4),
            "vertical": line.is_vertical,
            "chars": [[text, _box(box), round(confidence, 4)] for text, box, confidence in line.chars],
        }
        for line in read.lines
    ]
    unread = [_box(box) for box in read.unread]
    document = {"schema": SCHEMA, "width": read.width_px, "height": read.height_px, "dpi": read.dpi, "engine": read.engine}
    return json.dumps(document | {"lines": lines, "unread": unread}, ensure_ascii=False, separators=(",", ":")).encode()


def _box(box: Sequence[float]) -> list[float]:
    return [round(edge, 1) for edge in box]
