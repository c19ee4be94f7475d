"""Revocation told from what a file carries: answers and lists by ``cryptography`` and by openssl, every fault found."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats import read
from lantai.formats.signing import revocation
from lantai.formats.signing.certificates import load
from lantai.formats.signing.remarks import findings
from lantai.formats.signing.revocation import Evidence, Moment
from lantai.formats.signing.signers import verify_cms
from lantai.ports.reader import Limits
from tests.formats import made as files
from tests.formats.signing import made, pdfs
from tests.formats.signing.made import SIGNED_AT, Line, Paper, certificate, key, octets, oid, seq, tlv

MESSAGE = b"the message that was signed"
DAY = timedelta(days=1)
SIGNS_ANSWERS = "1.3.6.1.5.5.7.3.9"
ABSENT = "文件里没有可用的吊销材料，也没有联网查询"


@cache
def chain() -> Line:
    """A root, an authority that may sign lists, and a signer."""
    root_key, middle_key, own = key("rsa", 1), key("rsa", 2), key("rsa", 3)
    usage = frozenset({"crl_sign", "digital_signature"})
    root = certificate(Paper("云汀根", "云汀根", root_key, root_key, is_authority=True, usage=usage))
    middle = certificate(Paper("云汀签发", "云汀根", middle_key, root_key, serial=5, is_authority=True, usage=usage))
    leaf = certificate(Paper("云汀市发展和改革委员会", "云汀签发", own, middle_key))
    return Line(root, middle, leaf, own, root_key, middle_key)


def answer(
    *,
    since: datetime = SIGNED_AT + DAY,
    until: datetime | None = None,
    revoked: datetime | None = None,
    of: bytes = b"",
    by: str = "issuer",
    hashes: SHA1 | SHA256 = SHA1(),  # noqa: B008 - stateless
) -> bytes:
    """An OCSP answer on the signer (or *of*), signed *by* the issuer, a delegate, a stranger, or a certificate for something else."""
    who = chain()
    issuer = x509.load_der_x509_certificate(who.middle)
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    row = ocsp.OCSPResponseBuilder().add_response(
        cert=x509.load_der_x509_certificate(of or who.leaf), issuer=issuer, algorithm=hashes, cert_status=status,
        this_update=since, next_update=until, revocation_time=revoked, revocation_reason=None,
    )  # fmt: skip
    if by == "issuer":
        return row.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(_private(who.middle_key), SHA256()).public_bytes(Encoding.DER)
    own, above = key("rsa", 4), key("rsa", 9) if by == "stranger" else who.middle_key
    purposes = () if by == "not_for_answers" else (SIGNS_ANSWERS,)
    last = datetime(2025, 6, 1, tzinfo=UTC) if by == "expired" else made.UNTIL
    paper = certificate(Paper("云汀响应者", "云汀签发", own, above, serial=44, purposes=purposes, last=last))
    delegate = x509.load_der_x509_certificate(paper)
    built = row.responder_id(ocsp.OCSPResponderEncoding.HASH, delegate).certificates([delegate])
    return built.sign(_private(own), SHA256()).public_bytes(Encoding.DER)


def _private(own: made.Key) -> object:
    return own.private


def crl(
    *,
    since: datetime = SIGNED_AT - DAY,
    until: datetime = SIGNED_AT + 7 * DAY,
    revoked: dict[int, datetime] | None = None,
    issuer: str = "云汀签发",
    own: made.Key | None = None,
    is_delta: bool = False,
) -> bytes:
    """A list of the authority, or one that is wrong."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)])
    built = x509.CertificateRevocationListBuilder().issuer_name(name).last_update(since).next_update(until)
    for number, instant in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(instant).build()
        built = built.add_revoked_certificate(entry)
    if is_delta:
        built = built.add_extension(x509.DeltaCRLIndicator(3), critical=True)
    return built.sign(_private(own or chain().middle_key), SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


def judged(evidence: Evidence, *, is_proven: bool = False, others: tuple[bytes, ...] | None = None) -> tuple[bool | None, str]:
    who = chain()
    known = [load(raw) for raw in ((who.middle, who.root) if others is None else others)]
    return revocation.judge(load(who.leaf), known, evidence, Moment(SIGNED_AT, is_proven))


GOOD: dict[str, Evidence] = {
    "answer after signing": Evidence((answer(),)),
    "answer around signing": Evidence((answer(since=SIGNED_AT - DAY, until=SIGNED_AT + DAY),)),
    "answer of a delegate": Evidence((answer(by="delegate"),)),
    "answer by SHA-256": Evidence((answer(hashes=SHA256()),)),
    "list around signing": Evidence((), (crl(),)),
    "list of others": Evidence((), (crl(revoked={8: SIGNED_AT - DAY, 700: SIGNED_AT - DAY}),)),
    "good beside noise": Evidence((b"\x30\x03\x02\x01\x01", b"", b"\xff"), (b"noise", crl())),
}
REVOKED: dict[str, Evidence] = {
    "answer": Evidence((answer(revoked=SIGNED_AT - DAY),)),
    "list": Evidence((), (crl(revoked={7: SIGNED_AT - DAY}),)),
    "one against another": Evidence((answer(since=SIGNED_AT - DAY, until=SIGNED_AT + DAY),), (crl(revoked={7: SIGNED_AT - DAY}),)),
}
UNKNOWN: dict[str, Evidence] = {
    "answer_before_signing": Evidence((answer(since=SIGNED_AT - 2 * DAY, until=SIGNED_AT - DAY),)),
    "answer_without_end_before_signing": Evidence((answer(since=SIGNED_AT - DAY),)),
    "answer_after_expiry": Evidence((answer(since=made.UNTIL + DAY),)),
    "answer_on_another": Evidence((answer(of=certificate(Paper("别人", "云汀签发", key("rsa", 6), chain().middle_key, serial=9))),)),
    "answer_of_a_stranger": Evidence((answer(by="stranger"),)),
    "answer_of_a_certificate_for_something_else": Evidence((answer(by="not_for_answers"),)),
    "answer_of_an_expired_delegate": Evidence((answer(by="expired"),)),
    "answer_altered": Evidence((answer()[:-9] + b"\0" * 9,)),
    "list_of_another_name": Evidence((), (crl(issuer="云汀根"),)),
    "list_by_another_key": Evidence((), (crl(own=key("rsa", 1)),)),
    "list_of_changes_only": Evidence((), (crl(is_delta=True),)),
    "list_before_signing": Evidence((), (crl(since=SIGNED_AT - 9 * DAY, until=SIGNED_AT - DAY),)),
    "noise": Evidence((b"noise", b"\x30\x80"), (b"\x30\x03\x02\x01\x01",)),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_proves_that_it_was_not_revoked(name: str) -> None:
    assert judged(GOOD[name]) == (True, "")


@pytest.mark.parametrize("name", REVOKED)
def test_what_proves_that_it_was_revoked(name: str) -> None:
    assert judged(REVOKED[name]) == (False, "")


@pytest.mark.parametrize("fault", UNKNOWN)
def test_what_proves_nothing_says_why(fault: str) -> None:
    result, reason = judged(UNKNOWN[fault])
    assert result is None
    assert reason
    assert reason != ABSENT


def test_revoked_after_signing_counts_only_where_a_stamp_proves_the_time() -> None:
    later = Evidence((answer(since=SIGNED_AT + 3 * DAY, revoked=SIGNED_AT + DAY),))
    assert judged(later, is_proven=True) == (True, "")
    result, reason = judged(later)
    assert result is None
    assert "自报" in reason


def test_without_material_issuer_or_time_nothing_is_known() -> None:
    assert judged(Evidence()) == (None, ABSENT)
    assert judged(Evidence((answer(),)), others=())[0] is None
    assert judged(Evidence((answer(),), (), (chain().middle,)), others=()) == (True, "")
    who = chain()
    assert revocation.judge(load(who.leaf), [load(who.middle)], Evidence((answer(),)), Moment(None))[0] is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_never_makes_a_proof_of_nothing(at: int, value: int) -> None:
    raw = bytearray(answer(revoked=SIGNED_AT - DAY))
    raw[at % len(raw)] = value
    assert judged(Evidence((bytes(raw),)))[0] in (False, None)


def adobe(answers: list[bytes], lists: list[bytes]) -> bytes:
    """The archived revocation information of Adobe, as an attribute."""
    inner = tlv(0xA0, seq(*lists)) * bool(lists) + tlv(0xA1, seq(*answers)) * bool(answers)
    return seq(oid("1.2.840.113583.1.1.8"), made.a_set(seq(inner)))


def carrying(attribute: bytes) -> bytes:
    """A SignedData whose signer carries *attribute* among what is not signed."""
    value = made.cms(MESSAGE, chain())
    marked = made.cms(MESSAGE, chain(), made.Cms(token=octets(b"here")))
    assert len(marked) > len(value)
    swapped = seq(oid("1.2.840.113549.1.9.16.2.14"), made.a_set(octets(b"here")))
    return _with(marked, swapped, attribute)


def _with(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a value deep in DER and mend the lengths around it."""
    from lantai.formats.signing import der

    def walk(node: der.Node) -> bytes:
        if node.raw == old:
            return new
        if not node.is_constructed or old not in node.contents:
            return node.raw
        return tlv(node.raw[0], b"".join(walk(child) for child in node.children))

    return walk(der.node(raw))


def test_material_in_the_attributes_of_a_signature_counts() -> None:
    good = verify_cms(carrying(adobe([answer()], [])), MESSAGE, anchors=[chain().root])
    assert (good.signature_valid, good.chain_valid, good.revocation) == (True, True, True)
    assert [line for line in good.not_checked if line.startswith("authorities：")]
    bad = verify_cms(carrying(adobe([], [crl(revoked={7: SIGNED_AT - DAY})])), MESSAGE, anchors=[chain().root])
    assert bad.revocation is False
    assert "签名人的证书在签名时已被吊销" in bad.remarks
    assert [item.code for item in findings([bad.as_row("一")], "a.pdf")] == ["SIGNATURE-REVOKED"]
    cades = adobe([], [crl()]).replace(oid("1.2.840.113583.1.1.8"), oid("1.2.840.113549.1.9.16.2.24"))
    rewrapped = seq(oid("1.2.840.113549.1.9.16.2.24"), made.a_set(seq(tlv(0xA0, seq(crl())))))
    assert cades[-40:] == rewrapped[-40:]
    assert verify_cms(carrying(rewrapped), MESSAGE, anchors=[chain().root]).revocation is True


def test_a_revoked_authority_makes_it_false() -> None:
    above = crl(issuer="云汀根", own=chain().root_key, revoked={5: SIGNED_AT - DAY})
    verdict = verify_cms(carrying(adobe([answer()], [above])), MESSAGE, anchors=[chain().root])
    assert verdict.revocation is False
    assert any("云汀签发" in remark for remark in verdict.remarks)


@pytest.mark.parametrize(("material", "expected"), [("OCSPs", True), ("CRLs", True), ("revoked", False), ("none", None)])
def test_the_security_store_of_a_pdf(tmp_path: Path, material: str, expected: bool | None) -> None:
    streams = {"OCSPs": answer(), "CRLs": crl(), "revoked": crl(revoked={7: SIGNED_AT - DAY}), "none": b"noise"}
    data = pdfs.signed(files.pdf("公文"), lambda message: made.cms(message, chain()))
    body = streams[material]
    store = f"<</Type/DSS/{'OCSPs' if material == 'OCSPs' else 'CRLs'}[151 0 R]>>".encode()
    root = b"<</Type/Catalog/Pages 2 0 R/DSS 150 0 R/AcroForm<</SigFlags 3/Fields[100 0 R]>>>>"
    added = {1: root, 150: store, 151: b"<</Length %d>>stream\n%b\nendstream" % (len(body), body)}
    path = tmp_path / "a.pdf"
    path.write_bytes(pdfs.update(data, added))
    (tmp_path / "root.der").write_bytes(chain().root)
    (row,) = read(path, "a.pdf", replace(Limits(), trusted=str(tmp_path / "root.der"))).signatures
    assert (row["signature_valid"], row["chain_valid"], row["revocation"]) == (True, True, expected)
    assert any(line.startswith("revocation：") for line in row["not_checked"]) is (expected is None)  # type: ignore[attr-defined]


def _openssl(folder: Path, *words: str) -> None:
    command = shutil.which("openssl")
    assert command
    subprocess.run([command, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("is_revoked", [False, True])
def test_what_openssl_answers_and_lists(tmp_path: Path, is_revoked: bool) -> None:
    who = chain()
    for name, raw in (("ca", who.middle), ("leaf", who.leaf)):
        (tmp_path / f"{name}.pem").write_bytes(x509.load_der_x509_certificate(raw).public_bytes(Encoding.PEM))
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

    secret = who.middle_key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    (tmp_path / "ca.key").write_bytes(secret)
    state = "R\t300101000000Z\t260101000000Z" if is_revoked else "V\t300101000000Z\t"
    (tmp_path / "index.txt").write_text(f"{state}\t07\tunknown\t/CN=yunting\n")
    (tmp_path / "ca.cnf").write_text("[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n")
    _openssl(tmp_path, "ocsp", "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "ask.der", "-no_nonce")
    asked = ("-reqin", "ask.der", "-respout", "answer.der", "-ndays", "30")
    _openssl(tmp_path, "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", *asked)
    _openssl(tmp_path, "ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "ca.key", "-cert", "ca.pem", "-out", "crl.pem")
    _openssl(tmp_path, "crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der")
    for evidence in (Evidence(((tmp_path / "answer.der").read_bytes(),)), Evidence((), ((tmp_path / "crl.der").read_bytes(),))):
        assert judged(evidence)[0] is not is_revoked
        assert judged(evidence)[0] is not None
