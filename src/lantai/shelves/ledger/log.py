"""The ledger as a log: giving positions, the entries by position, the checkpoints that were signed."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.models import Max

from lantai.core import checkpoint as notes
from lantai.core.events import Envelope
from lantai.core.evidence import leaf_hash, verify_path
from lantai.packages.payload_copies import FOLDER, Copy, PayloadCopies
from lantai.packages.tiles import TileFolder
from lantai.ports.signer import PublicKey, Signature, Signer
from lantai.shelves.databases import lock
from lantai.shelves.ledger.models import Checkpoint, Event

_COLUMNS = "id", "type", "instant", "actor", "object_kind", "object_id", "payload_digest"
# An entry is put together in the order of canonical JSON; where a column holds what JSON would escape, core writes it instead.
_INSTANT_LENGTH = len("2026-03-02 01:30:00.000250")  # one without a fraction is shorter in SQLite
_QUOTES = 4 * len(_COLUMNS)
_INSTANT = {
    "sqlite": "replace(e.instant, ' ', 'T')",
    "postgresql": """to_char(e.instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')""",
}
_ROWS = (
    "SELECT e.position, e.id, e.type, {instant}, e.actor, e.object_kind, e.object_id, e.payload_digest, p.salt, p.body, p.kind "
    "FROM ledger_event e LEFT JOIN ledger_payload p ON p.event_id = e.id WHERE e.position >= %s AND e.position < %s ORDER BY e.position"
)
_GIVE = """
UPDATE ledger_event SET position = placed.place
FROM (SELECT id AS event, %s - 1 + ROW_NUMBER() OVER (ORDER BY instant, id) AS place FROM
      (SELECT id, instant FROM ledger_event WHERE position IS NULL ORDER BY instant, id LIMIT %s) AS waiting) AS placed
WHERE ledger_event.id = placed.event
"""


def positioned() -> int:
    """Return how many events have a position; positions run from 0 without a gap, so it is the next one."""
    last = Event.objects.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def give_positions(limit: int) -> int:
    """Give the next positions to up to *limit* events that have none, in one short transaction; return how many got one."""
    with transaction.atomic():
        lock("seal")
        with connections["default"].cursor() as cursor:
            cursor.execute(_GIVE, [positioned(), limit])
            return int(cursor.rowcount)


class Row(NamedTuple):
    """An event as the database has it: position, its entry, and salt, body and class of its payload (None where it is gone)."""

    position: int
    entry: bytes
    id: str
    type: str
    digest: str
    salt: str | None
    body: str | None
    kind: str | None


def rows(first: int, count: int) -> list[Row]:
    """Return what the database has at positions from *first*, at most *count*, in order; gaps are left out."""
    connection = connections["default"]
    statement = _ROWS.format(instant=_INSTANT[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, [first, first + count])
        found = cursor.fetchall()
    read = []
    for position, key, kind, at, actor, about, object_id, digest, salt, body, payload in found:
        instant = at if len(at) == _INSTANT_LENGTH else f"{at[:19]}.000000"
        told = (
            f'{{"actor":"{actor}","id":"{key}","instant":"{instant}Z","object_id":"{object_id}","object_kind":"{about}",'
            f'"payload_digest":"{digest}","type":"{kind}"}}'
        )
        is_plain = told.count('"') == _QUOTES and "\\" not in told and told.isprintable()
        entry = told.encode() if is_plain else _exact(key)
        read.append(Row(position, entry, key, kind, digest, salt, body, payload))
    return read


def _exact(event_id: str) -> bytes:
    return entry(Event.objects.get(id=event_id))


def unbroken(first: int, count: int) -> list[Row]:
    """Return :func:`rows`. Raises ValueError where positions leave a gap."""
    found = rows(first, count)
    for at, row in enumerate(found, start=first):
        if row.position != at:
            raise ValueError(f"ledger: no event at position {at}")
    return found


def name(fonds: str, first_key: str) -> str:
    """Return what a log is called that begins with a key of this id."""
    return f"lantai/{fonds}/{first_key.partition(':')[2][:16]}"


def folder(data: Path) -> TileFolder:
    """Return the files of the log below the data folder."""
    return TileFolder(data / "ledger")


def copies(data: Path) -> PayloadCopies:
    """Return the payloads that lie beside the log."""
    return PayloadCopies(data / "ledger" / FOLDER)


def copy(data: Path, rows: Iterable[Row]) -> None:
    """Write the payloads of events, in their order, beside the log; not yet durable."""
    copies(data).append(Copy(row.position, row.kind, row.salt, row.body) for row in rows if row.kind and row.salt and row.body is not None)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Why an event is in the log: its position and entry, the path to the root of a checkpoint, and that checkpoint's note."""

    position: int
    entry: bytes
    path: tuple[bytes, ...]
    checkpoint: notes.Checkpoint

    @property
    def leaf(self) -> bytes:
        """The leaf hash of the entry."""
        return leaf_hash(self.entry)

    def holds(self) -> bool:
        """Tell whether the path leads from the entry to the checkpoint's root."""
        return verify_path(self.leaf, self.position, self.checkpoint.size, self.path, self.checkpoint.root)


def inclusion(files: TileFolder, event: Event) -> Inclusion | None:
    """Return why *event*, as the database has it, is in the log as of the latest checkpoint; None where it is not sealed yet.

    Nothing is checked here: see :meth:`Inclusion.holds` and :func:`signers`. Raises Fault of reading tiles, ValueError for a
    checkpoint row that is none.
    """
    last = latest()
    if event.position is None or last is None or event.position >= last.size:
        return None
    note = notes.parse(last.note)
    return Inclusion(event.position, entry(event), files.tree(note.size).inclusion(event.position), note)


def entry(event: Event) -> bytes:
    """Return the entry of one event."""
    values: list[Any] = [getattr(event, name) for name in _COLUMNS]
    return Envelope(*values).entry()


def latest() -> Checkpoint | None:
    """Return the checkpoint of the most entries, None where none was signed."""
    return Checkpoint.objects.order_by("-size").first()


def has(note: notes.Checkpoint) -> bool:
    """Tell whether this state of the log is kept."""
    return Checkpoint.objects.filter(size=note.size, root=note.root.hex()).exists()


def keep(signed: notes.Checkpoint, *, after: int, now: datetime) -> bool:
    """Keep a signed checkpoint, unless somebody else has gone beyond *after* entries meanwhile; tell whether it was kept."""
    with transaction.atomic():
        lock("seal")
        last = latest()
        if (last.size if last else 0) != after:
            return False
        Checkpoint.objects.create(size=signed.size, after=after, root=signed.root.hex(), note=signed.note(), created_at=now)
    return True


def signed(state: notes.Checkpoint, signer: Signer) -> notes.Checkpoint:
    """Return the checkpoint with a signature of every key in use."""
    lines = tuple(_line(state.origin, item) for item in signer.sign(state.body()))
    return notes.Checkpoint(state.origin, state.size, state.root, lines)


def signers(note: notes.Checkpoint, signer: Signer, known: Sequence[PublicKey] = ()) -> Iterator[tuple[PublicKey, bool]]:
    """Yield the keys of the agency that signed *note*, each with whether its signature is good.

    *known* are the signer's public keys, where somebody who asks of many notes has asked for them already.
    """
    for key in known or signer.public_keys():
        for value in notes.lines_of(note, note.origin, key.algorithm, base64.b64decode(key.public_key)):
            made = Signature(key.algorithm, key.key_id, key.public_key, base64.b64encode(value).decode())
            yield key, signer.verify(note.body(), made)


def _line(name: str, item: Signature) -> notes.Line:
    public = base64.b64decode(item.public_key)
    return notes.Line(name, notes.key_hash(name, item.algorithm, public), base64.b64decode(item.value))
