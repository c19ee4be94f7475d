"""The time stamping authority over HTTP, against openssl's own: what it grants is kept whole, what it does wrong is not taken."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lantai.adapters.stampers.rfc3161 import Rfc3161Stamper
from lantai.core.errors import Fault
from lantai.formats.signing.certificates import load_all
from lantai.formats.signing.judging import Material
from lantai.formats.signing.revocation import Evidence
from lantai.formats.signing.timestamps import verify_token
from lantai.ports.stamper import NoStamper
from tests.support.tsa import Authority, authority

pytestmark = pytest.mark.needs("openssl")
MESSAGE = b"lantai batch root v1\n1\n00\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa")) as made:
        yield made


@pytest.fixture
def tsa(running: Authority) -> Iterator[Authority]:
    yield running
    running.fault = ""


def stamper(tsa: Authority, **more: object) -> Rfc3161Stamper:
    return Rfc3161Stamper(tsa.address, trusted=str(tsa.root), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("digest", ["sha256", "sha512", "sm3"])
def test_a_stamp_is_kept_with_all_that_judges_it(tsa: Authority, digest: str) -> None:
    made = stamper(tsa).stamp(MESSAGE, digest)
    assert (made.digest, made.authority) == (digest, "云汀时间戳")
    assert abs((made.instant - datetime.now(UTC)).total_seconds()) < 120
    assert made.until.year - made.instant.year in {9, 10}
    assert (len(made.certificates), len(made.lists)) == (2, 1)
    anchors = load_all([tsa.root.read_bytes()])
    verdict = verify_token(made.token, Material([MESSAGE], tuple(anchors), evidence=Evidence(made.answers, made.lists)))
    assert (verdict.digests_valid, verdict.signature_valid, verdict.chain_valid, verdict.revocation) == (True, True, True, True)


def test_lists_and_answers_that_were_brought_in_are_kept_with_the_stamp(tsa: Authority, tmp_path: Path) -> None:
    tsa.fault = "listless"
    assert stamper(tsa).stamp(MESSAGE, "sha256").lists == ()
    folder = tmp_path / "吊销数据"
    folder.mkdir()
    (folder / "根.pem").write_bytes((tsa.folder / "root.crl.pem").read_bytes())
    (folder / "应答.der").write_bytes(tsa.answered())
    (folder / "证书.pem").write_bytes(tsa.root.read_bytes())
    (folder / "说明.txt").write_text("每月初更新", "utf-8")
    with authority(tmp_path / "other") as other:
        (folder / "别家.crl").write_bytes((other.folder / "root.crl").read_bytes() + b"\x00")
        (folder / "别家应答.der").write_bytes(other.answered())
    made = stamper(tsa, revocation=str(folder)).stamp(MESSAGE, "sha256")
    assert made.lists == ((tsa.folder / "root.crl").read_bytes(),)
    assert made.answers == ((tsa.folder / "answer.der").read_bytes(),)
    anchors = tuple(load_all([tsa.root.read_bytes()]))
    for evidence in (Evidence(made.answers, made.lists), Evidence((), made.lists), Evidence(made.answers, ())):
        verdict = verify_token(made.token, Material([MESSAGE], anchors, evidence=evidence), load_all(made.certificates))
        assert (verdict.signature_valid, verdict.chain_valid, verdict.revocation) == (True, True, True)
    assert stamper(tsa, revocation=str(tmp_path / "不在")).stamp(MESSAGE, "sha256").answers == ()


def test_an_authority_whose_certificate_was_revoked_stamps_in_vain(tmp_path: Path) -> None:
    with authority(tmp_path / "tsa") as tsa:
        folder = tmp_path / "吊销数据"
        folder.mkdir()
        before = stamper(tsa, revocation=str(folder)).stamp(MESSAGE, "sha256")
        time.sleep(1.1)  # a stamp and a list tell whole seconds
        tsa.revoke()
        with pytest.raises(Fault, match="STAMP-INVALID") as caught:
            stamper(tsa).stamp(MESSAGE, "sha256")
        assert "吊销" in caught.value.message
        tsa.fault = "listless"
        assert stamper(tsa, revocation=str(folder)).stamp(MESSAGE, "sha256").lists == ()
        (folder / "根.crl").write_bytes((tsa.folder / "root.crl").read_bytes())
        with pytest.raises(Fault, match="STAMP-INVALID"):
            stamper(tsa, revocation=str(folder)).stamp(MESSAGE, "sha256")
        evidence = Evidence((), ((folder / "根.crl").read_bytes(),))
        material = Material([MESSAGE], tuple(load_all([tsa.root.read_bytes()])), evidence=evidence)
        assert verify_token(before.token, material, load_all(before.certificates)).revocation is not False, "it was good when it stamped"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("silent", "STAMP-NO-ANSWER"),
        ("refuses", "STAMP-REFUSED"),
        ("garbage", "STAMP-INVALID"),
        ("another", "STAMP-INVALID"),
        ("foreign", "STAMP-INVALID"),
    ],
)
def test_what_the_authority_does_wrong_is_not_taken(tsa: Authority, fault: str, code: str) -> None:
    stamper(tsa).stamp(MESSAGE, "sha256")
    tsa.fault = fault
    with pytest.raises(Fault, match=code) as caught:
        stamper(tsa).stamp(MESSAGE, "sha256")
    assert caught.value.is_retryable


def test_an_authority_that_nobody_trusts_is_not_taken(tsa: Authority, tmp_path: Path) -> None:
    with authority(tmp_path / "other") as other, pytest.raises(Fault, match="STAMP-INVALID"):
        Rfc3161Stamper(tsa.address, trusted=str(other.root)).stamp(MESSAGE, "sha256")
    assert Rfc3161Stamper(tsa.address).stamp(MESSAGE, "sha256").token


def test_nobody_there() -> None:
    with pytest.raises(Fault, match="STAMP-NO-ANSWER"):
        Rfc3161Stamper("http://127.0.0.1:9/", seconds=1).stamp(MESSAGE, "sha256")
    with pytest.raises(Fault, match="STAMP-NOT-SET"):
        NoStamper().stamp(MESSAGE, "sha256")
