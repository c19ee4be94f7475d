"""rebuild 重建: databases and index made anew from vault, log and the newest state package (docs/design/recovery.md).

Into empty databases only; broken off, it is begun anew. What could not be made equal is told, never passed over.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Model

from lantai import work
from lantai.core import checkpoint as notes
from lantai.core.errors import Refusal
from lantai.core.events import EVENTS as EVENT_TYPES
from lantai.core.evidence import payload_digest
from lantai.core.findings import Finding
from lantai.core.lifecycle import State
from lantai.core.tlog import TILE_WIDTH
from lantai.packages.payload_copies import Copy
from lantai.packages.table_package import TablePackage
from lantai.packages.tiles import TileFolder
from lantai.ports import House
from lantai.shelves import tables
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.models import Checkpoint, Event, Payload
from lantai.stages import expire
from lantai.stages.recover import derived
from lantai.stages.recover.loading import Passwords, models_of, put
from lantai.stages.recover.packaged import RECORDS, Packaged
from lantai.stages.recover.state import service
from lantai.stages.recover.writing import IN_VAULT

EVENTS = "ledger_event"
_COLUMNS = ("id", "type", "instant", "actor", "object_kind", "object_id", "payload_digest", "position", "version")
_TOLD = 50
_MARKED = 2000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was rebuilt: records by where they came from, events, payloads that are gone, rows by table, what is wrong."""

    records: int
    derived: int
    events: int
    without_payload: int
    rows: dict[str, int]
    problems: tuple[Finding, ...]
    taken_at: str
    seconds: float

    @property
    def ok(self) -> bool:
        """True where everything the state package knew came back equal."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """Return the documented fields."""
        return {
            "ok": self.ok,
            "records": self.records,
            "derived": self.derived,
            "events": self.events,
            "without_payload": self.without_payload,
            "rows": self.rows,
            "state": self.taken_at,
            "seconds": self.seconds,
            "problems": [item.as_json() for item in self.problems],
        }


def rebuild(house: House, package: TablePackage, known: Passwords) -> Rebuilt:
    """Fill the empty databases. The index is left to the outbox, which names every record.

    Raises Refusal RECOVER-NOT-EMPTY, RECOVER-NEWER, REBUILD-LEDGER-SHORT, REBUILD-LEDGER-BROKEN, TABLES-UNREADABLE.
    """
    began = time.monotonic()
    files, size = _log(house, package)
    if not tables.is_empty():
        raise Refusal("RECOVER-NOT-EMPTY", "数据库")
    models = models_of(tables.make_as_of(package.head["migrations"]))
    counts = {EVENTS: _sealed(models[EVENTS], files, size)}
    packaged = Packaged(house, package, models)
    for name in _names(package):
        if name == RECORDS + IN_VAULT:
            packaged.put()
        elif name == EVENTS:
            counts[name] += _unsealed(models[name], package)
        else:
            counts[name] = put(models[name], package, name, known)
    tables.bring_forward()
    tables.reset_counters()
    _checkpoint(house, files)
    since, unread = derived.derive(house, set(Record.objects.values_list("id", flat=True)))
    problems = (*packaged.outcome.problems, *unread)
    mark_for_index()
    _payloads(house)
    expire.again()
    done = Rebuilt(
        packaged.outcome.records,
        since,
        counts[EVENTS],
        expire.lacking(),
        counts,
        problems,
        package.head["taken_at"],
        round(time.monotonic() - began, 1),
    )
    _tell(house, done)
    return done


def _names(package: TablePackage) -> Iterator[str]:
    """Yield what there is to be put, records before whatever refers to them; what goes with a record has no turn of its own."""
    for name in package.tables():
        if not name.endswith(IN_VAULT) or name == RECORDS + IN_VAULT:
            yield name


def _log(house: House, package: TablePackage) -> tuple[TileFolder, int]:
    """Return the log and its size, once its tiles lead to the root that its checkpoint signs."""
    files, known = log.folder(house.data), int(package.head["ledger"]["size"])
    told = files.latest()
    try:
        note = notes.parse(told) if told else None
    except ValueError as error:
        raise Refusal("REBUILD-LEDGER-BROKEN", str(files.root)) from error
    size = note.size if note else 0
    if size < known:
        raise Refusal("REBUILD-LEDGER-SHORT", str(files.root), held=size, known=known)
    if note is not None:
        is_ours = any(is_good for _, is_good in log.signers(note, house.signer))
        if not is_ours or files.tree(size).root() != note.root:
            raise Refusal("REBUILD-LEDGER-BROKEN", str(files.root))
    return files, size


def _sealed(model: type[Model], files: TileFolder, size: int) -> int:
    """Put every sealed event in from the bundles, at its position."""
    with work.progress("rebuild", "events", step="由日志重建账本", total=size) as progress:

        def found() -> Iterator[list[Any]]:
            for start in range(0, size, TILE_WIDTH):
                bundle = files.entries(start // TILE_WIDTH, min(TILE_WIDTH, size - start))
                for at, entry in enumerate(bundle, start):
                    told = json.loads(entry)
                    yield [*(told[name] for name in _COLUMNS[:-2]), at, 1]
                progress.advance(len(bundle))

        return tables.put(model, _COLUMNS, found())


def _payloads(house: House) -> None:
    """Put the payloads in that lie beside the log and came after the state package; each must have the digest in its event."""
    found = log.copies(house.data).all()
    while part := list(islice(found, _MARKED)):
        events = {event.position: event for event in Event.objects.filter(position__in=[item.position for item in part], payload=None)}
        told = {event.id: item for item in part if (event := events.get(item.position)) and _is_of(item, event)}
        with transaction.atomic():
            insert(Payload, [Payload(event_id=key, kind=item.kind, salt=item.salt, body=item.body) for key, item in told.items()])


def _is_of(copy: Copy, event: Event) -> bool:
    try:
        digest = payload_digest(bytes.fromhex(copy.salt), copy.body.encode())
    except (ValueError, OverflowError):
        return False
    return digest == event.payload_digest and event.type in EVENT_TYPES and copy.kind == EVENT_TYPES[event.type].payload.value


def _unsealed(model: type[Model], package: TablePackage) -> int:
    """Put the events in that the state package knows and the log does not, without a position: they are sealed anew."""
    columns, count, rows = package.columns(EVENTS), 0, package.rows(EVENTS)
    place, position = columns.index("id"), columns.index("position")
    while part := list(islice(rows, 500)):
        there = set(model._default_manager.filter(pk__in=[row[place] for row in part]).values_list("pk", flat=True))
        wanted = [[None if at == position else cell for at, cell in enumerate(row)] for row in part if row[place] not in there]
        count += tables.put(model, columns, iter(wanted))
    return count


def _checkpoint(house: House, files: TileFolder) -> None:
    """Add the latest checkpoint of the log where the state package was written before it was signed."""
    told, last = files.latest(), log.latest()
    note = notes.parse(told) if told else None
    if told and note is not None and note.size > (last.size if last else 0):
        after = last.size if last else 0
        Checkpoint.objects.create(size=note.size, after=after, root=note.root.hex(), note=told, created_at=house.clock.now())


def mark_for_index() -> None:
    """Note that every record is out of date in the index."""
    found = Record.objects.exclude(state=State.RECEIVED).values_list("id", flat=True).iterator(chunk_size=_MARKED)
    while part := list(islice(found, _MARKED)):
        queries.mark_for_index(part)


def _tell(house: House, done: Rebuilt) -> None:
    body = {
        "state": done.taken_at,
        "records": done.records,
        "derived": done.derived,
        "events": done.events,
        "without_payload": done.without_payload,
        "total": len(done.problems),
        "problems": [item.as_json() for item in done.problems[:_TOLD]],
    }
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("database:rebuilt", service(), "database", body)], ids=house.ids)
