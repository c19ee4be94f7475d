"""SM2: what is signed both engines accept, and neither accepts anything else."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import gmalg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lantai.formats.signing import sm2, sm2_point

ENGINES = [sm2.Portable, *([sm2.Native] if isinstance(sm2.engine(), sm2.Native) else [])]
PAIRS = [(maker, checker) for maker in ENGINES for checker in ENGINES]


def point(number: int) -> bytes:
    """Return a multiple of the base point as the library in Python reckons it."""
    return bytes(gmalg.SM2().generate_pk(number.to_bytes(32))).removeprefix(b"\x04")


@pytest.mark.parametrize(("maker", "checker"), PAIRS)
@given(message=st.binary(max_size=200))
@settings(max_examples=4, deadline=None)
def test_what_is_signed_every_engine_accepts(
    maker: type[sm2.Native | sm2.Portable], checker: type[sm2.Native | sm2.Portable], message: bytes
) -> None:
    private, public = maker().generate()
    assert (len(private), len(public)) == (32, 64)
    value = sm2.sign(private, public, message)
    assert checker().verify(public, message, value)
    assert not checker().verify(public, message + b"x", value)


@given(key=st.integers(1, sm2_point.ORDER - 2), message=st.binary(max_size=200))
@example(key=1, message=b"")
@example(key=sm2_point.ORDER - 2, message=b"x")
@settings(max_examples=25, deadline=None)
def test_any_key_signs_what_its_public_half_accepts(key: int, message: bytes) -> None:
    public = point(key)
    assert sm2.engine().verify(public, message, sm2.sign(key.to_bytes(32), public, message))


def test_the_example_of_the_standard_comes_out() -> None:
    """GM/T 0003.5, appendix A: the signature there, whose random number is given."""
    key = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
    number = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
    digest = int.from_bytes(hashlib.new("sm3", sm2._identity(point(key)) + b"message digest").digest())
    assert sm2._halves(digest, number, pow(1 + key, -1, sm2_point.ORDER)) == (
        0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
        0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
    )


@given(number=st.integers(1, sm2_point.ORDER - 1))
@example(number=1)
@example(number=2)
@example(number=sm2_point.ORDER - 1)
@example(number=31 << 250)
@settings(max_examples=25, deadline=None)
def test_a_multiple_of_the_base_is_what_the_library_reckons(number: int) -> None:
    assert sm2_point.x_of_multiple(number) == int.from_bytes(point(number)[:32])


def test_the_one_number_that_meets_its_own_double_is_refused_and_never_wrong() -> None:
    assert sm2_point.x_of_multiple((1 << 256) - sm2_point.ORDER) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", [b"", b"x", b"\x30\x00", bytes(70)], ids=["empty", "short", "no numbers", "noughts"])
def test_what_is_no_signature_is_not_good(engine: type[sm2.Native | sm2.Portable], value: bytes) -> None:
    _, public = engine().generate()
    assert not engine().verify(public, b"message", value)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_key_off_the_curve_is_no_key(engine: type[sm2.Native | sm2.Portable]) -> None:
    private, public = engine().generate()
    value = sm2.sign(private, public, b"message")
    assert not engine().verify(b"\x01" * 64, b"message", value)
    assert not engine().verify(public[:63] + bytes([public[63] ^ 1]), b"message", value)


@pytest.mark.parametrize("engine", ENGINES)
def test_another_key_does_not_verify(engine: type[sm2.Native | sm2.Portable]) -> None:
    private, public = engine().generate()
    _, other = engine().generate()
    assert not engine().verify(other, b"message", sm2.sign(private, public, b"message"))


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("engine", ENGINES)
def test_openssl_accepts_the_signature(engine: type[sm2.Native | sm2.Portable], tmp_path: Path) -> None:
    private, public = engine().generate()
    # SubjectPublicKeyInfo of the SM2 curve, then the uncompressed point
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    (tmp_path / "key.der").write_bytes(head + public)
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "value").write_bytes(sm2.sign(private, public, b"message"))
    openssl = shutil.which("openssl") or "openssl"
    words = [openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-digest", "sm3"]
    done = subprocess.run(
        [*words, "-pkeyopt", "distid:1234567812345678", "-in", "message", "-sigfile", "value"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert b"Verified Successfully" in done.stdout, done.stderr
