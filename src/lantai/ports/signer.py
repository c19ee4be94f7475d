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


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs or has signed for the agency: algorithm, key id, public key in base64, whether it is the one in use."""

    algorithm: str
    key_id: str
    public_key: str
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class Handover:
    """Keys giving way to others: those that go, those that come, and what the former sign about it."""

    former: tuple[PublicKey, ...]
    current: tuple[PublicKey, ...]
    signatures: tuple[Signature, ...] = ()

    def message(self) -> bytes:
        """Return what the former keys sign: a line of its kind, then algorithm and public key (base64) of each new key, a line each."""
        lines = "".join(f"{key.algorithm} {key.public_key}\n" for key in self.current)
        return b"lantai key handover v1\n" + lines.encode()


class Signer(Protocol):
    """Holds the agency's signing keys. Every process follows a change of keys by itself."""

    def sign(self, message: bytes) -> tuple[Signature, ...]:
        """Sign *message* with every key held (Ed25519 and SM2)."""
        ...

    def verify(self, message: bytes, signature: Signature) -> bool:
        """Tell whether *signature* is good for *message* under the public key it names."""
        ...

    def key_ids(self) -> tuple[str, ...]:
        """Return the identifiers of the keys held, to tell our signatures from others'."""
        ...

    def rotate(self) -> Handover:
        """Make new keys; the former sign that they hand over, and then are gone but for their public halves.

        Broken off anywhere and asked again it ends well: a handover that was made and not :meth:`settle`\\ d is returned again.
        """
        ...

    def settle(self) -> None:
        """Note that the last handover has been told to the ledger."""
        ...

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Return every key that signs or has signed for the agency, those in use first; former ones are kept for verifying."""
        ...
