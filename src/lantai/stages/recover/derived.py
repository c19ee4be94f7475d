"""Records that the vault holds and the state package does not know: archived since, and rebuilt from their package alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction

from lantai import work
from lantai.core import beijing
from lantai.core import record as core
from lantai.core.archival_code import matching_template
from lantai.core.errors import Coded
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.core.retention import Retention
from lantai.packages import layout, record_xml
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, Document, NumberScope, Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger.models import Event
from lantai.stages import coding
from lantai.stages.recover import carried

CODE = "REBUILD-DERIVED"
_SLICE = 200
_FITTING = ("title", "document_number", "author", "document_type", "document_date")


def derive(house: House, known: set[str]) -> tuple[int, list[Finding]]:
    """Rebuild every record of the vault whose id is not *known*; return how many, and what could not be read."""
    count, problems = 0, list[Finding]()
    unknown = (record_id for record_id in house.store.record_ids() if record_id and record_id not in known)
    while part := list(islice(unknown, _SLICE)):
        values = [value for record_id in part if (value := _value(house, record_id, problems)) is not None]
        count += len(values)
        _put(house, values)
    return count, problems


def _value(house: House, record_id: str, problems: list[Finding]) -> core.Record | None:
    try:
        with house.store.open(record_id, layout.RECORD_XML) as stream:
            return record_xml.read(stream.read())
    except Coded as problem:
        problems.append(finding("REBUILD-OBJECT-MISSING", record_id, reason=problem.code))
        return None


def _put(house: House, values: Sequence[core.Record]) -> None:
    archived = dict(
        Event.objects.filter(type="record:archived", object_id__in=[item.id for item in values]).values_list("object_id", "instant")
    )
    rows = [_record(house, value, archived.get(value.id)) for value in values]
    pairs = [pair for value in values for pair in _documents(house, value)]
    with transaction.atomic():
        insert(Record, rows)
        insert(Document, [document for document, _ in pairs])
        insert(ComputerFile, [file for _, files in pairs for file in files])
        insert(ArchivalCode, [code for row in rows for code in _codes(house, row)])
        work.enqueue("index")


def _record(house: House, value: core.Record, archived: datetime | None) -> Record:
    now = house.clock.now()
    row = Record(
        id=value.id,
        electronic_record_code=value.electronic_record_code,
        batch_id="",
        channel=core.Channel.TRANSFER,
        content_basis=value.content_basis,
        state=State.ARCHIVED,
        needs_attention=CODE,
        fonds=value.text("fonds_identifier") or house.settings.fonds,
        category=value.text("category_code") or house.settings.category,
        code=value.code,
        page_count=_pages(value),
        size_bytes=sum(item.size_bytes for item in value.files if item.representation is not core.Representation.TEXT),
        content_version=value.version,
        created_at=_captured(value) or archived or now,
        archived_at=archived or now,
        arrival={"rebuilt": value.version},
        **carried.record_columns(value, {}),
    )
    _fit(row, value)
    _number(house, row, value)
    set_keys(row)
    return row


def _fit(row: Record, value: core.Record) -> None:
    said = {"document_date": value.text("date")} | {name: value.text(name) for name in _FITTING if name != "document_date"}
    for name, text in said.items():
        limit = getattr(Record._meta.get_field(name), "max_length", None)
        setattr(row, name, text[:limit] if limit else text)


def _number(house: House, row: Record, value: core.Record) -> None:
    """Set what the code says, else the description: year, department, retention, and the day on which it ends."""
    template = matching_template(row.code, coding.templates(house)) if row.code else None
    if template is None:
        return
    parts = template.parse(row.code)
    said = value.text("retention_period")
    row.year, row.department = parts.year or value.text("year"), parts.org or value.text("organizational_structure_or_function")
    row.retention = parts.retention or (Retention.parse(said).code if said else "")
    row.due_date = Retention.parse(row.retention).due_date(row.year) if row.retention and row.year else ""


def _pages(value: core.Record) -> int | None:
    """Return the pages of the originals as capture counts them; what the description says where files have none."""
    originals = [item for item in value.files if item.representation is core.Representation.ORIGINAL]
    counts = [item.page_count for item in originals if item.page_count is not None]
    said = value.text("total_number_of_pages")
    return sum(counts) if counts else int(said) if said.isdigit() else None


def _captured(value: core.Record) -> datetime | None:
    found = next((item.time for item in value.events if item.id.startswith("lantai-capture")), "")
    return datetime.fromisoformat(found) if found else None


def _documents(house: House, value: core.Record) -> Iterator[tuple[Document, list[ComputerFile]]]:
    for item in value.documents:
        document = Document(id=house.ids.new(), record_id=value.id, sequence=item.sequence, **carried.document_columns(item))
        texts = {file.id.removesuffix("-text"): file.path for file in item.files if file.representation is core.Representation.TEXT}
        files = [file for file in item.files if file.representation is not core.Representation.TEXT]
        yield document, [_file(value, document, file, at, texts.get(file.id, "")) for at, file in enumerate(files, 1)]


def _file(value: core.Record, document: Document, item: core.ComputerFile, at: int, text: str) -> ComputerFile:
    given = [name for name, has in (("findings", True), ("metadata", True), ("elements", bool(item.elements))) if has]
    own = {"own": {"text_path": text} if text else {}, "given": given}
    columns = carried.file_columns(item, own)
    return ComputerFile(id=item.id, record_id=value.id, document_id=document.id, sequence=at, virus=item.virus, **columns)


def _codes(house: House, row: Record) -> Iterator[ArchivalCode]:
    """Yield the code a record bears, unless the state package knows it, and raise the counter of its scope."""
    template = matching_template(row.code, coding.templates(house)) if row.code else None
    if template is None or ArchivalCode.objects.filter(kind="agency", value=row.code).exists():
        return
    parts = template.parse(row.code)
    scope = template.scope(parts)
    counter, _ = NumberScope.objects.get_or_create(scope=scope)
    if (parts.item or 0) > counter.last:
        NumberScope.objects.filter(scope=scope).update(last=parts.item)
    day = beijing.day(row.archived_at or row.created_at)
    yield ArchivalCode(
        id=house.ids.new(), record_id=row.id, kind="agency", scope=scope, value=row.code, item_number=parts.item or None, valid_from=day
    )
