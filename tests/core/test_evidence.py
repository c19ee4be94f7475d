"""Laws of canonical JSON, salted digests and the RFC 6962 tree."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.evidence import canonical_json, leaf_hash, merkle_paths, merkle_root, node_hash, payload_digest, verify_path

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12
)
LEAVES = st.lists(st.binary(max_size=8).map(leaf_hash), max_size=40)
# The test tree of the Certificate Transparency sources: entries and the roots over the first n of them.
CT_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@given(JSON)
def test_canonical_json_reads_back(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(TEXT, st.integers(), min_size=2))
def test_canonical_json_does_not_depend_on_order(value: dict[str, int]) -> None:
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


def test_canonical_json_is_plain_utf8_without_white_space() -> None:
    assert canonical_json({"b": [1, True, None], "a": '公文"\n'}) == '{"a":"公文\\"\\n","b":[1,true,null]}'.encode()


def test_canonical_json_holds_undecodable_file_names() -> None:
    assert canonical_json("\\\udcff") == b'"\\\\\\udcff"'
    assert json.loads(canonical_json("\\\udcff")) == "\\\udcff"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_json_refuses_what_json_cannot_say(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


@given(st.binary(max_size=16), st.binary(max_size=16))
def test_salt_and_body_do_not_run_into_each_other(salt: bytes, body: bytes) -> None:
    digest = payload_digest(salt, body)
    assert digest == hashlib.sha256(bytes([len(salt)]) + salt + body).hexdigest()
    if body:
        assert payload_digest(salt + body[:1], body[1:]) != digest


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_the_certificate_transparency_tree(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in CT_ENTRIES[:size]]
    assert merkle_root(leaves).hex() == CT_ROOTS[size - 1]


def test_root_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest()
    assert merkle_paths([]) == []


def _recursive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(_recursive_root(leaves[:split]), _recursive_root(leaves[split:]))


@given(LEAVES.filter(bool))
def test_root_follows_the_recursive_definition(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == _recursive_root(leaves)


@given(LEAVES)
def test_every_path_verifies(leaves: list[bytes]) -> None:
    root = merkle_root(leaves)
    for index, path in enumerate(merkle_paths(leaves)):
        assert verify_path(leaves[index], index, len(leaves), path, root)


@given(LEAVES.filter(bool), st.data())
def test_a_path_is_good_for_one_leaf_in_one_place(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root, size = merkle_paths(leaves)[index], merkle_root(leaves), len(leaves)
    assert not verify_path(leaf_hash(b"another content"), index, size, path, root)
    assert not verify_path(leaves[index], index, size, (*path, root), root)
    assert not verify_path(leaves[index], index, size, path, leaf_hash(b"another root"))
    assert not verify_path(leaves[index], size, size, path, root)
    assert not verify_path(leaves[index], -1, size, path, root)
    if path:
        assert not verify_path(leaves[index], index, size, path[:-1], root)
        assert not verify_path(leaves[index], index, size, (leaf_hash(b"x"), *path[1:]), root)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = leaf_hash(b"1"), leaf_hash(b"2")
    assert leaf_hash(left + right) != node_hash(left, right)
