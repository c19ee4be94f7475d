"""describe 著录: what came with the record, and what the document itself says where nothing came (``core.describing`` decides).

What the sender said always wins; what is read on the page fills gaps only. All that was read rests in ``arrival["read"]``: by
element value, confidence, reason, page, boxes, and whether it was taken, so that the form can show where each value comes from.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import beijing, officialdoc
from lantai.core.describing import Description, Terms
from lantai.core.describing import describe as put_together
from lantai.core.lifecycle import State
from lantai.core.metadata import Version, described_by
from lantai.core.officialdoc import Elements, Known, Page
from lantai.core.record import Role
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.holdings.texts import text_document
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries as metadata
from lantai.stages import renditions, rest
from lantai.standards import gb_t_9704

COLUMNS = ("title", "document_number", "author", "document_type")
#: Pages looked at: so many from the first, and the last ones, where the imprint stands.
HEAD_PAGES = 20
LAST_PAGES = 2
_SEEN = 2000


def describe(house: House, batch_id: str) -> None:
    """Describe every checked record of the batch, slice by slice."""
    with work.progress("describe", batch_id, step="著录", total=queries.count(batch_id, State.CHECKED)) as progress:
        for rows in queries.slices(batch_id, State.CHECKED, house.settings.slice_records):
            _describe_slice(house, batch_id, rows)
            progress.advance(len(rows))
    with transaction.atomic():
        work.enqueue("settle", batch_id=batch_id)


def _describe_slice(house: House, batch_id: str, rows: list[Record]) -> None:
    files = queries.files_of(rows)
    known = _known(house) if files else Known()
    versions = metadata.in_force()
    for row in rows:
        scheme = metadata.of_category(row.category, known=versions)
        read = read_document(house, files.get(row.id, []), known)
        _write(row, put_together(row.elements, read, _terms(house, scheme)), scheme)
    names = (
        *("title", "document_number", "author", "document_type", "document_date", "elements", "arrival"),
        *("number_key", "identity_key", "sought"),
    )
    with transaction.atomic():
        moved = queries.move(rows, "describe", names)
        told = entries.Entry("record:described", "worker", batch_id, {"records": moved}, "batch")
        entries.append(house.clock.now(), [told], ids=house.ids)


def _terms(house: House, scheme: tuple[Version, ...]) -> Terms:
    today = beijing.day(house.clock.now())
    return Terms(house.settings.read_confidence, house.settings.earliest_year, today, _lengths(scheme))


@lru_cache(maxsize=16)
def _lengths(scheme: tuple[Version, ...]) -> dict[str, int]:
    return {item.code: item.max_length for item in metadata.laid_over(scheme) if item.max_length}


def _known(house: House) -> Known:
    """Return the bodies and number codes that this house has seen: the agency, its departments by all their names, former records."""
    names = queries.body_names() | ({house.settings.agency} if house.settings.agency else set())
    codes = {number.partition("〔")[0] for number in queries.newest_numbers(_SEEN) if "〔" in number}
    return Known(frozenset(names), frozenset(codes))


# --- the page


def read_document(house: House, files: Sequence[ComputerFile], known: Known) -> Elements:
    """Read the elements of the record's main document: the first file with text, those of the 正本 first; else its name alone."""
    if not files:
        return Elements((), officialdoc.Fields())
    ordered = sorted(files, key=lambda item: (item.document.role != Role.MAIN, not item.facts.get("text_path")))
    main = ordered[0]
    attached = {item.document_id for item in files if item.document.role == Role.ATTACHMENT}
    context = Known(known.bodies, known.number_codes, len(attached) or None)
    numbered = _pages(house, main)
    read = officialdoc.elements([page for _, page in numbered], main.name, words=gb_t_9704.words(), known=context)
    return read.renumbered([number for number, _ in numbered])


def _pages(house: House, item: ComputerFile) -> list[tuple[int, Page]]:
    """Return the pages worth reading with their numbers, out of the text layer; without one, out of the converter's rendition."""
    if item.facts.get("text_path"):
        rows = _worth_reading(text_document(house.data, item).get("pages", []))
        return [(int(row["number"]), _page(row)) for row in rows]
    shown = renditions.pdf(house, item, lambda: nullcontext(house.data / item.staged)) if item.staged else None
    if shown is None:
        return []
    read = _worth_reading(house.reader.read(shown, shown.name).pages)
    return [(page.number, Page(page.width, page.height, tuple((line.text, line.box) for line in page.lines), page.text)) for page in read]


def _worth_reading[T](pages: Sequence[T]) -> Sequence[T]:
    if len(pages) <= HEAD_PAGES + LAST_PAGES:
        return pages
    return [*pages[:HEAD_PAGES], *pages[-LAST_PAGES:]]


def _page(row: dict[str, Any]) -> Page:
    lines = tuple((str(line["text"]), tuple(line["box"])) for line in row.get("lines", ()))
    return Page(float(row.get("width") or 0), float(row.get("height") or 0), lines, str(row["text"]))


# --- the row


def _write(row: Record, described: Description, scheme: tuple[Version, ...]) -> None:
    """Set the columns of a record from its description, with the defaults of the agency's scheme, which the record remembers."""
    elements: dict[str, Any] = dict(described.elements)
    elements.setdefault("aggregation_level", "文件")
    elements.setdefault("security_classification", "无")
    elements.setdefault("document_aggregation_type", "单件")
    for item in metadata.laid_over(scheme) if scheme else ():
        if item.set_by and item.default and not elements.get(item.code):
            elements[item.code] = item.default
    for name in COLUMNS:
        setattr(row, name, _fit(Record, name, elements.get(name)))
    date = str(elements.get("date", ""))
    row.document_date = date if officialdoc.civil_date(date, earliest_year=1)[0] == date else ""
    row.elements, row.arrival = elements, _arrival(row, described) | ({"scheme": described_by(scheme)} if scheme else {})
    set_keys(row)


def _arrival(row: Record, described: Description) -> dict[str, Any]:
    """Return how the record came, with what was read on it: ``read`` by element, ``hints`` at events, attachments named and not inside."""
    arrival: dict[str, Any] = dict(row.arrival) | {"read": described.read}
    if described.said:
        arrival["said"] = described.said
    if described.attachments_named:
        arrival["attachments_named"] = list(described.attachments_named)
    if described.hints and not any(event.get("activity") == "签发" for event in row.events):
        arrival["hints"] = list(described.hints)
    if described.findings:
        arrival["findings"] = [*arrival.get("findings", []), *(item.as_json() for item in described.findings)]
    return arrival


def _fit(model: type[Record], column: str, value: object) -> str:
    """Return the value as the column can hold it; the whole value stays in ``elements``."""
    text = "；".join(value) if isinstance(value, list) else str(value or "")
    limit = getattr(model._meta.get_field(column), "max_length", None)
    return text[:limit] if limit else text


@work.task("describe", on_give_up=rest.batch)
def describe_task(batch_id: str) -> None:
    """Describe a batch in the background."""
    describe(work.house(), batch_id)
