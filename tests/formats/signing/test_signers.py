"""CMS: what is right verifies, every fault is found, and openssl agrees both ways."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.signing.signers import verify_cms
from lantai.formats.signing.verdict import LEVELS, Verdict
from tests.formats.signing import made
from tests.formats.signing.made import Cms

MESSAGE = b"the message that was signed"
KINDS = ("sm2", "rsa", "ec")
AFTER = datetime(2031, 1, 1, tzinfo=UTC)


def _verify(kind: str = "rsa", how: Cms = Cms(), message: bytes | None = MESSAGE) -> Verdict:  # noqa: B008 - frozen
    who = made.line(kind)
    return verify_cms(made.cms(MESSAGE, who, how), message, anchors=[who.root])


def _row(verdict: Verdict) -> tuple[bool | None, ...]:
    return verdict.digests_valid, verdict.signature_valid, verdict.chain_valid, verdict.time_valid


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", [Cms(), Cms(named=b""), Cms(is_detached=False)], ids=["plain", "names its certificate", "content inside"])
def test_a_good_signature_is_good_on_every_level(kind: str, how: Cms) -> None:
    who = made.line(kind)
    how = Cms(named=who.leaf) if how.named is not None else how
    verdict = verify_cms(made.cms(MESSAGE, who, how), MESSAGE if how.is_detached else None, anchors=[who.root])
    assert _row(verdict) == (True, True, True, True)
    assert (verdict.seal_valid, verdict.remarks) == (None, ())
    assert [item.subject for item in verdict.certificates] == ["云汀市发展和改革委员会", "云汀签发", "云汀根"]


BAD: dict[str, tuple[Cms, tuple[bool | None, ...]]] = {
    "digest_of_another_message": (Cms(digest_of=b"other"), (False, True, True, True)),
    "content_type_twice": (Cms(twice="1.2.840.113549.1.9.3"), (True, False, True, True)),
    "digest_twice": (Cms(twice="1.2.840.113549.1.9.4"), (False, False, True, True)),
    "signing_time_twice": (Cms(twice="1.2.840.113549.1.9.5"), (True, False, True, None)),
    "signing_time_not_signed": (Cms(unsigned_time=True), (True, False, True, None)),
    "content_type_of_something_else": (Cms(claimed_type=made.TST_INFO), (True, False, True, True)),
    "names_another_certificate": (Cms(named=b"another"), (True, False, True, True)),
    "digest_mismatch": (Cms(digest_name=(made.SHA1, "sha1")), (True, False, True, True)),
    "algorithm_mismatch": (Cms(algorithm=made.ECDSA_SHA256), (True, False, True, True)),
    "no_certificate": (Cms(has_certificates=False), (True, None, None, None)),
    "expired_at_signing": (Cms(signed_at=AFTER), (True, True, False, False)),
    "no_signing_time": (Cms(signed_at=None), (True, True, True, None)),
}


@pytest.mark.parametrize("fault", BAD)
def test_every_fault_is_found_on_its_level(fault: str) -> None:
    how, expected = BAD[fault]
    assert _row(_verify("rsa", how)) == expected


def test_sha1_is_warned_of() -> None:
    verdict = _verify("rsa", Cms(algorithm=made.RSA_SHA1, digest_name=(made.SHA1, "sha1")))
    assert _row(verdict) == (True, True, True, True)
    assert verdict.remarks == ("使用已不安全的摘要算法 SHA-1",)


@pytest.mark.parametrize("kind", KINDS)
def test_one_bit_flipped_in_the_message(kind: str) -> None:
    assert _row(_verify(kind, message=b"T" + MESSAGE[1:])) == (False, True, True, True)


@pytest.mark.parametrize("kind", KINDS)
def test_without_signed_attributes_content_and_value_fall_together(kind: str) -> None:
    how = Cms(has_attributes=False)
    assert _row(_verify(kind, how)) == (True, True, True, None)
    assert _row(_verify(kind, how, b"other"))[:2] == (False, False)


def test_the_wrong_certificate() -> None:
    who, other = made.line("rsa"), made.line("rsa", key=made.key("rsa", 5))
    assert other.leaf != who.leaf
    raw = made.cms(MESSAGE, made.Line(who.root, who.middle, other.leaf, who.key, who.root_key, who.middle_key))
    assert verify_cms(raw, MESSAGE, anchors=[who.root]).signature_valid is False


CHAINS: dict[str, tuple[dict[str, object], bool | None]] = {
    "good": ({}, True),
    "key_not_for_signing": ({"usage": frozenset({"key_encipherment"})}, False),
    "critical_and_not_understood": ({"critical": "1.2.3.4"}, False),
    "issuer_of_another_name": ({"issuer": "别的机构"}, False),
    "signed_by_another_key": ({"issuer_key": made.key("rsa", 6)}, False),
}


@pytest.mark.parametrize("fault", CHAINS)
def test_chains(fault: str) -> None:
    changes, expected = CHAINS[fault]
    who = made.line("rsa", **changes)
    assert verify_cms(made.cms(MESSAGE, who), MESSAGE, anchors=[who.root]).chain_valid is expected


def test_a_chain_ends_only_at_what_is_trusted() -> None:
    who, stranger = made.line("rsa"), made.line("ec")
    raw = made.cms(MESSAGE, who)
    assert verify_cms(raw, MESSAGE, anchors=[stranger.root]).chain_valid is False
    assert verify_cms(raw, MESSAGE, anchors=[who.middle]).chain_valid is True
    assert verify_cms(raw, MESSAGE, anchors=[who.leaf]).chain_valid is True
    assert verify_cms(raw, MESSAGE, anchors=[b"noise"]).chain_valid is None


def test_an_authority_has_room_under_it_or_not() -> None:
    who = made.line("rsa")
    narrow = made.certificate(made.Paper("云汀根", "云汀根", who.root_key, who.root_key, is_authority=True, length=0))
    assert verify_cms(made.cms(MESSAGE, who), MESSAGE, anchors=[narrow]).chain_valid is False


def test_a_stamp_proves_the_time_and_outlives_the_certificate() -> None:
    who, stamper = made.line("rsa"), made.authority()
    value = _value_of(made.cms(MESSAGE, who))
    stamped = made.cms(MESSAGE, who, Cms(token=made.token(value, stamper)))
    verdict = verify_cms(stamped, MESSAGE, anchors=[who.root, stamper.root])
    assert _row(verdict) == (True, True, True, True)
    assert verdict.stamped_at == verdict.signed_at == "2026-01-05T01:30:00Z"


@pytest.mark.parametrize("fault", ["stamp_of_something_else", "stamp_after_the_certificate", "certificate_not_for_stamps"])
def test_a_bad_stamp_makes_the_time_bad(fault: str) -> None:
    who, stamper = (
        made.line("rsa"),
        made.line("rsa") if fault == "certificate_not_for_stamps" else made.authority(last=datetime(2040, 1, 1, tzinfo=UTC)),
    )
    value = b"other" if fault == "stamp_of_something_else" else _value_of(made.cms(MESSAGE, who))
    token = made.token(value, stamper, AFTER if fault == "stamp_after_the_certificate" else made.SIGNED_AT)
    verdict = verify_cms(made.cms(MESSAGE, who, Cms(token=token)), MESSAGE, anchors=[who.root, stamper.root])
    assert (verdict.signature_valid, verdict.time_valid) == (True, False)


def test_a_stamp_that_cannot_be_read_leaves_the_signers_word() -> None:
    verdict = _verify("rsa", Cms(token=made.seq(made.integer(1))))
    assert verdict.time_valid is True
    assert "time_stamp：时间戳无法验证" in verdict.not_checked


def _value_of(raw: bytes) -> bytes:
    from lantai.formats.signing.cms import parse

    return parse(raw).signers[0].value


@pytest.mark.needs("openssl")
def test_openssl_verifies_what_we_make_and_we_what_openssl_makes(tmp_path: Path) -> None:
    _openssl(
        tmp_path,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "own.pem",
        "-subj",
        "/CN=yunting",
        "-days",
        "30",
    )
    (tmp_path / "message").write_bytes(MESSAGE)
    for name, words in {
        "plain": [],
        "keyid": ["-keyid"],
        "no-attributes": ["-noattr"],
        "cades": ["-cades"],
        "pss": ["-keyopt", "rsa_padding_mode:pss"],
    }.items():
        _openssl(
            tmp_path,
            "cms",
            "-sign",
            "-binary",
            "-in",
            "message",
            "-signer",
            "own.pem",
            "-inkey",
            "key.pem",
            *words,
            "-outform",
            "DER",
            "-out",
            name,
        )
        verdict = verify_cms((tmp_path / name).read_bytes(), MESSAGE, anchors=[(tmp_path / "own.pem").read_bytes()])
        assert (verdict.digests_valid, verdict.signature_valid, verdict.chain_valid) == (True, True, True), (name, verdict)
        assert verify_cms((tmp_path / name).read_bytes(), b"other").digests_valid is False, name
    who = made.line("ec")
    (tmp_path / "ours").write_bytes(made.cms(MESSAGE, who))
    (tmp_path / "root.der").write_bytes(who.root)
    _openssl(tmp_path, "x509", "-inform", "DER", "-in", "root.der", "-out", "root.pem")
    words = ["-CAfile", "root.pem", "-attime", "1767576600", "-purpose", "any", "-out", "out"]
    _openssl(tmp_path, "cms", "-verify", "-binary", "-inform", "DER", "-in", "ours", "-content", "message", *words)


def _openssl(folder: Path, *words: str) -> None:
    done = subprocess.run([shutil.which("openssl") or "openssl", *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_is_fed_in_ends_in_a_raise(data: st.DataObject) -> None:
    who = made.line("rsa")
    good = bytearray(made.cms(MESSAGE, who, Cms(token=made.token(b"x", made.authority()))))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    row = verify_cms(bytes(good), MESSAGE, anchors=[who.root]).as_row("a")
    assert all(row[level] in {True, False, None} for level in LEVELS)
    assert all(row[level] is not None or any(str(line).startswith(level) for line in row["not_checked"]) for level in LEVELS)  # type: ignore[attr-defined]
