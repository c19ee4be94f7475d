"""Projects and batches of the paper line: made, carried through their steps, closed when the paper is back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import F

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BATCH_NAMES, RANKS, BatchState, ItemState, Shape, objection
from lantai.core.errors import Refusal
from lantai.packages import catalogue, sealing
from lantai.ports import House
from lantai.shelves import databases
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import CatalogueRow, Item, Project, Scan, ScanBatch, StepDone
from lantai.shelves.ledger import entries
from lantai.stages.capture.names import keepable
from lantai.stages.digitise import listing
from lantai.standards import da_t_31

_NAME_LENGTH = 100
_TITLE_LENGTH = 200
_FOLDER = "folder"
_LOOKED_AT = 50
_STEPS_OF_PERSONS = ("take_out", "prepare", "catalogue", "scan", "give_back")


@dataclass(frozen=True, slots=True)
class Order:
    """What a project is to be. ``shape`` is one of :class:`Shape`; shares in percent, None for the settings."""

    name: str
    shape: str = Shape.RECOGNISE_FIRST.value
    scope: str = ""
    excluded: str = ""
    contractor: str = ""
    sample_percent: int | None = None
    pass_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """What a batch consists of: a title, the box, what all of it has in common, why it goes first, an existing catalogue, the folder it
    comes from, and one that is watched for scans."""

    title: str
    box: str = ""
    year: str = ""
    department: str = ""
    retention: str = ""
    reasons: tuple[str, ...] = ()
    catalogue: Path | None = None
    folder: Path | None = None
    watched: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A step that a person did: how much, with what (device, storage medium), with whom, and what was noted."""

    items: int = 0
    pages: int = 0
    note: str = ""
    device: str = ""
    with_whom: str = ""
    began_at: datetime | None = None


def make_project(house: House, actor: Actor, order: Order) -> Project:
    """Make a project. Refusals: ACCESS-REFUSED, DIGITISE-PROJECT naming what is missing or wrong."""
    access.require(actor, "digitise:batch:open", where=order.name)
    settings, now = house.settings, house.clock.now()
    percent = settings.sample_percent if order.sample_percent is None else order.sample_percent
    passing = settings.pass_percent if order.pass_percent is None else order.pass_percent
    wrong = [name for name, is_wrong in _objections(order, percent, passing).items() if is_wrong]
    if wrong:
        raise Refusal("DIGITISE-PROJECT", "、".join(wrong))
    row = Project(
        id=house.ids.new(),
        name=order.name.strip(),
        shape=order.shape,
        scope=order.scope.strip(),
        excluded=order.excluded.strip(),
        contractor=order.contractor.strip(),
        sample_percent=percent,
        pass_percent=passing,
        made_by=actor.id,
        made_at=now,
    )
    with transaction.atomic():
        row.code = queries.next_code("SX", Project, now)
        row.save(force_insert=True)
        told = entries.Entry("digitising:planned", actor.id, row.id, {"code": row.code} | asdict(order))
        entries.append(now, [told], ids=house.ids)
    return row


def usual(house: House, actor: Actor, code: str, *, shape: str = Shape.RECOGNISE_FIRST.value) -> str:
    """Return *code*, or where it is empty the code of the newest open project of that shape, made where there is none."""
    last = Project.objects.filter(state="open", shape=shape).order_by("-id").first() if not code else None
    return code or (last.code if last else make_project(house, actor, Order("日常数字化", shape)).code)


def open_batch(house: House, actor: Actor, project_code: str, papers: Papers) -> ScanBatch:
    """Open a batch of a project. Refusals: ACCESS-REFUSED, DIGITISE-PROJECT-UNKNOWN, DIGITISE-PROJECT, CAPTURE-NOT-A-CATALOGUE."""
    access.require(actor, "digitise:batch:open", where=papers.title)
    project = Project.objects.filter(code=project_code, state="open").first() or Project.objects.filter(id=project_code).first()
    if project is None:
        raise Refusal("DIGITISE-PROJECT-UNKNOWN", project_code)
    if not papers.title.strip() or set(papers.reasons) - set(RANKS):
        raise Refusal("DIGITISE-PROJECT", "批次名称" if not papers.title.strip() else "优先理由")
    rows = _catalogue(papers.catalogue)
    now = house.clock.now()
    batch = ScanBatch(
        id=house.ids.new(),
        project=project,
        title=_titled(papers.title),
        box=papers.box[:32],
        year=papers.year[:4],
        department=papers.department[:32],
        retention=papers.retention[:8],
        reasons=list(papers.reasons),
        facts={_FOLDER: sealing.seal_text(str(papers.folder.resolve()), house.data)} if papers.folder else {},
        source=sealing.seal_text(str(papers.watched.resolve()), house.data) if papers.watched else "",
        opened_by=actor.id,
        opened_at=now,
    )
    with transaction.atomic():
        databases.lock("scan batch code")
        batch.code = queries.next_code("SZ", ScanBatch, now)
        batch.save(force_insert=True)
        CatalogueRow.objects.bulk_create([_row(house, batch, row) for row in rows])
        told = {"code": batch.code, "project": project.code, "title": batch.title, "catalogue": len(rows), "reasons": batch.reasons}
        entries.append(now, [entries.Entry("digitising:opened", actor.id, batch.id, told)], ids=house.ids)
    return batch


def going_on(house: House, actor: Actor, papers: Papers) -> ScanBatch | None:
    """Return the open batch that this person opened for these papers out of this folder; None where there is none.

    Whoever gives a folder again after the work on it was broken off means that batch; one that was filled anew, with none of the files
    that came before, is another box. Refusals: ACCESS-REFUSED.
    """
    access.require(actor, "digitise:batch:open", where=papers.title)
    own = ScanBatch.objects.filter(
        opened_by=actor.id, title=_titled(papers.title), state__in=(BatchState.OPEN, BatchState.REJECTED),
        year=papers.year[:4], department=papers.department[:32], retention=papers.retention[:8],
    ).select_related("project")  # fmt: skip
    rows = (row for row in own.order_by("-id")[:_LOOKED_AT] if papers.folder and _folder(house, row) == papers.folder.resolve())
    return next((row for row in rows if papers.folder and _holds_any_of(row, papers.folder)), None)


def _holds_any_of(row: ScanBatch, folder: Path) -> bool:
    """Tell whether a batch holds a file that still lies in *folder*, or none at all yet."""
    known = set(Scan.objects.filter(batch=row).values_list("path", "size_bytes"))
    return not known or any((item.path, item.size_bytes) in known for item in listing.listed(folder))


def _folder(house: House, row: ScanBatch) -> Path | None:
    sealed = str(row.facts.get(_FOLDER, ""))
    return Path(sealing.unseal_text(sealed, house.data)) if sealed else None


def _titled(title: str) -> str:
    return keepable(title.strip())[:_TITLE_LENGTH]


def record_step(house: House, actor: Actor, batch_id: str, step: str, done: Done) -> StepDone:
    """Note that a person did a step (出库, 前处理, 扫描 …) on a batch; it may be noted more than once, by several persons.

    Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN, DIGITISE-STEP where it is no step of persons or what must come before is not done.
    """
    access.require(actor, "digitise:batch:hand")
    batch = queries.batch(batch_id)
    order = [item.name for item in da_t_31.steps(batch.project.shape)]
    labels = {item.name: item.label for item in da_t_31.steps(batch.project.shape)}
    if step not in order or step not in _STEPS_OF_PERSONS:
        raise Refusal("DIGITISE-STEP", step, step=labels.get(step, step), reason="这一步由系统随办随记，不用登记")
    if before := objection(order, queries.steps_done(batch), step):
        raise Refusal("DIGITISE-STEP", step, step=labels[step], reason=f"“{labels[before]}”还没有做")
    now = house.clock.now()
    row = StepDone(
        id=house.ids.new(),
        batch=batch,
        step=step,
        operator=actor.id,
        began_at=done.began_at or now,
        ended_at=now,
        items=done.items,
        pages=done.pages,
        note=done.note.strip(),
        facts={key: value for key, value in {"device": done.device, "with": done.with_whom}.items() if value},
    )
    with transaction.atomic():
        row.save(force_insert=True)
        told = {"step": step, "items": done.items, "pages": done.pages, "with": done.with_whom, "note": row.note}
        entries.append(now, [entries.Entry("digitising:stepped", actor.id, batch.id, told)], ids=house.ids)
    return row


def close(house: House, actor: Actor, batch_id: str) -> None:
    """Close a batch whose records have gone on and whose paper is back. Refusals: ACCESS-REFUSED, DIGITISE-STATE, DIGITISE-STEP."""
    access.require(actor, "digitise:batch:hand")
    batch = queries.batch(batch_id)
    if "give_back" not in queries.steps_done(batch):
        raise Refusal("DIGITISE-STEP", batch.code, step="归还入库", reason="还没有登记归还")
    if left := _not_kept(batch):
        raise Refusal("DIGITISE-STEP", batch.code, step="结束批次", reason=f"{'、'.join(left)}还没有留存")
    now = house.clock.now()
    with transaction.atomic():
        open_ = ScanBatch.objects.filter(id=batch.id, state=BatchState.DELIVERED)
        if not open_.update(state=BatchState.CLOSED, version=F("version") + 1):
            raise Refusal("DIGITISE-STATE", batch.code, state=BATCH_NAMES[batch.state], act="结束")
        entries.append(now, [entries.Entry("digitising:closed", actor.id, batch.id, {"code": batch.code})], ids=house.ids)


def _not_kept(batch: ScanBatch) -> list[str]:
    """Return the working papers (DA/T 31-2017) of a delivered batch that nobody has kept yet."""
    kept = {row.form.removeprefix("scan-") for row in batch.forms.all()}
    if not Item.objects.filter(batch=batch, state=ItemState.ERASED).exists():
        kept.add("erasure")
    return [item.label for name, item in da_t_31.forms().items() if name not in kept]


def exclude(house: House, actor: Actor, batch_id: str, number: int, *, reason: str) -> None:
    """Say of a row of the catalogue that it is not scanned, and why (不归档、不数字化). Refusals: ACCESS-REFUSED, DIGITISE-PROJECT,
    DIGITISE-ITEM-UNKNOWN."""
    access.require(actor, "digitise:batch:open")
    if not reason.strip():
        raise Refusal("DIGITISE-PROJECT", "不数字化的理由")
    batch, now = queries.batch(batch_id), house.clock.now()
    with transaction.atomic():
        if not CatalogueRow.objects.filter(batch=batch, number=number).update(not_scanned=reason.strip(), version=F("version") + 1):
            raise Refusal("DIGITISE-ITEM-UNKNOWN", str(number))
        told = entries.Entry("digitising:stepped", actor.id, batch.id, {"step": "exclude", "row": number, "note": reason.strip()})
        entries.append(now, [told], ids=house.ids)


def _objections(order: Order, percent: int, passing: float) -> dict[str, bool]:
    least = da_t_31.least("pass") or 0
    return {
        "名称": not order.name.strip() or len(order.name) > _NAME_LENGTH or not order.name.isprintable(),
        "步骤次序": order.shape not in set(Shape),
        "抽检比例（不低于 5%）": not 5 <= percent <= 100,
        "合格率": not least <= passing <= 100,
    }


def _catalogue(path: Path | None) -> Sequence[catalogue.Row]:
    if path is None:
        return ()
    if not catalogue.is_catalogue(path):
        raise Refusal("CAPTURE-NOT-A-CATALOGUE", keepable(path.name))
    return catalogue.read(path).rows


def _row(house: House, batch: ScanBatch, row: catalogue.Row) -> CatalogueRow:
    elements = {name: value if isinstance(value, str) else "；".join(value) for name, value in row.elements.items()}
    key = row.files[0] if row.files else elements.get("archival_code") or elements.get("agency_item_number", "")
    return CatalogueRow(id=house.ids.new(), batch=batch, number=row.number, key=keepable(key)[:200], elements=elements)
