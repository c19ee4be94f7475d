"""The vault version by version: how each is read to be carried elsewhere, and written there to be the very same."""

import io
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from lantai.core.errors import Refusal
from lantai.packages import object_tar
from lantai.packages.object_tar import Version
from lantai.ports.store import Draft, Store


def versions_of(store: Store, record_id: str) -> Iterator[Version]:
    """Yield the versions of one object in order."""
    number = 1
    while store.has(record_id, number):
        yield Version(record_id, number, store.inventory(record_id, number))
        number += 1


def pour(store: Store, version: Version, stream: BinaryIO) -> None:
    """Write a version as tar into *stream*. Raises Fault of the store."""
    opened = partial(store.open, version.record_id, version=version.number)
    object_tar.write(stream, version, opened, _bytes_of)


def _bytes_of(stream: BinaryIO) -> int:
    try:
        return os.fstat(stream.fileno()).st_size
    except (OSError, io.UnsupportedOperation):
        here = stream.tell()
        size = stream.seek(0, os.SEEK_END)
        stream.seek(here)
        return size


def place(store: Store, drafts: Sequence[tuple[Draft, str]]) -> None:
    """Write drafts, which the store reads back, and hold each inventory against the SHA-256 it must have.

    Raises Refusal RESTORE-OBJECT-DIFFERS, Fault of the store.
    """
    stored = store.write([draft for draft, _ in drafts])
    for item, (_, expected) in zip(stored, drafts, strict=True):
        if item.inventory_sha256 != expected:
            raise Refusal("RESTORE-OBJECT-DIFFERS", f"{item.record_id} v{item.version}")


def read(stream: BinaryIO, record_id: str, folder: Path) -> tuple[Draft, str]:
    """Return the draft in a tar and the SHA-256 of its inventory; its content goes into the fresh *folder*. Raises ValueError."""
    folder.mkdir(parents=True)
    return object_tar.draft(stream, record_id, folder)
