"""SM2 signatures with SM3 (GB/T 32918.2, user id 1234567812345678) on any processor.

``gmssl_pyx`` does it where its wheel runs (x86-64); elsewhere ``gmalg``, pure Python and some tens of milliseconds slower a
signature, does the same. Private keys are 32 bytes, public ones the 64 bytes x and y, values ASN.1 DER.
"""

import importlib
from importlib.util import find_spec
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

USER_ID = b"1234567812345678"
CURVE = "1.2.156.10197.1.301"
_UNCOMPRESSED = b"\x04"


class Native:
    """The engine in C."""

    def __init__(self) -> None:
        self._library: Any = importlib.import_module("gmssl_pyx")

    def generate(self) -> tuple[bytes, bytes]:
        """Make a key; return its private and public part."""
        public, private = self._library.sm2_key_generate()
        return private, public

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:
        """Sign *message*."""
        return bytes(self._library.sm2_sign(private, public, message))

    def verify(self, public: bytes, message: bytes, value: bytes) -> bool:
        """Tell whether *value* is good; anything that is no signature or no key is not."""
        try:
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

    def sign(self, private: bytes, public: bytes, message: bytes) -> bytes:
        """Sign *message*."""
        halves = self._library.SM2(private, USER_ID, _UNCOMPRESSED + public).sign(message)
        return encode_dss_signature(*(int.from_bytes(half) for half in halves))

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
