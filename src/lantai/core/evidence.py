"""Arithmetic of proof: canonical JSON, salted digests and the Merkle tree of RFC 6962, section 2.1.

Used by the ledger (house §6) and by the proof of a package (docs/design/package-format.md). Everything here is a pure
function of its arguments and can be checked with ``sha256sum``.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_NODE = b"\x01"


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Write *value* as the one byte string that stands for it.

    UTF-8, keys in order of code points, no white space, nothing escaped but quotation mark, backslash and control
    characters (the rules of RFC 8785 for values without fractions). A lone surrogate, which UTF-8 cannot hold and file
    names may bring, stands as its ``\\uXXXX`` escape. Raises ValueError for NaN and infinity, TypeError for what is not JSON.
    """
    return _ENCODER.encode(value).encode("utf-8", "backslashreplace")


def payload_digest(salt: bytes, body: bytes) -> str:
    """Return the salted digest of a payload: SHA-256 in hex over the length of the salt (1 byte), the salt and the body.

    The salt keeps a short payload from being guessed from its digest once the payload is gone. Raises OverflowError for
    a salt over 255 bytes.
    """
    return hashlib.sha256(len(salt).to_bytes(1) + salt + body).hexdigest()


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf with *content*: SHA-256 over 0x00 and the content (RFC 6962)."""
    return hashlib.sha256(b"\x00" + content).digest()


def leaf_hashes(contents: Iterable[bytes]) -> list[bytes]:
    """Return :func:`leaf_hash` of many, without a call for each."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + content).digest() for content in contents]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over 0x01 and both children (RFC 6962)."""
    return hashlib.sha256(_NODE + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over *leaves*, each a :func:`leaf_hash`; for no leaves SHA-256 of nothing (RFC 6962)."""
    return _levels(leaves)[-1][0] if leaves else hashlib.sha256(b"").digest()


def merkle_paths(leaves: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """Return the audit path of every leaf, nearest sibling first, all together in O(n log n)."""
    levels = _levels(leaves)[:-1] if leaves else []
    return [_path(levels, index) for index in range(len(leaves))]


def verify_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether *path* leads from *leaf* (a leaf hash) at *index* of a tree of *size* leaves to *root*.

    The algorithm of RFC 9162, section 2.1.3.2; False for anything out of shape, never an error.
    """
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def _levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return the tree level by level, leaves first; a node without sibling is carried up unchanged."""
    levels: list[Sequence[bytes]] = [leaves]
    sha256 = hashlib.sha256  # node_hash, without a call for each
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [sha256(_NODE + below[at] + below[at + 1]).digest() for at in range(0, len(below) - 1, 2)]
        levels.append([*above, below[-1]] if len(below) & 1 else above)
    return levels


def _path(levels: Sequence[Sequence[bytes]], index: int) -> tuple[bytes, ...]:
    path = []
    for level in levels:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return tuple(path)
