"""What every signature over a SignedData is asked: do the digests agree, is the value good, where does the certificate lead.

Held to RFC 5652, RFC 5035 and RFC 8419: exactly one content type and one digest among the signed attributes, and a signing
certificate attribute that names the certificate used, or the value is not good.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lantai.formats.signing import algorithms, der, revocation
from lantai.formats.signing.algorithms import Piece
from lantai.formats.signing.certificates import Certificate, chain
from lantai.formats.signing.cms import SignedData, SignerPart
from lantai.formats.signing.revocation import NOTHING, Evidence, Moment
from lantai.formats.signing.verdict import Verdict

_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_PLAIN_DATA = {"1.2.840.113549.1.7.1", "1.2.156.10197.6.1.4.2.1"}
NO_CERTIFICATE = "签名值中没有签名人的证书"


@dataclass(frozen=True, slots=True)
class Material:
    """What a signature is held against: the message in pieces (None: use the content inside), and certificates people trust.

    ``pieces`` may be gone through more than once. ``claimed`` is the time of signing where the signature itself has none but its
    surroundings do; ``proven`` an instant at which it was already there, by a time stamp over all of it. ``evidence`` is what the
    surroundings carry on revocation.
    """

    pieces: Iterable[Piece] | None
    anchors: tuple[Certificate, ...] = ()
    claimed: datetime | None = None
    proven: datetime | None = None
    evidence: Evidence = NOTHING


def digests(verdict: Verdict, part: SignerPart, pieces: Iterable[Piece] | None) -> Verdict:
    """Compare the digest among the signed attributes with that of the content *pieces*."""
    if pieces is None:
        return verdict.without("digests_valid", "没有被签名的内容可供比对")
    if part.attributes is None:
        return verdict
    claimed = _only(part, _MESSAGE_DIGEST)
    if claimed is None:
        return replace(verdict, digests_valid=False).remarking("签名属性中没有唯一的摘要")
    actual = algorithms.digest(part.digest, pieces) if part.digest else None
    if actual is None:
        return verdict.without("digests_valid", "摘要算法无法识别")
    return replace(verdict, digests_valid=claimed.octets == actual)


def _only(part: SignerPart, oid: str) -> der.Node | None:
    """Return the value of an attribute that must be there once and have one value; None where that is not so."""
    found = part.values(oid)
    return found[0][0] if len(found) == 1 and len(found[0]) == 1 else None


def value(verdict: Verdict, part: SignerPart, data: SignedData, pieces: Iterable[Piece] | None) -> Verdict:
    """Check the value with the key of the signer's certificate, and the claims beside it."""
    signed = pieces if part.attributes is None else [part.signed_bytes]
    if part.certificate is None:
        return verdict.without("signature_valid", NO_CERTIFICATE)
    if part.scheme is None or part.certificate.key is None:
        return verdict.without("signature_valid", "签名算法或密钥种类无法识别")
    if signed is None:
        return verdict.without("signature_valid", "没有被签名的内容可供比对")
    faults = [*_misplaced(part), *_attribute_faults(part, data.content_type), *_scheme_faults(part)]
    is_good = algorithms.verify(part.certificate.key, part.scheme, signed, part.value)
    if is_good is None:
        return verdict.without("signature_valid", "签名算法不受支持")
    verdict = replace(verdict, signature_valid=is_good and not faults)
    if part.attributes is None:  # content and value hold or fall together; which of them was changed cannot be told
        verdict = replace(verdict, digests_valid=is_good)
    return verdict.remarking(*faults, *part.scheme.remarks, *algorithms.key_remarks(part.certificate.key))


def _attribute_faults(part: SignerPart, content_type: str) -> list[str]:
    """Return what in the signed attributes breaks RFC 5652 11 or RFC 5035."""
    if part.attributes is None:
        return []
    kind = _only(part, _CONTENT_TYPE)
    faults = []
    if kind is None or not _is_same_type(kind.oid, content_type):
        faults.append("签名属性中的内容类型缺失、重复或不符")
    if _only(part, _MESSAGE_DIGEST) is None:
        faults.append("签名属性中没有唯一的摘要")
    if part.values(_SIGNING_TIME) and signing_time(part) is None:
        faults.append("签名属性中的签名时间重复或无法识别")
    if not _names_certificate(part):
        faults.append("签名属性中指明的证书与所用证书不是同一张")
    return faults


def _misplaced(part: SignerPart) -> list[str]:
    """Return what stands among the unsigned attributes and must be signed (RFC 5652 11)."""
    is_misplaced = any(item.oid in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME) for item in part.unsigned)
    return ["必须签名的属性放在了未签名属性里"] if is_misplaced else []


def _is_same_type(one: str, other: str) -> bool:
    """Compare content types; makers mix the two identifiers of plain data, PKCS #7's and GM/T 0010's."""
    return one == other or {one, other} <= _PLAIN_DATA


def _scheme_faults(part: SignerPart) -> list[str]:
    if part.scheme is None or part.attributes is None or part.scheme.digest == part.digest:
        return []
    return [f"签名算法（{part.scheme.name}）与声明的摘要算法（{part.digest.upper()}）不一致"]


def signing_time(part: SignerPart) -> datetime | None:
    """Return the signer's own word on the time; None where there is none or not one."""
    found = _only(part, _SIGNING_TIME)
    try:
        return None if found is None else found.instant
    except ValueError:
        return None


def _names_certificate(part: SignerPart) -> bool:
    """Tell whether the signing certificate attributes, where there are any, name the certificate that was found."""
    certificate = part.certificate
    old = [values[0].children[0].children[0] for values in part.values(_SIGNING_CERTIFICATE)]
    new = [values[0].children[0].children[0] for values in part.values(_SIGNING_CERTIFICATE_2)]
    if certificate is None:
        return True
    is_old = all(item.children[0].octets == hashlib.sha1(certificate.der, usedforsecurity=False).digest() for item in old)
    return is_old and all(_is_named(item, certificate) for item in new)


def _is_named(identifier: der.Node, certificate: Certificate) -> bool:
    """Compare an ESSCertIDv2: digest algorithm (SHA-256 where it is left out), then the digest."""
    first, *more = identifier.children
    if first.number == der.OCTET_STRING:
        return first.octets == hashlib.sha256(certificate.der).digest()
    name = algorithms.DIGESTS.get(first.children[0].oid, "")
    return more[0].octets == algorithms.digest(name, [certificate.der])


def trusted(
    verdict: Verdict,
    certificate: Certificate | None,
    others: Sequence[Certificate],
    anchors: Sequence[Certificate],
    *,
    evidence: Evidence = NOTHING,
) -> Verdict:
    """Return *verdict* with signer, chain, revocation and certificates, judged at the proven instant, else at the claimed one."""
    if certificate is None:
        return verdict.without("chain_valid", NO_CERTIFICATE).without("revocation", NO_CERTIFICATE)
    raw = verdict.stamped_at or verdict.signed_at
    instant = datetime.fromisoformat(raw) if raw else None
    way = chain(certificate, others, anchors, instant)
    verdict = _revocation(verdict, way.certificates, (*others, *anchors), evidence, instant)
    facts = tuple(item.facts for item in way.certificates)
    verdict = replace(verdict, signer=certificate.name, chain_valid=way.is_valid, certificates=facts)
    if way.is_valid is None:
        verdict = verdict.without("chain_valid", way.reason)
    elif not way.is_valid:
        verdict = verdict.remarking(way.reason)
    return verdict if certificate.may_sign else replace(verdict, chain_valid=False).remarking("证书的密钥用途不包括签名")


def _revocation(
    verdict: Verdict, way: Sequence[Certificate], others: Sequence[Certificate], evidence: Evidence, instant: datetime | None
) -> Verdict:
    """Judge the signer's certificate and, where they are known to have been revoked, the authorities above it."""
    moment = Moment(instant, is_proven=bool(verdict.stamped_at))
    around = (*way, *others)
    is_good, reason = revocation.judge(way[0], around, evidence, moment)
    above = [(item, revocation.judge(item, around, evidence, moment)[0]) for item in way[1:-1]]
    for item, result in above:
        if result is False:
            return replace(verdict, revocation=False).remarking(f"签发机构的证书“{item.name}”在签名时已被吊销")
    if is_good is None:
        return verdict.without("revocation", reason)
    if not is_good:
        return replace(verdict, revocation=False).remarking("签名人的证书在签名时已被吊销")
    silent = [item.name for item, result in above if result is None]
    verdict = replace(verdict, revocation=True)
    return verdict.noting("authorities", f"文件里没有签发机构“{silent[0]}”在签名时的吊销材料") if silent else verdict


def iso(instant: datetime | None) -> str:
    """Return *instant* in ISO 8601, UTC, to the second; empty for None."""
    return "" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
