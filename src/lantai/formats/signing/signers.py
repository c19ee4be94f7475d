"""The verdict on CMS and PKCS #7 signatures, detached or with the content inside, by RSA, ECDSA, EdDSA, DSA or SM2.

A time stamp among the unsigned attributes proves the time of signing; without one that time is the signer's own word. Of
several signers the worst counts. XML signatures (XML-DSig, XAdES) are not verified anywhere in Lantai.
"""

from collections.abc import Sequence
from dataclasses import replace

from lantai.formats.signing import cms
from lantai.formats.signing.certificates import MALFORMED, Certificate, load_all
from lantai.formats.signing.cms import SignedData, SignerPart
from lantai.formats.signing.judging import Material, digests, iso, signing_time, trusted, value
from lantai.formats.signing.timestamps import Times, preceding, stamped, unstamped
from lantai.formats.signing.verdict import LEVELS, Verdict, all_of, unreadable

KIND = "CMS"
_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"


def verify_cms(raw: bytes, message: bytes | None, *, anchors: Sequence[bytes] = ()) -> Verdict:
    """Return the verdict on the SignedData *raw* over *message* (None: over the content inside); never raises.

    *anchors* are certificates that are trusted, DER or PEM; without any, ``chain_valid`` is None.
    """
    return verify_material(raw, Material(None if message is None else [message], tuple(load_all(anchors))))


def verify_material(raw: bytes, material: Material, extra: Sequence[Certificate] = ()) -> Verdict:
    """As :func:`verify_cms`, with the message in pieces and the certificates taken apart already; *extra* may be the signers'."""
    try:
        data = cms.parse(raw, extra)
    except ValueError:
        return unreadable(KIND, "签名值不是可识别的 CMS 结构")
    if not data.signers:
        return unreadable(KIND, "签名值中没有签名人")
    return _worst([_judged(part, data, material) for part in data.signers])


def _judged(part: SignerPart, data: SignedData, material: Material) -> Verdict:
    try:
        return _judge(part, data, material)
    except MALFORMED:
        return unreadable(KIND, "签名人信息的结构有误")


def _judge(part: SignerPart, data: SignedData, material: Material) -> Verdict:
    verdict = Verdict(KIND, algorithm=part.scheme.name if part.scheme else "").without("seal_valid", "不是电子印章")
    inside = None if data.content is None else [data.content]
    pieces = inside if material.pieces is None else material.pieces
    verdict = value(digests(verdict, part, pieces), part, data, pieces)
    verdict = _times(verdict, part, material)
    evidence = data.evidence + cms.attribute_evidence(part) + material.evidence
    return trusted(verdict, part.certificate, data.certificates, material.anchors, evidence=evidence)


def _times(verdict: Verdict, part: SignerPart, material: Material) -> Verdict:
    """Judge the time by the signer's stamp, else by one from outside, else by the signer's word."""
    claimed = signing_time(part) or material.claimed
    verdict = replace(verdict, signed_at=iso(claimed))
    tokens = [item.values[0].raw for item in part.unsigned if item.oid == _TIME_STAMP and item.values]
    if tokens:
        return stamped(verdict, tokens[0], [part.value], Times(part.certificate, claimed, material.anchors))
    if material.proven is not None:
        return preceding(verdict, part.certificate, material.proven)
    return unstamped(verdict, part.certificate, claimed)


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Join the verdicts on several signers of one content."""
    first, *others = verdicts
    for other in others:
        levels = {level: all_of(getattr(first, level), getattr(other, level)) for level in (*LEVELS, "revocation")}
        first = replace(first, **levels, signer="、".join(filter(None, (first.signer, other.signer))))  # type: ignore[arg-type]
        first = replace(first, not_checked=tuple(dict.fromkeys((*first.not_checked, *other.not_checked)))).remarking(*other.remarks)
        first = replace(first, certificates=(*first.certificates, *other.certificates))
    return first
