"""The log's tree: tiles, proofs and notes against the plain arithmetic of RFC 6962 and against each other."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.core import checkpoint, tlog
from lantai.core.evidence import leaf_hash, merkle_paths, merkle_root, verify_path
from lantai.packages.tiles import TileFolder

LEAVES = [leaf_hash(str(number).encode()) for number in range(1200)]
SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 1000]


def held(size: int) -> tlog.Tree:
    """A tree of the first leaves, its tiles made from the definition: hash n of level l is the root over 256^l leaves."""

    def read(level: int, index: int, width: int) -> bytes:
        span = 256**level
        starts = [(index * 256 + at) * span for at in range(width)]
        assert all(start + span <= size for start in starts)
        return b"".join(merkle_root(LEAVES[start : start + span]) for start in starts)

    return tlog.Tree(size, read)


@pytest.mark.parametrize("size", SIZES)
def test_root_and_frontier_are_those_of_the_whole_tree(size: int) -> None:
    root = merkle_root(LEAVES[:size])
    assert held(size).root() == root
    assert tlog.Frontier().extend(LEAVES[:size]).root() == root
    assert held(size).frontier() == tlog.Frontier().extend(LEAVES[:size])


def test_empty_tree() -> None:
    assert tlog.Frontier().root() == hashlib.sha256(b"").digest() == held(0).root()


@settings(max_examples=60)
@given(st.sampled_from(SIZES), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = held(size).inclusion(index)
    assert path == merkle_paths(LEAVES[:size])[index]
    assert verify_path(LEAVES[index], index, size, path, merkle_root(LEAVES[:size]))
    with pytest.raises(IndexError):
        held(size).inclusion(size)


@settings(max_examples=120)
@given(st.sampled_from(SIZES), st.data())
def test_consistency(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, size))
    path = held(size).consistency(earlier)
    roots = merkle_root(LEAVES[:earlier]), merkle_root(LEAVES[:size])
    assert tlog.verify_consistency(earlier, size, path, *roots)
    assert not tlog.verify_consistency(earlier, size, path, LEAVES[-1], roots[1])
    assert not tlog.verify_consistency(earlier, size, path, roots[0], LEAVES[-1])
    assert not tlog.verify_consistency(earlier, size, (*path, LEAVES[0]), *roots)
    if path:
        assert not tlog.verify_consistency(earlier, size, path[:-1], *roots)


def test_consistency_out_of_shape() -> None:
    assert not tlog.verify_consistency(0, 3, (), LEAVES[0], LEAVES[0])
    assert not tlog.verify_consistency(4, 3, (), LEAVES[0], LEAVES[0])
    assert not tlog.verify_consistency(3, 4, (), LEAVES[0], LEAVES[0])
    with pytest.raises(IndexError):
        held(3).consistency(0)


@given(st.integers(0, 1 << 40))
def test_path_of_a_tile_names_it_in_groups_of_three(index: int) -> None:
    path = tlog.Tile(0, index).path()
    assert int(path.removeprefix("tile/0/").replace("/", "").replace("x", "")) == index
    assert all(len(part.lstrip("x")) == 3 for part in path.split("/")[2:])
    assert all(part.startswith("x") for part in path.split("/")[2:-1])


def test_path_as_the_specification_writes_it() -> None:
    assert tlog.Tile(0, 1234067).path() == "tile/0/x001/x234/067"
    assert tlog.Tile("entries", 5, 12).path() == "tile/entries/005.p/12"


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundle_round_trip(entries: list[bytes]) -> None:
    assert tlog.unpack(tlog.pack(entries)) == entries


@pytest.mark.parametrize("broken", [b"\x00", b"\x00\x05abc", b"\xff\xff"])
def test_bundle_that_breaks_off(broken: bytes) -> None:
    with pytest.raises(ValueError, match="breaks off"):
        tlog.unpack(broken)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=5))
def test_folder_grows_as_the_tree_does(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    folder = TileFolder(tmp_path_factory.mktemp("log"))
    edge = tlog.Frontier()
    for step in steps:
        more = [str(number).encode() for number in range(edge.size, min(edge.size + step, 1200))]
        before = edge
        edge = folder.append(before, more)
        assert folder.append(before, more) == edge, "written twice it is the same"
        folder.flush()
        folder.publish(before.size, edge.size, checkpoint.Checkpoint("test/log", edge.size, edge.root(), ()).note())
        assert edge.root() == merkle_root(LEAVES[: edge.size]) == folder.tree(edge.size).root()
        assert folder.tree(edge.size).frontier() == edge
    assert folder.entry(edge.size - 1, edge.size) == str(edge.size - 1).encode()
    earlier = max(1, edge.size // 2)
    path = folder.tree(edge.size).consistency(earlier)
    assert tlog.verify_consistency(earlier, edge.size, path, merkle_root(LEAVES[:earlier]), edge.root())
    partials = [path for path in folder.root.glob("tile/**/*.p/*") if path.is_file()]
    assert len(partials) <= 4, "one partial tile a level and one bundle"


def test_paths_of_neighbours_are_worked_out_once() -> None:
    """An excerpt of twenty thousand events asks for as many paths: each tile is read for its own events, not for every one."""
    tree, asked = held(1000), list[tuple[int, int, int]]()

    def read(level: int, index: int, width: int) -> bytes:
        asked.append((level, index, width))
        return tree.read(level, index, width)

    counted = tlog.Tree(1000, read)
    assert [counted.inclusion(at) for at in range(1000)] == [tree.inclusion(at) for at in range(1000)]
    assert len(asked) < 2 * 1000


class Growing(type(Path())):  # type: ignore[misc] # the class of paths of this system
    """A path below which the log grows in the moment between the look at its folder and the reading of what was seen there."""

    grow: ClassVar[list[Callable[[], object]]] = []

    def read_bytes(self) -> bytes:
        if self.parent.name.endswith(".p") and self.is_file() and self.grow:
            self.grow.pop()()
        return super().read_bytes()


@pytest.mark.parametrize("more", [1, 250])
def test_a_tile_that_is_overtaken_while_it_is_read_is_looked_for_again(tmp_path: Path, more: int) -> None:
    folder = TileFolder(Growing(tmp_path))
    edge = folder.append(tlog.Frontier(), [str(number).encode() for number in range(10)])

    def grow() -> None:
        wider = folder.append(edge, [str(number).encode() for number in range(10, 10 + more)])
        folder.publish(edge.size, wider.size, checkpoint.Checkpoint("test/log", wider.size, wider.root(), ()).note())

    Growing.grow.append(grow)
    assert folder.tree(5).root() == merkle_root(LEAVES[:5])
    assert not Growing.grow


def test_note_is_what_the_specification_says() -> None:
    """The lines, key hash and signature are built here by hand from C2SP signed-note and tlog-checkpoint."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw()
    name, root = "ledger.test/云汀", hashlib.sha256(b"x").digest()
    told = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    body = f"{name}\n42\n{base64.b64encode(root).decode()}\n"
    value = key.sign(body.encode())
    note = f"{body}\n— {name} {base64.b64encode(told + value).decode()}\n"

    read = checkpoint.parse(note)
    assert (read.origin, read.size, read.root, read.note()) == (name, 42, root, note)
    assert list(checkpoint.lines_of(read, name, checkpoint.ED25519, public)) == [value]
    Ed25519PublicKey.from_public_bytes(public).verify(value, read.body())
    assert checkpoint.verifier_key(name, public) == f"{name}+{told.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\n",
        "a\n1\nAAAA\n\n— a AAAAAAAA\n",
        "a\n01\n" + base64.b64encode(bytes(32)).decode() + "\n\n— a AAAAAAAA\n",
        "a\nx\n" + base64.b64encode(bytes(32)).decode() + "\n\n— a AAAAAAAA\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n- a AAAAAAAA\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n— a ?\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n\n— a AAAAAAAA\n",
    ],
)
def test_note_that_is_none(note: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoint.parse(note)
