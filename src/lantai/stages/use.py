"""use 利用: open a record, look at its pages. Every read of content is an event; rights are asked of the one access table."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.formats.kinds import DRAWN
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.ledger import entries
from lantai.stages import renditions
from lantai.stages.texts import Texts


@dataclass(frozen=True, slots=True)
class FileView:
    """A computer file of a record as its page shows it."""

    id: str
    name: str
    representation: str
    mime: str
    format_name: str
    puid: str
    size_bytes: int
    page_count: int | None
    sha256: str
    sm3: str
    virus: str
    has_text: bool
    findings: tuple[dict[str, str], ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    signatures: tuple[dict[str, Any], ...] = ()
    outline: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    notes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Showing:
    """How the pages of a file can be shown: ``own`` drawing, ``converted`` by the converter, or ``none``; ``lacks`` is
    ``converter`` where one would help and is not there, ``rendition`` where it was tried in vain."""

    pages: int
    how: str
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of a record with its files."""

    sequence: int
    role: str
    title: str
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record with everything its page shows; ``row`` columns by name, elements, documents.

    ``signatures`` are those over the package that it came in, which ``came_as`` names.
    """

    id: str
    code: str
    title: str
    state: str
    columns: dict[str, Any]
    elements: dict[str, Any]
    documents: tuple[DocumentView, ...]
    agents: tuple[dict[str, str], ...]
    events: tuple[dict[str, str], ...]
    findings: tuple[dict[str, str], ...] = field(default=())
    came_as: str = ""
    signatures: tuple[dict[str, Any], ...] = ()


def find_record(key: str) -> Record:
    """Return the record of a ULID, archival code (any separators) or M7 number. Raises Refusal RECORD-UNKNOWN."""
    row = queries.by_key(key)
    if row is None:
        raise Refusal("RECORD-UNKNOWN", key)
    return row


def open_record(house: House, actor: Actor, key: str) -> RecordView:
    """Open a record: its description and what it is made of; the read is noted in the ledger."""
    row = _readable(actor, key)
    note_read(house, actor, row, {"part": "record"})
    return view_of(row)


def view_of(row: Record) -> RecordView:
    """Return a record as it is shown. Who may see it, and that it was seen, is the caller's to ask and tell."""
    documents = list(Document.objects.filter(record=row).order_by("sequence"))
    files = list(ComputerFile.objects.filter(record=row).order_by("sequence"))
    columns = {name.attname: getattr(row, name.attname) for name in Record._meta.concrete_fields}
    return RecordView(
        row.id,
        row.code,
        row.title,
        row.state,
        columns,
        dict(row.elements),
        tuple(_document_view(item, files) for item in documents),
        tuple(row.agents),
        tuple(row.events),
        tuple(row.arrival.get("findings", ())),
        str(row.arrival.get("key", "")).rpartition("/")[2],
        tuple(row.arrival.get("signatures", ())),
    )


def _document_view(document: Document, files: Sequence[ComputerFile]) -> DocumentView:
    own = tuple(_file_view(item) for item in files if item.document_id == document.id)
    return DocumentView(document.sequence, document.role, document.title, own)


def _file_view(item: ComputerFile) -> FileView:
    return FileView(
        item.id,
        item.name,
        item.representation,
        item.mime,
        item.format_name,
        item.puid,
        item.size_bytes,
        item.page_count,
        item.sha256,
        item.sm3,
        item.virus,
        bool(item.facts.get("text_path")),
        tuple(item.facts.get("findings", ())),
        dict(item.facts.get("metadata") or {}),
        *(tuple(item.facts.get(part) or ()) for part in ("signatures", "outline", "attachments", "notes")),
    )


def page_image(house: House, actor: Actor, key: str, file_id: str, *, page: int, width: int = 900) -> bytes:
    """Render one page of a file as PNG, *width* pixels wide. Raises Refusal where the page or its rendering does not exist.

    Office documents are shown as the converter sets them; without one they have no pages to show.
    """
    row = _readable(actor, key)
    item = _file(row, file_id)
    shown = _rendition(house, row, item)
    if shown is not None:
        image = house.reader.render(shown, shown.name, page=page, width=width)
    else:
        with _lent(house, row, item) as source:
            image = house.reader.render(source, item.name, page=page, width=width)
    if image is None:
        raise Refusal("PAGE-NOT-RENDERABLE", item.name, page=page)
    if page == 1 or row.opening == "controlled":
        note_read(house, actor, row, {"part": "page", "file": file_id, "page": page})
    return image


def showing(house: House, actor: Actor, key: str, file_id: str) -> Showing:
    """Return how the pages of a file can be shown; the first time an office document is asked about, it is converted."""
    row = _readable(actor, key)
    item = _file(row, file_id)
    if item.mime in DRAWN:
        return Showing(item.page_count or 0, "own" if item.page_count else "none")
    shown = _rendition(house, row, item)
    if shown is not None:
        return Showing(house.reader.read(shown, shown.name).page_count or 0, "converted")
    if not house.converter.converts(item.name):
        return Showing(0, "none")
    return Showing(0, "none", "rendition" if house.converter.engine().is_ready else "converter")


def shown_pages(house: House, actor: Actor, key: str, file_id: str) -> int:
    """Return how many pages of a file can be shown as images: its own, or those of its rendition; 0 where there are none."""
    return showing(house, actor, key, file_id).pages


def _rendition(house: House, row: Record, item: ComputerFile) -> Path | None:
    """Return the rendition of what cannot be drawn itself, whatever its name says it is."""
    return None if item.mime in DRAWN else renditions.pdf(house, item, lambda: _lent(house, row, item))


def page_text(house: House, actor: Actor, key: str, file_id: str) -> list[dict[str, Any]]:
    """Return the pages of a file's text layer: number, width, height, text, lines with boxes."""
    row = _readable(actor, key)
    return Texts(house).pages(row, _file(row, file_id))


def file(house: House, actor: Actor, key: str, file_id: str) -> tuple[ComputerFile, BinaryIO]:
    """Open the bytes of a file for download; the event is written before the first byte."""
    row, item = _downloadable(actor, key, file_id)
    note_read(house, actor, row, {"part": "file", "file": file_id, "name": item.name})
    return item, _open(house, row, item)


def inside(house: House, actor: Actor, key: str, file_id: str, *, index: int) -> tuple[str, bytes]:
    """Take one file out of a file for download, by its place in the list of attachments (from 0); return its name and bytes.

    The guarded reader unpacks it within the limits; the event is written before the first byte leaves. Raises Refusal as
    :func:`file`, and INSIDE-NOT-READABLE where it cannot be had.
    """
    row, item = _downloadable(actor, key, file_id)
    listed = item.facts.get("attachments") or ()
    with _lent(house, row, item) as source:
        data = house.reader.attachment(source, item.name, index=index) if index < len(listed) else None
    if data is None:
        raise Refusal("INSIDE-NOT-READABLE", item.name, number=index + 1)
    name = str(listed[index]["name"]) or f"附件{index + 1}"
    note_read(house, actor, row, {"part": "inside", "file": file_id, "name": name})
    return name, data


def _downloadable(actor: Actor, key: str, file_id: str) -> tuple[Record, ComputerFile]:
    row = find_record(key)
    access.require(actor, "holdings:file:download", queries.access_facts(row), where=row.code or row.id)
    item = _file(row, file_id)
    if row.state == State.DISCARDED or (row.state != State.ARCHIVED and not item.staged):
        raise Refusal("FILE-GONE", item.name)
    return row, item


def _readable(actor: Actor, key: str) -> Record:
    row = find_record(key)
    access.require(actor, "holdings:record:read", queries.access_facts(row), where=row.code or row.id)
    return row


def _file(row: Record, file_id: str) -> ComputerFile:
    item = ComputerFile.objects.filter(record=row, id=file_id).first()
    if item is None:
        raise Refusal("FILE-UNKNOWN", file_id)
    return item


def _open(house: House, row: Record, item: ComputerFile) -> BinaryIO:
    if row.state == State.ARCHIVED:
        return house.store.open(row.id, item.path, row.content_version)
    return (house.data / item.staged).open("rb")


def _scratch(house: House) -> Path:
    folder = house.data / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _lent(house: House, row: Record, item: ComputerFile) -> Iterator[Path]:
    """Lend a path that the guarded reader can open: the staged file, or a scratch copy of the vault's bytes."""
    if row.state != State.ARCHIVED:
        yield house.data / item.staged
        return
    with NamedTemporaryFile(prefix="page-", dir=_scratch(house)) as copy:
        with house.store.open(row.id, item.path, row.content_version) as stream:
            shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
        yield Path(copy.name)


def note_read(house: House, actor: Actor, row: Record, body: dict[str, Any]) -> None:
    """Tell the ledger that *actor* reads a part of a record."""
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("record:read", actor.id, row.id, body)], ids=house.ids)
