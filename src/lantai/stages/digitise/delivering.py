"""What was accepted joins the ordinary line: a filing package an item, taken in like everything else that arrives.

The scans go along as originals, what was made of them (dual-layer PDF/A and OFD) as preservation copies, with how they were digitised
(DA/T 46-2009, M53–M56) and who did what (业务实体). A package is written aside first; the row that makes it true comes last.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core.digitising import BatchState, ItemState
from lantai.core.record import Agent, BusinessEvent, Channel, Elements, Representation, Role
from lantai.packages import filing, sealing
from lantai.packages.filing_write import Source
from lantai.packages.layout import safe_name
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page, Scan, ScanBatch, StepDone
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import ACCEPTED_SCANS, next_batch_code
from lantai.shelves.ledger import entries
from lantai.shelves.people.models import Account
from lantai.stages.digitise import layers
from lantai.stages.digitise.working import rest_batch

WORKER = "worker"
_COLOURS = {"1": "黑白二值", "L": "灰度", "RGB": "彩色"}
_COMPRESSIONS = {"group4": "CCITT G4", "jpeg": "JPEG", "jpeg2000": "JPEG2000", "": "无", "raw": "无"}
_STEPS = {"process": "图像处理", "recognise": "文字识别", "describe": "著录", "inspect": "质检"}


def deliver(house: House, batch_id: str) -> int:
    """Send the accepted items of a batch on to reception; return how many. May run twice: what has gone is passed by."""
    batch = queries.batch(batch_id)
    rows = list(queries.waiting(batch.id, ItemState.ACCEPTED).select_related("catalogue"))
    if not rows:
        return 0
    out = house.data / "scans" / batch.id / f"out-{house.ids.new()}"
    out.mkdir(parents=True)
    try:
        with work.progress("deliver_scans", batch.id, step="转入接收", total=len(rows)) as progress:
            for row in rows:
                _package(house, batch, row, out)
                progress.advance()
        make_durable(out)
        return _apply(house, batch, rows, out)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


def _apply(house: House, batch: ScanBatch, rows: Sequence[Item], out: Path) -> int:
    """Open the batch of reception and move the items, together; nothing where somebody else was first."""
    now, intake_id = house.clock.now(), house.ids.new()
    ids = [row.id for row in rows]
    with transaction.atomic():
        moved = Item.objects.filter(id__in=ids, state=ItemState.ACCEPTED)
        if moved.update(state=ItemState.DELIVERED, version=F("version") + 1) != len(ids):
            transaction.set_rollback(True)
            shutil.rmtree(out, ignore_errors=True)
            return 0
        row = Batch(
            id=intake_id, channel=Channel.SCAN.value, is_upload=True, department=batch.department, submitter=batch.opened_by,
            title=batch.title, source=sealing.seal_text(json.dumps([str(out.resolve())]), house.data),
            facts={ACCEPTED_SCANS: batch.code}, created_at=now,
        )  # fmt: skip
        row.code = next_batch_code(now)
        row.save(force_insert=True)
        state = BatchState.DELIVERED if batch.state != BatchState.CLOSED else BatchState.CLOSED
        ScanBatch.objects.filter(id=batch.id).update(state=state, intake_batch_id=intake_id, version=F("version") + 1)
        told = [
            entries.Entry("batch:opened", batch.opened_by, intake_id, {"code": row.code, "title": row.title}),
            entries.Entry("digitising:delivered", WORKER, batch.id, {"items": ids, "batch": row.code}),
        ]
        entries.append(now, told, ids=house.ids)
        work.enqueue("receive", batch_id=intake_id)
    return len(ids)


def _package(house: House, batch: ScanBatch, row: Item, out: Path) -> None:
    """Write one item as a filing package: the scans as they came, the copies made of them, the description, who did what."""
    pages = queries.kept_pages(row.id)
    files: dict[str, Source] = {}
    listed: list[filing.FilingFile] = []
    stem = safe_name(row.key.replace("/", "-"))
    for at, (scan, name) in enumerate(_masters(pages), 1):
        path = f"正本/{at:04d}-{safe_name(name)}"
        files[path] = house.data / scan.stored
        described = _scanned(next(page for page in pages if page.scan_id == scan.id), scan)
        listed.append(filing.FilingFile(path, name, scan.size_bytes, scan.sha256, scan.sm3, elements=described))
    for suffix, content in layers.made(house, row, pages):
        path = f"正本/{stem}{suffix}"
        files[path] = content
        listed.append(filing.FilingFile(path, f"{stem}{suffix}", representation=Representation.PRESERVATION))
    agents, events = _process(batch, row)
    package = filing.FilingPackage(
        code="", elements=_elements(row), documents=(filing.FilingDocument(1, Role.MAIN, row.title, tuple(listed)),),
        agents=agents, events=events, description={"数字化批次": batch.code, "序号": str(row.sequence)},
    )  # fmt: skip
    filing.write(out / f"{row.sequence:05d}", package, files)


def _masters(pages: Sequence[Page]) -> Iterator[tuple[Scan, str]]:
    """Yield each scan of the item once, in order, with the name under which it came."""
    seen = set()
    for page in pages:
        if page.scan_id not in seen:
            seen.add(page.scan_id)
            yield page.scan, page.scan.path.rpartition("/")[2]


def _scanned(page: Page, scan: Scan) -> Elements:
    """Return how a scan was made: object, resolution, colour, compression (M53–M56)."""
    metadata = scan.facts.get("metadata", {})
    said: Elements = {
        "physical_record_characteristics": "纸质",
        "scanning_resolution": f"{page.dpi} dpi" if page.dpi else "",
        "scanning_color_model": _COLOURS.get(str(page.quality.get("mode", "")), ""),
        "image_compression_scheme": _compression(str(metadata.get("compression", "")), scan.mime),
    }
    return {name: value for name, value in said.items() if value}


def _compression(said: str, mime: str) -> str:
    if mime == "image/jpeg":
        return "JPEG"
    if mime in ("image/jp2", "image/jpx"):
        return "JPEG2000"
    return _COMPRESSIONS.get(said.lower(), said or "无")


def _elements(row: Item) -> Elements:
    values: dict[str, Any] = {**(row.catalogue.elements if row.catalogue else {}), **row.values}
    return {name: value for name, value in values.items() if value}


def _process(batch: ScanBatch, row: Item) -> tuple[tuple[Agent, ...], tuple[BusinessEvent, ...]]:
    """Return the steps that were done on an item as business events, with who did them."""
    steps = list(StepDone.objects.filter(batch=batch, item_id__in=("", row.id)).order_by("ended_at"))
    names = dict(Account.objects.filter(id__in={step.operator for step in steps}).values_list("id", "name"))
    agents = {step.operator: _agent(at, names.get(step.operator, "")) for at, step in enumerate(_first(steps), 1)}
    told: dict[str, BusinessEvent] = {}
    for step in steps:
        label = _STEPS.get(step.step, "")
        if label and step.item_id:
            told[step.step] = BusinessEvent(
                f"s{len(told) + 1}", agents[step.operator].id, label, step.ended_at.isoformat(timespec="seconds")
            )
    return tuple(agents.values()), tuple(told.values())


def _first(steps: Sequence[StepDone]) -> Iterator[StepDone]:
    seen = set()
    for step in steps:
        if step.operator not in seen:
            seen.add(step.operator)
            yield step


def _agent(at: int, name: str) -> Agent:
    return Agent(f"p{at}", "内设机构" if not name else "个人", name or "兰台")


@work.task("deliver_scans", on_give_up=rest_batch)
def deliver_task(batch_id: str) -> None:
    """Send accepted items on in the background."""
    deliver(work.house(), batch_id)
