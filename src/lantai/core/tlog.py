"""A log as a Merkle tree kept in tiles (C2SP tlog-tiles): where a hash lies, and what can be proved from the hashes that lie there.

The tree is that of RFC 6962 (:mod:`lantai.core.evidence`). A tile holds 256 hashes of one level; tiles of level 0 hold leaf hashes,
a hash of level *n* is the root of a full tile of level *n* − 1. Everything here is a pure function; who asks for a proof hands in
how a tile is read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lantai.core.evidence import merkle_root, node_hash

TILE_WIDTH = 256
HASH_BYTES = 32
_TILE_LEVELS = 8
ENTRIES = "entries"

#: Reads the hashes of a tile: (level, index, how many hashes it must hold) -> their bytes, one after the other.
ReadTile = Callable[[int, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of *size* leaves: the roots of its complete subtrees, the largest first."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def extend(self, leaves: Iterable[bytes], height: int = 0) -> "Frontier":
        """Return the edge of the tree with *leaves* (leaf hashes) added behind.

        With a *height* they are roots of complete subtrees of 2^height leaves; the size must be a multiple of that.
        """
        count, nodes = self.size >> height, list(self.nodes)
        for leaf in leaves:
            node, rest = leaf, count
            while rest & 1:
                node, rest = node_hash(nodes.pop(), node), rest >> 1
            nodes.append(node)
            count += 1
        return Frontier(count << height, tuple(nodes))

    def root(self) -> bytes:
        """Return the root of the tree; of an empty one SHA-256 of nothing."""
        if not self.nodes:
            return merkle_root(())
        *rest, node = self.nodes
        for left in reversed(rest):
            node = node_hash(left, node)
        return node


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a tree: its level (hashes) or ``entries``, its index, and how many of 256 it holds."""

    level: int | str
    index: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return its place below the log's folder: ``tile/<L>/<N>[.p/<W>]`` with N in groups of three digits."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(groups)}{partial}"


def levels(size: int) -> Iterator[tuple[int, int]]:
    """Yield (level, number of hashes) of every level of tiles that a tree of *size* leaves has."""
    level = 0
    while size:
        yield level, size
        level, size = level + 1, size // TILE_WIDTH


def tiles(level: int | str, count: int) -> Iterator[Tile]:
    """Yield the tiles that hold *count* hashes or entries of a level, the last perhaps partial."""
    for index in range(count // TILE_WIDTH):
        yield Tile(level, index)
    if count % TILE_WIDTH:
        yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of *size* leaves whose tiles can be read with *read*; what was worked out once is remembered, neighbours share most of it."""

    size: int
    read: ReadTile
    _nodes: dict[tuple[int, int], bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def root(self) -> bytes:
        """Return the root, from the right edge of the tiles."""
        return self.frontier().root()

    def frontier(self) -> Frontier:
        """Return the right edge, to go on from."""
        nodes, start = [], 0
        for height in range(self.size.bit_length() - 1, -1, -1):
            if self.size >> height & 1:
                nodes.append(self._node(height, start >> height))
                start += 1 << height
        return Frontier(self.size, tuple(nodes))

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Return the path of the leaf at *index*, nearest sibling first (RFC 6962, 2.1.1). Raises IndexError beyond the tree."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        path: list[bytes] = []
        low, high = 0, self.size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low = middle
        return tuple(reversed(path))

    def consistency(self, earlier: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of *earlier* leaves is the beginning of this one (RFC 6962, 2.1.2).

        Raises IndexError unless 0 < *earlier* ≤ size.
        """
        if not 0 < earlier <= self.size:
            raise IndexError(earlier)
        path: list[bytes] = []
        low, high, is_whole = 0, self.size, True
        while earlier != high:
            middle = low + _split(high - low)
            if earlier <= middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low, is_whole = middle, False
        if not is_whole:
            path.append(self._range(low, high))
        return tuple(reversed(path))

    def _range(self, low: int, high: int) -> bytes:
        """Return the root over the leaves from *low* up to *high*; *low* is a multiple of the largest subtree in it."""
        count = high - low
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._node(height, low >> height)
        middle = low + _split(count)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _node(self, height: int, index: int) -> bytes:
        """Return the root of the complete subtree of 2^height leaves that is the *index*-th of its kind."""
        if (height, index) not in self._nodes:
            self._nodes[height, index] = self._worked_out(height, index)
        return self._nodes[height, index]

    def _worked_out(self, height: int, index: int) -> bytes:
        level, within = divmod(height, _TILE_LEVELS)
        count = 1 << within
        first = index * count
        at = first % TILE_WIDTH
        held = min(TILE_WIDTH, (self.size >> (level * _TILE_LEVELS)) - first + at)
        content = self.read(level, first // TILE_WIDTH, held)
        hashes = [content[place * HASH_BYTES : (place + 1) * HASH_BYTES] for place in range(at, at + count)]
        return merkle_root(hashes)


def verify_consistency(earlier: int, size: int, path: Sequence[bytes], earlier_root: bytes, root: bytes) -> bool:
    """Tell whether *path* shows that a tree of *earlier* leaves is the beginning of one of *size* (RFC 9162, 2.1.4.2).

    False for anything out of shape, never an error.
    """
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not path and earlier_root == root
    steps = list(path)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, earlier_root)
    if not steps:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def pack(entries: Iterable[bytes]) -> bytes:
    """Write entries as a bundle: each with its length in two bytes, big-endian, before it. Raises OverflowError over 65,535 bytes."""
    return b"".join([len(entry).to_bytes(2) + entry for entry in entries])


def unpack(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises ValueError where it breaks off."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2])
        if end > len(bundle) or end < at + 2:
            raise ValueError("entries: the bundle breaks off")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def _split(count: int) -> int:
    """Return the largest power of two below *count* (RFC 6962: k)."""
    return 1 << (count - 1).bit_length() - 1
