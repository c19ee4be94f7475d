"""What a report says of its items whatever the material was: the edition of the lines that a gate asks by.

A report names the edition by its digest. Two reports of one edition were judged by the same items, weights and rules; the lines of an
edition are kept beside the reports, so that a later change of the tables never changes what an old report says.
"""

import builtins
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lantai.core.checks.facts import BatchFacts, RecordFacts
from lantai.core.checks.outcomes import Property, Weight
from lantai.core.checks.scheme import ItemSpec, Scheme
from lantai.core.evidence import canonical_json

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Telling:
    """What the tables say about carrying out an item: what is expected, by which kind of tool, and the revision of its function."""

    expected: str
    tool: str = "lantai"
    revision: str = "1"


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of an edition: an item as it is asked. ``rule`` is its version: revision and digest of what its row says."""

    id: str
    code: str
    name: str
    property: Property
    severity: Weight
    method: str
    expected: str
    tool: str
    rule: str

    @builtins.property
    def number(self) -> str:
        """The item's number, the same at every gate."""
        return self.id.partition(".")[2]

    @classmethod
    def of(cls, row: Mapping[str, str]) -> "Asked":
        """Rebuild a line from JSON. Raises KeyError and ValueError for anything else."""
        said = dict(row)
        return cls(property=Property(said.pop("property")), severity=Weight(said.pop("severity")), **said)


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """All lines of a gate in order, with the digest that names them."""

    digest: str
    lines: tuple[Asked, ...]
    by_id: Mapping[str, Asked] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Sequence[Asked]) -> "Edition":
        """Return the edition of *lines*."""
        digest = hashlib.sha256(canonical_json([asdict(line) for line in lines])).hexdigest()[:_DIGITS]
        return cls(digest, tuple(lines), {line.id: line for line in lines})

    def as_json(self) -> list[dict[str, Any]]:
        """Return the lines as JSON; :meth:`Asked.of` reads them."""
        return [{name: str(value) for name, value in asdict(line).items()} for line in self.lines]


def edition(scheme: Scheme, tellings: Mapping[str, Telling]) -> Edition:
    """Return the edition of a scheme: its items with what the tables tell of them, by number."""
    return Edition.of([_asked(spec, tellings.get(spec.number, Telling(""))) for spec in scheme.items])


def _asked(spec: ItemSpec, told: Telling) -> Asked:
    row = (spec.name, spec.severity.value, spec.method, spec.mode.value, spec.share, spec.is_enabled, told.expected, told.tool)
    rule = f"{told.revision}-{hashlib.sha256(canonical_json(row)).hexdigest()[:8]}"
    return Asked(spec.id, spec.code, spec.name, spec.property, spec.severity, spec.method, told.expected, told.tool, rule)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that judged, with its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that was judged: path (or name where it has none), size in bytes, SHA-256 in lower-case hex."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """What a run stands on: the edition, the tools by kind, what was measured by item number, the files judged."""

    edition: Edition
    tools: Mapping[str, Tool]
    measured: Mapping[str, str] = field(default_factory=dict)
    material: tuple[Piece, ...] | None = None


def pieces(facts: RecordFacts | BatchFacts) -> tuple[Piece, ...]:
    """Return the files of a record with the digests they have; a batch as a whole has none of its own."""
    if isinstance(facts, BatchFacts):
        return ()
    return tuple(Piece(file.path or file.name, file.size_bytes, file.digests.get("sha256", "")) for file in facts.files)
