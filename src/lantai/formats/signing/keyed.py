"""Bare signatures that name their key: Ed25519 and SM2, as the agency makes them over roots and reports."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lantai.formats.signing import sm2
from lantai.ports.signer import Signature

ED25519, SM2 = "Ed25519", "SM2-SM3"
_ENGINE = sm2.engine()
_POINT_BYTES, _UNCOMPRESSED = 65, b"\x04"
#: Messages up to this length are notes and roots, whose verdict is asked for again and again.
_SHORT_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: the key it names, whether the value is that key's, and whether people here know the key (None: nobody said which keys
    are known)."""

    key_id: str
    algorithm: str
    is_good: bool
    is_known: bool | None


def judge(message: bytes, signatures: Iterable[Signature], keys: Collection[str] = ()) -> tuple[Signed, ...]:
    """Return the verdict on each signature over *message*, held against the public key it names; *keys* are those that may sign."""
    return tuple(Signed(item.key_id, item.algorithm, is_good(message, item), item.key_id in keys if keys else None) for item in signatures)


def key_id(algorithm: str, public_key: bytes) -> str:
    """Return the identifier of a key: its algorithm and the first 32 hex digits of the SHA-256 of its public key."""
    return f"{algorithm.split('-')[0].lower()}:{hashlib.sha256(public_key).hexdigest()[:32]}"


def is_good(message: bytes, signature: Signature) -> bool:
    """Tell whether *signature* is good for *message* under the public key it names, and its key id is that key's.

    Whether the key is to be trusted is another question. The verdict on a short message is remembered: it depends on nothing else.
    """
    return _remembered(message, signature) if len(message) <= _SHORT_BYTES else _judged(message, signature)


def _judged(message: bytes, signature: Signature) -> bool:
    check = _CHECKS.get(signature.algorithm)
    try:
        public, value = (base64.b64decode(text, validate=True) for text in (signature.public_key, signature.value))
    except (binascii.Error, ValueError):
        return False
    return check is not None and key_id(signature.algorithm, public) == signature.key_id and check(public, message, value)


_remembered = lru_cache(maxsize=4096)(_judged)


def _ed25519(public: bytes, message: bytes, value: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sm2(public: bytes, message: bytes, value: bytes) -> bool:
    return len(public) == _POINT_BYTES and public[:1] == _UNCOMPRESSED and _ENGINE.verify(public[1:], message, value)


_CHECKS: dict[str, Callable[[bytes, bytes, bytes], bool]] = {ED25519: _ed25519, SM2: _sm2}
