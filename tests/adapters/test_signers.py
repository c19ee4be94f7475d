"""Signing with keys in a folder: openssl agrees, and nobody else may read the keys."""

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.adapters.signers.local import LocalSigner, create
from lantai.core.errors import Fault, Refusal
from lantai.formats.signing.keyed import key_id
from lantai.ports.signer import Signature


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signer") / "data" / "keys"
    create(folder)
    return folder


@given(st.binary(max_size=200))
@settings(max_examples=20, deadline=None)
def test_what_is_signed_verifies_and_nothing_else(keys: Path, message: bytes) -> None:
    signer = LocalSigner(keys)
    signatures = signer.sign(message)
    assert [item.algorithm for item in signatures] == ["Ed25519", "SM2-SM3"]
    assert tuple(item.key_id for item in signatures) == signer.key_ids()
    assert all(signer.verify(message, item) for item in signatures)
    assert not any(signer.verify(message + b"x", item) for item in signatures)


def test_a_signature_of_others_verifies_under_the_key_it_names(keys: Path, tmp_path: Path) -> None:
    other = create(tmp_path / "keys")
    (ed25519, sm2) = other.sign(b"x")
    assert LocalSigner(keys).verify(b"x", ed25519)
    assert LocalSigner(keys).verify(b"x", sm2)
    assert not set(other.key_ids()) & set(LocalSigner(keys).key_ids())


@pytest.mark.parametrize(
    "changed", [{"public_key": ""}, {"public_key": "!"}, {"value": ""}, {"value": "AAAA"}, {"algorithm": "RSA"}, {"key_id": "x"}], ids=str
)
def test_a_signature_out_of_shape_is_false_and_no_error(keys: Path, changed: dict[str, str]) -> None:
    signer = LocalSigner(keys)
    for signature in signer.sign(b"x"):
        assert not signer.verify(b"x", replace(signature, **changed))


@pytest.mark.parametrize("point", [bytes(64), b"\xff" * 64, b""])
def test_a_point_off_the_curve_is_false(keys: Path, point: bytes) -> None:
    public = b"\x04" + point
    signature = Signature("SM2-SM3", key_id("SM2-SM3", public), base64.b64encode(public).decode(), "MAA=")
    assert not LocalSigner(keys).verify(b"x", signature)


def test_keys_are_for_their_owner_alone(keys: Path) -> None:
    assert keys.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in sorted(keys.iterdir())] == [0o600, 0o600]


def test_keys_are_never_replaced(keys: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    with pytest.raises(Refusal) as caught:
        create(keys)
    assert caught.value.code == "SIGNER-KEYS-EXIST"
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before


def test_missing_keys_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        LocalSigner(tmp_path)
    assert caught.value.code == "SIGNER-KEYS-MISSING"
    assert not caught.value.is_retryable


RSA_LIKE = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("name", ["ed25519.pem", "sm2.pem"])
@pytest.mark.parametrize("content", [b"", b"\xff\x00", RSA_LIKE])
def test_damaged_keys_are_a_fault(keys: Path, tmp_path: Path, name: str, content: bytes) -> None:
    shutil.copytree(keys, tmp_path / "keys")
    (tmp_path / "keys" / name).write_bytes(content)
    with pytest.raises(Fault) as caught:
        LocalSigner(tmp_path / "keys")
    assert caught.value.code == "SIGNER-KEYS-UNREADABLE"


WITH_ID = ("-sigopt", "distid:1234567812345678")


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.skipif("sm3" not in openssl("list", "-digest-commands").stdout, reason="openssl without SM3")
def test_openssl_agrees_on_sm2(keys: Path, tmp_path: Path) -> None:
    message = tmp_path / "message"
    message.write_bytes("兰台".encode())
    (tmp_path / "value").write_bytes(base64.b64decode(LocalSigner(keys).sign(message.read_bytes())[1].value))
    assert openssl("pkey", "-in", keys / "sm2.pem", "-pubout", "-out", tmp_path / "public.pem").returncode == 0
    verify = (
        "dgst",
        "-sm3",
        "-verify",
        tmp_path / "public.pem",
        "-sigopt",
        "distid:1234567812345678",
        "-signature",
        tmp_path / "value",
        message,
    )
    assert openssl(*verify).returncode == 0
    message.write_bytes(b"other")
    assert openssl(*verify).returncode != 0


@pytest.mark.skipif("sm3" not in openssl("list", "-digest-commands").stdout, reason="openssl without SM3")
def test_a_signature_of_openssl_verifies_here(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(b"x")
    sign = (
        "dgst",
        "-sm3",
        "-sign",
        keys / "sm2.pem",
        "-sigopt",
        "distid:1234567812345678",
        "-out",
        tmp_path / "value",
        tmp_path / "message",
    )
    assert openssl(*sign).returncode == 0
    signer = LocalSigner(keys)
    ours = signer.sign(b"x")[1]
    theirs = replace(ours, value=base64.b64encode((tmp_path / "value").read_bytes()).decode())
    assert signer.verify(b"x", theirs)


def test_openssl_agrees_on_ed25519(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(b"x")
    (tmp_path / "value").write_bytes(base64.b64decode(LocalSigner(keys).sign(b"x")[0].value))
    files = ("-in", tmp_path / "message", "-sigfile", tmp_path / "value", "-rawin")
    assert openssl("pkeyutl", "-verify", "-inkey", keys / "ed25519.pem", *files).returncode == 0
