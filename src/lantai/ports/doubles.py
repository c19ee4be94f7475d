"""In-memory twins of ports, kept to the same obligations (tests/contract): for trials and tests, nothing outlives them."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.ports.store import Content, Draft, Stored

_Version = dict[str, tuple[bytes, Content]]


class MemoryStore:
    """A vault in memory. ``objects`` is open to whoever wants to damage it."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, _Version]] = {}

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
        return [_confirmed(record_id, number, self._version(record_id, number)) for record_id, number in versions]

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
        """Return the listing of a version that its digest is made of. Raises Fault STORE-ABSENT where it is absent."""
        return _listing(self._version(record_id, version))

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

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault."""
        yield from list(self.objects)

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
        return _stored(draft, versions[draft.version])


def _read(item: Content, held: dict[str, bytes]) -> bytes:
    """Return the bytes of a file, from an earlier version where that holds them; Fault STORE-DAMAGED if they differ."""
    if item.sha256 in held:
        return held[item.sha256]
    try:
        content = item.source if isinstance(item.source, bytes) else item.source.read_bytes()
    except OSError as error:
        raise Fault("STORE-FAILED", str(item.source), reason=error.strerror or str(error)) from error
    if hashlib.sha256(content).hexdigest() != item.sha256:
        raise Fault("STORE-DAMAGED", item.path)
    return content


def _confirmed(record_id: str, number: int, files: _Version) -> Stored:
    for path, (content, item) in files.items():
        if hashlib.sha256(content).hexdigest() != item.sha256:
            raise Fault("STORE-DAMAGED", path)
    return _described(record_id, number, files)


def _stored(draft: Draft, files: _Version) -> Stored:
    return _described(draft.record_id, draft.version, files)


def _listing(files: _Version) -> bytes:
    listing = "".join(f"{content.sha256} {path}\n" for path, (_, content) in sorted(files.items()))
    return listing.encode("utf-8", "backslashreplace")


def _described(record_id: str, number: int, files: _Version) -> Stored:
    digest = hashlib.sha256(_listing(files)).hexdigest()
    return Stored(record_id, number, digest, len(files), sum(len(content) for content, _ in files.values()))
