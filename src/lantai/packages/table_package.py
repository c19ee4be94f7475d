"""Tables as files (docs/design/recovery.md, normative): what the ``state/`` package and the database part of a backup are made of.

::

    tables.json                what it is, and every file with its digest
    tables.json.sig            signatures over it
    holdings_record.0001.jsonl.gz   a part of a table: the names of its columns, then a row a line
    secrets.sealed             passwords' hashes, sealed under the recovery key

Rows go in parts of 20,000 in order of their key, and the same rows make the same bytes: what did not change is the same file again.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.core.findings import Finding, finding
from lantai.ports.durability import make_durable
from lantai.ports.signer import Signature, Signer

FORMAT = "lantai-tables"
EDITION = 1
MANIFEST, SIGNATURES, SECRETS = "tables.json", "tables.json.sig", "secrets.sealed"
ROWS_A_PART = 20_000
_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a package: the table it belongs to (empty for secrets), rows, bytes and SHA-256."""

    file: str
    table: str
    rows: int
    size_bytes: int
    sha256: str


class Writer:
    """Writes a package into an empty *folder*; nothing counts before :meth:`finish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: list[Part] = []
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def table(self, name: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> int:
        """Write every row of a table; return how many."""
        total = 0
        for number, first in enumerate(rows, 1):
            total += self._part(name, number, columns, chain((first,), islice(rows, ROWS_A_PART - 1)))
        return total

    def secrets(self, sealed: bytes) -> None:
        """Write what is sealed."""
        (self.folder / SECRETS).write_bytes(sealed)
        self.parts.append(Part(SECRETS, "", 0, len(sealed), hashlib.sha256(sealed).hexdigest()))

    def finish(self, head: Mapping[str, Any], signer: Signer) -> str:
        """Write and sign the list of files, make all durable, read it back; return the SHA-256 of the list.

        Raises Refusal TABLES-DAMAGED where a file reads back otherwise.
        """
        document = {"format": FORMAT, "edition": EDITION, **head, "files": [asdict(part) for part in self.parts]}
        body = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
        (self.folder / MANIFEST).write_bytes(body)
        signatures = [asdict(item) for item in signer.sign(message(body))]
        (self.folder / SIGNATURES).write_text(json.dumps(signatures, indent=1) + "\n", encoding="utf-8")
        make_durable(self.folder)
        if problems := check(self.folder, signer):
            raise Refusal("TABLES-DAMAGED", str(self.folder), reasons=tuple(problems))
        return hashlib.sha256(body).hexdigest()

    def _part(self, table: str, number: int, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> int:
        place, count = self.folder / f"{table}.{number:04d}.jsonl.gz", 0
        with place.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as stream:
            stream.write(_line(columns))
            for row in rows:
                stream.write(_line(row))
                count += 1
        self.parts.append(Part(place.name, table, count, place.stat().st_size, sha256_of(place)))
        return count


@dataclass(frozen=True, slots=True)
class TablePackage:
    """A package that was read and found whole: its list as it stands."""

    folder: Path
    head: dict[str, Any]
    parts: tuple[Part, ...]

    def tables(self) -> list[str]:
        """Return the tables that have rows, in the order in which they were written."""
        return list(dict.fromkeys(part.table for part in self.parts if part.table))

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table, empty where it has no rows."""
        for part in self.parts:
            if part.table == table:
                return list(next(_lines(self.folder / part.file)))
        return []

    def rows(self, table: str) -> Iterator[list[Any]]:
        """Yield the rows of a table in order of their key."""
        for part in self.parts:
            if part.table == table:
                yield from islice(_lines(self.folder / part.file), 1, None)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return sum(part.rows for part in self.parts if part.table == table)

    def secrets(self) -> bytes | None:
        """Return what is sealed, None where nothing is."""
        place = self.folder / SECRETS
        return place.read_bytes() if any(part.file == SECRETS for part in self.parts) else None


def message(body: bytes) -> bytes:
    """Return the bytes that are signed for a list of files."""
    return f"lantai tables v1\n{hashlib.sha256(body).hexdigest()}\n".encode()


def load(folder: Path) -> TablePackage:
    """Read the list of a package. Raises Refusal TABLES-UNREADABLE."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
        if (document["format"], document["edition"]) != (FORMAT, EDITION):
            raise ValueError(f"{document['format']} {document['edition']}")
        return TablePackage(folder, document, tuple(Part(**row) for row in document["files"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("TABLES-UNREADABLE", str(folder), reason=str(error)) from error


def check(folder: Path, signer: Signer | None) -> list[Finding]:
    """Return what is wrong with a package: every byte of every file against the list, the list against its signatures.

    Without a *signer* whose keys are known, who signed stays open. Raises Refusal TABLES-UNREADABLE.
    """
    package = load(folder)
    found = [item for part in package.parts for item in _judged(folder, part)]
    strays = {path.name for path in folder.iterdir()} - {part.file for part in package.parts} - {MANIFEST, SIGNATURES}
    found += [finding("TABLES-FILE-EXTRA", name) for name in sorted(strays)]
    return [*found, *_signed(folder, signer)] if signer is not None else found


def _judged(folder: Path, part: Part) -> Iterator[Finding]:
    try:
        if sha256_of(folder / part.file) != part.sha256:
            yield finding("TABLES-FILE-ALTERED", part.file)
    except OSError:
        yield finding("TABLES-FILE-MISSING", part.file)


def _signed(folder: Path, signer: Signer) -> Iterator[Finding]:
    body = (folder / MANIFEST).read_bytes()
    held = {key.key_id for key in signer.public_keys()}
    try:
        rows = [Signature(**row) for row in json.loads((folder / SIGNATURES).read_bytes())]
    except (OSError, ValueError, TypeError):
        rows = []
    if not rows:
        yield finding("TABLES-SIGNATURE-WRONG", SIGNATURES)
    for row in rows:
        if row.key_id not in held or not signer.verify(message(body), row):
            yield finding("TABLES-SIGNATURE-WRONG", row.algorithm)


def sha256_of(place: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _lines(place: Path) -> Iterator[list[Any]]:
    try:
        with gzip.open(place, "rb") as stream:
            for line in stream:
                yield json.loads(line.decode("utf-8", "surrogatepass"))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise Refusal("TABLES-UNREADABLE", str(place), reason=str(error)) from error


def digest_of(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the first half of the SHA-256 of a JSON value: enough to see that two are the same."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:32]
