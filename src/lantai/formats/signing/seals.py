"""The verdict on a signature made with an electronic seal (GM/T 0031-2014, GB/T 38540-2020 clause 7).

Asked in the order of the standard: is the value the signer's; is the seal the maker's, in force, and the signer's to use; does
the digest agree with the message; does the certificate lead to a trusted root. Each answer stands by itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lantai.formats.signing import algorithms, cms, ses
from lantai.formats.signing.algorithms import Piece, Scheme
from lantai.formats.signing.certificates import Certificate, load_all
from lantai.formats.signing.judging import NO_CERTIFICATE, Material, iso, trusted
from lantai.formats.signing.ses import Seal, SealSignature
from lantai.formats.signing.signers import verify_material
from lantai.formats.signing.timestamps import Times, stamped, unstamped
from lantai.formats.signing.verdict import Verdict, unreadable

_EDITIONS = {1: "SES GM/T 0031-2014", 4: "SES GB/T 38540-2020"}
_BY_LENGTH = {20: ("sha1",), 48: ("sha384",), 64: ("sha512",), 16: ("md5",)}
_NO_SPACE = re.compile(r"[\s_]")


def verify_signed_value(value: bytes, message: bytes, *, anchors: Sequence[bytes] = ()) -> Verdict:
    """Return the verdict on the signed value of an OFD signature over *message* (the bytes of Signature.xml); never raises.

    *value* is an SES_Signature, a CMS or PKCS #7 SignedData, or a bare signature, which cannot be checked for want of a
    certificate. *anchors* are certificates that are trusted, DER or PEM; without any, ``chain_valid`` is None.
    """
    return verify_pieces(value, Material([message], tuple(load_all(anchors))))


def verify_pieces(value: bytes, material: Material) -> Verdict:
    """As :func:`verify_signed_value`, with the message in pieces and the certificates taken apart already."""
    if cms.is_signed_data(value):
        return verify_material(value, material)
    try:
        parsed = ses.parse_signature(value)
    except ValueError:
        return unreadable("", "签名值不是电子签章，也不是 CMS；其中没有证书")
    return _judged(parsed, material)


def verify_seal(raw: bytes, *, anchors: Sequence[bytes] = ()) -> Verdict:
    """Return the verdict on an SESeal by itself: ``seal_valid`` is the maker's signature, ``chain_valid`` the maker's chain."""
    try:
        seal = ses.parse_seal(raw)
    except ValueError:
        return unreadable("SES", "不是可识别的电子印章")
    verdict = Verdict(_EDITIONS[seal.edition], seal_name=seal.name, signed_at=iso(seal.created))
    for level in ("digests_valid", "signature_valid", "time_valid"):
        verdict = verdict.without(level, "只有印章，没有签章")
    return trusted(_made_by_maker(verdict, seal), seal.maker_certificate, (), load_all(anchors))


def _judged(parsed: SealSignature, material: Material) -> Verdict:
    scheme = algorithms.scheme(parsed.algorithm, "sm3")
    verdict = Verdict(
        _EDITIONS[parsed.seal.edition],
        algorithm=scheme.name if scheme else "",
        signed_at=iso(parsed.signed_at),
        seal_name=parsed.seal.name,
    )
    verdict = _digest(verdict, parsed, scheme, material.pieces or ())
    verdict = _value(verdict, parsed, scheme)
    verdict = _time(verdict, parsed, material.anchors)
    verdict = _seal(verdict, parsed)
    return trusted(verdict, parsed.certificate, load_all(parsed.seal.holders), material.anchors, evidence=material.evidence)


def _digest(verdict: Verdict, parsed: SealSignature, scheme: Scheme | None, pieces: Iterable[Piece]) -> Verdict:
    """Compare the digest with the message's. The structure does not name its algorithm: length and signature algorithm tell."""
    own = (scheme.digest,) if scheme else ()
    names = dict.fromkeys(_BY_LENGTH.get(len(parsed.digest), (*own, "sm3", "sha256")))
    is_same = any(algorithms.digest(name, pieces) == parsed.digest for name in names)
    weak = [f"原文摘要使用已不安全的 {name.upper()}" for name in names if name in ("sha1", "md5")]
    return replace(verdict, digests_valid=is_same).remarking(*weak)


def _value(verdict: Verdict, parsed: SealSignature, scheme: Scheme | None) -> Verdict:
    certificate = parsed.certificate
    if certificate is None:
        return verdict.without("signature_valid", NO_CERTIFICATE)
    if scheme is None or certificate.key is None:
        return verdict.without("signature_valid", "签名算法或密钥种类无法识别")
    is_good = algorithms.verify(certificate.key, scheme, [parsed.signed_bytes], parsed.value)
    if is_good is None:
        return verdict.without("signature_valid", "签名算法不受支持")
    return replace(verdict, signature_valid=is_good).remarking(*scheme.remarks, *algorithms.key_remarks(certificate.key))


def _time(verdict: Verdict, parsed: SealSignature, anchors: tuple[Certificate, ...]) -> Verdict:
    """Judge the time by the stamp, which GB/T 38540 puts over the signature value, or by the signer's word."""
    times = Times(parsed.certificate, parsed.signed_at, anchors)
    if parsed.token:
        return stamped(verdict, parsed.token, [parsed.value], times)
    return unstamped(verdict, times.certificate, times.claimed)


def _seal(verdict: Verdict, parsed: SealSignature) -> Verdict:
    """Judge the seal: made by its maker, in force when it was used, used by somebody who may."""
    seal = parsed.seal
    verdict = _made_by_maker(verdict, seal)
    if parsed.signed_at is None:
        verdict = verdict.noting("seal_valid", "没有签章时间，没有核对印章有效期")
    elif not seal.not_before <= parsed.signed_at <= seal.not_after:
        verdict = replace(verdict, seal_valid=False).remarking("签章时印章不在有效期内")
    if parsed.certificate is not None:
        is_listed = _is_holder(seal, parsed.certificate)
        if is_listed is None:
            return verdict.without("seal_valid", "印章列出的签章人证书摘要算法无法识别")
        if not is_listed:
            verdict = replace(verdict, seal_valid=False).remarking("签章人不在印章允许的签章人之列")
    return verdict


def _made_by_maker(verdict: Verdict, seal: Seal) -> Verdict:
    scheme = algorithms.scheme(seal.algorithm, "sm3")
    maker = seal.maker_certificate
    if maker is None or maker.key is None or scheme is None:
        return verdict.without("seal_valid", "制章者证书或签名算法无法识别")
    results = [algorithms.verify(maker.key, scheme, [signed], seal.value) for signed in seal.signed_bytes]
    if None in results:
        return verdict.without("seal_valid", "制章者的签名算法不受支持")
    verdict = replace(verdict, seal_valid=any(results))
    if not any(results):
        verdict = verdict.remarking("印章不是由所附的制章者制作，或已被改动")
    if not maker.covers(seal.created):
        verdict = replace(verdict, seal_valid=False).remarking("制作印章时制章者证书不在有效期内")
    return verdict.remarking(*(f"印章：{remark}" for remark in scheme.remarks))


def _is_holder(seal: Seal, certificate: Certificate) -> bool | None:
    """Tell whether *certificate* is among those that may sign with *seal*; None where its list of digests cannot be compared."""
    if seal.holders:
        return certificate.der in seal.holders
    names = [(_digest_name(raw), value) for raw, value in seal.holder_digests]
    if any(name and algorithms.digest(name, [certificate.der]) == value for name, value in names):
        return True
    return False if all(name for name, _ in names) else None


def _digest_name(raw: str) -> str:
    """Return hashlib's name of a digest algorithm that a maker wrote as an identifier or a name; SM3 where it is left out."""
    plain = _NO_SPACE.sub("", raw).lower().replace("sha-", "sha")
    return algorithms.DIGESTS.get(plain) or (plain if plain in algorithms.DIGESTS.values() else "" if plain else "sm3")
