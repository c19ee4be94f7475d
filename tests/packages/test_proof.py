"""proof.json: good for the files it was made for, and for nothing else."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.adapters.signers.local import LocalSigner, create
from lantai.core.evidence import canonical_json, leaf_hash
from lantai.packages import proof
from lantai.packages.proof import Digests, Subject
from lantai.ports.store import Content

Document = dict[str, object]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> LocalSigner:
    return create(tmp_path_factory.mktemp("keys") / "keys")


def content(path: str, body: bytes) -> Content:
    return Content(path, body, len(body), hashlib.sha256(body).hexdigest(), hashlib.new("sm3", body).hexdigest())


def subject(number: int) -> Subject:
    files = (content("record.xml", b"<x/>"), content("01-正本/original/正文.pdf", f"{number}".encode()), content("proof.json", b"not yet"))
    return Subject(f"01JD00000000000000000000{number:02d}", 1, files)


def now(item: Subject) -> dict[str, Digests]:
    return {file.path: Digests(file.size_bytes, file.sha256, file.sm3) for file in item.files}


def codes(written: bytes, item: Subject, signer: LocalSigner, **changed: Digests | None) -> list[str]:
    files = {path: digests for path, digests in {**now(item), **changed}.items() if digests is not None}
    return sorted(found.code for found in proof.verify(written, files, signer))


@given(st.integers(0, 20))
@settings(max_examples=21, deadline=None)
def test_every_record_of_a_batch_has_its_proof(signer: LocalSigner, size: int) -> None:
    subjects = [subject(number) for number in range(size)]
    proofs = proof.build(subjects, signer)
    assert len(proofs) == size
    assert all(codes(written, item, signer) == [] for written, item in zip(proofs, subjects, strict=True))
    assert all(codes(written, subjects[0], signer) != [] for written in proofs[1:])


def test_the_leaf_follows_from_the_document_by_hand(signer: LocalSigner) -> None:
    document = json.loads(proof.build([subject(1), subject(2)], signer)[1])
    body = canonical_json({name: document[name] for name in ("files", "record", "version")})
    assert leaf_hash(body).hex() == document["batch"]["leaf"]
    assert [row["path"] for row in document["files"]] == ["01-正本/original/正文.pdf", "record.xml"]
    assert (document["format"], document["edition"], document["time_stamp"]) == ("lantai-proof", 1, None)
    assert document["time_stamp_reason"]
    assert [item["algorithm"] for item in document["signatures"]] == ["Ed25519", "SM2-SM3"]


def test_one_signing_for_the_whole_batch(signer: LocalSigner) -> None:
    first, second = map(json.loads, proof.build([subject(1), subject(2)], signer))
    assert first["signatures"] == second["signatures"]
    assert first["batch"]["root"] == second["batch"]["root"]


def test_files_are_compared(signer: LocalSigner) -> None:
    item = subject(1)
    (written,) = proof.build([item], signer)
    record = now(item)["record.xml"]
    assert codes(written, item, signer, **{"record.xml": None}) == ["PROOF-FILE-MISSING"]
    assert codes(written, item, signer, more=record) == ["PROOF-FILE-EXTRA"]
    for changed in (Digests(5, record.sha256, record.sm3), Digests(4, "0" * 64, record.sm3), Digests(4, record.sha256, "0" * 64)):
        assert codes(written, item, signer, **{"record.xml": changed}) == ["PROOF-FILE-ALTERED"]
    assert codes(written, item, signer, **{"record.xml": Digests(4, record.sha256)}) == []


def _batch(name: str, value: object) -> Callable[[Document], object]:
    return lambda document: cast(Document, document["batch"]).update({name: value})


def _signature(at: int, name: str, value: str) -> Callable[[Document], object]:
    return lambda document: cast(list[Document], document["signatures"])[at].update({name: value})


ALTERED: dict[str, tuple[Callable[[Document], object], list[str]]] = {
    "record": (lambda document: document.update(record="01JD0000000000000000000099"), ["PROOF-LEAF-DIFFERS", "PROOF-PATH-BROKEN"]),
    "version": (lambda document: document.update(version=2), ["PROOF-LEAF-DIFFERS", "PROOF-PATH-BROKEN"]),
    "leaf": (_batch("leaf", "00" * 32), ["PROOF-LEAF-DIFFERS"]),
    "index": (_batch("index", 1), ["PROOF-PATH-BROKEN"]),
    "path": (_batch("path", []), ["PROOF-PATH-BROKEN"]),
    "root": (_batch("root", "00" * 32), ["PROOF-PATH-BROKEN", "PROOF-SIGNATURE-INVALID", "PROOF-SIGNATURE-INVALID"]),
    "ed25519": (_signature(0, "value", "AAAA"), ["PROOF-SIGNATURE-INVALID"]),
    "sm2": (_signature(1, "value", "AAAA"), ["PROOF-SIGNATURE-INVALID"]),
    "not_base64": (_signature(1, "value", "!"), ["PROOF-SIGNATURE-INVALID"]),
    "key_id": (_signature(0, "key_id", "ed25519:0"), ["PROOF-SIGNATURE-INVALID"]),
    "algorithm": (_signature(0, "algorithm", "none"), ["PROOF-SIGNATURE-INVALID"]),
    "unsigned": (lambda document: document.update(signatures=[]), ["PROOF-SIGNATURE-MISSING"]),
    "edition": (lambda document: document.update(edition=2), ["PROOF-UNREADABLE"]),
    "no_batch": (lambda document: document.pop("batch"), ["PROOF-UNREADABLE"]),
    "files_no_list": (lambda document: document.update(files="x"), ["PROOF-UNREADABLE"]),
    "not_a_number": (lambda document: document.update(version=float("nan")), ["PROOF-UNREADABLE"]),
    "infinite": (_batch("size", float("inf")), ["PROOF-UNREADABLE"]),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_proof_is_found_out(signer: LocalSigner, name: str) -> None:
    alter, expected = ALTERED[name]
    items = [subject(1), subject(2), subject(3)]
    document = json.loads(proof.build(items, signer)[0])
    alter(document)
    assert codes(json.dumps(document).encode(), items[0], signer) == expected


@pytest.mark.parametrize("written", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_proof_is_a_finding(signer: LocalSigner, written: bytes) -> None:
    assert [item.code for item in proof.verify(written, {}, signer)] == ["PROOF-UNREADABLE"]


def test_a_good_signature_of_a_foreign_key_is_a_finding(signer: LocalSigner, tmp_path: Path) -> None:
    item = subject(1)
    (written,) = proof.build([item], create(tmp_path / "keys"))
    assert codes(written, item, signer) == ["PROOF-KEY-FOREIGN", "PROOF-KEY-FOREIGN"]
