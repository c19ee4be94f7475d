"""describe 著录: title, number, body, date from what came with the record, or out of the document itself.

What the sender said always wins; what is read out of the document fills gaps only and is marked with its reason. Doubtful
dates are reported, never repaired.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import officialdoc
from lantai.core.findings import Finding
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.holdings.texts import page_texts
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger import entries
from lantai.stages import rest

COLUMNS = {
    "title": "title",
    "document_number": "document_number",
    "author": "author",
    "document_type": "document_type",
}
HEAD_PAGES = 3


@dataclass(frozen=True, slots=True)
class Described:
    """The decision about one record: columns to set, elements, and remarks."""

    columns: dict[str, Any]
    findings: tuple[Finding, ...] = field(default=())


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
    today = house.clock.now().strftime("%Y%m%d")
    decided: list[tuple[Record, Described]] = []
    for row in rows:
        fields = _read_document(house.data, row, files.get(row.id, []))
        decided.append((row, decide(row, fields, earliest=house.settings.earliest_year, today=today)))
    for row, described in decided:
        for name, value in described.columns.items():
            setattr(row, name, value)
        set_keys(row)
    names = ("title", "document_number", "author", "document_type", "document_date", "elements", "arrival", "number_key", "identity_key")
    with transaction.atomic():
        moved = queries.move(rows, "describe", names)
        told = entries.Entry("record:described", "worker", batch_id, {"records": moved}, "batch")
        entries.append(house.clock.now(), [told], ids=house.ids)


def _read_document(data: Path, row: Record, files: list[ComputerFile]) -> officialdoc.Fields:
    """Read the fields out of the main document, of paper out of its title; nothing is opened where the sender gave them all."""
    needed = ("title", "document_number", "author", "date")
    main = next((item for item in files if item.facts.get("text_path")), files[0] if files else None)
    if main is None:
        return officialdoc.of_title(row.title)
    if all(row.elements.get(name) for name in needed):
        return officialdoc.Fields()
    texts = page_texts(data, main)[:HEAD_PAGES] if main.facts.get("text_path") else []
    return officialdoc.read(texts, main.name)


def decide(row: Record, fields: officialdoc.Fields, *, earliest: int, today: str) -> Described:
    """Return the columns of a record: the sender's elements first, then the document's own words."""
    elements = dict(row.elements)
    read: dict[str, str] = {}
    for name in ("title", "document_number", "author", "document_type", "principal_receiver", "date"):
        value = getattr(fields, name)
        if value and not elements.get(name):
            elements[name] = value
            read[name] = fields.reasons.get(name, "")
    said = str(elements.get("date", ""))
    text, findings = officialdoc.civil_date(said, earliest_year=earliest, today=today)
    elements.setdefault("aggregation_level", "文件")
    elements.setdefault("security_classification", "无")
    elements.setdefault("document_aggregation_type", "单件")
    columns: dict[str, Any] = {column: _fit(Record, column, elements.get(name)) for name, column in COLUMNS.items()}
    arrival = dict(row.arrival) | {"read": read}
    if text and text != said:
        elements["date"], arrival["said"] = text, {"date": said}
    if findings:
        arrival["findings"] = [*arrival.get("findings", []), *(item.as_json() for item in findings)]
    return Described(columns | {"document_date": text, "elements": elements, "arrival": arrival}, findings)


def _fit(model: type[Record], column: str, value: object) -> str:
    """Return the value as the column can hold it; the whole value stays in ``elements``."""
    text = "；".join(value) if isinstance(value, list) else str(value or "")
    limit = getattr(model._meta.get_field(column), "max_length", None)
    return text[:limit] if limit else text


@work.task("describe", on_give_up=rest.batch)
def describe_task(batch_id: str) -> None:
    """Describe a batch in the background."""
    describe(work.house(), batch_id)
