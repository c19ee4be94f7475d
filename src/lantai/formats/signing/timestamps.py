"""Time stamps (RFC 3161): what an authority says was there at an instant, and what follows from it for a signature.

A token is a SignedData over a TSTInfo. It holds where the digest in it is that of the message, its value is good, and the
certificate is one for time stamping alone. The accuracy, ordering and nonce of a token are not looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lantai.formats.signing import algorithms, cms, der
from lantai.formats.signing.algorithms import Piece
from lantai.formats.signing.certificates import MALFORMED, TIME_STAMPING, Certificate, load_all
from lantai.formats.signing.judging import Material, digests, iso, trusted, value
from lantai.formats.signing.verdict import Verdict, all_of, unreadable

KIND = "RFC 3161"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_NOT_STAMPED = "签名时间是签名人自报的，没有时间戳证明"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a TSTInfo says: digest algorithm (hashlib's name, empty where unknown), digest, instant."""

    digest: str
    imprint: bytes
    instant: datetime


def verify_timestamp(token: bytes, message: bytes | None, *, anchors: Sequence[bytes] = (), certificates: Sequence[bytes] = ()) -> Verdict:
    """Return the verdict on a token or a whole response of a time stamping authority; never raises.

    *message* None: what was stamped is not at hand. *certificates* (DER or PEM) are looked through for the authority's, which a
    token may leave out. ``signed_at`` is the instant of the stamp.
    """
    material = Material(None if message is None else [message], tuple(load_all(anchors)))
    return verify_token(token, material, load_all(certificates))


def verify_token(token: bytes, material: Material, extra: Sequence[Certificate] = ()) -> Verdict:
    """As :func:`verify_timestamp`, with the certificates taken apart already."""
    try:
        data = cms.parse(_token_of(token), [*extra, *material.anchors])
        stamp = _stamp(data)
        return _judged(data, stamp, material)
    except MALFORMED:
        return unreadable(KIND, "时间戳的结构无法识别")


def _token_of(raw: bytes) -> bytes:
    """Return the token of a TimeStampResp, or *raw* where it is a token itself."""
    if cms.is_signed_data(raw):
        return raw
    parts = der.node(raw).children
    return parts[1].raw if len(parts) > 1 else raw


def _stamp(data: cms.SignedData) -> Stamp:
    if data.content_type != _TST_INFO or data.content is None or len(data.signers) != 1:
        raise ValueError("not a time stamp")
    parts = der.node(data.content).children
    algorithm, imprint = parts[2].children
    return Stamp(algorithms.DIGESTS.get(algorithm.children[0].oid, ""), imprint.octets, parts[4].instant)


def _judged(data: cms.SignedData, stamp: Stamp, material: Material) -> Verdict:
    (part,) = data.signers
    verdict = Verdict(KIND, algorithm=part.scheme.name if part.scheme else "", signed_at=iso(stamp.instant), stamped_at=iso(stamp.instant))
    verdict = verdict.without("seal_valid", "不是电子印章")
    inside = [data.content or b""]
    verdict = value(digests(verdict, part, inside), part, data, inside)
    verdict = _imprint(verdict, stamp, material.pieces)
    certificate = part.certificate
    if certificate is None:
        verdict = verdict.without("time_valid", "没有时间戳机构的证书")
    else:
        verdict = replace(verdict, time_valid=certificate.covers(stamp.instant))
    evidence = data.evidence + cms.attribute_evidence(part) + material.evidence
    verdict = trusted(verdict, certificate, data.certificates, material.anchors, evidence=evidence)
    if certificate is not None and certificate.purposes != frozenset({TIME_STAMPING}):
        verdict = replace(verdict, chain_valid=False).remarking("证书不是专用于时间戳的证书")
    return verdict


def _imprint(verdict: Verdict, stamp: Stamp, pieces: Iterable[Piece] | None) -> Verdict:
    """Compare the digest in the token with the message's; the digest of the token itself must hold as well."""
    if verdict.digests_valid is False:
        return verdict
    if pieces is None:
        return verdict.without("digests_valid", "没有加盖时间戳的内容可供比对")
    actual = algorithms.digest(stamp.digest, pieces) if stamp.digest else None
    if actual is None:
        return verdict.without("digests_valid", "时间戳的摘要算法无法识别")
    return replace(verdict, digests_valid=all_of(verdict.digests_valid, actual == stamp.imprint))


@dataclass(frozen=True, slots=True)
class Times:
    """What a time stamp is compared with: the signer's certificate and word, and certificates people trust."""

    certificate: Certificate | None
    claimed: datetime | None
    anchors: tuple[Certificate, ...] = ()


def unstamped(verdict: Verdict, certificate: Certificate | None, claimed: datetime | None) -> Verdict:
    """Judge the time by the signer's word alone."""
    if claimed is None:
        return verdict.without("time_valid", "签名中没有签名时间，也没有时间戳")
    if certificate is None:
        return verdict.without("time_valid", "没有签名人的证书")
    return replace(verdict, time_valid=certificate.covers(claimed)).noting("time_stamp", _NOT_STAMPED)


def preceding(verdict: Verdict, certificate: Certificate | None, proven: datetime) -> Verdict:
    """Judge the time by a stamp from outside that proves the signature was there at *proven*."""
    covers = None if certificate is None else certificate.covers(proven)
    verdict = replace(verdict, time_valid=covers, stamped_at=iso(proven))
    return verdict if covers is not None else verdict.without("time_valid", "没有签名人的证书")


def stamped(verdict: Verdict, token: bytes, pieces: Iterable[Piece], times: Times) -> Verdict:
    """Judge the time by the RFC 3161 token over *pieces*: it must hold, and the certificate be in force when it was given."""
    stamp = verify_token(token, Material(pieces, times.anchors))
    verdict = verdict.remarking(*(f"时间戳：{remark}" for remark in stamp.remarks))
    if stamp.digests_valid is None or stamp.signature_valid is None:
        return unstamped(verdict, times.certificate, times.claimed).noting("time_stamp", "时间戳无法验证")
    proven = datetime.fromisoformat(stamp.signed_at)
    holds = bool(stamp.digests_valid and stamp.signature_valid and stamp.time_valid is not False and stamp.chain_valid is not False)
    covers = times.certificate is None or times.certificate.covers(proven)
    verdict = replace(verdict, time_valid=holds and covers, stamped_at=stamp.signed_at if holds else "")
    if not holds:
        verdict = verdict.remarking("时间戳没有通过验证")
    return verdict if stamp.chain_valid else verdict.noting("time_stamp", "时间戳证书没有连到受信任的根证书")
