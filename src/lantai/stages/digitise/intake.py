"""Taking scans in: each file is copied once, untouched, and becomes pages of an item; every file has an outcome, nothing comes twice.

One item is entered at a time: bytes first, durable; then its scans, pages and event in one transaction. A run that dies has entered
whole items and leaves at most copies that no row names; the next run passes by what is entered.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BATCH_NAMES, BatchState, ItemState
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding, has_error
from lantai.packages.filing_read import natural
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.reader import Reading
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import CatalogueRow, Item, Page, Scan, ScanBatch
from lantai.shelves.ledger import entries
from lantai.stages.capture import sources
from lantai.stages.capture.enter import blind
from lantai.stages.capture.names import keepable_json
from lantai.stages.capture.take import Copier, Copy
from lantai.stages.capture.values import PlannedFile
from lantai.stages.digitise import listing
from lantai.stages.digitise.listing import Listed
from lantai.stages.digitise.separating import Part, code_on, divide, parse_box

_AGAIN = (ItemState.RESCAN, ItemState.ASIDE)
#: States in which further pages of an item may still come.
_STILL = (*_AGAIN, ItemState.RECEIVED)
_NO_SCAN = "DIGITISE-NOT-A-SCAN"
_MIMES = ("image/", "application/pdf")


@dataclass(slots=True)
class Taken:
    """What a delivery gave: files by outcome, items and pages that came of it, and what was remarked."""

    files: int = 0
    items: int = 0
    pages: int = 0
    duplicates: int = 0
    refused: int = 0
    known: int = 0
    growing: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was copied in: its copy, what reading it told, and why it is no scan where it is none."""

    listed: Listed
    copy: Copy | None
    reading: Reading | None
    problem: Finding | None


def folder(house: House, batch: ScanBatch) -> Path:
    """Return the scan area of a batch."""
    return house.data / "scans" / batch.id


def take_in(house: House, actor: Actor, batch_id: str, source: Path, *, is_whole: bool = False) -> Taken:
    """Take in what lies in the folder (or file) *source*; repeat it as often as there may be more.

    Where *is_whole*, nobody writes there any more, as after an upload: nothing is waited for, and an empty file has its outcome.

    Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN, DIGITISE-STATE, DIGITISE-NOTHING, CAPTURE-SOURCE-MISSING, CAPTURE-OWN-DATA.
    """
    access.require(actor, "digitise:batch:open")
    batch = queries.batch(batch_id)
    if batch.state == BatchState.CLOSED:
        raise Refusal("DIGITISE-STATE", batch.code, state=BATCH_NAMES[batch.state], act="再收扫描件")
    sources.require(house, [source], "scan")
    told = Taken()
    found = listing.listed(source)
    ready, growing = (found, []) if is_whole else listing.settled(found, seconds=house.settings.scan_settle_seconds)
    told.growing = len(growing)
    told.findings += [finding("DIGITISE-GROWING", item.path) for item in growing]
    if not ready and not growing:
        raise Refusal("DIGITISE-NOTHING", source.name)
    todo = _todo(batch, ready, told)
    with work.progress("scan", batch.id, step="收入扫描件", total=len(todo)) as progress:
        for key, files in listing.grouped(todo).items():
            _take_item(house, actor, batch, (key, files), told)
            progress.advance(len(files))
    with transaction.atomic():
        work.enqueue("digitise", batch_id=batch.id)
    return told


def _todo(batch: ScanBatch, files: Sequence[Listed], told: Taken) -> list[Listed]:
    """Leave out files that have their outcome: same path, size and instant of writing."""
    known = {
        (row.path, row.size_bytes, row.facts.get("written"))
        for row in Scan.objects.filter(batch=batch).only("path", "size_bytes", "facts")
    }  # fmt: skip
    erased = set(Scan.objects.filter(batch=batch, outcome="erased").values_list("path", flat=True))
    fresh = [item for item in files if (item.path, item.size_bytes, item.written) not in known]
    fresh = [item for item in fresh if not (erased and blind(batch.id, item.path) in erased)]
    told.known += len(files) - len(fresh)
    return fresh


def _take_item(house: House, actor: Actor, batch: ScanBatch, group: tuple[str, list[Listed]], told: Taken) -> None:
    """Copy and read the files of one group and enter what they make; a group that somebody else enters at once is left to them."""
    key, files = group
    place = folder(house, batch) / "master"
    arrived = _copied(house, place, files)
    try:
        make_durable(place)
        good = [(item.listed.path, item.copy.staged, _frames(item)) for item in arrived if item.copy and not item.problem]
        said: list[str] = []
        parts = divide(house, key, good, codes=lambda *frame: _heard(code_on(*frame), said))
        with transaction.atomic():
            _enter(house, actor, batch, arrived, parts, told)
        told.findings += _boxes(batch, said)
    except IntegrityError:
        _remove(arrived)
    except BaseException:
        _remove(arrived)
        raise


def _heard(code: str | None, said: list[str]) -> str | None:
    said += [code] if code else []
    return code


def _boxes(batch: ScanBatch, said: Sequence[str]) -> list[Finding]:
    """Return a finding for each label of a box that belongs to another batch, or that this batch does not name."""
    found = [label for label in map(parse_box, said) if label]
    return [
        finding("DIGITISE-BOX-OTHER", box or "未编号", batch=code)
        for code, box in found
        if code != batch.code or (box and box not in batch.box)
    ]


def _copied(house: House, place: Path, files: Iterable[Listed]) -> list[Arrived]:
    copier = Copier(house.scanner, place)
    found: list[tuple[Listed, Copy | Finding]] = []
    for item in files:
        if not item.is_scan:
            found.append((item, finding("DIGITISE-NOT-A-SCAN", item.path, reason=item.source.suffix or "没有扩展名")))
        else:
            found.append((item, copier.copy(PlannedFile(item.source, item.path, item.source.name), house.ids.new())))
    copies = [copied for _, copied in found if isinstance(copied, Copy)]
    readings = iter(house.reader.read_many([(copied.staged, copied.planned.name) for copied in copies]))
    return [_arrived(item, copied, next(readings) if isinstance(copied, Copy) else None) for item, copied in found]


def _arrived(item: Listed, copied: Copy | Finding, reading: Reading | None) -> Arrived:
    if isinstance(copied, Finding) or reading is None:
        return Arrived(item, None, None, copied if isinstance(copied, Finding) else None)
    problem = _problem(item, copied, reading)
    if problem is not None:
        copied.staged.unlink(missing_ok=True)
    return Arrived(item, copied, reading, problem)


def _problem(item: Listed, copied: Copy, reading: Reading) -> Finding | None:
    """Return why a file cannot serve as a scan: infected, no image, damaged, or without a page."""
    if copied.virus.startswith("infected"):
        return finding("DIGITISE-INFECTED", item.path, reason=copied.virus.partition(":")[2])
    if not reading.format.mime.startswith(_MIMES):
        return finding("DIGITISE-NOT-A-SCAN", item.path, reason=reading.format.name or "认不出格式")
    if has_error(reading.findings):
        worst = next(row for row in reading.findings if has_error((row,)))
        return finding("DIGITISE-UNREADABLE", item.path, reason=worst.message)
    if not reading.page_count:
        return finding("DIGITISE-UNREADABLE", item.path, reason="里面没有页面。")
    return None


def _frames(item: Arrived) -> int:
    return (item.reading.page_count or 0) if item.reading else 0


def _remove(arrived: Sequence[Arrived]) -> None:
    for item in arrived:
        if item.copy is not None:
            with suppress(OSError):
                item.copy.staged.unlink(missing_ok=True)


def _enter(house: House, actor: Actor, batch: ScanBatch, arrived: Sequence[Arrived], parts: Sequence[Part], told: Taken) -> None:
    """Write the scans of a group, and its pages into the items they belong to."""
    known = dict(Scan.objects.filter(batch=batch, outcome="pages").exclude(sha256="").values_list("sha256", "path"))
    scans = {item.listed.path: _scan(house, batch, item, known) for item in arrived}
    before = {row.path: row for row in Scan.objects.filter(batch=batch, path__in=list(scans), outcome="pages")}
    for path, old in before.items():
        _replace(old, scans[path])
    for row in scans.values():
        row.save(force_insert=True)
    for item in arrived:
        row = scans[item.listed.path]
        told.files += 1
        told.duplicates += row.outcome == "duplicate"
        told.refused += row.outcome == "refused"
        told.findings += [Finding.from_json(row.finding)] if row.finding else []
        if row.outcome != "pages" and item.copy is not None:
            item.copy.staged.unlink(missing_ok=True)
    refused = [row.finding for row in scans.values() if row.outcome == "refused" and row.finding and row.finding["code"] != _NO_SCAN]
    made = parts or [Part(listing.key_of(arrived[0].listed), ())]
    for at, part in enumerate(made):
        told.items += _item(house, batch, part, scans, refused if at == 0 else [])
        told.pages += len(part.pages)
    body = {"items": [part.key for part in made], "scans": len(scans)}
    entries.append(house.clock.now(), [entries.Entry("digitising:scanned", actor.id, batch.id, body)], ids=house.ids)


def _replace(old: Scan, new: Scan) -> None:
    """Let a new scan of the same path take the place of the old one where its item waits for that; else the new one is not taken."""
    holder = Item.objects.filter(pages__scan=old).first()
    if new.outcome != "pages":
        return
    if holder is None or holder.state in _AGAIN:
        Page.objects.filter(scan=old).delete()
        Scan.objects.filter(id=old.id).update(outcome="replaced", version=F("version") + 1)
    else:
        new.outcome, new.finding = "refused", finding("DIGITISE-NOT-AWAITED", new.path).as_json()


def _scan(house: House, batch: ScanBatch, item: Arrived, known: dict[str, str]) -> Scan:
    row = Scan(
        id=house.ids.new(),
        batch=batch,
        path=item.listed.path,
        size_bytes=item.listed.size_bytes,
        outcome="refused" if item.problem or item.copy is None else "pages",
        finding=keepable_json(item.problem.as_json()) if item.problem else None,
        facts={"written": item.listed.written},
        arrived_at=house.clock.now(),
    )
    if item.copy is None or item.reading is None:
        return row
    row.sha256, row.sm3, row.mime, row.frames = item.copy.sha256, item.copy.sm3, item.reading.format.mime[:128], _frames(item)
    row.facts |= {"virus": item.copy.virus, "metadata": keepable_json(item.reading.metadata)}
    if row.outcome == "pages" and known.get(row.sha256, row.path) != row.path:
        row.outcome, row.finding = "duplicate", finding("DIGITISE-DUPLICATE", row.path, other=known[row.sha256]).as_json()
    if row.outcome == "pages":
        row.stored = str(item.copy.staged.relative_to(house.data))
        known[row.sha256] = row.path
    return row


def _item(house: House, batch: ScanBatch, part: Part, scans: dict[str, Scan], refused: list[dict[str, str]]) -> int:
    """Put the pages of a part into its item, made where it is not there yet; return 1 for a new one. A later delivery goes behind."""
    pages = [(scans[path], frame, kind) for path, frame, kind in part.pages if scans[path].outcome == "pages"]
    row = Item.objects.filter(batch=batch, key=part.key).first()
    is_new = row is None
    if row is None:
        if not pages and not refused:
            return 0
        row = Item(id=house.ids.new(), batch=batch, key=part.key, sequence=Item.objects.filter(batch=batch).count() + 1)
        row.catalogue = _catalogue_row(batch, part.key)
        row.title = part.title or (row.catalogue.elements.get("title", "") if row.catalogue else "")
        row.save(force_insert=True)
    last = Page.objects.filter(item=row).count()
    Page.objects.bulk_create(
        Page(id=house.ids.new(), scan=scan, item=row, batch=batch, frame=frame, sequence=at, kind=kind)
        for at, (scan, frame, kind) in enumerate(pages, last + 1)
    )
    _again(row, has_pages=bool(pages), refused=refused)
    return int(is_new)


def _again(row: Item, *, has_pages: bool, refused: list[dict[str, str]]) -> None:
    """Let an item begin anew with its pages in order; one of which nothing could be read rests aside, with the reasons."""
    pages = list(Page.objects.filter(item=row).select_related("scan"))
    order = sorted(pages, key=lambda page: (natural(page.scan.path), page.frame))
    for at, page in enumerate(order, 1):
        if page.sequence != at:
            Page.objects.filter(id=page.id).update(sequence=at)
    goes_on = has_pages and row.state in _STILL
    state = ItemState.RECEIVED if goes_on or (pages and row.state == ItemState.RECEIVED) else row.state if pages else ItemState.ASIDE
    Item.objects.filter(id=row.id).update(
        state=state,
        page_count=sum(page.kind == "page" for page in pages),
        findings=[*(item for item in row.findings if not has_pages or item["code"] != "DIGITISE-UNREADABLE"), *refused],
        version=F("version") + 1,
    )


def _catalogue_row(batch: ScanBatch, key: str) -> CatalogueRow | None:
    """Return the row of the catalogue that an item belongs to: by the file, folder or code it names."""
    name = key.rpartition("/")[2]
    for row in CatalogueRow.objects.filter(batch=batch).order_by("number"):
        own = {row.key, row.key.rpartition(".")[0], row.elements.get("archival_code", ""), row.elements.get("agency_item_number", "")} - {
            ""
        }
        if {key, name} & own:
            return row
    return None
