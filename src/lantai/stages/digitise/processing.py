"""Image processing of a batch: every frame made a picture of its own, measured, cleaned; what stands out is remarked, nothing altered.

The scan stays untouched. A picture is made from it by the recipe that stands in the row, so that it can be thrown away and made again.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lantai.core.digitising import Defect, ItemState, alike, millimetres, too_long
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.formats import frames
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.imager import Job, Seen
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page, StepDone
from lantai.shelves.ledger import entries
from lantai.stages.digitise import pictures

WORKER = "worker"
#: Faults that say nothing of a page: nobody is there to look at any.
NOT_OF_THE_PAGE = frozenset({"RECOGNISER-NOT-STARTED"})
_NO_ANSWER = "图像处理没有回答就结束了"
COLUMNS = ("width", "height", "dpi", "fingerprint", "quality", "defects", "recipe", "picture", "kind")


@dataclass(slots=True)
class _Gathered:
    """An item while its pages are looked at: *left* are those without an outcome yet."""

    row: Item
    pages: list[Page]
    began: datetime
    left: int
    told: list[tuple[int, Finding]] = field(default_factory=list)


def process_batch(house: House, batch_id: str) -> Iterator[Item]:
    """Measure and clean every page of every received item of a batch, and yield each item as it is done.

    Pages of all items are looked at one after the other, the next ones always under way. One that cannot be decoded is remarked and
    left out; the others go on. Raises Fault where nothing can look at pages.
    """
    rows = list(queries.waiting(batch_id, ItemState.RECEIVED))
    pages = queries.pages_of(rows)
    items = deque(_gathered(house, row, pages.get(row.id, [])) for row in rows)
    place = house.data / "scans" / batch_id / "pages"
    place.mkdir(parents=True, exist_ok=True)
    asked: deque[tuple[_Gathered, Page]] = deque()
    answers = house.imager.look(_jobs(house, items.copy(), place, asked))
    while items:
        while items and not items[0].left:
            done = items.popleft()
            _finish(house, done, place)
            yield done.row
        if items and not _next(house, answers, asked) and items[0].left:
            raise Fault("SCAN-UNREADABLE", batch_id, detail=_NO_ANSWER)


def _gathered(house: House, row: Item, pages: Sequence[Page]) -> _Gathered:
    own = [page for page in pages if page.kind != "separator"]
    return _Gathered(row, own, house.clock.now(), len(own))


def _jobs(house: House, items: Iterable[_Gathered], place: Path, asked: deque[tuple[_Gathered, Page]]) -> Iterator[Job]:
    """Yield a job for every frame that can be taken out of its scan; the others are set aside as they come."""
    undrawn = Counter[str]()
    for item in items:
        item.began = house.clock.now()
        for page in item.pages:
            try:
                _still_drawn(house, page, undrawn[page.scan_id])
                source = _source(house, page, place)
            except (frames.FrameDamaged, OSError) as problem:
                undrawn[page.scan_id] += 1
                _set_aside(item, page, problem)
                continue
            page.recipe = {"source": _below(house, source)}
            asked.append((item, page))
            yield Job(source, place / page.id)


def _next(house: House, answers: Iterator[Seen], asked: deque[tuple[_Gathered, Page]]) -> bool:
    """Take the next answer; return False where none is left, as when the last pages were set aside."""
    try:
        seen = next(answers)
    except StopIteration:
        return False
    except Fault as problem:
        if problem.code in NOT_OF_THE_PAGE:
            raise
        _set_aside(*asked.popleft(), problem)
        return True
    item, page = asked.popleft()
    _note(house, page, pictures.looked(house, seen))
    item.left -= 1
    return True


def _set_aside(item: _Gathered, page: Page, problem: Exception) -> None:
    item.told.append((page.sequence, finding("DIGITISE-UNREADABLE", f"第 {page.sequence} 页", reason=reason_of(problem))))
    page.kind, page.picture = "aside", ""
    item.left -= 1


def _finish(house: House, item: _Gathered, place: Path) -> None:
    """Bring an item forward whose pages all have their outcome: pictures durable first, then its rows."""
    good = [page for page in item.pages if page.kind != "aside"]
    _beside_one_another(good)
    if good:
        make_durable(place)
    told = [found for _, found in sorted(item.told, key=lambda pair: pair[0])]
    _apply(house, item.row, item.pages, told, began=item.began)


def _still_drawn(house: House, page: Page, undrawn: int) -> None:
    """Raise FrameDamaged where so many pages of this PDF could not be drawn that the rest of it is set aside with them."""
    if undrawn >= house.settings.scan_undrawn_most and frames.is_pdf(house.data / page.scan.stored):
        raise frames.FrameDamaged(f"这个文件已有 {house.settings.scan_undrawn_most} 页画不出来，其余页不再去画")


def reason_of(problem: Exception) -> str:
    """Return why a page could not be read, in words that name no place of this machine."""
    if isinstance(problem, Fault):
        return problem.message.replace(problem.where, "这一页") if problem.where else problem.message
    return str(problem) if isinstance(problem, frames.FrameDamaged) else "文件读不出来"


def _source(house: House, page: Page, place: Path) -> Path:
    """Return the file that holds this one frame alone: the scan itself, or the frame taken out of it."""
    scan, limit = house.data / page.scan.stored, house.settings.file_pixels
    if page.scan.frames <= 1 and not frames.is_pdf(scan):
        return scan
    source = place / f"{page.id}{'.frame.png' if frames.is_pdf(scan) else '.frame.tif'}"
    source.unlink(missing_ok=True)
    frames.extract(house.reader, scan, page.frame, source, pixels=limit)
    return source


def _note(house: House, page: Page, looked: pictures.Looked) -> None:
    """Note on the row of a page what was measured and how its picture is made; running it again makes the same."""
    page.width, page.height, page.dpi, page.fingerprint = looked.width, looked.height, looked.dpi, looked.fingerprint
    page.quality, page.recipe = looked.quality, looked.recipe | page.recipe
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
