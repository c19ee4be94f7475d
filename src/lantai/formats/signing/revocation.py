"""Whether a certificate was revoked when it signed, told from what the file itself carries: OCSP answers (RFC 6960) and lists (RFC 5280 5).

Nothing is looked up. An answer or a list counts only where the issuer of the certificate, or a responder that the issuer named for
it, signed it, and only for the instants it speaks about. What is found missing, foreign or too old proves nothing, and the reason
says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import core, crl, ocsp, x509

from lantai.formats.signing import algorithms, der
from lantai.formats.signing.certificates import MALFORMED, Certificate, is_signed_by, load_all, name_key, scheme_of

_ANSWERS, _LISTS = 50, 20
_LARGEST_ANSWER, _LARGEST_LIST = 64 * 1024, 16 * 1024**2
_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_LIST_UNDERSTOOD = {"2.5.29.35", "2.5.29.20", "2.5.29.46"}
_NONE, _ALIEN = "文件里没有可用的吊销材料，也没有联网查询", "文件里的吊销材料不是签发机构或其委托的响应者签的，或不是关于这张证书的"
_OLD = "文件里的吊销材料说的不是签名那个时候"
_LATER = "证书后来被吊销，而签名时间是签名人自报的，不能说明签名在吊销之前"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file carries on revocation: OCSP answers, lists, and certificates that lie beside them; all DER, nothing checked yet."""

    answers: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()

    def __add__(self, other: "Evidence") -> "Evidence":
        """Join two finds."""
        return Evidence(self.answers + other.answers, self.lists + other.lists, self.certificates + other.certificates)

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to look at."""
        return not (self.answers or self.lists)


NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant of signing, and whether a time stamp proves it; None where nobody says."""

    instant: datetime | None
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What one answer or list says: from when to when (None: no end), and since when the certificate is revoked (None: it is not)."""

    since: datetime
    until: datetime | None
    revoked_at: datetime | None = None


def judge(item: Certificate, others: Sequence[Certificate], evidence: Evidence, moment: Moment) -> tuple[bool | None, str]:
    """Tell whether *item* was not revoked at *moment*: True, False, or None with the reason (plain Chinese, no full stop).

    *others* are certificates among which the issuer is looked for.
    """
    if evidence.is_empty:
        return None, _NONE
    issuer = _issuer(item, (*others, *load_all(evidence.certificates)))
    if issuer is None:
        return None, "没有签发机构的证书，无法核对文件里的吊销材料"
    if moment.instant is None:
        return None, "没有签名时间，无法核对文件里的吊销材料"
    found = [*_answers(item, issuer, evidence), *_lists(item, issuer, evidence)]
    results = [_at(status, item, moment.instant, is_proven=moment.is_proven) for status in found]
    for wanted in (False, True):
        if any(result is wanted for result, _ in results):
            return wanted, ""
    return None, results[0][1] if results else _ALIEN


def _issuer(item: Certificate, others: Sequence[Certificate]) -> Certificate | None:
    return next((other for other in others if other.subject == item.issuer and other.is_authority and is_signed_by(item, other)), None)


def _at(status: Status, item: Certificate, instant: datetime, *, is_proven: bool) -> tuple[bool | None, str]:
    """Judge one status at the instant of signing. Speaking later than that is as good, while the certificate could still be listed."""
    if status.revoked_at is not None:
        if status.revoked_at <= instant:
            return False, ""
        return (True, "") if is_proven else (None, _LATER)
    is_later = instant <= status.since <= item.not_after
    is_around = status.since <= instant and status.until is not None and instant <= status.until
    return (True, "") if is_later or is_around else (None, _OLD)


def _answers(item: Certificate, issuer: Certificate, evidence: Evidence) -> Iterator[Status]:
    for raw in evidence.answers[:_ANSWERS]:
        try:
            yield from _answer(raw, item, issuer) if len(raw) <= _LARGEST_ANSWER else ()
        except MALFORMED:
            continue


def _answer(raw: bytes, item: Certificate, issuer: Certificate) -> Iterator[Status]:
    basic = _basic(raw)
    if basic is None:
        return
    body = basic["tbs_response_data"]
    if any(each["critical"].native for each in body["response_extensions"] or ()):
        return
    statuses = [status for each in body["responses"] if (status := _single(each, item, issuer)) is not None]
    if statuses and _is_by_responder(basic, issuer, body["produced_at"].native.astimezone(UTC)):
        yield from statuses


def _basic(raw: bytes) -> ocsp.BasicOCSPResponse | None:
    """Return the basic response in an OCSPResponse, or *raw* where it is one itself; None for one that says it failed."""
    first = der.node(raw).children[0]
    if (first.kind, first.number) != (der.UNIVERSAL, 10):  # ENUMERATED, the status
        return ocsp.BasicOCSPResponse.load(raw)
    response = ocsp.OCSPResponse.load(raw)
    return response.basic_ocsp_response if response["response_status"].native == "successful" else None


def _single(single: ocsp.SingleResponse, item: Certificate, issuer: Certificate) -> Status | None:
    """Return what is said of *item*; None where it is said of another certificate, or not known."""
    named = single["cert_id"]
    digest = algorithms.DIGESTS.get(named["hash_algorithm"]["algorithm"].dotted, "")
    if named["serial_number"].native != item.serial or not digest or not _is_of(issuer, named, digest):
        return None
    if any(each["critical"].native for each in single["single_extensions"] or ()):
        return None
    since, until = single["this_update"].native.astimezone(UTC), single["next_update"].native
    status, until = single["cert_status"], until.astimezone(UTC) if until else None
    if status.name == "good":
        return Status(since, until)
    return Status(since, until, status.chosen["revocation_time"].native.astimezone(UTC)) if status.name == "revoked" else None


def _is_of(issuer: Certificate, named: core.Sequence, digest: str) -> bool:
    body = x509.Certificate.load(issuer.der)["tbs_certificate"]
    key = der.node(body["subject_public_key_info"].dump()).children[1].bits
    hashes = algorithms.digest(digest, [body["subject"].dump()]), algorithms.digest(digest, [key])
    return hashes == (named["issuer_name_hash"].native, named["issuer_key_hash"].native)


def _is_by_responder(basic: ocsp.BasicOCSPResponse, issuer: Certificate, produced: datetime) -> bool:
    """Tell whether the issuer signed the answer, or a responder whose certificate the issuer signed for just that (RFC 6960 4.2.2.2)."""
    scheme = scheme_of(basic["signature_algorithm"])
    carried = load_all(each.dump() for each in basic["certs"] or ())
    delegates = [one for one in carried if _OCSP_SIGNING in (one.purposes or ()) and one.covers(produced) and is_signed_by(one, issuer)]
    signed, value = basic["tbs_response_data"].dump(), basic["signature"].native
    keys = [one.key for one in (issuer, *delegates) if one.key is not None]
    return scheme is not None and any(algorithms.verify(key, scheme, [signed], value) is True for key in keys)


def _lists(item: Certificate, issuer: Certificate, evidence: Evidence) -> Iterator[Status]:
    for raw in evidence.lists[:_LISTS]:
        try:
            status = _listed(raw, item, issuer) if len(raw) <= _LARGEST_LIST else None
        except MALFORMED:
            continue
        if status is not None:
            yield status


def _listed(raw: bytes, item: Certificate, issuer: Certificate) -> Status | None:
    """Return what the list *raw* says of *item*; None where it is not the issuer's, or a kind of list that tells only a part."""
    parsed = crl.CertificateList.load(raw)
    body, scheme = parsed["tbs_cert_list"], scheme_of(parsed["signature_algorithm"])
    may_sign = issuer.usage is None or "crl_sign" in issuer.usage
    if name_key(body["issuer"].dump()) != issuer.subject or not may_sign or scheme is None or issuer.key is None:
        return None
    if any(each["critical"].native and each["extn_id"].dotted not in _LIST_UNDERSTOOD for each in body["crl_extensions"] or ()):
        return None  # delta lists, indirect ones and lists of some reasons say so in a critical extension
    if algorithms.verify(issuer.key, scheme, [body.dump()], parsed["signature"].native) is not True:
        return None
    until = body["next_update"].native
    since, until = body["this_update"].native.astimezone(UTC), until.astimezone(UTC) if until else None
    return Status(since, until, _revoked_at(body, item.serial))


def _revoked_at(body: core.Sequence, serial: int) -> datetime | None:
    if core.Integer(serial).dump() not in body.dump():  # a long list need not be taken apart to see that a number is not in it
        return None
    for entry in body["revoked_certificates"] or ():
        if entry["user_certificate"].native == serial:
            instant: datetime = entry["revocation_date"].native
            return instant.astimezone(UTC)
    return None
