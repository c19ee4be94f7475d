"""SM2 signatures with SM3 (GB/T 32918.2, user id 1234567812345678) on any processor.

Keys are made and signatures checked by ``gmssl_pyx`` where its wheel runs (x86-64); elsewhere by ``gmalg``, pure Python and some tens
of milliseconds slower, which does the same. Signing is our own (:mod:`lantai.formats.signing.sm2_point`): a tenth of what either takes.
Private keys are 32 bytes, public ones the 64 bytes x and y, values ASN.1 DER.
"""

import importlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from lantai.core.digests import sm3
from lantai.formats.signing.sm2_point import BASE, ORDER, A, B, x_of_multiple

USER_ID = b"1234567812345678"
CURVE = "1.2.156.10197.1.301"
_UNCOMPRESSED = b"\x04"
_one_at_a_time = Lock()


def sign(private: bytes, public: bytes, message: bytes) -> bytes:
    """Sign *message* (GB/T 32918.2, 6.1)."""
    key = int.from_bytes(private)
    digest = int.from_bytes(sm3(_identity(public) + message).digest())
    mask = secrets.randbelow(ORDER - 1) + 1
    inverse = pow((1 + key) * mask, -1, ORDER) * mask
    while True:
        number = secrets.randbelow(ORDER - 1) + 1
        halves = _halves(digest, number, inverse)
        if halves is not None:
            return encode_dss_signature(*halves)


def _identity(public: bytes) -> bytes:
    """Return the digest of who signs: the user id, the curve, the key (GB/T 32918.2, 5.5)."""
    curve = b"".join(number.to_bytes(32) for number in (A, B, *BASE))
    return sm3((8 * len(USER_ID)).to_bytes(2) + USER_ID + curve + public).digest()


def _halves(digest: int, number: int, inverse: int) -> tuple[int, int] | None:
    """Return r and s by a random *number*; None where it is one of the few that will not do. *inverse* is that of the key plus one."""
    at = x_of_multiple(number)
    r = 0 if at is None else (digest + at) % ORDER
    s = (inverse * (number + r) - r) % ORDER
    return (r, s) if r and s and (r + number) % ORDER else None


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep what the library says of a signature that is not good from standard error: the answer is no, its source lines help nobody."""
    with _one_at_a_time, Path(os.devnull).open("wb") as nowhere:
        heard = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(heard, 2)
            os.close(heard)


class Native:
    """The engine in C."""

    def __init__(self) -> None:
        self._library: Any = importlib.import_module("gmssl_pyx")

    def generate(self) -> tuple[bytes, bytes]:
        """Make a key; return its private and public part."""
        public, private = self._library.sm2_key_generate()
        return private, public

    def verify(self, public: bytes, message: bytes, value: bytes) -> bool:
        """Tell whether *value* is good; anything that is no signature or no key is not."""
        try:
            with _unheard():
                return bool(self._library.sm2_verify(public, message, value))
        except (self._library.GmsslInnerError, ValueError):
            return False


class Portable:
    """The engine in Python."""

    def __init__(self) -> None:
        self._library: Any = importlib.import_module("gmalg")

    def generate(self) -> tuple[bytes, bytes]:
        """Make a key; return its private and public part."""
        private, public = self._library.SM2().generate_keypair()
        return private.rjust(32, b"\0"), public.removeprefix(_UNCOMPRESSED)

    def verify(self, public: bytes, message: bytes, value: bytes) -> bool:
        """Tell whether *value* is good; anything that is no signature or no key is not."""
        try:
            halves = [half.to_bytes(32) for half in decode_dss_signature(value)]
            checker = self._library.SM2(None, USER_ID, _UNCOMPRESSED + public)
            return bool(checker.verify_pk(_UNCOMPRESSED + public) and checker.verify(message, *halves))
        except (ValueError, OverflowError, self._library.errors.GMError):
            return False


def engine() -> Native | Portable:
    """Return the fastest engine that is installed here."""
    return Native() if find_spec("gmssl_pyx") else Portable()
