"""A bag of files (BagIt) as a value: what it declares of itself, of its payload and of its tag files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Algorithms by the names manifests bear: those of RFC 8493 first, then what else hashlib has, then ours.
ALGORITHMS: Mapping[str, tuple[str, int]] = {
    "md5": ("md5", 32), "sha1": ("sha1", 40), "sha256": ("sha256", 64), "sha512": ("sha512", 128), "sha224": ("sha224", 56),
    "sha384": ("sha384", 96), "sha3224": ("sha3_224", 56), "sha3256": ("sha3_256", 64), "sha3384": ("sha3_384", 96),
    "sha3512": ("sha3_512", 128), "blake2b": ("blake2b", 128), "blake2b512": ("blake2b", 128), "blake2s": ("blake2s", 64),
    "blake2s256": ("blake2s", 64), "sm3": ("sm3", 64),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FetchLine:
    """A line of fetch.txt: where a file would be had from, its size in bytes or None, and its path in the bag."""

    url: str
    size_bytes: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Bag:
    """What a bag says: edition, encoding, its info in order with repeats, and manifests as algorithm -> path -> digest (lower case)."""

    version: tuple[int, int] = (1, 0)
    encoding: str = "utf-8"
    info: tuple[tuple[str, str], ...] = ()
    payload: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch: tuple[FetchLine, ...] = ()

    def values(self, label: str) -> tuple[str, ...]:
        """Return every value of a label of the info, whatever its case."""
        return tuple(value for name, value in self.info if name.casefold() == label.casefold())
