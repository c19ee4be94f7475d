"""evidence 出证: an archived record with the proof of its archiving, for a stranger to check offline."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from django.db import transaction

from lantai.core import access
from lantai.core import checkpoint as notes
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.events import VERSION_EVENTS
from lantai.packages import evidence, layout
from lantai.packages import proof as proofs
from lantai.packages.evidence import Evidence, Stamped
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.stamper import Stamp
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.shelves.ledger.queries import said
from lantai.stages import keys, stamps

Opened = Callable[[], BinaryIO]


def to_zip(house: House, actor: Actor, key: str) -> tuple[str, BinaryIO]:
    """Return the evidence package of a record as a zip: its file name and the open file. The event is written before the first byte.

    Refusals: RECORD-UNKNOWN, ACCESS-REFUSED, EVIDENCE-NOT-ARCHIVED, LEDGER-NOT-SEALED. Faults as of the vault and the log.
    """
    row, proved = _proved(house, actor, key)
    scratch = house.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    made = TemporaryFile(dir=scratch)  # noqa: SIM115 - the caller closes it
    with evidence.zipped(made) as put:
        _write(house, put, proved)
    made.seek(0)
    return f"证据包 {_name(row)}.zip", made


@dataclass(frozen=True, slots=True)
class Given:
    """An evidence package that was written: the record, its folder below the one asked for, how many files and bytes."""

    record_id: str
    code: str
    title: str
    path: str
    files: int
    size_bytes: int

    def as_json(self) -> dict[str, object]:
        """Return the row as every export tells it."""
        kept = {"id": self.record_id, "code": self.code, "title": self.title, "path": self.path, "files": self.files}
        return kept | {"bytes": self.size_bytes, "kept": False, "findings": []}


def to_folder(house: House, actor: Actor, key: str, out: Path) -> Given:
    """Write the evidence package of a record as a folder below *out*; whole or not there. As :func:`to_zip`.

    Refusal EVIDENCE-EXISTS where the folder is there already.
    """
    row, proved = _proved(house, actor, key)
    target = out / f"证据包 {_name(row)}"
    if target.exists():
        raise Refusal("EVIDENCE-EXISTS", str(target))
    aside = out / f".{target.name}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    _write(house, evidence.into(aside), proved)
    make_durable(aside)
    aside.rename(target)
    sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    return Given(row.id, row.code, row.title, target.name, len(sizes), sum(sizes))


def _proved(house: House, actor: Actor, key: str) -> tuple[Record, Evidence]:
    """Gather what is to be proved, ask whether it may leave, and tell the ledger that it does."""
    row = queries.by_key(key)
    if row is None:
        raise Refusal("RECORD-UNKNOWN", key)
    for action in ("holdings:record:verify", "holdings:file:download"):
        access.require(actor, action, queries.access_facts(row), where=row.code or row.id)
    event = _event(row)
    if not row.content_version or event is None:
        raise Refusal("EVIDENCE-NOT-ARCHIVED", row.code or row.id)
    proof = log.inclusion(log.folder(house.data), event)
    if proof is None:
        raise Refusal("LEDGER-NOT-SEALED", row.code or row.id)
    with transaction.atomic():
        body = {"as": "evidence", "version": row.content_version}
        entries.append(house.clock.now(), [entries.Entry("record:exported", actor.id, row.id, body)], ids=house.ids)
    told = event.payload
    place = proof.entry, told.salt, told.body, proof.position, proof.path, proof.checkpoint, house.signer.public_keys()
    root = _stamped_root(house, row)
    stamped = root, _stamped_later(house, proof.position, root)
    handovers = tuple(item.handover for item in keys.changes())
    return row, Evidence(row.id, row.code, row.title, row.content_version, *place, *stamped, handovers)


def _stamped_root(house: House, row: Record) -> Stamped | None:
    with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
        batch = proofs.batch(stream.read())
    kept = stamps.of_root(batch.root)
    return Stamped(batch.stamped(), tuple(item.stamp for item in kept)) if kept else None


def _stamped_later(house: House, position: int, root: Stamped | None) -> tuple[Stamped, ...]:
    """Return stamped checkpoints that cover the archiving event and go on, one for the other, for the stamps of its root.

    The fewest that do; where none needs to, the earliest checkpoint that has a stamp.
    """
    given: dict[str, list[Stamp]] = {}
    for item in stamps.of_checkpoints():
        if item.subject.isdigit() and int(item.subject) > position:
            given.setdefault(item.subject, []).append(item.stamp)
    terms = {size: (min(one.instant for one in made), max(one.until for one in made)) for size, made in given.items()}
    chosen = (_going_on(terms, root) if root else []) or list(given)[:1]
    notes_by_size = dict(Checkpoint.objects.filter(size__in=[int(size) for size in chosen]).values_list("size", "note"))
    found = [(notes.parse(notes_by_size[int(size)]), tuple(given[size])) for size in chosen if int(size) in notes_by_size]
    files = log.folder(house.data)
    return tuple(Stamped(stamps.note_message(note), made, note, files.tree(note.size).inclusion(position)) for note, made in found)


def _going_on(terms: dict[str, tuple[datetime, datetime]], root: Stamped) -> list[str]:
    """Choose, from *terms* (instant, end) by size, what goes on for *root* without a gap; each time the one that lasts longest."""
    until, chosen = max(item.until for item in root.stamps), list[str]()
    while True:
        in_time = {size: end for size, (instant, end) in terms.items() if instant <= until < end}
        if not in_time:
            return chosen
        best = max(in_time, key=lambda size: in_time[size])
        until, chosen = in_time[best], [*chosen, best]


def _event(row: Record) -> Event | None:
    """Return the event by which the version that is kept came into the vault."""
    told = Event.objects.filter(object_id=row.id, type__in=VERSION_EVENTS, payload__isnull=False)
    newest_first = told.select_related("payload").order_by("-instant")
    return next((event for event in newest_first if said(event).get("version") == row.content_version), None)


def _write(house: House, put: evidence.Put, proved: Evidence) -> None:
    version = proved.version
    paths = sorted(house.store.files(proved.record_id, version))
    contents: dict[str, Opened] = {path: partial(house.store.open, proved.record_id, path, version) for path in paths}
    evidence.write(put, proved, house.store.inventory(proved.record_id, version), contents)


def _name(row: Record) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_·" else "_" for sign in row.code or row.id)
