"""Running digests by name, SM3 (GB/T 32905-2016) among them also where the OpenSSL of the interpreter offers none."""

import hashlib
from typing import Protocol

_HAS_SM3 = "sm3" in hashlib.algorithms_available
_SIZED = {"blake2b-160": 20, "blake2b-256": 32, "blake2b-384": 48, "blake2b-512": 64}


class Running(Protocol):
    """A digest that takes more bytes, as those of hashlib do."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """Return the digest of what was taken so far."""

    def hexdigest(self) -> str:
        """Return it in lower-case hex."""


def started(name: str, content: bytes = b"") -> Running:
    """Return a running digest by its name in hashlib, or ``blake2b-BITS``. Raises ValueError for one that is not to be had."""
    if name == "sm3":
        return sm3(content)
    if name in _SIZED:
        return hashlib.blake2b(content, digest_size=_SIZED[name])
    return hashlib.new(name, content, usedforsecurity=False)


def sm3(content: bytes = b"") -> Running:
    """Return a running SM3."""
    return hashlib.new("sm3", content) if _HAS_SM3 else _Sm3(content)


class _Sm3:
    def __init__(self, content: bytes) -> None:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - for the few who need it

        self._hash = hashes.Hash(hashes.SM3())
        self._hash.update(content)

    def update(self, data: bytes | memoryview, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()

    def hexdigest(self) -> str:
        return self.digest().hex()
