"""What a plan consists of: files to be taken, units that will each become one record, and paths that become none."""

from dataclasses import dataclass, field
from pathlib import Path

from lantai.core.findings import Finding
from lantai.core.record import Agent, BusinessEvent, Elements, Relation, Representation, Role
from lantai.packages import filing


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to be taken: where it is, its name for people, its path within the delivery, its place in the record."""

    source: Path
    path: str
    name: str
    role: Role = Role.MAIN
    document: int = 1
    document_title: str = ""
    declared: dict[str, str] = field(default_factory=dict)
    elements: Elements = field(default_factory=dict)
    representation: Representation = Representation.ORIGINAL


@dataclass(frozen=True, slots=True)
class Unit:
    """What will become one record: its files, what the sender says of it, and the paths of the sender's own description."""

    key: str
    files: tuple[PlannedFile, ...] = ()
    elements: Elements = field(default_factory=dict)
    agents: tuple[Agent, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    relations: tuple[Relation, ...] = ()
    electronic_record_code: str = ""
    described_by: tuple[tuple[str, int], ...] = ()
    findings: tuple[Finding, ...] = ()
    is_package: bool = False
    is_physical_only: bool = False
    raw: dict[str, str] = field(default_factory=dict)
    signatures: tuple[dict[str, object], ...] = ()

    @property
    def path(self) -> str:
        """The path that tells whether the unit was entered already: the first that gets an outcome with it."""
        if self.files:
            return self.files[0].path
        return self.described_by[0][0] if self.described_by else self.key


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that becomes no record: refused, a container that was unpacked, or a description of others."""

    path: str
    size_bytes: int
    outcome: str
    finding: Finding | None = None


Item = Unit | Rejected


def size_of(path: Path) -> int:
    """Return the size in bytes of what stands at *path*, 0 where it is gone."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def declared_of(item: filing.FilingFile) -> dict[str, str]:
    """Return what the sender declared of a file; empty where it declared nothing."""
    if item.size_bytes is None and not item.sha256 and not item.sm3:
        return {}
    size = "" if item.size_bytes is None else str(item.size_bytes)
    said = {"name": item.name, "size_bytes": size, "sha256": item.sha256, "sm3": item.sm3}
    return {name: value for name, value in said.items() if value}
