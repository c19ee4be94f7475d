"""X.509 certificates (RFC 5280) and chains of them to roots that somebody trusts.

Read with ``asn1crypto``, which takes the certificates of the real world as they are, SM2 ones among them; signatures are checked
by :mod:`lantai.formats.signing.algorithms`. Validity is judged at the instant of signing, never at today's: an archive outlives
every certificate. Whether one was revoked is told by :mod:`lantai.formats.signing.revocation`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import core, pem, x509

from lantai.formats.signing import algorithms, der
from lantai.formats.signing.algorithms import PublicKey, Scheme
from lantai.formats.signing.verdict import CertificateFacts

MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)  # what asn1crypto raises
LARGEST_BYTES = 64 * 1024
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_LONGEST_CHAIN = 8
_MOST_TRIES = 200
_UNDERSTOOD = {"2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.17", "2.5.29.32", "2.5.29.14", "2.5.29.35"}
_NAMED = ("common_name", "organizational_unit_name", "organization_name")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate, taken apart. ``usage`` and ``purposes`` are None where it does not limit them."""

    der: bytes
    name: str
    subject: str
    issuer: str
    issuer_name: str
    serial: int
    not_before: datetime
    not_after: datetime
    key: PublicKey | None
    scheme: Scheme | None
    signed_part: bytes
    signature: bytes
    is_authority: bool
    longest_below: int | None
    usage: frozenset[str] | None
    purposes: frozenset[str] | None
    key_id: bytes
    issuer_key_id: bytes
    not_understood: tuple[str, ...]

    def covers(self, instant: datetime) -> bool:
        """Tell whether *instant* lies within the validity."""
        return self.not_before <= instant <= self.not_after

    @property
    def may_sign(self) -> bool:
        """True where the certificate does not forbid signing documents with its key (RFC 5280 4.2.1.3)."""
        return self.usage is None or bool(self.usage & {"digital_signature", "non_repudiation"})

    @property
    def facts(self) -> CertificateFacts:
        """What people want to know."""
        first, last = (f"{item:%Y-%m-%dT%H:%M:%SZ}" for item in (self.not_before, self.not_after))
        return CertificateFacts(self.name, self.issuer_name, f"{self.serial:x}", first, last, hashlib.sha256(self.der).hexdigest())


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a certificate leads: True, False or None with the reason, and the certificates on the way, the signer's first."""

    is_valid: bool | None
    reason: str
    certificates: tuple[Certificate, ...]


@lru_cache(maxsize=512)
def load(raw: bytes) -> Certificate:
    """Take a certificate apart. Raises ValueError for what is none."""
    if len(raw) > LARGEST_BYTES:
        raise ValueError("certificate too large")
    try:
        return _load(raw)
    except MALFORMED as problem:
        raise ValueError("not a certificate") from problem


@lru_cache(maxsize=2048)
def name_key(raw: bytes) -> str:
    """Return what the Name *raw* is compared by (RFC 5280 7.1); costly to make and often asked for, so it is kept."""
    return str(x509.Name.load(raw).hashable)


def load_all(ders: Iterable[bytes]) -> list[Certificate]:
    """Take those of *ders* apart that are certificates; DER or PEM."""
    found = []
    for given in ders:
        for raw in _unwrapped(given):
            try:
                found.append(load(raw))
            except ValueError:
                continue
    return found


def _unwrapped(raw: bytes) -> list[bytes]:
    if not pem.detect(raw):
        return [raw]
    try:
        return [body for kind, _, body in pem.unarmor(raw, multiple=True) if kind == "CERTIFICATE"]
    except ValueError:
        return []


def _load(raw: bytes) -> Certificate:
    parsed = x509.Certificate.load(raw)
    body = parsed["tbs_certificate"]
    extensions = {item["extn_id"].dotted: item for item in body["extensions"] or ()}
    constraints = _value(extensions, "2.5.29.19")
    issuer_key = _value(extensions, "2.5.29.35")
    return Certificate(
        der=parsed.dump(),
        name=_display(body["subject"]),
        subject=name_key(body["subject"].dump()),
        issuer=name_key(body["issuer"].dump()),
        issuer_name=_display(body["issuer"]),
        serial=body["serial_number"].native,
        not_before=body["validity"]["not_before"].native.astimezone(UTC),
        not_after=body["validity"]["not_after"].native.astimezone(UTC),
        key=_key(body["subject_public_key_info"]),
        scheme=scheme_of(parsed["signature_algorithm"]),
        signed_part=body.dump(),
        signature=parsed["signature_value"].native,
        is_authority=bool(constraints and constraints["ca"].native),
        longest_below=constraints["path_len_constraint"].native if constraints else None,
        usage=_set(_value(extensions, "2.5.29.15")),
        purposes=_purposes(_value(extensions, "2.5.29.37")),
        key_id=_octets(_value(extensions, "2.5.29.14")),
        issuer_key_id=_octets(issuer_key["key_identifier"]) if issuer_key else b"",
        not_understood=tuple(oid for oid, item in extensions.items() if item["critical"].native and oid not in _UNDERSTOOD),
    )


def _value(extensions: dict[str, core.Sequence], oid: str) -> core.Asn1Value | None:
    return extensions[oid]["extn_value"].parsed if oid in extensions else None


def _set(value: core.Asn1Value | None) -> frozenset[str] | None:
    return None if value is None else frozenset(value.native)


def _purposes(value: core.Asn1Value | None) -> frozenset[str] | None:
    return None if value is None else frozenset(item.dotted for item in value)


def _octets(value: core.Asn1Value | None) -> bytes:
    native = None if value is None else value.native
    return native if isinstance(native, bytes) else b""


def _display(name: x509.Name) -> str:
    parts = name.native
    shown = next((parts[key] for key in _NAMED if parts.get(key)), "") or "、".join(map(str, parts.values()))
    return str(shown[0] if isinstance(shown, list) else shown)[:200]


def _key(info: core.Sequence) -> PublicKey | None:
    algorithm = info["algorithm"]["algorithm"].dotted
    point, curve = b"", ""
    if algorithm in ("1.2.840.10045.2.1", "1.2.156.10197.1.301"):
        curve = _curve(info["algorithm"]["parameters"].dump())
        point = der.node(info["public_key"].dump()).bits
    return algorithms.public_key(algorithm, curve, point, info.dump())


def _curve(parameters: bytes) -> str:
    named = der.node(parameters) if parameters else None
    return named.oid if named is not None and named.number == der.OBJECT_IDENTIFIER else ""


def scheme_of(algorithm: core.Sequence, digest: str = "") -> Scheme | None:
    """Return the scheme of an AlgorithmIdentifier; *digest* counts where it names none. None where it is not known."""
    oid = algorithm["algorithm"].dotted
    if oid != "1.2.840.113549.1.1.10":
        return algorithms.scheme(oid, digest)
    given = algorithm["parameters"]
    own = algorithms.DIGESTS.get(given["hash_algorithm"]["algorithm"].dotted, "")
    mask = algorithms.DIGESTS.get(given["mask_gen_algorithm"]["parameters"]["algorithm"].dotted, "")
    return algorithms.scheme(oid, own, mask=mask, salt_bytes=given["salt_length"].native)


def chain(leaf: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate], instant: datetime | None) -> Chain:
    """Look for a way from *leaf* over *others* to one of *anchors*, every certificate valid at *instant* where that is known.

    A trusted root is trusted as it is; the leaf itself may be one. Bounded in length and in tries.
    """
    if not anchors:
        return Chain(is_valid=None, reason="没有设置受信任的根证书", certificates=(leaf,))
    search = _Search(list(others), list(anchors), instant)
    way = search.up((leaf,))
    return Chain(is_valid=bool(way), reason="" if way else search.reason, certificates=way or (leaf,))


class _Search:
    """One search upwards, keeping the reason of the best try that failed."""

    def __init__(self, others: list[Certificate], anchors: list[Certificate], instant: datetime | None) -> None:
        self._others, self._anchors, self._instant = others, anchors, instant
        self._left = _MOST_TRIES
        self.reason = "证书没有连到受信任的根证书"

    def up(self, way: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
        """Return *way* continued to an anchor; empty where there is none."""
        last = way[-1]
        if not self._is_fit(last):
            return ()
        if any(anchor.der == last.der or _is_renewed(anchor, last) for anchor in self._anchors):
            return way
        if len(way) >= _LONGEST_CHAIN:
            return ()
        for issuer in self._issuers(last, way):
            if found := self.up((*way, issuer)):
                return found
        return ()

    def _is_fit(self, item: Certificate) -> bool:
        if self._instant is not None and not item.covers(self._instant):
            self.reason = f"证书“{item.name}”在签名时不在有效期内"
        elif item.not_understood:
            self.reason = f"证书“{item.name}”含有不认识的关键扩展 {item.not_understood[0]}"
        else:
            return True
        return False

    def _issuers(self, item: Certificate, way: tuple[Certificate, ...]) -> list[Certificate]:
        named = [other for other in (*self._anchors, *self._others) if other.subject == item.issuer and other not in way]
        return [other for other in named if self._has_issued(other, item, below=len(way) - 1)]

    def _has_issued(self, issuer: Certificate, item: Certificate, *, below: int) -> bool:
        self._left -= 1
        if self._left < 0 or not _may_issue(issuer, below):
            return False
        if item.issuer_key_id and issuer.key_id and item.issuer_key_id != issuer.key_id:
            return False
        return is_signed_by(item, issuer)


def _is_renewed(anchor: Certificate, item: Certificate) -> bool:
    """Tell whether *item* is a self-made certificate of the anchor's own name and key: an anchor is these two (RFC 5280 6.1.1)."""
    return anchor.subject == item.subject == item.issuer and anchor.key == item.key and is_signed_by(item, anchor)


def _may_issue(issuer: Certificate, below: int) -> bool:
    """Tell whether *issuer* is an authority with room for *below* authorities under it (RFC 5280 6.1.4)."""
    if issuer.usage is not None and "key_cert_sign" not in issuer.usage:
        return False
    return issuer.is_authority and (issuer.longest_below is None or below <= issuer.longest_below)


def is_signed_by(item: Certificate, issuer: Certificate) -> bool:
    """Tell whether the key of *issuer* signed *item*."""
    if issuer.key is None or item.scheme is None:
        return False
    return algorithms.verify(issuer.key, item.scheme, [item.signed_part], item.signature) is True
