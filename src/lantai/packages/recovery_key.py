"""The recovery key: what a backup seals under it only its passphrase opens again (docs/design/recovery.md, normative).

An X25519 pair. The public half seals (nobody is asked for a passphrase at night); the private half is kept only as it is sealed under the
passphrase: scrypt, then AES-256-GCM. Sealing: a fresh pair, HKDF-SHA256 over the shared secret, AES-256-GCM.
"""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from lantai.core.errors import Refusal

FORMAT = "lantai-recovery-key"
FILE = "recovery.json"
SHORTEST_PASSPHRASE = 12
_MAGIC = b"LANTAI-RECOVER-1"
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
_NONCE_BYTES, _SALT_BYTES, _KEY_BYTES = 12, 16, 32


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The public half, and the private half sealed under the passphrase: all that is ever kept."""

    public: bytes
    salt: bytes
    sealed: bytes

    def as_json(self) -> dict[str, object]:
        """Return the document that is kept beside the keys and in every backup."""
        told = {name: base64.b64encode(getattr(self, name)).decode() for name in ("public", "salt", "sealed")}
        return {"format": FORMAT, "edition": 1, "kdf": "scrypt", "n": _COST, "r": _BLOCK, "p": _PARALLEL, **told}

    def seal(self, content: bytes) -> bytes:
        """Return *content* sealed; only :meth:`open` with the passphrase gives it back."""
        fresh = X25519PrivateKey.generate()
        ours = fresh.public_key().public_bytes_raw()
        key = _derived(fresh.exchange(X25519PublicKey.from_public_bytes(self.public)), ours + self.public)
        nonce = os.urandom(_NONCE_BYTES)
        return _MAGIC + ours + nonce + AESGCM(key).encrypt(nonce, content, _MAGIC)

    def open(self, sealed: bytes, passphrase: str) -> bytes:
        """Return what was sealed. Raises Refusal RECOVERY-PASSPHRASE for a wrong one, RECOVERY-SEALED-DAMAGED for damaged bytes."""
        private = self._private(passphrase)
        ours, rest = sealed[len(_MAGIC) : len(_MAGIC) + _KEY_BYTES], sealed[len(_MAGIC) + _KEY_BYTES :]
        try:
            if not sealed.startswith(_MAGIC):
                raise ValueError(FORMAT)
            key = _derived(private.exchange(X25519PublicKey.from_public_bytes(ours)), ours + self.public)
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _MAGIC)
        except (InvalidTag, ValueError) as error:
            raise Refusal("RECOVERY-SEALED-DAMAGED") from error

    def demand(self, passphrase: str) -> None:
        """Raise Refusal RECOVERY-PASSPHRASE for a wrong one, before hours are spent on what it opens."""
        self._private(passphrase)

    def _private(self, passphrase: str) -> X25519PrivateKey:
        nonce, rest = self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:]
        try:
            raw = AESGCM(_stretched(passphrase, self.salt)).decrypt(nonce, rest, self.public)
        except (InvalidTag, ValueError) as error:
            raise Refusal("RECOVERY-PASSPHRASE") from error
        return X25519PrivateKey.from_private_bytes(raw)


def make(passphrase: str) -> RecoveryKey:
    """Make a recovery key. Raises Refusal RECOVERY-PASSPHRASE-SHORT."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refusal("RECOVERY-PASSPHRASE-SHORT", length=SHORTEST_PASSPHRASE)
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    return RecoveryKey(public, salt, nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, private.private_bytes_raw(), public))


def read(content: bytes) -> RecoveryKey:
    """Read the document of a recovery key. Raises Refusal RECOVERY-KEY-UNREADABLE."""
    try:
        told = json.loads(content)
        if (told["format"], told["edition"], told["n"]) != (FORMAT, 1, _COST):
            raise ValueError(told["format"])
        return RecoveryKey(*(base64.b64decode(told[name], validate=True) for name in ("public", "salt", "sealed")))
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("RECOVERY-KEY-UNREADABLE", FILE, reason=str(error)) from error


def held(keys: Path) -> RecoveryKey | None:
    """Return the recovery key beside the signing keys, None where none was made. Raises Refusal RECOVERY-KEY-UNREADABLE."""
    place = keys / FILE
    return read(place.read_bytes()) if place.is_file() else None


def put(keys: Path, key: RecoveryKey) -> None:
    """Keep the recovery key beside the signing keys, durable, for their owner only; an earlier one gives way."""
    aside = keys / f"{FILE}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(key.as_json(), indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(keys / FILE)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase.encode("utf-8", "surrogateescape"))


def _derived(shared: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_MAGIC + info).derive(shared)
