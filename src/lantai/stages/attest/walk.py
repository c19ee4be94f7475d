"""Entries: the bundle, its hash in the tile and the row in the database tell of each; where one of the three differs, that one is named."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from lantai.core import beijing
from lantai.core.errors import Fault
from lantai.core.events import EVENTS, PayloadClass
from lantai.core.evidence import leaf_hash, leaf_hashes, merkle_root
from lantai.core.findings import Finding, finding
from lantai.core.tlog import HASH_BYTES, TILE_WIDTH, Frontier, Tile, levels
from lantai.packages.tiles import TileFolder
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Event

_TILES_A_STEP = 4
_KINDS = {row.type: row.payload.value for row in EVENTS.values()}
_HEIGHT = 8


class Walk:
    """One pass over the first *size* entries; *roots* are the checkpoints' roots in hex by size. ``problems`` fills as it goes.

    *also* is handed the rows of the database as they are read, a few thousand at a time at most and in order.
    """

    def __init__(
        self,
        files: TileFolder,
        size: int,
        roots: Mapping[int, str],
        *,
        expired_before: str = "",
        also: Callable[[Sequence[log.Row]], None] = lambda rows: None,
    ) -> None:
        self.problems: list[Finding] = []
        self.expired = 0
        self._expired_before = expired_before
        self._files = files
        self._also = also
        self._size = size
        self._roots = roots
        self._sizes = sorted(roots)
        self._edge = Frontier()
        self._above: list[bytes] = []

    def steps(self) -> Iterator[int]:
        """Walk, telling after each step how many entries it took; the upper tiles come last."""
        for first in range(0, self._size, _TILES_A_STEP * TILE_WIDTH):
            count = min(_TILES_A_STEP * TILE_WIDTH, self._size - first)
            rows = self._rows(first, count)
            for start in range(first, first + count, TILE_WIDTH):
                self._tile(start, min(TILE_WIDTH, self._size - start), rows)
            yield count
        self._upper()

    def _rows(self, first: int, count: int) -> Mapping[int, log.Row]:
        """Return what the database has at these positions."""
        rows = log.rows(first, count)
        self._also(rows)
        return {row.position: row for row in rows}

    def _tile(self, start: int, width: int, rows: Mapping[int, log.Row]) -> None:
        index = start // TILE_WIDTH
        held = [rows.get(start + at) for at in range(width)]
        hashes = self._hashes(0, index, width)
        leaves = self._as_sealed(index, held, hashes)
        if leaves is None:
            bundle = self._bundle(index, width)
            leaves = [self._judge(start + at, _at(bundle, at), _hash_at(hashes, at), held[at]) for at in range(width)]
        for row in _unsound(held):
            self._name(row)
        self._grow(start, leaves)

    def _name(self, row: log.Row) -> None:
        """Name what is wrong with a payload, unless it is gone because its period is over."""
        if row.body is None and _KINDS.get(row.type) == PayloadClass.PERSONAL and _instant(row.entry) < self._expired_before:
            self.expired += 1
        else:
            self.problems += _payload(row)

    def _as_sealed(self, index: int, held: Sequence[log.Row | None], hashes: bytes | None) -> list[bytes] | None:
        """Return the leaves where rows, bundle and hashes agree, which they nearly always do; None where something is to be named."""
        entries = [row.entry for row in held if row is not None]
        if hashes is None or len(entries) < len(held):
            return None
        leaves = leaf_hashes(entries)
        try:
            return leaves if b"".join(leaves) == hashes and self._files.holds(index, entries) else None
        except (Fault, OSError, OverflowError):
            return None

    def _judge(self, position: int, entry: bytes | None, told: bytes | None, row: log.Row | None) -> bytes:
        """Name what differs at one position and return the leaf that most of the three agree on."""
        from_bundle = leaf_hash(entry) if entry is not None else None
        from_row = leaf_hash(row.entry) if row is not None else None
        votes = [leaf for leaf in (from_bundle, told, from_row) if leaf is not None]
        leaf = max(votes, key=votes.count, default=b"\x00" * HASH_BYTES)
        where = str(position)
        if row is None:
            self.problems.append(finding("LEDGER-EVENT-MISSING", where, reason=_named(entry)))
        elif from_row != leaf:
            self.problems.append(finding("LEDGER-EVENT-ALTERED", where, reason=_named(entry)))
        if from_bundle is not None and from_bundle != leaf:
            self.problems.append(finding("LEDGER-ENTRY-ALTERED", where))
        if told is not None and told != leaf:
            self.problems.append(finding("LEDGER-HASH-ALTERED", where))
        return leaf

    def _grow(self, start: int, leaves: Sequence[bytes]) -> None:
        """Compare the checkpoints within this tile, then go on from its root."""
        inside, done = self._edge, 0
        while self._sizes and self._sizes[0] <= start + len(leaves):
            size = self._sizes.pop(0)
            inside, done = inside.extend(leaves[done : size - start]), size - start
            if inside.root().hex() != self._roots[size]:
                self.problems.append(finding("LEDGER-ROOT-DIFFERS", str(size)))
        if len(leaves) == TILE_WIDTH:
            self._above.append(merkle_root(leaves))
            self._edge = self._edge.extend(self._above[-1:], _HEIGHT)

    def _upper(self) -> None:
        """Compare the tiles above the leaves with what they must be."""
        hashes = self._above
        for level, count in list(levels(self._size))[1:]:
            for index in range(0, count, TILE_WIDTH):
                part = hashes[index : index + TILE_WIDTH]
                held = self._hashes(level, index // TILE_WIDTH, len(part))
                if held is not None and held != b"".join(part):
                    self.problems.append(finding("LEDGER-TILE-ALTERED", Tile(level, index // TILE_WIDTH).path()))
            full = range(0, count - TILE_WIDTH + 1, TILE_WIDTH)
            hashes = [merkle_root(hashes[at : at + TILE_WIDTH]) for at in full]

    def _bundle(self, index: int, width: int) -> list[bytes] | None:
        try:
            return self._files.entries(index, width)
        except (Fault, OSError):
            self.problems.append(finding("LEDGER-TILE-LOST", Tile("entries", index).path()))
            return None

    def _hashes(self, level: int, index: int, width: int) -> bytes | None:
        try:
            return self._files.hashes(level, index, width)
        except (Fault, OSError):
            self.problems.append(finding("LEDGER-TILE-LOST", Tile(level, index).path()))
            return None


class TilesAlone(Walk):
    """One pass over the files of the log alone: bundles against hashes, hashes against the root; the database is not asked."""

    def _rows(self, first: int, count: int) -> Mapping[int, log.Row]:
        return {}

    def _tile(self, start: int, width: int, rows: Mapping[int, log.Row]) -> None:
        index = start // TILE_WIDTH
        bundle, hashes = self._bundle(index, width), self._hashes(0, index, width)
        told = [_hash_at(hashes, at) for at in range(width)]
        leaves = leaf_hashes(bundle) if bundle is not None else [leaf or b"\x00" * HASH_BYTES for leaf in told]
        self.problems += [
            finding("LEDGER-LOG-DIFFERS", str(start + at)) for at, leaf in enumerate(leaves) if told[at] is not None and told[at] != leaf
        ]
        self._grow(start, leaves)


def beyond(size: int) -> Iterator[Finding]:
    """Yield what is wrong with events that are not sealed: positions with a gap before them, and payloads that are not theirs."""
    expected = size
    for first in range(size, log.positioned(), _TILES_A_STEP * TILE_WIDTH):
        for row in log.rows(first, _TILES_A_STEP * TILE_WIDTH):
            if row.position != expected:
                yield finding("LEDGER-EVENT-EXTRA", row.id)
            expected = row.position + 1
            yield from _payload(row)
    if before := Event.objects.filter(position__lt=0).first():
        yield finding("LEDGER-EVENT-EXTRA", before.id)
    for event in Event.objects.filter(position=None).select_related("payload").iterator(chunk_size=2048):
        payload = getattr(event, "payload", None)
        told = (payload.salt, payload.body, payload.kind) if payload else (None, None, None)
        yield from _payload(log.Row(-1, b"", event.id, event.type, event.payload_digest, *told))


def _unsound(held: Sequence[log.Row | None]) -> list[log.Row]:
    """Return the rows whose payload is not there with its event's digest and class; of nearly every tile that is none.

    The class of an event that only a later edition knows cannot be judged by this one; its digest can.
    """
    found, sha256, from_hex, kinds = [], hashlib.sha256, bytes.fromhex, _KINDS
    for row in held:
        if row is None:
            continue
        _, _, _, kind, digest, salt_hex, body, payload_class = row
        if salt_hex is None or body is None or payload_class != kinds.get(kind, payload_class):
            found.append(row)
            continue
        try:
            salt = from_hex(salt_hex)
            if sha256(len(salt).to_bytes(1) + salt + body.encode()).hexdigest() != digest:
                found.append(row)
        except (ValueError, OverflowError):
            found.append(row)
    return found


def _payload(row: log.Row) -> Iterator[Finding]:
    """Yield what is wrong with a payload: it must be there, with its event's digest and class."""
    where = str(row.position) if row.position >= 0 else row.id
    known = EVENTS.get(row.type)
    if row.body is None or row.salt is None:
        yield finding("LEDGER-PAYLOAD-MISSING", where, reason=known.name if known else row.type)
        return
    if _unsound((row,)):
        yield finding("LEDGER-PAYLOAD-ALTERED", where, reason=known.name if known else row.type)


def _instant(entry: bytes) -> str:
    return str(json.loads(entry)["instant"])


def _named(entry: bytes | None) -> str:
    """Return in words what was sealed at a place."""
    if entry is None:
        return "日志里的这一条也不可读"
    try:
        told = json.loads(entry)
        known = EVENTS.get(told["type"])
        what = known.name if known else told["type"]
        return f"封存的是「{what}」，{_local(told['instant'])}，操作者 {told['actor']}，对象 {told['object_id']}"
    except (ValueError, KeyError, TypeError):
        return "日志里的这一条也不可读"


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(beijing.ZONE):%Y-%m-%d %H:%M:%S}"


def _at(bundle: Sequence[bytes] | None, at: int) -> bytes | None:
    return bundle[at] if bundle is not None else None


def _hash_at(hashes: bytes | None, at: int) -> bytes | None:
    return hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] if hashes is not None else None
