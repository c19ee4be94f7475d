"""The vault: OCFL objects, one a record (docs/design/package-format.md).

Obligations of a store: ``write`` returns only when the bytes are durable and have been read back; writing the same draft
again is not an error and changes nothing; an object is either whole or not there; nothing whole is ever overwritten. One contract
suite (tests/contract/test_store.py) holds every implementation to them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from lantai.core.digests import sm3
from lantai.core.errors import Fault
from lantai.core.findings import Finding
from lantai.ports.keys import Keys

Source = bytes | Path | Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a version: logical path, its bytes or the path of a staged file, size and digests (lower-case hex).

    A staged ``source`` is linked or copied and never removed by the store; one that opens a stream is always copied.
    """

    path: str
    source: Source
    size_bytes: int
    sha256: str
    sm3: str


def content_of(path: str, content: bytes) -> Content:
    """Return a small file of a package with its digests."""
    return Content(path, content, len(content), hashlib.sha256(content).hexdigest(), sm3(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to be written: record ULID, content version from 1, its files, and who made it when and why.

    ``inventory`` is given where the version is a copy of one in another store: these very bytes are its inventory here too.
    """

    record_id: str
    version: int
    files: tuple[Content, ...]
    created: str
    message: str
    user_name: str
    user_address: str
    inventory: bytes = b""


@dataclass(frozen=True, slots=True)
class Stored:
    """A written version: SHA-256 of the root inventory, number of files and folders it took, bytes on disk."""

    record_id: str
    version: int
    inventory_sha256: str
    inodes: int
    size_bytes: int


class Vaults(Protocol):
    """Opens the vaults that copies are kept in."""

    def open(self, kind: str, address: str, *, founds: bool = False) -> "Store":
        """Return the vault of a kind (disk, s3, medium) at an address; made there where it *founds*.

        Raises Refusal REPLICA-ADDRESS for an address that is none, Fault STORE-AWAY where nothing is there and it does not found.
        """
        ...

    def free_bytes(self, kind: str, address: str) -> int | None:
        """Return how many bytes are free where a vault stands; None where nobody can say."""
        ...

    def root(self, kind: str, address: str) -> str:
        """Return where the vault of an address lies, the same text however the address is written. Raises Refusal REPLICA-ADDRESS."""
        ...

    def disk(self, kind: str, address: str) -> int | None:
        """Return the number of the file system that a vault stands on; None where it is in no folder, or not there."""
        ...

    def is_there(self, kind: str, address: str) -> bool:
        """Tell whether a vault stands in the folder of an address; True of a bucket, which is asked by whoever reads it."""
        ...

    def refound(self, kind: str, address: str) -> None:
        """Found an empty vault where one stood and has gone, as only a person can say. Where one stands nothing is done.

        Raises Refusal REPLICA-ADDRESS where not even the folder is there, Fault STORE-FOREIGN where something else is.
        """
        ...

    def label(self, kind: str, address: str) -> str:
        """Return whose vault stands in a folder, as it is written beside it; empty of a bucket, and where nothing is written."""
        ...

    def put_label(self, kind: str, address: str, owner: str) -> None:
        """Write beside the vault in a folder whose it is; of a bucket nothing is written. Raises Fault where the place refuses."""
        ...

    def remove(self, kind: str, address: str) -> None:
        """Remove a whole vault, every byte of it. Raises Fault where the place refuses."""
        ...

    def keys(self, address: str) -> Keys:
        """Return the bytes by key below a bucket's address, for what is no vault. Raises Refusal REPLICA-ADDRESS."""
        ...

    def lock_days(self, kind: str, address: str) -> int:
        """Return for how many days what is written to a vault is to be locked; 0 for none."""
        ...


class NoVaults:
    """No other vault can be reached."""

    def open(self, kind: str, address: str, *, founds: bool = False) -> "Store":
        """Raise Fault STORE-AWAY."""
        raise Fault("STORE-AWAY", address)

    def free_bytes(self, kind: str, address: str) -> int | None:
        """Say that nobody can say."""
        return None

    def root(self, kind: str, address: str) -> str:
        """Return the address as it is."""
        return address

    def disk(self, kind: str, address: str) -> int | None:
        """Say that nobody can say."""
        return None

    def is_there(self, kind: str, address: str) -> bool:
        """Say that nothing is known to be away."""
        return True

    def refound(self, kind: str, address: str) -> None:
        """Raise Fault STORE-AWAY."""
        raise Fault("STORE-AWAY", address)

    def label(self, kind: str, address: str) -> str:
        """Say that nothing is written."""
        return ""

    def put_label(self, kind: str, address: str, owner: str) -> None:
        """Write nothing."""

    def remove(self, kind: str, address: str) -> None:
        """Raise Fault STORE-AWAY."""
        raise Fault("STORE-AWAY", address)

    def keys(self, address: str) -> Keys:
        """Raise Fault STORE-AWAY."""
        raise Fault("STORE-AWAY", address)

    def lock_days(self, kind: str, address: str) -> int:
        """Lock nothing."""
        return 0


class Store(Protocol):
    """A vault."""

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write and read back many versions; all durable on return. Raises Fault where the vault fails."""
        ...

    def confirm(self, versions: Sequence[tuple[str, int]]) -> list[Stored]:
        """Make versions (record ULID, number) that are there durable, read every byte back and describe them, in order.

        For what an earlier run wrote without coming to say so. Raises Fault STORE-ABSENT, STORE-DAMAGED or as ``write`` does.
        """
        ...

    def has(self, record_id: str, version: int) -> bool:
        """Tell whether the version is there, whole."""
        ...

    def open(self, record_id: str, path: str, version: int | None = None) -> BinaryIO:
        """Open a logical path of a version (the newest where None). Raises Fault where it is absent."""
        ...

    def files(self, record_id: str, version: int | None = None) -> dict[str, str]:
        """Return logical path -> sha256 of a version."""
        ...

    def inventory(self, record_id: str, version: int) -> bytes:
        """Return the inventory of a version, whose SHA-256 ``write`` gave. Raises Fault where it is absent."""
        ...

    def verify(self, record_id: str) -> list[Finding]:
        """Read every byte of the object and compare it with its inventories."""
        ...

    def settle(self, record_id: str) -> bool:
        """Finish or take away what a crash in the midst of writing left of this object, so that it is whole or not there.

        Nothing that belongs to a whole version is touched. Returns whether anything was done.
        """
        ...

    def lock(self, record_id: str, until: datetime) -> bool:
        """Let nobody remove or change a byte of an object until an instant; False where the store has no such means.

        A lock is never shortened. Raises Fault STORE-LOCK where the service refuses it.
        """
        ...

    def mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Put a good copy, all its versions from the first, in the place of an object that is damaged or gone.

        *drafts* come from another store, each with its ``inventory``. Durable and read back on return; on a Fault the object is
        either as it was or mended. Raises Fault STORE-CONFLICT where the copy holds fewer versions than are whole here.
        """
        ...

    def doubtful(self, record_ids: Sequence[str]) -> list[str]:
        """Return which objects ``verify`` is still to judge: all but those just read, on all processors, and found to be, to the last
        byte, what was written. A store that has no quicker way returns them all.
        """
        ...

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault."""
        ...

    def strays(self) -> list[str]:
        """Return what lies in the storage root and is neither of its own files nor an object in its place, by path below it.

        What lies within an object is for :meth:`verify` to tell.
        """
        ...

    def altered(self, *, mends: bool) -> list[str]:
        """Return which files of the storage root itself are gone or not as this edition writes them; where it *mends*, write them."""
        ...

    def sweep(self) -> int:
        """Remove what crashed writes left behind; return how many pieces."""
        ...
