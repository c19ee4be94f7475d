"""attach 挂接: files that came by themselves are hung onto the catalogue rows they belong to.

Files come in like everything else, as a batch that is checked; here they are only held against rows that have none. A plan changes nothing.
What is hung on keeps digests and places, the catalogue's description stands, and all of it can be taken back.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from itertools import batched
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.attaching import WAYS, Found, Offer, Wanting, match
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.record import ContentBasis
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Document, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import composing

PERMISSION = "holdings:file:attach"
MOST = 1000
SLICE = 50
_DIGEST = re.compile("[0-9A-Fa-f]{64}")
_WITH = Exists(Document.objects.filter(record_id=OuterRef("id")))


@dataclass(frozen=True, slots=True)
class Row:
    """A catalogue row, or a record of files, as a person knows it."""

    id: str
    title: str
    number: str
    code: str
    date: str = ""
    files: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What tells it from another of the same title: its code, else number and date."""
        return self.code or " ".join(part for part in (self.number, self.date) if part)


@dataclass(frozen=True, slots=True)
class Line:
    """Files with the rows they may belong to, and the sign that told so."""

    offer: Row
    way: str
    rows: tuple[Row, ...]

    @property
    def sign(self) -> str:
        """The sign in words of people, a dash for none."""
        return WAYS.get(self.way, "—")


@dataclass(frozen=True, slots=True)
class Plan:
    """What hanging on would do: lines with one row, with several, with none, the rows that stay without, and files not ready yet."""

    lines: tuple[Line, ...]
    missing: tuple[Row, ...]
    waiting: int

    @property
    def sure(self) -> tuple[Line, ...]:
        """Lines with just one row."""
        return tuple(line for line in self.lines if len(line.rows) == 1)

    @property
    def several(self) -> tuple[Line, ...]:
        """Lines that a person must choose for."""
        return tuple(line for line in self.lines if len(line.rows) > 1)

    @property
    def unmatched(self) -> tuple[Line, ...]:
        """Lines for which no row was found."""
        return tuple(line for line in self.lines if not line.rows)


def plan(house: House, actor: Actor, batch_key: str) -> Plan:
    """Hold the files of a received batch against the rows that have none; nothing is changed. Raises Refusal BATCH-UNKNOWN."""
    access.require(actor, PERMISSION)
    batch = Batch.objects.filter(Q(code=batch_key) | Q(id=batch_key)).first()
    if batch is None:
        raise Refusal("BATCH-UNKNOWN", batch_key)
    offered = list(_offered().filter(batch_id=batch.id).order_by("id")[:MOST])
    files = queries.files_of(offered)
    names = {row.id: tuple(item.name for item in files.get(row.id, ())) for row in offered}
    offers = [
        Offer(row.id, _names(str(row.arrival.get("key", "")), names[row.id]), frozenset(item.sha256 for item in files.get(row.id, ())))
        for row in offered
    ]
    others = Record.objects.filter(batch_id=batch.id, state__in=(State.RECEIVED, State.CHECKED, State.DESCRIBED)).filter(_WITH).count()
    return _plan([_row(row, names[row.id]) for row in offered], offers, waiting=others)


def look(house: House, actor: Actor, folder: Path) -> Plan:
    """Hold the files of a folder against the rows that have none, before anything is taken in."""
    access.require(actor, PERMISSION)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()][:MOST]
    offers = []
    for path in paths:
        with path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        place = path.relative_to(folder).as_posix()
        offers.append(Offer(place, _names(place, (path.name,)), frozenset({digest})))
    return _plan([Row(offer.key, offer.key, "", "", "", (PurePosixPath(offer.key).name,)) for offer in offers], offers, waiting=0)


def _plan(offered: Sequence[Row], offers: Sequence[Offer], *, waiting: int) -> Plan:
    rows, wanting = {}, []
    for row in (
        _wanting()
        .only("id", "title", "document_number", "document_date", "code", "elements", "arrival", "electronic_record_code")
        .iterator()
    ):
        rows[row.id] = _row(row)
        wanting.append(_as_wanting(row))
    found: dict[str, Found] = {item.offer: item for item in match(offers, wanting)}
    lines = tuple(Line(item, found[item.id].way, tuple(rows[key] for key in found[item.id].rows)) for item in offered)
    hit = {row.id for line in lines for row in line.rows}
    return Plan(lines, tuple(row for key, row in rows.items() if key not in hit), waiting)


def attach(house: House, actor: Actor, pairs: Mapping[str, str]) -> Act:
    """Hang files onto rows: record of files -> catalogue row. Several may go to one row; the act can be taken back.

    Raises Refusal SELECTION-…, ATTACH-CHANGED where either is not what it was.
    """
    access.require(actor, PERMISSION)
    if not pairs or len(pairs) > MOST:
        raise Refusal("SELECTION-TOO-MANY" if pairs else "SELECTION-EMPTY", actual=len(pairs), most=MOST)
    goals = {row.id: row for row in _wanting().filter(id__in=set(pairs.values()))}
    offers = {row.id: row for row in _offered().filter(id__in=list(pairs))}
    if lost := next((key for pair in pairs.items() for key in pair if key not in goals and key not in offers), ""):
        raise Refusal("ATTACH-CHANGED", Record.objects.filter(id=lost).values_list("title", flat=True).first() or lost)
    title = f"挂接 {len(pairs)} 份文件到 {len(goals)} 件"
    act = Act(id=house.ids.new(), actor=actor.id, kind="attach", title=title, state=journal.DONE, total=len(pairs) + len(goals))
    act.made_at = house.clock.now()
    hung: dict[str, list[Record]] = {}
    for offer, goal in pairs.items():
        hung.setdefault(goal, []).append(offers[offer])
    with transaction.atomic():
        for part in batched(hung.items(), SLICE):
            _hang(house, act, [(goals[key], rows) for key, rows in part])
    return act


def _hang(house: House, act: Act, groups: Sequence[tuple[Record, list[Record]]]) -> None:
    known = queries.documents_of([row for _, rows in groups for row in rows])
    before: dict[str, dict[str, Any]] = {}
    after: dict[str, tuple[Record, list[Document]]] = {}
    told: list[entries.Entry] = []
    for head, rows in groups:
        documents = [part for row in rows for part in known[row.id]]
        before |= {head.id: composing.snapshot(head, [])} | {row.id: composing.snapshot(row, known[row.id]) for row in rows}
        told.append(entries.Entry("record:attached", act.actor, head.id, _told(documents)))
        told += [entries.Entry("record:joined", act.actor, row.id, {"into": head.id, "title": row.title[:500]}) for row in rows]
        pages = head.page_count
        for at, part in enumerate(documents, 1):
            part.record_id, part.sequence = head.id, at
        for row in rows:
            composing.take_over(head, row)
        composing.settle(head, documents)
        head.page_count, head.content_basis = head.page_count or pages, ContentBasis.DUAL
        after |= {head.id: (head, documents)} | {row.id: (composing.empty(row, head), []) for row in rows}
    composing.write(house, act, before, after)
    entries.append(house.clock.now(), told, ids=house.ids)


def _told(documents: Sequence[Document]) -> dict[str, list[dict[str, str]]]:
    return {"documents": [{"id": part.id, "role": part.role, "from": part.record_id} for part in documents]}


def _wanting() -> "QuerySet[Record]":
    """Catalogue rows without files whose number is not fixed yet."""
    free = Record.objects.filter(state=State.ARRANGED, hold=False, quarantined=False, content_basis=ContentBasis.PHYSICAL_ONLY)
    return free.exclude(_WITH).order_by("id")


def _offered() -> "QuerySet[Record]":
    """Records of files that may be hung onto a row."""
    free = Record.objects.filter(state=State.ARRANGED, hold=False, quarantined=False, needs_attention="")
    return free.filter(_WITH).exclude(content_basis=ContentBasis.PHYSICAL_ONLY)


def _as_wanting(row: Record) -> Wanting:
    raw = [str(value) for value in row.arrival.get("raw", {}).values()]
    digests = frozenset(text.lower() for value in raw for text in _DIGEST.findall(value))
    return Wanting(row.id, _codes(row), row.document_number, row.title, digests)


def _codes(row: Record) -> tuple[str, ...]:
    return tuple(code for code in (row.code, str(row.elements.get("archival_code") or ""), row.electronic_record_code) if code)


def _row(row: Record, files: tuple[str, ...] = ()) -> Row:
    return Row(row.id, row.title, row.document_number, row.code or str(row.elements.get("archival_code") or ""), row.document_date, files)


def _names(place: str, files: Sequence[str]) -> tuple[str, ...]:
    """Return the names that files go by: each without its extension, then the folders they lie in, the nearest first."""
    stems = [PurePosixPath(name).stem for name in files]
    parts = [part for part in PurePosixPath(place).parts if part not in files]
    return tuple(dict.fromkeys([*stems, *reversed(parts)]))


def batches(actor: Actor) -> Iterator[tuple[str, str, int]]:
    """Yield the newest batches with files that may be hung on, as (number, title, files)."""
    access.require(actor, PERMISSION)
    ids = list(_offered().order_by("-batch_id").values_list("batch_id", flat=True).distinct()[:30])
    for batch in Batch.objects.filter(id__in=ids).order_by("-id"):
        yield batch.code, batch.title, _offered().filter(batch_id=batch.id).count()
