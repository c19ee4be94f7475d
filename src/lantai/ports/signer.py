"""Signing. Obligation: keys never leave the signer; a signature names its algorithm and key."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: algorithm (``Ed25519`` or ``SM2-SM3``), key id, public key and value, the last two base64.

    SM2 values are ASN.1 DER (r, s) over SM3 with the default user id 1234567812345678 (GB/T 32918, GB/T 35275); the
    public key is the 65-byte uncompressed point.
    """

    algorithm: str
    key_id: str
    public_key: str
    value: str


class Signer(Protocol):
    """Holds the agency's signing keys."""

    def sign(self, message: bytes) -> tuple[Signature, ...]:
        """Sign *message* with every key held (Ed25519 and SM2)."""
        ...

    def verify(self, message: bytes, signature: Signature) -> bool:
        """Tell whether *signature* is good for *message* under the public key it names."""
        ...

    def key_ids(self) -> tuple[str, ...]:
        """Return the identifiers of the keys held, to tell our signatures from others'."""
        ...
