"""The log of the ledger as files (C2SP tlog-tiles), for any reader of such logs: tiles of hashes, bundles of entries, the checkpoint.

::

    ledger/
      checkpoint                       the latest signed checkpoint
      tile/0/000 tile/0/001.p/44 …     hashes, 256 a tile; a partial tile says how many it holds
      tile/entries/000 …               the entries themselves, as bundles

A file, once written, is never written otherwise: what is appended again is the same bytes. Partial tiles go once a wider one is durable.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lantai.core.errors import Fault
from lantai.core.evidence import leaf_hash, merkle_root
from lantai.core.tlog import ENTRIES, HASH_BYTES, TILE_WIDTH, Frontier, Tile, Tree, levels, pack, unpack
from lantai.ports.durability import make_durable

CHECKPOINT = "checkpoint"
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class TileFolder:
    """The files of a log below *root*."""

    root: Path

    def tree(self, size: int) -> Tree:
        """Return the tree of the first *size* entries, read from the tiles as it is asked."""
        return Tree(size, self.hashes)

    def hashes(self, level: int, index: int, width: int) -> bytes:
        """Return the first *width* hashes of a tile. Raises Fault LEDGER-TILE-MISSING, LEDGER-TILE-BROKEN."""
        content = self._read(level, index, width)
        if len(content) < width * HASH_BYTES or len(content) % HASH_BYTES:
            raise Fault("LEDGER-TILE-BROKEN", Tile(level, index).path())
        return content[: width * HASH_BYTES]

    def entries(self, index: int, width: int) -> list[bytes]:
        """Return the first *width* entries of a bundle. Raises Fault LEDGER-TILE-MISSING, LEDGER-TILE-BROKEN."""
        try:
            found = unpack(self._read(ENTRIES, index, width))
        except ValueError as error:
            raise Fault("LEDGER-TILE-BROKEN", Tile(ENTRIES, index).path()) from error
        if len(found) < width:
            raise Fault("LEDGER-TILE-BROKEN", Tile(ENTRIES, index).path())
        return found[:width]

    def holds(self, index: int, entries: Sequence[bytes]) -> bool:
        """Tell whether a bundle begins with these very entries. Raises Fault LEDGER-TILE-MISSING."""
        told = pack(entries)
        return self._read(ENTRIES, index, len(entries))[: len(told)] == told

    def entry(self, position: int, size: int) -> bytes:
        """Return the entry at *position* of a log of *size* entries."""
        index, at = divmod(position, TILE_WIDTH)
        return self.entries(index, min(TILE_WIDTH, size - index * TILE_WIDTH))[at]

    def append(self, before: Frontier, entries: Sequence[bytes]) -> Frontier:
        """Write the entries behind the first ``before.size`` and every tile that they change; return the new right edge.

        Not yet durable: see :meth:`sign`. Raises OSError, Fault as for reading.
        """
        size, first = before.size + len(entries), before.size // TILE_WIDTH
        held = before.size % TILE_WIDTH
        waiting = (self.entries(first, held) if held else []) + list(entries)
        leaves = [leaf_hash(entry) for entry in waiting]
        for index, at in enumerate(range(0, len(waiting), TILE_WIDTH), start=first):
            part = waiting[at : at + TILE_WIDTH]
            self._write(Tile(ENTRIES, index, len(part)), pack(part))
        self._write_hashes(before.size, size, leaves)
        return before.extend(leaves[held:])

    def _write_hashes(self, before: int, size: int, hashes: Sequence[bytes]) -> None:
        """Write the tiles of every level that growing from *before* to *size* changes; *hashes* are level 0 from its last tile on."""
        for level, _ in levels(size):
            first, above = (before >> (8 * level)) // TILE_WIDTH, []
            for index, at in enumerate(range(0, len(hashes), TILE_WIDTH), start=first):
                part = hashes[at : at + TILE_WIDTH]
                self._write(Tile(level, index, len(part)), b"".join(part))
                if len(part) == TILE_WIDTH:
                    above.append(merkle_root(part))
            if not above:
                return
            index, known = divmod(first, TILE_WIDTH)
            held = self.hashes(level + 1, index, known) if known else b""
            hashes = [held[at : at + HASH_BYTES] for at in range(0, len(held), HASH_BYTES)] + above

    def flush(self) -> None:
        """Make everything written so far durable. Raises Fault DISK-FLUSH-FAILED."""
        make_durable(self.root)

    def publish(self, before: int, size: int, note: str) -> None:
        """Let *note* be the latest checkpoint and drop the partial tiles that growing from *before* to *size* has overtaken."""
        _put(self.root / CHECKPOINT, note.encode())
        make_durable(self.root)
        self._drop_partials(before, size)

    def latest(self) -> str | None:
        """Return the latest checkpoint's note, whatever lies there; None where none was signed."""
        try:
            return (self.root / CHECKPOINT).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def _read(self, level: int | str, index: int, width: int) -> bytes:
        """Return a tile that holds at least *width*: the full one, the partial one of that width, or a wider partial one.

        Whoever seals meanwhile writes a wider one and then drops what we have just seen: it is looked for again.
        """
        for _ in range(_LOOKS):
            for place in self._places(level, index, width):
                with contextlib.suppress(FileNotFoundError):
                    return place.read_bytes()
        raise Fault("LEDGER-TILE-MISSING", Tile(level, index).path())

    def _places(self, level: int | str, index: int, width: int) -> Iterator[Path]:
        full = self.root / Tile(level, index).path()
        yield full
        yield self.root / Tile(level, index, width).path()
        yield from sorted((path for path in _partials(full) if int(path.name) > width), key=lambda path: int(path.name))

    def _write(self, tile: Tile, content: bytes) -> None:
        _put(self.root / tile.path(), content)

    def _drop_partials(self, before: int, size: int) -> None:
        """Remove partial tiles beside full ones and those narrower than the last tile of a level."""
        self._drop_narrower(ENTRIES, before, size)
        for level, count in levels(size):
            self._drop_narrower(level, before >> (8 * level), count)

    def _drop_narrower(self, level: int | str, before: int, count: int) -> None:
        last, width = divmod(count, TILE_WIDTH)
        for index in range(before // TILE_WIDTH, last + 1):
            for place in list(_partials(self.root / Tile(level, index).path())):
                if index < last or int(place.name) < width:
                    place.unlink(missing_ok=True)


def _partials(full: Path) -> Iterator[Path]:
    folder = full.parent / f"{full.name}.p"
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.name.isdigit())


def _put(place: Path, content: bytes) -> None:
    """Write a file whole or not at all; written twice at once it is one of the two, and they are the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{os.getpid()}.new")
    aside.write_bytes(content)
    aside.replace(place)
