"""The plan of a delivery: what stands in the sources, as units that will each become one record.

A unit is a filing package, a row of a catalogue with the files it names, or a lone file. Whatever can not become part of a
unit is rejected with a finding and its siblings go on. Sources are only read; containers are unpacked beside the staging area.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lantai.core.findings import Finding, finding
from lantai.core.record import Agent, BusinessEvent, Elements, Relation, Role
from lantai.packages import catalogue, container, filing

JUNK = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})


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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that becomes no record: refused, a container that was unpacked, or a description of others."""

    path: str
    size_bytes: int
    outcome: str
    finding: Finding | None = None


Item = Unit | Rejected


@dataclass(frozen=True, slots=True)
class Planner:
    """Walks sources. ``scratch`` is the folder that containers are unpacked into."""

    scratch: Path
    limits: container.ContainerLimits

    def items(self, source: Path) -> Iterator[Item]:
        """Yield every item of one source, in a stable order."""
        if source.is_symlink() or not source.exists():
            yield Rejected(source.name, 0, "refused", finding("CAPTURE-NOT-A-FILE", source.name))
        elif source.is_dir():
            yield from self._folder(source, source.name, depth=0)
        else:
            yield from self._file(source, source.name, depth=0)

    def _folder(self, folder: Path, path: str, *, depth: int) -> Iterator[Item]:
        if filing.is_filing_package(folder):
            yield _package_unit(folder, path)
            return
        children = sorted(folder.iterdir())
        taken: set[Path] = set()
        for child in children:
            if child.is_file() and (listed := _listing(child)) is not None:
                taken.add(child)
                yield from _catalogue_items(child, listed, f"{path}/{child.name}", taken)
        for child in children:
            if child not in taken:
                yield from self._child(child, f"{path}/{child.name}", taken, depth=depth)

    def _child(self, child: Path, path: str, named: set[Path], *, depth: int) -> Iterator[Item]:
        if child.is_symlink():
            yield Rejected(path, 0, "refused", finding("CAPTURE-LINK", path))
        elif child.is_dir():
            for item in self._folder(child, path, depth=depth):
                if not (isinstance(item, Unit) and len(item.files) == 1 and item.files[0].source in named):
                    yield item
        elif child.is_file():
            yield from self._file(child, path, depth=depth)
        else:
            yield Rejected(path, 0, "refused", finding("CAPTURE-NOT-A-FILE", path))

    def _file(self, source: Path, path: str, *, depth: int) -> Iterator[Item]:
        if source.name.lower() in JUNK:
            yield Rejected(path, source.stat().st_size, "refused", finding("CAPTURE-JUNK", path))
        elif container.is_container(source):
            yield from self._container(source, path, depth=depth)
        elif depth == 0 and "/" not in path and catalogue.is_catalogue(source):
            yield from _catalogue_items(source, catalogue.read(source), path, set())
        else:
            yield Unit(path, (PlannedFile(source, path, source.name),))

    def _container(self, source: Path, path: str, *, depth: int) -> Iterator[Item]:
        if depth:
            yield Rejected(path, source.stat().st_size, "refused", finding("CONTAINER-NESTED", path))
            return
        into = self.scratch / sha256(path.encode()).hexdigest()[:16]
        unpacked = container.unpack(source, into, self.limits)
        worst = next((item for item in unpacked.findings), None)
        outcome = "container" if unpacked.entries else "refused"
        yield Rejected(path, source.stat().st_size, outcome, worst)
        for remark in unpacked.findings:
            if remark.where:
                yield Rejected(f"{path}/{remark.where}", 0, "refused", remark)
        if unpacked.entries:
            yield from self._folder(into, path, depth=depth + 1)


def _package_unit(folder: Path, path: str) -> Unit:
    package = filing.read(folder)
    files = tuple(
        PlannedFile(
            folder / item.path,
            f"{path}/{item.path}",
            item.name,
            document.role,
            document.sequence,
            document.title,
            _declared(item),
        )
        for document in package.documents
        for item in document.files
    )
    return Unit(
        path,
        files,
        dict(package.elements or {}),
        package.agents,
        package.events,
        package.relations,
        package.code,
        tuple((f"{path}/{item}", (folder / item).stat().st_size) for item in package.own_files),
        package.findings,
        is_package=True,
    )


def _declared(item: filing.FilingFile) -> dict[str, str]:
    """Return what the sender declared of a file; empty where it declared nothing."""
    if item.size_bytes is None and not item.sha256 and not item.sm3:
        return {}
    size = "" if item.size_bytes is None else str(item.size_bytes)
    said = {"name": item.name, "size_bytes": size, "sha256": item.sha256, "sm3": item.sm3}
    return {name: value for name, value in said.items() if value}


def _listing(path: Path) -> catalogue.Catalogue | None:
    """Return the catalogue at *path* if it is one that names files; any other table is a document like others."""
    if not catalogue.is_catalogue(path):
        return None
    read = catalogue.read(path)
    return read if "files" in (read.columns or {}).values() and any(row.files for row in read.rows) else None


def _catalogue_items(source: Path, listed: catalogue.Catalogue, path: str, taken: set[Path]) -> Iterator[Item]:
    """Yield the rows of a catalogue: with the files they name, else as paper that is known by its catalogue alone."""
    yield Rejected(path, source.stat().st_size, "metadata", next(iter(listed.findings), None))
    for row in listed.rows:
        files = tuple(_named_files(row.files, source.parent, path.rpartition("/")[0]))
        taken.update(item.source for item in files)
        yield Unit(
            f"{path}#{row.number}",
            files,
            row.elements,
            findings=row.findings,
            is_package=bool(row.files),
            is_physical_only=not row.files,
            raw=row.raw,
        )


def _named_files(names: tuple[str, ...], folder: Path, path: str) -> Iterator[PlannedFile]:
    """Yield the files of a row that are there; those that are not are findings of the row already."""
    root, place = folder.resolve(), 0
    for name in names:
        source = folder / name.replace("\\", "/")
        if source.is_symlink() or not source.is_file() or not source.resolve().is_relative_to(root):
            continue
        place += 1
        role = Role.MAIN if place == 1 else Role.ATTACHMENT
        yield PlannedFile(source, f"{path}/{name}", source.name, role, place)
