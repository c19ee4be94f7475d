"""index 索引: one consumer drains the outbox into the full-text index. The index holds nothing that can not be rebuilt."""

from collections.abc import Sequence

from django.db import transaction

from lantai import work
from lantai.core.lifecycle import GONE, State
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.ports.index import Entry
from lantai.shelves.holdings import counts, queries
from lantai.shelves.holdings.models import IndexOutbox, Record
from lantai.shelves.metadata import queries as metadata
from lantai.stages import rest
from lantai.stages.texts import Texts

SLICE = 2000
_NAMED = ("descriptor", "keyword", "personal_name", "annotation")
_APART = " \u241e "  # the normaliser keeps the sign, so that no query crosses it


def refresh(house: House) -> int:
    """Bring the index up to date with the outbox; return how many records were looked at.

    The entry is made durable before the outbox rows go: dying in between indexes a record twice, which changes nothing.
    """
    count = 0
    with work.progress("index", "index", step="索引", total=IndexOutbox.objects.count()) as progress:
        while notes := queries.take_outbox(SLICE):
            _refresh_slice(house, sorted({record_id for _, record_id in notes}))
            queries.clear_outbox([note for note, _ in notes])
            count += len(notes)
            progress.advance(len(notes))
    counts.fold()
    return count


def rebuild(house: House) -> int:
    """Throw the index away and make it anew from the holdings; return how many records were indexed."""
    house.index.clear()
    with transaction.atomic():
        queries.mark_for_index(list(Record.objects.exclude(state=State.RECEIVED).values_list("id", flat=True)))
    return refresh(house)


def _refresh_slice(house: House, record_ids: list[str]) -> None:
    rows = list(Record.objects.filter(id__in=record_ids).defer("agents", "events", "relations", "arrival"))
    gone = {row.id for row in rows if row.state in GONE or row.quarantined}
    gone |= set(record_ids) - {row.id for row in rows}
    kept = [row for row in rows if row.id not in gone]
    files = queries.files_of(kept)
    texts = Texts(house)
    told = (*_NAMED, *metadata.own_names())
    house.index.add([entry(row, texts.of_record(row, files.get(row.id, [])), told) for row in kept])
    if gone:
        house.index.remove(sorted(gone))


def entry(row: Record, body: str, told: Sequence[str] = _NAMED) -> Entry:
    """Return what is indexed of a record: its described fields, its body, and the facets of rights and lists.

    *told* are further elements, the agency's own among them; their values stand apart in one field, so that no hit spans two.
    """
    values = [value for name in told for value in _values(row.elements.get(name)) if value]
    fields = {
        "title": row.title,
        "document_number": row.document_number,
        "author": row.author,
        "code": row.code,
        "keywords": _APART.join(values),
        "body": body,
    }
    facets = {
        "year": row.year,
        "department": row.department,
        "retention": Retention.parse(row.retention).code if row.retention else "",
        "document_type": row.document_type,
        "state": row.state,
        "opening": row.opening,
        "channel": row.channel,
    }
    return Entry(row.id, fields, facets, order=row.document_date)


def _values(said: object) -> list[str]:
    return [str(value) for value in said] if isinstance(said, list) else [str(said or "")]


@work.task("index", queue="index", on_give_up=rest.nothing)
def index_task() -> None:
    """Drain the outbox in the background."""
    refresh(work.house())
