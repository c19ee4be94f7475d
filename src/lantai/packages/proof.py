"""proof.json: what lets a stranger check, offline, that the files of a record are those that were archived.

Edition 1 (docs/design/package-format.md): the digests of every file, a leaf over them, the leaf's path to the root of
its batch (RFC 6962), and the root signed. Signing is once a batch, however many records it has.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lantai.core.evidence import canonical_json, leaf_hash, merkle_paths, merkle_root, verify_path
from lantai.core.findings import Finding, finding
from lantai.formats.signing import keyed
from lantai.formats.signing.keyed import Signed
from lantai.packages.json_text import laid_out
from lantai.packages.layout import PROOF
from lantai.ports.signer import Signature, Signer
from lantai.ports.store import Content

FORMAT = "lantai-proof"
EDITION = 1
NO_TIME_STAMP = "时间戳在归档以后加盖，记在账本里（proof:stamped），随证据包给出"


@dataclass(frozen=True, slots=True)
class Subject:
    """A version to be proved: record ULID, content version, and its files with their digests (proof.json left out)."""

    record_id: str
    version: int
    files: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Digests:
    """What a file is now: size in bytes, SHA-256 and SM3 in lower-case hex; SM3 empty where it was not computed."""

    size_bytes: int
    sha256: str
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was signed together: the root in hex, how many leaves, the signatures."""

    root: str
    size: int
    signatures: tuple[Signature, ...]

    def stamped(self) -> bytes:
        """Return the bytes that are time-stamped for the batch: those that were signed, then a line a signature.

        A line is algorithm, public key and value, with a space between; so the stamp shows that the signatures were there, too.
        """
        lines = "".join(f"{item.algorithm} {item.public_key} {item.value}\n" for item in self.signatures)
        return message(bytes.fromhex(self.root), self.size) + lines.encode()


def batch(proof: bytes) -> Batch:
    """Return the batch that a proof.json belongs to. Raises ValueError for what is no such document."""
    try:
        document = _parsed(proof)
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(f"proof: {error}") from error
    return Batch(document["root"].hex(), document["size"], tuple(document["signatures"]))


def build(subjects: Sequence[Subject], signer: Signer) -> list[bytes]:
    """Return the proof.json of every subject, in order: one tree over all, its root signed once with every key."""
    bodies = [_body(subject) for subject in subjects]
    leaves = [leaf_hash(canonical_json(body)) for body in bodies]
    if not leaves:
        return []
    root = merkle_root(leaves)
    signatures = [asdict(item) for item in signer.sign(message(root, len(leaves)))]
    paths = merkle_paths(leaves)
    return [_written(body, _batch(index, leaves, paths[index], root), signatures) for index, body in enumerate(bodies)]


def message(root: bytes, size: int) -> bytes:
    """Return the bytes that are signed for a batch: three lines, its kind, its number of leaves and its root in hex."""
    return f"lantai batch root v1\n{size}\n{root.hex()}\n".encode()


def verify(proof: bytes, files: Mapping[str, Digests], verifier: Signer) -> list[Finding]:
    """Compare *files* (logical path -> what it is now) with the proof, and the proof with itself and its signatures.

    Nothing wrong, nothing returned. A good signature of a key that *verifier* does not hold is a finding too.
    """
    document, found = _compared(proof, files)
    return [*found, *_signatures(document, verifier)] if document else found


def judge(proof: bytes, files: Mapping[str, Digests], keys: Collection[str] = ()) -> tuple[list[Finding], tuple[Signed, ...]]:
    """Compare *files* with the proof, and the proof with itself and its signatures; *keys* are the identifiers of those that may sign.

    A stranger does so without any key of ours: the values are held against the public keys that the proof names.
    """
    document, found = _compared(proof, files)
    if not document:
        return found, ()
    seals = keyed.judge(message(document["root"], document["size"]), document["signatures"], keys)
    wrong = [finding("PROOF-SIGNATURE-INVALID", item.algorithm) for item in seals if not item.is_good]
    foreign = [finding("PROOF-KEY-FOREIGN", item.key_id) for item in seals if item.is_good and item.is_known is False]
    missing = [] if seals else [finding("PROOF-SIGNATURE-MISSING", PROOF)]
    return [*found, *wrong, *foreign, *missing], seals


def _compared(proof: bytes, files: Mapping[str, Digests]) -> tuple[dict[str, Any] | None, list[Finding]]:
    try:
        document = _parsed(proof)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        return None, [finding("PROOF-UNREADABLE", PROOF, reason=str(error) or type(error).__name__)]
    return document, [*_files(document["files"], files), *_arithmetic(document)]


def _body(subject: Subject) -> dict[str, Any]:
    files = sorted(subject.files, key=lambda item: item.path)
    rows = [{"path": item.path, "sha256": item.sha256, "size": item.size_bytes, "sm3": item.sm3} for item in files if item.path != PROOF]
    return {"files": rows, "record": subject.record_id, "version": subject.version}


def _batch(index: int, leaves: Sequence[bytes], path: Sequence[bytes], root: bytes) -> dict[str, Any]:
    hexes = [item.hex() for item in path]
    return {"leaf": leaves[index].hex(), "index": index, "size": len(leaves), "path": hexes, "root": root.hex()}


def _written(body: Mapping[str, Any], batch: Mapping[str, Any], signatures: Sequence[Mapping[str, str]]) -> bytes:
    document = {
        "format": FORMAT,
        "edition": EDITION,
        **body,
        "batch": batch,
        "signatures": signatures,
        "time_stamp": None,
        "time_stamp_reason": NO_TIME_STAMP,
    }
    return laid_out(document)


def _parsed(proof: bytes) -> dict[str, Any]:
    """Return the parts of the document, typed; ValueError, TypeError, KeyError, OverflowError or RecursionError where it has not."""
    document = json.loads(proof)
    if not isinstance(document, dict) or (document.get("format"), document.get("edition")) != (FORMAT, EDITION):
        raise ValueError("format, edition")
    batch = document["batch"]
    return {
        "content": canonical_json({name: document[name] for name in ("files", "record", "version")}),
        "files": {row["path"]: Digests(int(row["size"]), str(row["sha256"]), str(row["sm3"])) for row in document["files"]},
        "leaf": bytes.fromhex(batch["leaf"]),
        "index": int(batch["index"]),
        "size": int(batch["size"]),
        "path": [bytes.fromhex(item) for item in batch["path"]],
        "root": bytes.fromhex(batch["root"]),
        "signatures": [Signature(*(str(row[name]) for name in Signature.__slots__)) for row in document["signatures"]],
    }


def _files(proved: Mapping[str, Digests], present: Mapping[str, Digests]) -> Iterator[Finding]:
    for path in sorted(proved.keys() - present.keys()):
        yield finding("PROOF-FILE-MISSING", path)
    for path in sorted(present.keys() - proved.keys() - {PROOF}):
        yield finding("PROOF-FILE-EXTRA", path)
    for path in sorted(proved.keys() & present.keys()):
        before, now = proved[path], present[path]
        if (before.size_bytes, before.sha256) != (now.size_bytes, now.sha256) or now.sm3 not in {"", before.sm3}:
            yield finding("PROOF-FILE-ALTERED", path)


def _arithmetic(document: Mapping[str, Any]) -> Iterator[Finding]:
    leaf = leaf_hash(document["content"])
    if leaf != document["leaf"]:
        yield finding("PROOF-LEAF-DIFFERS", PROOF)
    if not verify_path(leaf, document["index"], document["size"], document["path"], document["root"]):
        yield finding("PROOF-PATH-BROKEN", PROOF)


def _signatures(document: Mapping[str, Any], verifier: Signer) -> Iterator[Finding]:
    signed = message(document["root"], document["size"])
    held = {key.key_id for key in verifier.public_keys()}
    if not document["signatures"]:
        yield finding("PROOF-SIGNATURE-MISSING", PROOF)
    for signature in document["signatures"]:
        if not verifier.verify(signed, signature):
            yield finding("PROOF-SIGNATURE-INVALID", signature.algorithm)
        elif signature.key_id not in held:
            yield finding("PROOF-KEY-FOREIGN", signature.key_id)
