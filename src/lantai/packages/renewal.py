"""A proof under another digest: the tree over old proofs, what is signed of it, and whether both hold (docs/design/ledger-format.md).

RFC 6962's tree with another digest in place of SHA-256: a leaf is H(00 ‖ content), a node H(01 ‖ left ‖ right).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.core.digests import started
from lantai.ports.signer import Signature, Signer

DIGESTS = ("sm3", "sha512", "sha384")
Leaf = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Old proofs signed anew: digest, leaves (record, version, hash in hex) in order, root in hex, signatures."""

    digest: str
    leaves: tuple[Leaf, ...]
    root: str
    signatures: tuple[Signature, ...] = ()

    def message(self) -> bytes:
        """Return what is signed: four lines, its kind, the digest, the number of leaves, the root in hex."""
        return f"lantai proof renewal v1\n{self.digest}\n{len(self.leaves)}\n{self.root}\n".encode()

    def stamped(self) -> bytes:
        """Return what is time-stamped: what is signed, then a line a signature."""
        lines = "".join(f"{item.algorithm} {item.public_key} {item.value}\n" for item in self.signatures)
        return self.message() + lines.encode()

    def holds(self, verifier: Signer) -> bool:
        """Tell whether the leaves make the root and keys of the agency signed it, every signature good."""
        held = {key.key_id for key in verifier.public_keys()}
        signed = self.signatures and all(item.key_id in held and verifier.verify(self.message(), item) for item in self.signatures)
        return bool(signed) and root(self.digest, [bytes.fromhex(leaf) for _, _, leaf in self.leaves]) == self.root


def leaf(digest: str, content: bytes) -> str:
    """Return the leaf of a proof.json, in hex."""
    return started(digest, b"\x00" + content).hexdigest()


def root(digest: str, leaves: Sequence[bytes]) -> str:
    """Return the root over leaf hashes, in hex; of none the digest of nothing. A node without sibling goes up as it is."""
    level = list(leaves) or [started(digest, b"").digest()]
    while len(level) > 1:
        above = [started(digest, b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = [*above, level[-1]] if len(level) & 1 else above
    return level[0].hex()
