"""Entering what was taken: rows of one slice in one short transaction, with an outcome for every file that arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from lantai.core import record as core
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.core.record import Agent, BusinessEvent, ContentBasis, Relation
from lantai.packages import layout, sealing
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine
from lantai.shelves.ledger import entries
from lantai.stages.capture.plan import Rejected
from lantai.stages.capture.take import TakenFile, TakenUnit


@dataclass(slots=True)
class Slice:
    """Rows of one slice, gathered before the transaction."""

    arrivals: list[Arrival] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    files: list[ComputerFile] = field(default_factory=list)
    quarantined: list[Quarantine] = field(default_factory=list)
    spare: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """What the holdings already have: fingerprint -> record id, and the M7 numbers in use."""

    fingerprints: dict[str, str]
    codes: frozenset[str]


def known(units: Sequence[TakenUnit]) -> Known:
    """Ask once for all duplicates of a slice."""
    prints = [unit.fingerprint for unit in units if unit.fingerprint]
    codes = [unit.unit.electronic_record_code for unit in units if unit.unit.electronic_record_code]
    live = Record.objects.exclude(state=State.DISCARDED)
    return Known(
        dict(live.filter(fingerprint__in=prints).values_list("fingerprint", "id")) if prints else {},
        frozenset(Record.objects.filter(electronic_record_code__in=codes).values_list("electronic_record_code", flat=True))
        if codes
        else frozenset(),
    )


class Entering:
    """Turns taken units of one batch into rows. One instance a slice."""

    def __init__(self, house: House, batch: Batch, have: Known, now: datetime) -> None:
        self._house = house
        self._batch = batch
        self._prints = dict(have.fingerprints)
        self._codes = set(have.codes)
        self._now = now
        self.slice = Slice()

    def rejected(self, item: Rejected) -> None:
        """Note a path that becomes no record."""
        self._arrive(item.path, item.size_bytes, item.outcome, remark=item.finding)

    def unit(self, taken: TakenUnit) -> None:
        """Note a unit: sealed away, a duplicate, or a new record."""
        if taken.secrecy.strong and not taken.secrecy.declassified:
            self._quarantine(taken)
        elif duplicate := self._prints.get(taken.fingerprint or "-"):
            self._duplicate(taken, duplicate)
        elif not taken.files and not taken.unit.is_physical_only and not taken.unit.is_package:
            self._lost(taken)
        else:
            self._record(taken)

    def _arrive(self, path: str, size: int, outcome: str, **more: Any) -> None:  # noqa: ANN401 - columns of the row
        remark: Finding | None = more.pop("remark", None)
        self.slice.arrivals.append(
            Arrival(
                id=self._house.ids.new(),
                batch=self._batch,
                path=path,
                size_bytes=size,
                outcome=outcome,
                finding=remark.as_json() if remark else None,
                **more,
            )
        )

    def _described_by(self, taken: TakenUnit, outcome: str, record_id: str) -> None:
        for path, size in taken.unit.described_by:
            self._arrive(path, size, outcome, record_id=record_id)

    def _quarantine(self, taken: TakenUnit) -> None:
        position = self._batch.record_count + len(self.slice.records) + len(self.slice.quarantined) + 1
        for item in taken.files:
            name = sealing.seal(item.staged, self._house.data, name=item.planned.name)
            self.slice.quarantined.append(
                Quarantine(id=self._house.ids.new(), batch=self._batch, position=position, sealed_name=name, created_at=self._now)
            )
            self._arrive(blind(self._batch.id, item.planned.path), item.size_bytes, "quarantined")
        for path, size in taken.unit.described_by:
            self._arrive(blind(self._batch.id, path), size, "quarantined")
        if not taken.files:
            self._arrive(blind(self._batch.id, taken.unit.key), 0, "quarantined")

    def _duplicate(self, taken: TakenUnit, record_id: str) -> None:
        remark = finding("CAPTURE-DUPLICATE", taken.unit.key, record=record_id)
        for item in taken.files:
            self._arrive(item.planned.path, item.size_bytes, "duplicate", sha256=item.sha256, record_id=record_id, remark=remark)
            self.slice.spare.append(item.staged)
        self._described_by(taken, "duplicate", record_id)

    def _lost(self, taken: TakenUnit) -> None:
        remark = next(iter(taken.findings), finding("CAPTURE-UNREADABLE", taken.unit.key))
        self._arrive(taken.unit.key, 0, "refused", remark=remark)

    def _record(self, taken: TakenUnit) -> None:
        unit, record_id = taken.unit, self._house.ids.new()
        given = unit.electronic_record_code
        is_known_code = bool(given) and given in self._codes
        findings = [*unit.findings, *taken.findings]
        if is_known_code:
            findings.append(finding("CAPTURE-CODE-IN-USE", given))
        if taken.secrecy.weak:
            findings.append(finding("SECRET-WEAK", unit.key, marks="、".join(taken.secrecy.weak[:3])))
        record = Record(
            id=record_id,
            electronic_record_code=record_id if is_known_code or not given else given,
            batch_id=self._batch.id,
            channel=self._batch.channel,
            content_basis=ContentBasis.PHYSICAL_ONLY if unit.is_physical_only else ContentBasis.DIGITAL,
            fonds=self._house.settings.fonds,
            category=self._house.settings.category,
            department=self._batch.department,
            elements=dict(unit.elements),
            arrival=_arrival_note(taken, findings),
            agents=[_plain(item) for item in unit.agents],
            events=[_plain(item) for item in unit.events],
            relations=[_plain(item) for item in unit.relations],
            fingerprint=taken.fingerprint,
            page_count=_pages(taken.files),
            size_bytes=sum(item.size_bytes for item in taken.files),
            title=str(unit.elements.get("title", "")),
            created_at=self._now,
        )
        self.slice.records.append(record)
        self._codes.add(record.electronic_record_code)
        if taken.fingerprint:
            self._prints[taken.fingerprint] = record_id
        if unit.is_physical_only:
            self._arrive(unit.key, 0, "record", record_id=record_id)
        self._files(taken, record)
        self._described_by(taken, "metadata", record_id)

    def _files(self, taken: TakenUnit, record: Record) -> None:
        rows = {number: self._document(number, files, record) for number, files in _by_document(taken.files).items()}
        paths = _paths(rows, taken)
        self.slice.documents.extend(rows.values())
        for place, item in enumerate(taken.files, start=1):
            row = _file_row(item, record, rows[item.planned.document], paths, self._house.data)
            row.sequence = place
            self.slice.files.append(row)
            self._arrive(item.planned.path, item.size_bytes, "record", sha256=item.sha256, record_id=record.id)

    def _document(self, number: int, files: Sequence[TakenFile], record: Record) -> Document:
        planned = files[0].planned
        return Document(id=self._house.ids.new(), record=record, sequence=number, role=planned.role, title=planned.document_title)

    def commit(self) -> None:
        """Write all rows and the event, or nothing."""
        batch, rows = self._batch, self.slice
        with transaction.atomic():
            insert(Arrival, rows.arrivals)
            insert(Record, rows.records)
            insert(Document, rows.documents)
            insert(ComputerFile, rows.files)
            insert(Quarantine, rows.quarantined)
            entries.append(self._now, list(self._events(batch, rows)), ids=self._house.ids)

    def _events(self, batch: Batch, rows: Slice) -> Iterable[entries.Entry]:
        yield entries.Entry(
            "batch:received",
            batch.submitter,
            batch.id,
            {"files": len(rows.arrivals), "records": [record.id for record in rows.records]},
        )
        for sealed in rows.quarantined:
            yield entries.Entry("quarantine:sealed", batch.submitter, sealed.id, {"batch": batch.id})


def blind(batch_id: str, path: str) -> str:
    """Return a name that tells nothing of a quarantined path but is the same each time it is seen in this batch."""
    return "隔离件-" + sha256(f"{batch_id}\n{path}".encode()).hexdigest()[:16]


def _plain(item: Agent | BusinessEvent | Relation) -> dict[str, str]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _pages(files: Sequence[TakenFile]) -> int | None:
    counts = [item.reading.page_count for item in files if item.reading.page_count is not None]
    return sum(counts) if counts else None


def _arrival_note(taken: TakenUnit, findings: Sequence[Finding]) -> dict[str, Any]:
    """What checks need later of how the unit arrived."""
    return {
        "key": taken.unit.key,
        "package": taken.unit.is_package,
        "raw": taken.unit.raw,
        "findings": [item.as_json() for item in findings],
        "declared": {item.id: item.planned.declared for item in taken.files if item.planned.declared},
    }


def _by_document(files: Sequence[TakenFile]) -> dict[int, list[TakenFile]]:
    found: dict[int, list[TakenFile]] = {}
    for item in files:
        found.setdefault(item.planned.document, []).append(item)
    return found


def _paths(rows: dict[int, Document], taken: TakenUnit) -> dict[str, str]:
    """Return the logical path of every file, and of its page text under ``<file id>-text``, as the package will have them."""
    paths: dict[str, str] = {}
    for number, files in _by_document(taken.files).items():
        values = [value for item in files for value in _values(item)]
        document = core.Document(number, core.Role(rows[number].role), files=tuple(values))
        paths |= {value.id: value.path for value in layout.lay_out_document(document).files}
    return paths


def _values(item: TakenFile) -> list[core.ComputerFile]:
    original = core.ComputerFile(item.id, item.planned.name, item.size_bytes, item.sha256, item.sm3)
    if not _has_text(item):
        return [original]
    return [original, replace(original, id=f"{item.id}-text", representation=core.Representation.TEXT)]


def _has_text(item: TakenFile) -> bool:
    return any(page.text for page in item.reading.pages)


def _file_row(item: TakenFile, record: Record, document: Document, paths: dict[str, str], data: Path) -> ComputerFile:
    reading = item.reading
    facts: dict[str, Any] = {"findings": [remark.as_json() for remark in reading.findings], "metadata": reading.metadata}
    if reading.signatures:
        facts["signatures"] = list(reading.signatures)
    if text_path := paths.get(f"{item.id}-text"):
        facts["text_path"] = text_path
    return ComputerFile(
        id=item.id,
        record=record,
        document=document,
        name=item.planned.name,
        path=paths[item.id],
        staged=str(item.staged.relative_to(data)),
        size_bytes=item.size_bytes,
        sha256=item.sha256,
        sm3=item.sm3,
        puid=reading.format.puid,
        mime=reading.format.mime,
        format_name=reading.format.name,
        page_count=reading.page_count,
        virus=item.virus,
        facts=facts,
    )
