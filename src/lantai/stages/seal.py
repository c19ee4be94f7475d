"""seal 封存: events get their positions, become leaves of the tree, and a checkpoint over them is signed (docs/design/ledger-format.md).

One sealer works at a time. Whatever is broken off is done again with the same result: positions are given once, tiles follow from them,
and a checkpoint is kept only where it goes on from the last one. A log that is not as it was signed is not gone on with.
"""

import base64
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lantai import work
from lantai.core import checkpoint as notes
from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.events import PayloadClass
from lantai.core.tlog import Frontier
from lantai.packages.last_signed import LastSigned
from lantai.packages.tiles import TileFolder
from lantai.packages.witness import WitnessFolder
from lantai.ports import House
from lantai.shelves.databases import alone
from lantai.shelves.ledger import log, queries
from lantai.shelves.ledger.models import Checkpoint
from lantai.stages import expire
from lantai.stages.witnessed import agreed_at

SLICE = 2048
_log = logging.getLogger("lantai.seal")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run did: entries it sealed, entries sealed in all, and the witnesses that could not be handed the checkpoint."""

    added: int
    size: int
    absent: tuple[str, ...] = ()


def seal(house: House) -> Sealed:
    """Seal every event there is; where another sealer is at it, nothing is done.

    Raises Fault LEDGER-BROKEN where tiles are not what the last checkpoint signed, LEDGER-DATABASE-OLD where the log is ahead of the
    database, LEDGER-SIGNED-OTHERWISE where both do not go on from what was signed here last; Refusal LEDGER-WOUND-BACK,
    LEDGER-FORKED of a witness, after the checkpoint was kept.
    """
    files = log.folder(house.data)
    with alone("seal", files.root) as is_ours:
        last = log.latest()
        before = last.size if last else 0
        if not is_ours:
            return Sealed(0, before)
        _catch_up(files, last)
        while log.give_positions(SLICE) == SLICE:
            pass
        total = log.positioned()
        if total > before:
            with work.progress("seal", "ledger", step="封存账本", total=total - before) as progress:
                last = _fold(house, files, last, total, progress)
        return Sealed(total - before, total, tuple(_tell_witnesses(house, files, last)))


def _catch_up(files: TileFolder, last: Checkpoint | None) -> None:
    """Let the files say what the database kept: a run may have ended between the two. A log ahead of its database is left alone."""
    told = files.latest()
    try:
        size = notes.parse(told).size if told else 0
    except ValueError as problem:
        raise Fault("LEDGER-TILE-BROKEN", str(files.root / "checkpoint")) from problem
    if size > (last.size if last else 0):
        raise Fault("LEDGER-DATABASE-OLD", str(files.root), size=size, known=last.size if last else 0)
    if last is not None and size < last.size:
        files.publish(size, last.size, last.note)


def _fold(house: House, files: TileFolder, last: Checkpoint | None, total: int, progress: work.Steps) -> Checkpoint | None:
    """Append everything that has a position and is not in the log, sign the new state and keep it."""
    edge = _edge(files, last)
    before = edge.size
    for first in range(before, total, SLICE):
        count = min(SLICE, total - first)
        rows = log.unbroken(first, count)
        edge = files.append(edge, [row.entry for row in rows])
        _copy(house, rows)
        progress.advance(count)
    files.flush()
    state = notes.Checkpoint(_origin(house, last), edge.size, edge.root())
    memory = LastSigned(house.data / "keys")
    _demand_going_on(files, state, memory)
    signed = log.signed(state, house.signer)
    try:
        memory.write(signed)
    except OSError as problem:  # a folder of keys that is not to be written in: verifying then knows an earlier state, or none
        _log.warning("what was signed last could not be kept beside the keys: %s", problem)
    if log.keep(signed, after=before, now=house.clock.now()):
        files.publish(before, edge.size, signed.note())
    return log.latest()


def _demand_going_on(files: TileFolder, state: notes.Checkpoint, memory: LastSigned) -> None:
    """Raise Fault LEDGER-SIGNED-OTHERWISE where *state* does not go on from what was signed here last.

    A run that was broken off after signing has its events in their places still, so that it is reached or passed again.
    """
    try:
        known = memory.read()
    except ValueError as problem:
        raise Fault("LEDGER-SIGNED-OTHERWISE", str(memory.folder), size="?", reason="这里的记录读不懂") from problem
    if known is None:
        return
    if known.origin != state.origin or known.size > state.size:
        raise Fault("LEDGER-SIGNED-OTHERWISE", str(memory.folder), size=known.size, reason=f"账本现在是 {state.origin} 的 {state.size} 条")
    if files.tree(known.size).root() != known.root:
        raise Fault("LEDGER-SIGNED-OTHERWISE", str(memory.folder), size=known.size, reason="那些条目现在不同了")


def _copy(house: House, rows: Sequence[log.Row]) -> None:
    """Write the payloads beside the log, and take out what an event among them says has gone."""
    log.copy(house.data, rows)
    for row in rows:
        if row.type == expire.EXPIRED and row.body:
            told = queries.read(row.body)
            first, last = told.get("first"), told.get("last")
            if told.get("kind") == PayloadClass.PERSONAL and isinstance(first, int) and isinstance(last, int):
                log.copies(house.data).drop(PayloadClass.PERSONAL.value, first, last, expire.left(first, last).__contains__)


def _edge(files: TileFolder, last: Checkpoint | None) -> Frontier:
    if last is None:
        return Frontier()
    edge = files.tree(last.size).frontier()
    if edge.root().hex() != last.root:
        raise Fault("LEDGER-BROKEN", str(files.root), size=last.size)
    return edge


def _origin(house: House, last: Checkpoint | None) -> str:
    """Return the name of the log: as it was, or made from the fonds and the key it begins with."""
    if last is not None:
        return notes.parse(last.note).origin
    return log.name(house.settings.fonds, house.signer.key_ids()[0])


def _tell_witnesses(house: House, files: TileFolder, last: Checkpoint | None) -> Iterator[str]:
    """Hand the latest checkpoint to every witness; yield those that could not be reached, which does not stop the sealing."""
    if last is None:
        return
    note = notes.parse(last.note)
    for folder in house.settings.witness_folders:
        witness = WitnessFolder(Path(folder), note.origin)
        try:
            if witness.latest() is None and agreed_at(folder) is not None:  # an empty folder where the witness was: it is not begun anew
                raise FileNotFoundError(2, "这里原有的检查点不在了", folder)
            witness.add(note, files.tree(note.size), house.clock.now())
        except (OSError, ValueError) as problem:
            _log.warning("witness %s could not be handed checkpoint %d: %s", folder, note.size, problem)
            yield folder


@dataclass(frozen=True, slots=True)
class Published:
    """The latest checkpoint as it is handed out: the note, its size and fingerprint, Ed25519 keys for verifiers of signed notes."""

    note: str
    size: int
    fingerprint: str
    verifier_keys: tuple[str, ...]


def published(house: House) -> Published:
    """Return the latest checkpoint. Raises Refusal LEDGER-NOT-SEALED where there is none."""
    last = log.latest()
    if last is None:
        raise Refusal("LEDGER-NOT-SEALED", "账本")
    note = notes.parse(last.note)
    held = [key for key in house.signer.public_keys() if key.algorithm == notes.ED25519]
    keys = tuple(notes.verifier_key(note.origin, base64.b64decode(key.public_key)) for key in held)
    return Published(last.note, note.size, note.fingerprint(), keys)


def regularly() -> None:
    """Seal now and then beside a worker; what goes wrong is logged, shown as failed work, and tried again."""
    try:
        seal(work.house())
    except Coded as problem:
        _log.error("the ledger could not be sealed: %s", problem)


work.regularly("seal", regularly, every=lambda house: house.settings.seal_seconds)
