"""Digest and signature algorithms by object identifier, and the one function that checks a signature value.

SM2 is checked by :mod:`lantai.formats.signing.sm2`; everything else by ``cryptography``. An algorithm that is not listed here
is *not checked*, never taken for good.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lantai.core.digests import started
from lantai.formats.signing import sm2

Piece = bytes | memoryview
DIGESTS = {
    "1.2.156.10197.1.401": "sm3",
    "1.2.156.10197.1.401.1": "sm3",
    "1.3.14.3.2.26": "sha1",
    "1.2.840.113549.2.5": "md5",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.8": "sha3-256",
    "2.16.840.1.101.3.4.2.9": "sha3-384",
    "2.16.840.1.101.3.4.2.10": "sha3-512",
    "2.16.840.1.101.3.4.2.12": "shake256",
    "2.16.840.1.101.3.4.2.18": "shake256",
}
_FAMILIES = {  # identifier of the signature algorithm: family of the key, digest ("" where the signature says it elsewhere)
    "1.2.156.10197.1.501": ("sm2", "sm3"),
    "1.2.156.10197.1.301": ("sm2", "sm3"),
    "1.2.156.10197.1.301.1": ("sm2", "sm3"),
    "1.2.156.10197.1.504": ("rsa", "sm3"),
    "1.2.840.113549.1.1.1": ("rsa", ""),
    "1.2.840.113549.1.1.4": ("rsa", "md5"),
    "1.2.840.113549.1.1.5": ("rsa", "sha1"),
    "1.2.840.113549.1.1.10": ("pss", ""),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.113549.1.1.14": ("rsa", "sha224"),
    "1.2.840.10045.2.1": ("ecdsa", ""),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "2.16.840.1.101.3.4.3.10": ("ecdsa", "sha3-256"),
    "2.16.840.1.101.3.4.3.11": ("ecdsa", "sha3-384"),
    "2.16.840.1.101.3.4.3.12": ("ecdsa", "sha3-512"),
    "1.2.840.10040.4.1": ("dsa", ""),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    "2.16.840.1.101.3.4.3.2": ("dsa", "sha256"),
    "1.3.101.112": ("ed25519", "sha512"),
    "1.3.101.113": ("ed448", "shake256"),
}
_NAMES = {"sm2": "SM2", "rsa": "RSA", "pss": "RSA-PSS", "ecdsa": "ECDSA", "dsa": "DSA", "ed25519": "Ed25519", "ed448": "Ed448"}
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {  # weak ones are checked and remarked on: old records carry them
    "md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,  # noqa: S303
    "sha512": hashes.SHA512, "sha3-256": hashes.SHA3_256, "sha3-384": hashes.SHA3_384, "sha3-512": hashes.SHA3_512, "sm3": hashes.SM3,
}  # fmt: skip
_WEAK = {"md5": "MD5", "sha1": "SHA-1"}
_SHAKE256_BYTES = 64  # RFC 8702 2.2, RFC 8419 2.2
_SAFE_RSA_BITS = 2048
_SM2_RAW = 64
_ENGINE = sm2.engine()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its family (``sm2 rsa ecdsa dsa ed25519 ed448``), the key itself (64 bytes of x and y for SM2), its size in bits."""

    family: str
    key: Any
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a value was made: family, digest (hashlib's name) and, for PSS, digest of the mask and length of the salt in bytes."""

    family: str
    digest: str
    mask: str = ""
    salt_bytes: int = 0

    @property
    def name(self) -> str:
        """Name for people, such as ``SM2-SM3`` or ``RSA-SHA256``."""
        return _NAMES[self.family] if self.family.startswith("ed") else f"{_NAMES[self.family]}-{self.digest.upper()}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of this scheme whoever uses it."""
        return (f"使用已不安全的摘要算法 {_WEAK[self.digest]}",) if self.digest in _WEAK else ()


def scheme(oid: str, digest: str = "", *, mask: str = "", salt_bytes: int = 0) -> Scheme | None:
    """Return the scheme of a signature algorithm; *digest* counts where the identifier names none. None where it is not known."""
    family, own = _FAMILIES.get(oid, ("", ""))
    used = own or digest
    return Scheme(family, used, mask or used, salt_bytes) if family and used else None


def digest(name: str, pieces: Iterable[Piece]) -> bytes | None:
    """Return the digest *name* of *pieces* one after another; None for an algorithm that is not to be had here."""
    try:
        state = started(name.replace("sha3-", "sha3_").replace("shake256", "shake_256"))
    except ValueError:
        return None
    for piece in pieces:
        state.update(piece)
    return state.digest(_SHAKE256_BYTES) if name == "shake256" else state.digest()  # type: ignore[call-arg]


def public_key(algorithm: str, curve: str, point: bytes, spki: bytes) -> PublicKey | None:
    """Return the key of a SubjectPublicKeyInfo; None for a family or curve that cannot be checked here."""
    if sm2.CURVE in (algorithm, curve):
        return PublicKey("sm2", point[1:], 256) if len(point) == _SM2_RAW + 1 and point[0] == 4 else None
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    kinds: tuple[tuple[type, str], ...] = (
        (rsa.RSAPublicKey, "rsa"), (ec.EllipticCurvePublicKey, "ecdsa"), (dsa.DSAPublicKey, "dsa"),
        (ed25519.Ed25519PublicKey, "ed25519"), (ed448.Ed448PublicKey, "ed448"),
    )  # fmt: skip
    family = next((name for kind, name in kinds if isinstance(key, kind)), "")
    return PublicKey(family, key, getattr(key, "key_size", 256)) if family else None


def key_remarks(key: PublicKey) -> tuple[str, ...]:
    """Return what is to be said of the length of *key*."""
    return (f"RSA 密钥只有 {key.bits} 位",) if key.family == "rsa" and key.bits < _SAFE_RSA_BITS else ()


def verify(key: PublicKey, used: Scheme, pieces: Iterable[Piece], value: bytes) -> bool | None:
    """Tell whether *value* is a signature over *pieces* under *used*; None where this scheme cannot be checked here.

    A key of another family than the scheme's is no reason for None: such a value is not good.
    """
    if used.family.replace("pss", "rsa") != key.family:
        return False
    if used.family == "sm2":
        return _ENGINE.verify(key.key, b"".join(pieces), _as_der(value))
    try:
        return _verify(key.key, used, pieces, value)
    except (InvalidSignature, ValueError):
        return False
    except (UnsupportedAlgorithm, TypeError, KeyError):
        return None


def _verify(key: Any, used: Scheme, pieces: Iterable[Piece], value: bytes) -> bool:  # noqa: ANN401 - a key of any family
    if used.family.startswith("ed"):
        key.verify(value, b"".join(pieces))
        return True
    maker = _HASHES[used.digest]
    hashed = digest(used.digest, pieces)
    if hashed is None:
        raise UnsupportedAlgorithm(used.digest)
    if used.family == "rsa":
        key.verify(value, hashed, padding.PKCS1v15(), Prehashed(maker()))
    elif used.family == "pss":
        mask = padding.MGF1(_HASHES[used.mask]())
        key.verify(value, hashed, padding.PSS(mask, used.salt_bytes), Prehashed(maker()))
    elif used.family == "ecdsa":
        key.verify(value, hashed, ec.ECDSA(Prehashed(maker())))
    else:
        key.verify(value, hashed, Prehashed(maker()))
    return True


def _as_der(value: bytes) -> bytes:
    """Return an SM2 value as ASN.1: some makers of seals write r and s bare, 32 bytes each."""
    if len(value) != _SM2_RAW:
        return value
    return encode_dss_signature(int.from_bytes(value[:32]), int.from_bytes(value[32:]))
