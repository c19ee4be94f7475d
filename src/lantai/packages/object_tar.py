"""One version of an OCFL object as a tar file: its inventory, then the content that it brought. The same version makes the same bytes.

Out of it comes the draft that, written into any vault, makes the very same version there.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports.store import Draft

_CONTENT = "content/"
_CHUNK_BYTES = 1 << 20
Opened = Callable[[str], BinaryIO]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object: record, number, its inventory and the SHA-256 of that."""

    record_id: str
    number: int
    inventory: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the inventory."""
        return hashlib.sha256(self.inventory).hexdigest()


def write(stream: BinaryIO, version: Version, opened: Opened, sizes: Callable[[BinaryIO], int]) -> None:
    """Write the version: *opened* opens a logical path of it, *sizes* tells the bytes of what was opened.

    Raises Fault STORE-DAMAGED where what was read is not what the inventory names: such a version could never be put back.
    """
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(ocfl.INVENTORY, len(version.inventory)), io.BytesIO(version.inventory))
        for path, digest in _brought(json.loads(version.inventory)):
            with opened(path) as source:
                read = _Digesting(source, f"{version.record_id}/{path}")
                tar.addfile(_member(_CONTENT + path, sizes(source)), cast("BinaryIO", read))
            if read.digest.hexdigest() != digest:
                raise Fault("STORE-DAMAGED", read.place)


class _Digesting:
    """A file of the vault that digests what is read of it; what the disk does not give is its fault, not that of who writes."""

    def __init__(self, source: BinaryIO, place: str) -> None:
        self.digest, self.place = hashlib.sha256(), place
        self._source = source

    def read(self, size: int = -1) -> bytes:
        try:
            content = self._source.read(size)
        except OSError as error:
            raise Fault("STORE-DAMAGED", self.place) from error
        if len(content) < size:  # cut short since it was measured
            raise Fault("STORE-DAMAGED", self.place)
        self.digest.update(content)
        return content


def draft(stream: BinaryIO, record_id: str, folder: Path) -> tuple[Draft, str]:
    """Return the draft of a version and the SHA-256 of its inventory; its content is put into the empty *folder*.

    Raises ValueError for what :func:`write` did not write.
    """
    try:
        inventory, sources = _unpacked(stream, folder)
        document = json.loads(inventory)
        held = {digest: sources[path] for path, digest in _brought(document)}
        logical = {path: digest for path, (_, digest) in ocfl.logical_files(document).items()}
        made = ocfl.draft_of(record_id, inventory, lambda path: held[logical[path]].open("rb"))
    except (tarfile.TarError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
    return made, hashlib.sha256(inventory).hexdigest()


def _unpacked(stream: BinaryIO, folder: Path) -> tuple[bytes, dict[str, Path]]:
    sources: dict[str, Path] = {}
    inventory = b""
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            found = tar.extractfile(member)
            if found is None:
                raise ValueError(member.name)
            if member.name == ocfl.INVENTORY:
                inventory = found.read()
            else:
                sources[member.name.removeprefix(_CONTENT)] = _put(found, folder / str(len(sources)))
    return inventory, sources


def _brought(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and SHA-256 of the content that the head version itself brought, each content once."""
    head = f"{document['head']}/content/"
    for digest, paths in document["manifest"].items():
        yield from ((path.removeprefix(head), digest) for path in paths if path.startswith(head))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o444
    return member


def _put(source: Any, place: Path) -> Path:  # noqa: ANN401 - tarfile's reader
    with place.open("wb") as stream:
        while chunk := source.read(_CHUNK_BYTES):
            stream.write(chunk)
    return place
