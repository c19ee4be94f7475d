"""Signatures of an EEP: made with SM2 and SM3 as a detached CMS, verified with the certificates that lie inside.

What is signed is the element 被签名对象 byte for byte; the signature's rule says so. Packages of others are tried with the bytes as they
stand and with both canonical forms of XML; old RSA with SHA-1 is verified and remarked on, never made.
"""

import base64
import binascii
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import core, x509
from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats.signing import algorithms, cms, der, remarks
from lantai.formats.signing.certificates import Certificate, load, load_all
from lantai.formats.signing.judging import Material, trusted
from lantai.formats.signing.signers import verify_material
from lantai.formats.signing.verdict import Verdict, unreadable
from lantai.packages.eep_layers import Layers, layers_of, pieces
from lantai.packages.eep_write import Signed, locked_bytes
from lantai.packages.outside import child_text, local

RULE = "PKCS#7（SignedData，不含原文）；签名对象为“被签名对象”元素在本文件中的字节序列（UTF-8，不作规范化）；摘要算法SM3，签名算法SM2"
ALGORITHM = "1.2.156.10197.1.501"
_SM2_KEY, _SM2_CURVE, _SM3 = "1.2.840.10045.2.1", "1.2.156.10197.1.301", "1.2.156.10197.1.401"
_DATA, _SIGNED_DATA = "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.6.1.4.2.2"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_CANONICAL_LIMIT = 64 * 1024**2
_VALID = timedelta(days=3650)

SIGNATURE, LOCK = "EEP 电子签名", "EEP 锁定签名"

SignBytes = Callable[[bytes], tuple[bytes, bytes]]
Anchors = tuple[Certificate, ...]
Told = Finding | dict[str, object]


@dataclass(frozen=True, slots=True)
class SealMaker:
    """Makes signatures: ``sign`` gives the DER value and the 64 bytes of the public key for a message; ``name`` is the signer's."""

    sign: SignBytes
    name: str
    instant: datetime

    def __call__(self, digest: bytes) -> Signed:
        """Sign an SM3 digest: CMS with signed attributes, the self-made certificate of the key inside and beside it."""
        certificate = self._certificate()
        attributes = _set(
            _attribute(_CONTENT_TYPE, _oid(_DATA)),
            _attribute(_SIGNING_TIME, _time(self.instant)),
            _attribute(_MESSAGE_DIGEST, core.OctetString(digest).dump()),
        )
        value, _ = self.sign(b"\x31" + attributes[1:])
        loaded = x509.Certificate.load(certificate)["tbs_certificate"]
        issuer = der.sequence(loaded["issuer"].dump(), loaded["serial_number"].dump())
        sm3 = der.sequence(_oid(_SM3), core.Null().dump())
        signer = der.sequence(
            core.Integer(1).dump(), issuer, sm3, b"\xa0" + attributes[1:], der.sequence(_oid(ALGORITHM)), core.OctetString(value).dump()
        )
        inside = der.sequence(core.Integer(1).dump(), _set(sm3), der.sequence(_oid(_DATA)), _tagged(0xA0, certificate), _set(signer))
        raw = der.sequence(_oid(_SIGNED_DATA), _tagged(0xA0, inside))
        return Signed(RULE, f"{self.instant:%Y-%m-%dT%H:%M:%S}", self.name, raw, (certificate,), ALGORITHM)

    def _certificate(self) -> bytes:
        """Return a self-signed certificate of the key, ten years from today."""
        _, point = self.sign(b"")
        name = x509.Name.build({"common_name": self.name[:64] or "兰台"}).dump()
        begin = self.instant.replace(microsecond=0) - timedelta(minutes=5)
        key = der.sequence(der.sequence(_oid(_SM2_KEY), _oid(_SM2_CURVE)), core.BitString.load(b"\x03\x42\x00\x04" + point).dump())
        usage = der.sequence(der.sequence(_oid("2.5.29.15"), b"\x01\x01\xff", core.OctetString(b"\x03\x02\x06\xc0").dump()))
        serial = int.from_bytes(hashlib.sha256(point).digest()[:15], "big") or 1
        body = der.sequence(
            _tagged(0xA0, core.Integer(2).dump()),
            core.Integer(serial).dump(),
            der.sequence(_oid(ALGORITHM)),
            name,
            der.sequence(_time(begin), _time(begin + _VALID)),
            name,
            key,
            _tagged(0xA3, usage),
        )
        value, _ = self.sign(body)
        return der.sequence(body, der.sequence(_oid(ALGORITHM)), _tagged(0x03, b"\x00" + value))


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of the signatures of an EEP, and a row each as ``inspect`` has them (``Verdict.as_row``)."""

    findings: tuple[Finding, ...]
    rows: tuple[dict[str, object], ...]


def judge(path: Path, root: etree._Element, anchors: Sequence[bytes] = ()) -> Judged:
    """Return the verdict on the signatures of the EEP at *path*, whose parsed tree (contents taken out) is *root*.

    *anchors* are trusted certificates (DER or PEM); without any, nobody knows whether the signers are to be trusted.
    """
    told = list(_all(path, root, tuple(load_all(anchors))))
    rows = tuple(item for item in told if isinstance(item, dict))
    return Judged(tuple(item for item in told if isinstance(item, Finding)), rows)


def verify(path: Path, root: etree._Element, anchors: Sequence[bytes] = ()) -> tuple[Finding, ...]:
    """Return what is to be said of the signatures, as :func:`judge` does."""
    return judge(path, root, anchors).findings


def _all(path: Path, root: etree._Element, anchors: Anchors) -> Iterator[Told]:
    try:
        layers: Layers | None = layers_of(path)
    except ValueError:
        layers = None
    for depth, (_, block) in enumerate(signed_layers(root)):
        where = path.name if depth == 0 else f"{path.name} 的第 {depth} 层原封装包"
        if block is None:
            yield finding("EEP-SIGNATURE-ABSENT", where)
            continue
        message = _Message(path, layers, depth)
        for item in [node for node in block if local(node) == "电子签名"] or [block]:
            yield from _signature(item, message, anchors)
    yield from _lock(root, anchors)


def signed_layers(root: etree._Element) -> Iterator[tuple[etree._Element, etree._Element | None]]:
    """Yield each 被签名对象 from the outermost in, with the signature block beside it."""
    holder: etree._Element | None = root
    while holder is not None:
        named = {local(node): node for node in holder}
        if "被签名对象" not in named:
            return
        yield named["被签名对象"], named.get("电子签名块")
        change = next((node for node in named["被签名对象"] if local(node) == "修改封装内容"), None)
        holder = None if change is None else next((node for node in change if local(node) == "原封装包"), None)


class _Message:
    """The bytes of one signed object, in the forms that a signer may have meant."""

    def __init__(self, path: Path, layers: Layers | None, depth: int) -> None:
        self._path, self._layers, self._depth = path, layers, depth

    @property
    def is_known(self) -> bool:
        return self._layers is not None and self._depth < len(self._layers.signed)

    def digests(self, name: str) -> Iterator[bytes]:
        """Yield the digest *name* of each form."""
        for form in self.forms():
            value = algorithms.digest(name, form)
            if value is not None:
                yield value

    def forms(self) -> Iterator[Iterable[bytes]]:
        """Yield the bytes as they stand, then, where it is small enough, exclusive and inclusive canonical XML."""
        if self._layers is None or not self.is_known:
            return
        place = self._layers.signed[self._depth]
        yield _Form(self._path, place)
        if self._path.stat().st_size <= _CANONICAL_LIMIT:
            yield from self._canonical()

    def _canonical(self) -> Iterator[Iterable[bytes]]:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)
        try:
            root = etree.parse(str(self._path), parser).getroot()
        except (etree.XMLSyntaxError, OSError):
            return
        node = [signed for signed, _ in signed_layers(root)][self._depth]
        for is_exclusive in (True, False):
            target = io.BytesIO()
            try:
                etree.ElementTree(node).write(target, method="c14n", exclusive=is_exclusive, with_comments=False)
            except etree.C14NError:  # a relative namespace, for one, has no canonical form
                continue
            yield [target.getvalue()]


def _signature(item: etree._Element, message: _Message, anchors: Anchors) -> Iterator[Told]:
    where = child_text(item, "签名标识符") or child_text(item, "签名标识符号") or "未标识"
    rule = child_text(item, "签名规则") + child_text(item, "签名算法标识") + where
    text = "".join(child_text(item, "签名结果").split())
    if (weak := _plain_digest(text)) and ("摘要" in rule or "MD5" in rule.upper() or "SHA" in rule.upper()):
        yield finding("EEP-SIGNATURE-WEAK", where, found=f"不带密钥的 {weak.upper()} 摘要")
        if not message.is_known:
            yield finding("EEP-SIGNATURE-NOT-CHECKED", where, reason="无法确定被签名对象的字节")
        elif text.lower() not in {value.hex() for value in message.digests(weak)}:
            yield finding("EEP-SIGNATURE-INVALID", where, reason=f"重算的 {weak.upper()} 摘要与签名结果不一致")
        yield Verdict(SIGNATURE).without("signature_valid", "只是摘要，没有签名").as_row(where)
        return
    value = _decoded(text)
    certificates = list(_certificates(item))
    if value is None:
        yield finding("EEP-SIGNATURE-NOT-CHECKED", where, reason="签名结果不是 Base64")
        yield unreadable(SIGNATURE, "签名结果不是 Base64").as_row(where)
        return
    if any(one is None for one in certificates):
        yield finding("EEP-CERTIFICATE", where)
    known = [one for one in certificates if one is not None]
    forms = list(message.forms())
    verdicts = [_verdict(value, Material(form, anchors), known, rule) for form in forms]
    yield from _told(where, verdicts)


def _told(where: str, tried: list[Verdict], *, code: str = "EEP-SIGNATURE-INVALID", kind: str = SIGNATURE) -> Iterator[Told]:
    good = next((one for one in tried if one.signature_valid and one.digests_valid is not False), None)
    verdict = good or next((one for one in tried if False in (one.signature_valid, one.digests_valid)), None)
    if verdict is None:
        reason = next((line for one in tried for line in one.not_checked), "没有被签名的内容可供比对")
        yield finding("EEP-SIGNATURE-NOT-CHECKED", where, reason=reason)
        yield unreadable(kind, reason).as_row(where)
        return
    row = replace(verdict, kind=kind).as_row(where)
    yield row
    if good is not None:
        yield from remarks.findings([row], where)
    if good is None:
        reason = "重算的摘要与签名中的不一致" if verdict.digests_valid is False else "签名值不是用所附证书的密钥作出的"
        yield finding(code, where, reason="；".join((reason, *verdict.remarks)))
    for weak in ("SHA-1", "MD5", "SHA1"):
        if weak in verdict.algorithm or any(weak in remark for remark in verdict.remarks):
            yield finding("EEP-SIGNATURE-WEAK", where, found=verdict.algorithm or weak)
            break


def _verdict(value: bytes, material: Material, known: list[Certificate], rule: str) -> Verdict:
    """Return the verdict on *value* over the material: a CMS, else the bare value of the first certificate's key."""
    if cms.is_signed_data(value):
        return verify_material(value, material, known)
    scheme = _scheme(rule, known[0]) if known and known[0].key is not None else None
    if scheme is None or known[0].key is None:
        return Verdict().without("signature_valid", "没有可用的证书或算法标识")
    is_good = algorithms.verify(known[0].key, scheme, material.pieces or (), value)
    verdict = Verdict(signature_valid=is_good, digests_valid=is_good, algorithm=scheme.name).remarking(*scheme.remarks)
    return trusted(verdict, known[0], known[1:], material.anchors).complete()


class _Form:
    """The bytes of a place in a file, to be gone through as often as is asked."""

    def __init__(self, path: Path, place: tuple[int, int]) -> None:
        self._path, self._place = path, place

    def __iter__(self) -> Iterator[bytes]:
        return pieces(self._path, self._place)


def _lock(root: etree._Element, anchors: Anchors) -> Iterator[Told]:
    """Yield what is to be said of the lock signature: it signs the value of one signature of this package."""
    lock = next((node for node in root if local(node) == "锁定签名"), None)
    block = next((node for node in root if local(node) == "电子签名块"), None)
    if lock is None or block is None:
        return
    target = child_text(lock, "被锁定签名标识符")
    signed = next((node for node in block if child_text(node, "签名标识符") == target), None)
    if signed is None:
        yield finding("EEP-LOCK-TARGET", found=target)
        return
    value, locked = _decoded("".join(child_text(lock, "签名结果").split())), _decoded("".join(child_text(signed, "签名结果").split()))
    known = [one for one in _certificates(lock) if one is not None]
    if value is None or locked is None:
        yield finding("EEP-SIGNATURE-NOT-CHECKED", f"锁定签名 {target}", reason="签名结果不是 Base64")
        yield unreadable(LOCK, "签名结果不是 Base64").as_row(target)
        return
    rule = child_text(lock, "签名规则") + child_text(lock, "签名算法标识")
    verdicts = [_verdict(value, Material([form], anchors), known, rule) for form in (locked_bytes(locked), locked)]
    yield from _told(target, verdicts, code="EEP-LOCK-INVALID", kind=LOCK)


def _plain_digest(text: str) -> str:
    """Return which digest a hexadecimal 签名结果 may be; some tools write no signature but that."""
    is_hex = bool(text) and all(char in "0123456789abcdefABCDEF" for char in text)
    return {32: "md5", 40: "sha1", 64: "sha256"}.get(len(text), "") if is_hex else ""


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _certificates(item: etree._Element) -> Iterator[Certificate | None]:
    for node in item.iter():
        if local(node) == "证书" and (text := "".join((node.text or "").split())):
            raw = _decoded(text)
            try:
                yield None if raw is None else load(raw)
            except ValueError:
                yield None


def _scheme(rule: str, certificate: Certificate) -> algorithms.Scheme | None:
    """Return the scheme that 签名规则 and 签名算法标识 name, by identifier or in words."""
    for oid in (word for word in rule.replace("；", " ").split() if word.replace(".", "").isdigit()):
        if found := algorithms.scheme(oid):
            return found
    words = rule.upper().replace("-", "").replace("_", "").replace("/", "")
    digest = next((name for name in ("sha256", "sha384", "sha512", "sm3", "sha1", "md5") if name.upper() in words), "")
    family = certificate.key.family if certificate.key else ""
    oids = {"rsa": "1.2.840.113549.1.1.1", "ecdsa": "1.2.840.10045.2.1", "sm2": ALGORITHM}
    return algorithms.scheme(oids.get(family, ""), digest or ("sm3" if family == "sm2" else "sha1"))


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def _time(instant: datetime) -> bytes:
    return bytes(core.UTCTime(instant.astimezone(UTC).replace(microsecond=0)).dump())


def _tagged(tag: int, body: bytes) -> bytes:
    size = len(body)
    length = (
        bytes([size]) if size < 128 else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    )
    return bytes([tag]) + length + body


def _set(*items: bytes) -> bytes:
    return _tagged(0x31, b"".join(sorted(items)))


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(_oid(kind), _set(value))
