"""archive 归档: the finished package passes the archiving gate, is made durable and read back, and then the row says so.

Works record by record in slices: one batch root signed, one flush, one transaction a slice. A record keeps its number
whatever happens here. What an earlier run wrote but could not enter is taken up, not written twice.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core.checks import Conclusion, Gate
from lantai.core.events import instant_text
from lantai.core.lifecycle import origins
from lantai.packages import layout, proof
from lantai.ports import House
from lantai.ports.store import Draft
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.stages import facts, rest
from lantai.stages.archive.build import Builder, Built, Material, content_of
from lantai.standards import da_t_70

ARCHIVABLE = (Conclusion.PASS, Conclusion.TRIAL)
MESSAGE = "归档"

__all__ = ["archive"]


def archive(house: House, range_id: str = "") -> int:
    """Archive every numbered record of a sealed range (of all ranges where empty); return how many were archived."""
    done = 0
    with work.progress("archive", range_id or "all", step="归档") as progress:
        for rows in queries.in_slices(_ready(range_id), house.settings.slice_records):
            done += _archive_slice(house, rows)
            progress.advance(len(rows))
    return done


def _ready(range_id: str) -> "QuerySet[Record]":
    ready = Record.objects.filter(state__in=origins("archive"))
    if not range_id:
        return ready
    sealed = NumberRange.objects.get(id=range_id)
    codes = ArchivalCode.objects.filter(scope=sealed.scope, item_number__range=(sealed.first, sealed.last))
    return ready.filter(id__in=codes.values("record_id"))


def _archive_slice(house: House, rows: list[Record]) -> int:
    now = house.clock.now()
    builder = Builder(house, da_t_70.scheme(Gate.ARCHIVING), facts.engine(house), now)
    written = {row.id for row in rows if house.store.has(row.id, row.content_version + 1)}
    built = [builder.build(item) for item in _materials([row for row in rows if row.id not in written])]
    passed = [item for item in built if item.conclusion in ARCHIVABLE]
    proofs = proof.build([proof.Subject(item.value.id, item.value.version, item.contents) for item in passed], house.signer)
    stored = house.store.write([_draft(house, item, made) for item, made in zip(passed, proofs, strict=True)])
    sums = {item.record_id: item.inventory_sha256 for item in stored}
    taken_up = [row for row in rows if row.id in written]
    _apply(house, [*(item.material.row for item in passed), *taken_up], built, sums)
    return len(passed) + len(taken_up)


def _materials(rows: Sequence[Record]) -> list[Material]:
    documents, files = queries.documents_of(rows), queries.files_of(rows)
    numbered = queries.numbered_at(rows)
    return [Material(row, tuple(documents.get(row.id, ())), tuple(files.get(row.id, ())), numbered.get(row.id)) for row in rows]


def _draft(house: House, item: Built, made: bytes) -> Draft:
    return Draft(
        record_id=item.value.id,
        version=item.value.version,
        files=(*item.contents, content_of(layout.PROOF, made)),
        created=instant_text(house.clock.now()),
        message=MESSAGE,
        user_name=house.settings.agency or "兰台",
        user_address="urn:lantai:archive",
    )


def _apply(house: House, rows: list[Record], built: list[Built], sums: dict[str, str]) -> None:
    """Say in one transaction that the packages are the records: state, version, report, event, index."""
    now = house.clock.now()
    concluded = {item.material.row.id: item.conclusion for item in built}
    for row in rows:
        row.conclusion = concluded.get(row.id) or _stored_conclusion(house, row)
        row.content_version += 1
        row.archived_at = now
    with transaction.atomic():
        moved = set(queries.move(rows, "archive", ("conclusion", "content_version", "archived_at")))
        _refuse(house, [item for item in built if item.conclusion not in ARCHIVABLE])
        insert(Report, [_report(item, now) for item in built])
        entries.append(now, [_event(row, sums.get(row.id, "")) for row in rows if row.id in moved], ids=house.ids)
        queries.mark_for_index(sorted(moved))
        work.enqueue("index")
    queries.remove_staged(house.data, sorted(moved))


def _refuse(house: House, items: list[Built]) -> None:
    """A record that the gate stops keeps its number and rests until a person looks."""
    for item in items:
        code = "ARCHIVE-CHECK-NOT-RUN" if item.conclusion is Conclusion.ERROR else "ARCHIVE-CHECK-FAILED"
        queries.need_attention([item.value.id], code)


def _stored_conclusion(house: House, row: Record) -> str:
    """Return the conclusion that stands in the package an earlier run wrote."""
    with house.store.open(row.id, layout.REPORT) as stream:
        return str(json.load(stream)["conclusion"])


def _report(item: Built, now: datetime) -> Report:
    return Report(
        id=item.report_id,
        gate=Gate.ARCHIVING,
        subject_kind="record",
        subject_id=item.value.id,
        batch_id=item.material.row.batch_id,
        conclusion=item.conclusion,
        body=item.report,
        created_at=now,
    )


def _event(row: Record, inventory_sha256: str) -> entries.Entry:
    body = {
        "code": row.code,
        "title": row.title[:500],
        "version": row.content_version,
        "conclusion": row.conclusion,
        "inventory_sha256": inventory_sha256,
    }
    return entries.Entry("record:archived", "worker", row.id, body)


@work.task("archive", on_give_up=rest.numbered)
def archive_task(range_id: str = "") -> None:
    """Archive a sealed range in the background."""
    archive(work.house(), range_id)
