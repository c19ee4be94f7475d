"""Bytes by key, as a bucket keeps them: where backups are sent to."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol


class Keys(Protocol):
    """Keys below one place. A key is there whole or not at all. Every method raises the Fault that tells a person what to do."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, None where there is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return the bytes of a key as a stream. Raises Fault STORE-ABSENT where there is none."""
        ...

    def put(self, key: str, source: bytes | Path) -> None:
        """Write a key, whatever stood there; durable on return."""
        ...

    def listing(self, below: str = "") -> Iterator[tuple[str, Any]]:
        """Yield every key below a prefix, with the instant it was written."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove keys; those that are not there are passed over."""
        ...

    def named(self, key: str) -> str:
        """Return a key as a person would write it."""
        ...
