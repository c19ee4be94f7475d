"""Image processing of an item: every frame made a picture of its own, measured, cleaned; what stands out is remarked, nothing altered.

The scan stays untouched. A picture is made from it by the recipe that stands in the row, so that it can be thrown away and made again.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lantai.core.digitising import Defect, ItemState, alike, millimetres, too_long
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.formats import frames
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page, StepDone
from lantai.shelves.ledger import entries
from lantai.stages.digitise import pictures

WORKER = "worker"
COLUMNS = ("width", "height", "dpi", "fingerprint", "quality", "defects", "recipe", "picture", "kind")


def process_item(house: House, row: Item) -> None:
    """Measure and clean every page of a received item. A page that cannot be decoded is remarked and left out; the others go on."""
    began = house.clock.now()
    pages = [page for page in queries.pages_of([row]).get(row.id, []) if page.kind != "separator"]
    place = house.data / "scans" / row.batch_id / "pages"
    place.mkdir(parents=True, exist_ok=True)
    told: list[Finding] = []
    undrawn = Counter[str]()
    for page in pages:
        try:
            _still_drawn(house, page, undrawn[page.scan_id])
            _one(house, page, place)
        except (frames.FrameDamaged, Fault, OSError) as problem:
            reason = reason_of(problem)
            told.append(finding("DIGITISE-UNREADABLE", f"第 {page.sequence} 页", reason=reason))
            page.kind, page.picture = "aside", ""
            undrawn[page.scan_id] += 1
    good = [page for page in pages if page.kind != "aside"]
    _beside_one_another(good)
    if good:
        make_durable(place)
    _apply(house, row, pages, told, began=began)


def _still_drawn(house: House, page: Page, undrawn: int) -> None:
    """Raise FrameDamaged where so many pages of this PDF could not be drawn that the rest of it is set aside with them."""
    if undrawn >= house.settings.scan_undrawn_most and frames.is_pdf(house.data / page.scan.stored):
        raise frames.FrameDamaged(f"这个文件已有 {house.settings.scan_undrawn_most} 页画不出来，其余页不再去画")


def reason_of(problem: Exception) -> str:
    """Return why a page could not be read, in words that name no place of this machine."""
    if isinstance(problem, Fault):
        return problem.message.replace(problem.where, "这一页") if problem.where else problem.message
    return str(problem) if isinstance(problem, frames.FrameDamaged) else "文件读不出来"


def _one(house: House, page: Page, place: Path) -> None:
    """Make the picture of one page and note what was measured; running it again makes the same."""
    scan, limit = house.data / page.scan.stored, house.settings.file_pixels
    source = scan
    if page.scan.frames > 1 or frames.is_pdf(scan):
        source = place / f"{page.id}{'.frame.png' if frames.is_pdf(scan) else '.frame.tif'}"
        with suppress(FileNotFoundError):
            source.unlink()
        frames.extract(house.reader, scan, page.frame, source, pixels=limit)
    looked = pictures.look(house, source, place / page.id)
    page.width, page.height, page.dpi, page.fingerprint = looked.width, looked.height, looked.dpi, looked.fingerprint
    page.quality, page.recipe = looked.quality, looked.recipe | {"source": _below(house, source)}
    page.defects = [asdict(item) for item in looked.defects]
    page.picture = _below(house, looked.picture)
    page.kind = "blank" if looked.is_blank else "page"


def _below(house: House, path: Path) -> str:
    return str(path.relative_to(house.data))


def _beside_one_another(pages: Sequence[Page]) -> None:
    """Remark what only shows beside the other pages: two that look alike, and one that is much longer than the rest."""
    for at, before in alike([page.fingerprint if page.kind == "page" else "" for page in pages]):
        _add(pages[at], Defect("duplicate", f"与第 {pages[before].sequence} 页相同"))
    heights = [millimetres(page.height, page.dpi) for page in pages]
    for at in too_long(heights):
        _add(pages[at], Defect("double_feed", "疑似双张"))


def _add(page: Page, defect: Defect) -> None:
    page.defects = [*(item for item in page.defects if item["name"] != defect.name), asdict(defect)]


def _apply(house: House, row: Item, pages: Sequence[Page], told: Sequence[Finding], *, began: datetime) -> None:
    now, count = house.clock.now(), sum(page.kind == "page" for page in pages)
    usable = any(page.kind in queries.KEPT for page in pages)
    target, verb = (ItemState.PROCESSED, "process") if usable else (ItemState.ASIDE, "set_aside")
    kept = [item for item in row.findings if item["code"] != "DIGITISE-UNREADABLE" or not item["where"].startswith("第 ")]
    findings = [*kept, *(item.as_json() for item in told)]
    with transaction.atomic():
        if not queries.move(row, verb, target, {"findings": findings, "page_count": count}):
            return
        save_unchanged(Page, list(pages), COLUMNS)
        StepDone.objects.create(
            id=house.ids.new(), batch_id=row.batch_id, item_id=row.id, step="process", operator=WORKER, began_at=began, ended_at=now,
            items=1, pages=len(pages),
        )  # fmt: skip
        if target is ItemState.ASIDE:
            body = {"item": row.sequence, "reasons": [item.code for item in told]}
            entries.append(now, [entries.Entry("digitising:aside", WORKER, row.batch_id, body)], ids=house.ids)
