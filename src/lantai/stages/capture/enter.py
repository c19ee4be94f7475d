"""Entering what was taken: rows of one slice in one short transaction, with an outcome for every file that arrived."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from lantai.core import identity
from lantai.core import record as core
from lantai.core.findings import Finding, finding
from lantai.core.record import Agent, BusinessEvent, ContentBasis, Relation
from lantai.packages import layout, sealing
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine
from lantai.shelves.ledger import entries
from lantai.stages.capture.names import is_keepable, keepable, keepable_json
from lantai.stages.capture.plan import Rejected, Unit
from lantai.stages.capture.take import TakenFile, TakenUnit

CODE_CHARACTERS = 128

#: Where a batch keeps the SHA-256 of what was judged to be a false alarm and put back from quarantine.
FALSE_ALARM = "false_alarm"
FACTS_KEPT = 500


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
    return Known(
        queries.known_fingerprints(prints) if prints else {},
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
        if taken.secrecy.strong and not taken.secrecy.declassified and not self._is_false_alarm(taken):
            self._quarantine(taken)
            return
        for planned, remark in taken.lost:
            self._arrive(planned.path, 0, "refused", remark=remark)
        if duplicate := self._prints.get(taken.fingerprint or "-"):
            self._duplicate(taken, duplicate)
        elif taken.files or taken.unit.is_physical_only or taken.unit.is_package:
            self._record(taken)

    def _arrive(self, path: str, size: int, outcome: str, **more: Any) -> None:  # noqa: ANN401 - columns of the row
        remark: Finding | None = more.pop("remark", None)
        self.slice.arrivals.append(
            Arrival(
                id=self._house.ids.new(),
                batch=self._batch,
                path=keepable(path),
                size_bytes=size,
                outcome=outcome,
                finding=keepable_json(remark.as_json()) if remark else None,
                **more,
            )
        )

    def _is_false_alarm(self, taken: TakenUnit) -> bool:
        """Tell whether two persons have judged exactly these bytes to be no secret; a name alone says nothing."""
        judged = self._batch.facts.get(FALSE_ALARM, ())
        return bool(taken.files) and all(item.sha256 in judged for item in taken.files)

    def _described_by(self, taken: TakenUnit, outcome: str, record_id: str) -> None:
        for path, size in taken.unit.described_by:
            self._arrive(path, size, outcome, record_id=record_id)

    def _quarantine(self, taken: TakenUnit) -> None:
        position = self._batch.record_count + len(self.slice.records) + len(self.slice.quarantined) + 1
        for item in taken.files:
            self._seal(item.staged, item.planned.name, position)
            self._arrive(blind(self._batch.id, item.planned.path), item.size_bytes, "quarantined")
        for path, size in [*taken.unit.described_by, *((planned.path, 0) for planned, _ in taken.lost)]:
            self._arrive(blind(self._batch.id, path), size, "quarantined")
        if not taken.files:
            self._seal(self._written_down(taken), "目录行.json", position)
            self._arrive(blind(self._batch.id, taken.unit.key), 0, "quarantined")

    def _seal(self, staged: Path, name: str, position: int) -> None:
        sealed_name = sealing.seal(staged, self._house.data, name=name)
        row = Quarantine(id=self._house.ids.new(), batch=self._batch, position=position, sealed_name=sealed_name, created_at=self._now)
        self.slice.quarantined.append(row)

    def _written_down(self, taken: TakenUnit) -> Path:
        """Write what is known of a unit without files into the staging area, to be sealed away like a file."""
        path = self._house.staging / self._batch.id / self._house.ids.new()
        path.write_text(json.dumps({"elements": taken.unit.elements, "raw": taken.unit.raw}, indent=1), "utf-8")
        return path

    def _duplicate(self, taken: TakenUnit, record_id: str) -> None:
        remark = finding("CAPTURE-DUPLICATE", taken.unit.key, record=record_id)
        for item in taken.files:
            self._arrive(item.planned.path, item.size_bytes, "duplicate", sha256=item.sha256, record_id=record_id, remark=remark)
            self.slice.spare.append(item.staged)
        self._described_by(taken, "duplicate", record_id)

    def _record(self, taken: TakenUnit) -> None:
        unit, record_id = taken.unit, self._house.ids.new()
        kept = _as_is if _is_keepable(taken) else keepable_json
        findings = [*unit.findings, *(remark for _, remark in taken.lost), *self._remarks(taken)]
        elements = kept(dict(unit.elements))
        record = Record(
            id=record_id,
            electronic_record_code=self._code_for(unit) or record_id,
            batch_id=self._batch.id,
            channel=self._batch.channel,
            content_basis=ContentBasis.PHYSICAL_ONLY if unit.is_physical_only else ContentBasis.DIGITAL,
            fonds=self._house.settings.fonds,
            category=self._house.settings.category,
            department=self._batch.department,
            elements=elements,
            arrival=kept(_arrival_note(taken, findings)),
            agents=kept([_plain(item) for item in unit.agents]),
            events=kept([_plain(item) for item in unit.events]),
            relations=kept([_plain(item) for item in unit.relations]),
            fingerprint=taken.fingerprint,
            page_count=_pages(taken.files),
            size_bytes=sum(item.size_bytes for item in taken.files),
            title=said(elements, "title"),
            number_key=identity.number_key(said(elements, "document_number")),
            identity_key=identity.identity_key(said(elements, "title"), said(elements, "date"), said(elements, "author")),
            sought=identity.sought_text(said(elements, "title"), said(elements, "document_number"), said(elements, "author")),
            created_at=self._now,
        )
        self.slice.records.append(record)
        self._codes.add(record.electronic_record_code)
        if taken.fingerprint:
            self._prints[taken.fingerprint] = record_id
        if not taken.files and not taken.lost and not unit.described_by:
            self._arrive(unit.key, 0, "record", record_id=record_id)
        self._files(taken, record)
        self._described_by(taken, "metadata", record_id)

    def _code_for(self, unit: Unit) -> str:
        """Return the number it arrived with, empty where that cannot serve as its own."""
        given = keepable(unit.electronic_record_code)
        return "" if given in self._codes or len(given) > CODE_CHARACTERS else given

    def _remarks(self, taken: TakenUnit) -> Iterator[Finding]:
        """Yield what there is to say of a new record beyond what came with its unit."""
        given = taken.unit.electronic_record_code
        if given and not self._code_for(taken.unit):
            yield finding("CAPTURE-CODE-IN-USE" if given in self._codes else "CAPTURE-CODE-TOO-LONG", given[:CODE_CHARACTERS])
        if self._is_false_alarm(taken):
            yield finding("SECRET-FALSE-ALARM", taken.unit.key)
        if taken.secrecy.weak:
            yield finding("SECRET-WEAK", taken.unit.key, marks="、".join(taken.secrecy.weak[:3]))
        if not _is_keepable(taken):
            yield finding("CAPTURE-CHARACTERS-WRITTEN-OUT", taken.unit.key)

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
        return Document(id=self._house.ids.new(), record=record, sequence=number, role=planned.role, title=keepable(planned.document_title))

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


def _is_keepable(taken: TakenUnit) -> bool:
    """Tell whether everything said of the unit and its files can be kept as it is."""
    unit = taken.unit
    texts = [*unit.elements.values(), *unit.raw.values(), unit.electronic_record_code, *(file.planned.name for file in taken.files)]
    told = [value for group in (unit.agents, unit.events, unit.relations) for item in group for value in _plain(item).values()]
    metadata = [value for file in taken.files for value in file.reading.metadata.values()]
    names = [unit.key, *(item.where for item in unit.findings), *(str(value) for value in unit.elements), *unit.raw]
    return is_keepable(text for value in (*texts, *told, *metadata, *names) for text in ([value] if isinstance(value, str) else value))


def _as_is[T](value: T) -> T:
    return value


def said(elements: Mapping[str, Any], name: str) -> str:
    """Return an element as one text."""
    value = elements.get(name, "")
    return value if isinstance(value, str) else "；".join(value)


def _plain(item: Agent | BusinessEvent | Relation) -> dict[str, str]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _pages(files: Sequence[TakenFile]) -> int | None:
    """Return the pages of the originals; copies made of them have the same pages and do not count again."""
    originals = [item for item in files if item.planned.representation is core.Representation.ORIGINAL] or files
    counts = [item.reading.page_count for item in originals if item.reading.page_count is not None]
    return sum(counts) if counts else None


def _arrival_note(taken: TakenUnit, findings: Sequence[Finding]) -> dict[str, Any]:
    """What checks need later of how the unit arrived."""
    note: dict[str, Any] = {
        "key": taken.unit.key,
        "package": taken.unit.is_package,
        "raw": taken.unit.raw,
        "findings": [item.as_json() for item in findings],
        "declared": {item.id: item.planned.declared for item in taken.files if item.planned.declared},
    }
    return note | {"signatures": list(taken.unit.signatures)} if taken.unit.signatures else note


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
    kind = item.planned.representation
    original = core.ComputerFile(item.id, item.planned.name, item.size_bytes, item.sha256, item.sm3, representation=kind)
    if not _has_text(item):
        return [original]
    return [original, replace(original, id=f"{item.id}-text", representation=core.Representation.TEXT)]


def _has_text(item: TakenFile) -> bool:
    return any(page.text for page in item.reading.pages)


def _file_row(item: TakenFile, record: Record, document: Document, paths: dict[str, str], data: Path) -> ComputerFile:
    reading = item.reading
    facts: dict[str, Any] = {"findings": [remark.as_json() for remark in reading.findings], "metadata": reading.metadata}
    if item.planned.elements:
        facts["elements"] = item.planned.elements
    if reading.signatures:
        facts["signatures"] = list(reading.signatures)
    for part in ("outline", "attachments", "notes"):
        if rows := getattr(reading, part):
            facts[part] = [asdict(row) for row in rows[:FACTS_KEPT]]
    if text_path := paths.get(f"{item.id}-text"):
        facts["text_path"] = text_path
    return ComputerFile(
        id=item.id,
        record=record,
        document=document,
        name=keepable(item.planned.name),
        representation=item.planned.representation,
        path=paths[item.id],
        staged=str(item.staged.relative_to(data)),
        size_bytes=item.size_bytes,
        sha256=item.sha256,
        sm3=item.sm3,
        puid=reading.format.puid[:32],
        mime=reading.format.mime[:128],
        format_name=reading.format.name[:200],
        page_count=reading.page_count,
        virus=item.virus[:200],
        facts=keepable_json(facts),
    )
