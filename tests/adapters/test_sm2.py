"""Both SM2 engines: what one signs the other accepts, and neither accepts anything else."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.signing import sm2

ENGINES = [sm2.Portable, *([sm2.Native] if isinstance(sm2.engine(), sm2.Native) else [])]
PAIRS = [(signer, checker) for signer in ENGINES for checker in ENGINES]


@pytest.mark.parametrize(("signer", "checker"), PAIRS)
@given(message=st.binary(max_size=200))
@settings(max_examples=4, deadline=None)
def test_what_one_signs_the_other_accepts(
    signer: type[sm2.Native | sm2.Portable], checker: type[sm2.Native | sm2.Portable], message: bytes
) -> None:
    private, public = signer().generate()
    assert (len(private), len(public)) == (32, 64)
    value = signer().sign(private, public, message)
    assert checker().verify(public, message, value)
    assert not checker().verify(public, message + b"x", value)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", [b"", b"x", b"\x30\x00", bytes(70)], ids=["empty", "short", "no numbers", "noughts"])
def test_what_is_no_signature_is_not_good(engine: type[sm2.Native | sm2.Portable], value: bytes) -> None:
    _, public = engine().generate()
    assert not engine().verify(public, b"message", value)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_key_off_the_curve_is_no_key(engine: type[sm2.Native | sm2.Portable]) -> None:
    private, public = engine().generate()
    value = engine().sign(private, public, b"message")
    assert not engine().verify(b"\x01" * 64, b"message", value)
    assert not engine().verify(public[:63] + bytes([public[63] ^ 1]), b"message", value)


@pytest.mark.parametrize("engine", ENGINES)
def test_another_key_does_not_verify(engine: type[sm2.Native | sm2.Portable]) -> None:
    private, public = engine().generate()
    _, other = engine().generate()
    assert not engine().verify(other, b"message", engine().sign(private, public, b"message"))


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("engine", ENGINES)
def test_openssl_accepts_the_signature(engine: type[sm2.Native | sm2.Portable], tmp_path: Path) -> None:
    private, public = engine().generate()
    # SubjectPublicKeyInfo of the SM2 curve, then the uncompressed point
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    (tmp_path / "key.der").write_bytes(head + public)
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "value").write_bytes(engine().sign(private, public, b"message"))
    openssl = shutil.which("openssl") or "openssl"
    words = [openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-digest", "sm3"]
    done = subprocess.run(
        [*words, "-pkeyopt", "distid:1234567812345678", "-in", "message", "-sigfile", "value"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert b"Verified Successfully" in done.stdout, done.stderr
