"""In-memory twins of ports, kept to the same obligations (tests/contract): for trials and tests, nothing outlives them."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.ports.store import Content, Draft, Source, Stored

_Version = dict[str, tuple[bytes, Content]]
_Inventories = dict[tuple[str, int], bytes]


class MemoryStore:
    """A vault in memory. ``objects`` is open to whoever wants to damage it."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, _Version]] = {}
        self._inventories: _Inventories = {}

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write and read back many versions; none of them is there on a Fault."""
        before = {record_id: dict(versions) for record_id, versions in self.objects.items()}
        try:
            return [self._write(draft) for draft in drafts]
        except Fault:
            self.objects = before
            raise

    def confirm(self, versions: Sequence[tuple[str, int]]) -> list[Stored]:
        """Read versions that are there back and describe them. Raises Fault STORE-ABSENT or STORE-DAMAGED."""
        return [self._confirmed(record_id, number) for record_id, number in versions]

    def has(self, record_id: str, version: int) -> bool:
        """Tell whether the version is there, whole."""
        return version in self.objects.get(record_id, {})

    def open(self, record_id: str, path: str, version: int | None = None) -> BinaryIO:
        """Open a logical path of a version (the newest where None). Raises Fault STORE-ABSENT where it is absent."""
        files = self._version(record_id, version)
        if path not in files:
            raise Fault("STORE-ABSENT", f"{record_id}/{path}")
        return io.BytesIO(files[path][0])

    def files(self, record_id: str, version: int | None = None) -> dict[str, str]:
        """Return logical path -> sha256 of a version. Raises Fault STORE-ABSENT where it is absent."""
        return {path: content.sha256 for path, (_, content) in self._version(record_id, version).items()}

    def inventory(self, record_id: str, version: int) -> bytes:
        """Return the listing of a version that its digest is made of, or what it was copied with. Raises Fault STORE-ABSENT."""
        return self._inventories.get((record_id, version)) or _listing(self._version(record_id, version))

    def verify(self, record_id: str) -> list[Finding]:
        """Read every byte of the object and compare it with its digests."""
        if record_id not in self.objects:
            return [finding("OCFL-E063", record_id, reason="")]
        return [
            finding("OCFL-E092", f"v{version}/content/{path}", reason="")
            for version, files in self.objects[record_id].items()
            for path, (content, item) in files.items()
            if hashlib.sha256(content).hexdigest() != item.sha256
        ]

    def doubtful(self, record_ids: Sequence[str]) -> list[str]:
        """Return them all: there is no quicker way to read them."""
        return list(record_ids)

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault."""
        yield from list(self.objects)

    def settle(self, record_id: str) -> bool:
        """Find nothing to finish: memory writes in one step."""
        return False

    def lock(self, record_id: str, until: datetime) -> bool:
        """Say that nothing is locked here: who owns the machine owns its bytes."""
        return False

    def mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Put a good copy in the place of a damaged or absent object. Raises Fault STORE-CONFLICT where it has fewer versions."""
        before = self.objects.pop(record_id, {})
        try:
            if len(before) > len(drafts):
                raise Fault("STORE-CONFLICT", record_id, version=len(drafts))
            return [self._write(draft) for draft in drafts]
        except Fault:
            self.objects[record_id] = before
            raise

    def strays(self) -> list[str]:
        """Return nothing: nobody else puts anything here."""
        return []

    def altered(self, *, mends: bool) -> list[str]:
        """Return nothing: there is no storage root."""
        return []

    def sweep(self) -> int:
        """Find nothing: memory has no remnants."""
        return 0

    def _version(self, record_id: str, version: int | None) -> _Version:
        versions = self.objects.get(record_id, {})
        number = max(versions, default=0) if version is None else version
        if number not in versions:
            raise Fault("STORE-ABSENT", f"{record_id} v{number}")
        return versions[number]

    def _write(self, draft: Draft) -> Stored:
        versions = self.objects.setdefault(draft.record_id, {})
        head = max(versions, default=0)
        if draft.version in versions:
            if self.files(draft.record_id, draft.version) != {item.path: item.sha256 for item in draft.files}:
                raise Fault("STORE-CONFLICT", draft.record_id, version=draft.version)
        elif draft.version != head + 1:
            raise Fault("STORE-VERSION-GAP", draft.record_id, version=draft.version, head=head)
        else:
            held = {item.sha256: content for files in versions.values() for content, item in files.values()}
            versions[draft.version] = {item.path: (_read(item, held), item) for item in draft.files}
            if draft.inventory:
                self._inventories[draft.record_id, draft.version] = draft.inventory
        return self._described(draft.record_id, draft.version)

    def _confirmed(self, record_id: str, number: int) -> Stored:
        for path, (content, item) in self._version(record_id, number).items():
            if hashlib.sha256(content).hexdigest() != item.sha256:
                raise Fault("STORE-DAMAGED", path)
        return self._described(record_id, number)

    def _described(self, record_id: str, number: int) -> Stored:
        files = self._version(record_id, number)
        digest = hashlib.sha256(self.inventory(record_id, number)).hexdigest()
        return Stored(record_id, number, digest, len(files), sum(len(content) for content, _ in files.values()))


def _read(item: Content, held: dict[str, bytes]) -> bytes:
    """Return the bytes of a file, from an earlier version where that holds them; Fault STORE-DAMAGED if they differ."""
    if item.sha256 in held:
        return held[item.sha256]
    try:
        content = _bytes(item.source)
    except OSError as error:
        raise Fault("STORE-FAILED", item.path, reason=error.strerror or str(error)) from error
    if hashlib.sha256(content).hexdigest() != item.sha256:
        raise Fault("STORE-DAMAGED", item.path)
    return content


def _bytes(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        return source.read_bytes()
    with source() as stream:
        return stream.read()


def _listing(files: _Version) -> bytes:
    listing = "".join(f"{content.sha256} {path}\n" for path, (_, content) in sorted(files.items()))
    return listing.encode("utf-8", "backslashreplace")
