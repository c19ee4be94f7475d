"""Time stamps: what is right verifies, every fault is found, and openssl's own authority agrees."""

import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.signing.timestamps import verify_timestamp
from lantai.formats.signing.verdict import LEVELS, Verdict
from tests.formats.signing import made
from tests.formats.signing.made import Cms

MESSAGE = b"what was there"
CONFIG = """
[ tsa ]
default_tsa = own
[ own ]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
[ req ]
distinguished_name = name
[ name ]
[ ext ]
extendedKeyUsage = critical,timeStamping
"""


def _row(verdict: Verdict) -> tuple[bool | None, ...]:
    return verdict.digests_valid, verdict.signature_valid, verdict.chain_valid, verdict.time_valid


@pytest.mark.parametrize("kind", ["rsa", "ec", "sm2"])
def test_a_good_stamp(kind: str) -> None:
    who = made.authority(kind)
    verdict = verify_timestamp(made.token(MESSAGE, who), MESSAGE, anchors=[who.root])
    assert _row(verdict) == (True, True, True, True)
    assert (verdict.signed_at, verdict.signer, verdict.kind) == ("2026-01-05T01:30:00Z", "云汀时间戳", "RFC 3161")


def test_a_whole_response_is_taken_too() -> None:
    who = made.authority()
    response = made.seq(made.seq(made.integer(0)), made.token(MESSAGE, who))
    assert _row(verify_timestamp(response, MESSAGE, anchors=[who.root])) == (True, True, True, True)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("another_message", (False, True, True, True)),
        ("no_message", (None, True, True, True)),
        ("certificate_not_for_stamps", (True, True, False, True)),
        ("certificate_for_more_than_stamps", (True, True, False, True)),
        ("given_after_the_certificate_expired", (True, True, False, False)),
        ("not_a_stamp_inside", (None, None, None, None)),
    ],
)
def test_every_fault_is_found_on_its_level(fault: str, expected: tuple[bool | None, ...]) -> None:
    purposes = ("1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.1") if fault == "certificate_for_more_than_stamps" else ("1.3.6.1.5.5.7.3.8",)
    who = made.line("rsa") if fault == "certificate_not_for_stamps" else made.authority(purposes=purposes)
    late = datetime(2031, 1, 1, tzinfo=UTC)
    token = made.token(MESSAGE, who, late if fault == "given_after_the_certificate_expired" else made.SIGNED_AT)
    token = made.cms(MESSAGE, who, Cms(is_detached=False)) if fault == "not_a_stamp_inside" else token
    message = {"another_message": b"other", "no_message": None}.get(fault, MESSAGE)
    assert _row(verify_timestamp(token, message, anchors=[who.root])) == expected


def test_the_authoritys_certificate_may_come_from_elsewhere() -> None:
    who = made.authority("ec")
    bare = made.cms(_info(), who, Cms(is_detached=False, content_type=made.TST_INFO, claimed_type=made.TST_INFO, has_certificates=False))
    assert verify_timestamp(bare, MESSAGE).signature_valid is None
    found = verify_timestamp(bare, MESSAGE, anchors=[who.root], certificates=[who.leaf, who.middle])
    assert _row(found) == (True, True, True, True)


def _info() -> bytes:
    from lantai.formats.signing.cms import parse

    return parse(made.token(MESSAGE, made.authority("ec"))).content or b""


@pytest.mark.needs("openssl")
def test_what_openssl_stamps_verifies(tmp_path: Path) -> None:
    (tmp_path / "ts.cnf").write_text(CONFIG)
    (tmp_path / "serial").write_text("01")
    (tmp_path / "message").write_bytes(MESSAGE)
    words = ["-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=tsa", "-config", "ts.cnf", "-extensions", "ext"]
    _openssl(tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *words)
    _openssl(tmp_path, "ts", "-query", "-data", "message", "-sha512", "-cert", "-out", "query")
    _openssl(tmp_path, "ts", "-reply", "-config", "ts.cnf", "-section", "own", "-queryfile", "query", "-out", "reply")
    reply, root = (tmp_path / "reply").read_bytes(), (tmp_path / "tsa.pem").read_bytes()
    assert _row(verify_timestamp(reply, MESSAGE, anchors=[root])) == (True, True, True, True)
    assert verify_timestamp(reply, b"other").digests_valid is False


def _openssl(folder: Path, *words: str) -> None:
    done = subprocess.run([shutil.which("openssl") or "openssl", *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr)


@cache
def _good() -> bytes:
    return made.token(MESSAGE, made.authority())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_is_fed_in_ends_in_a_raise(data: st.DataObject) -> None:
    good = bytearray(_good())
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    row = verify_timestamp(bytes(good), MESSAGE).as_row("a")
    assert all(row[level] in {True, False, None} for level in LEVELS)
