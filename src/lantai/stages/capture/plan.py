"""The plan of a delivery: what stands in the sources, as units that will each become one record.

A unit is a filing package, a package of others (a bag, an OCFL object, an E-ARK package), a row of a catalogue with the files it names,
or a lone file. Whatever can not become part of a
unit is rejected with a finding and its siblings go on. Sources are only read; containers are unpacked beside the staging area.
Folders are walked with a list instead of recursion, links are never followed, and nothing but plain files is ever opened.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from lantai.core.findings import Finding, Severity, finding
from lantai.core.record import Elements, Role
from lantai.packages import catalogue, container, filing, recognise, transfer
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.stages.capture import names, wrapped
from lantai.stages.capture.values import Item, PlannedFile, Rejected, Unit, declared_of, size_of

__all__ = ["Item", "PlannedFile", "Planner", "Rejected", "Unit", "size_of"]

JUNK = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
_JUNK_PREFIXES = ("._", "~$")
_CONTAINER_SUFFIXES = frozenset({"", ".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".tbz", ".xz", ".txz"})
_CATALOGUE_SUFFIXES = frozenset({".csv", ".xlsx"})
_NOT_TAKEN = frozenset({"FILING-LINK", "FILING-SPECIAL", "BAGIT-LINK", "OCFL-E090", "CSIP-LINK"})


@dataclass(frozen=True, slots=True)
class _Wrapping:
    """The bag a place stands in: its path, what it says of everything within, and what is wrong with it."""

    path: str = ""
    given: Elements = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def of(self, path: str) -> tuple[Finding, ...]:
        """Return what is wrong and touches what stands at *path*: it itself, what is below it, or the bag as a whole."""
        places = ((item, f"{self.path}/{names.shown(item.where)}") for item in self.findings)
        return tuple(item for item, place in places if not item.where.startswith("data/") or place == path or place.startswith(f"{path}/"))


@dataclass(frozen=True, slots=True)
class _Place:
    """Something that stands in the delivery: where, its path for people, how many containers deep, and whether it is a source."""

    source: Path
    path: str
    depth: int = 0
    is_top: bool = False
    wrapping: _Wrapping = field(default_factory=_Wrapping)


@dataclass(frozen=True, slots=True)
class Seen:
    """A package of others that was met: its path in the delivery, its kind, and all that its standard has to say of it."""

    path: str
    kind: str
    findings: tuple[Finding, ...]


class Planner:
    """Walks the sources of one delivery. ``scratch`` is a new folder of its own that containers are unpacked into; ``read_by`` reads the
    files of packages of others for their digests.

    ``remarks`` are what was seen on the way that is no file and no record: folders with nothing in them, and what is wrong with the
    wrapping of packages. ``seen`` are the packages of others, with their verdicts; ``stated`` is how many records and bytes (None: not
    said) each transfer package says that it holds; ``listed`` how many rows the catalogues have that were met, themselves included.
    """

    def __init__(self, scratch: Path, limits: container.ContainerLimits, read_by: DigestsOf = digests_of) -> None:
        self._scratch = scratch
        self._read_by = read_by
        self._limits = limits
        self._paths = names.Paths()
        self._tops = names.Paths()
        self.remarks: list[Finding] = []
        self.seen: list[Seen] = []
        self.stated: list[tuple[int, int | None]] = []
        self.listed = 0

    def items(self, source: Path) -> Iterator[Item]:
        """Yield every item of one source, in a stable order, each under a path of its own."""
        top = _Place(source, self._tops.free(names.shown(source.name) or "根目录"), is_top=True)
        is_empty = True
        for item in self._walk(top):
            is_empty = False
            yield self._once(item)
        if is_empty:
            yield self._once(_refused("CAPTURE-EMPTY", top.path))

    def _once(self, item: Item) -> Item:
        if isinstance(item, Rejected):
            return replace(item, path=self._paths.free(item.path))
        if not item.files and not item.described_by:
            return replace(item, key=self._paths.free(item.key))
        files = tuple(replace(file, path=self._paths.free(file.path)) for file in item.files)
        return replace(item, files=files, described_by=tuple((self._paths.free(path), size) for path, size in item.described_by))

    def _walk(self, top: _Place) -> Iterator[Item]:
        pending = [top]
        taken: set[Path] = set()
        while pending:
            place = pending.pop()
            if place.source not in taken:
                below: list[_Place] = []
                yield from self._look(place, below, taken)
                pending.extend(reversed(below))

    def _look(self, place: _Place, below: list[_Place], taken: set[Path]) -> Iterator[Item]:
        """Yield what *place* itself is; what stands in it goes on the list *below*."""
        try:
            mode = place.source.lstat().st_mode
            if stat.S_ISDIR(mode):
                yield from self._folder(place, below, taken)
            elif stat.S_ISREG(mode):
                yield from self._file(place, below)
            else:
                yield _refused("CAPTURE-LINK" if stat.S_ISLNK(mode) else "CAPTURE-NOT-A-FILE", place.path)
        except OSError:
            yield _refused("CAPTURE-UNREADABLE", place.path)

    def _folder(self, place: _Place, below: list[_Place], taken: set[Path]) -> Iterator[Item]:
        if filing.is_filing_package(place.source):
            yield from _package(filing.read(place.source), place)
            return
        if kind := recognise.kind_of(place.source):
            yield from self._foreign(place, kind, below)
            return
        if transfer.form_of(place.source) is not None:
            aside = self._aside(place.path)
            yield from wrapped.transfer_items(place.source, place.path, aside, limits=self._limits, stated=self.stated)
            return
        children = list(_children(place))
        if place.is_top or place.source.parent == self._scratch:
            self._beside(place, children)
        if not children and not place.is_top:
            self.remarks.append(finding("CAPTURE-EMPTY-FOLDER", place.path))
        for child in children:
            if (listed := _listing(child.source)) is not None:
                taken.add(child.source)
                yield from self._catalogue(child, listed, taken)
        below.extend(children)

    def _beside(self, place: _Place, children: list[_Place]) -> None:
        """Note where something lies beside the root folder of an E-ARK package that was delivered alone or packed."""
        roots = [child for child in children if recognise.kind_of(child.source) == "csip"]
        if len(children) > 1 and (len(roots) == 1 or (roots and not place.is_top)):
            self.seen.append(Seen(place.path, "csip", recognise.packed_without_folder("csip", place.path)))

    def _foreign(self, place: _Place, kind: str, below: list[_Place]) -> Iterator[Item]:
        """Yield the record that a package of others is, or its wrapping; the packages in it go on the list *below*."""
        read = recognise.read(place.source, kind, self._read_by)
        packed = recognise.packed_without_folder(kind, place.path) if place.source.parent == self._scratch else ()
        self.seen.append(Seen(place.path, kind, (*read.findings, *packed)))
        if read.package is not None:
            yield from _package(replace(read.package, findings=(*read.package.findings, *packed)), place)
            return
        self.remarks += [item for item in read.findings if item.severity is not Severity.INFO]
        for path in read.own:
            yield Rejected(f"{place.path}/{names.shown(path)}", size_of(place.source / path), "metadata")
        told = tuple(item for item in read.findings if item.severity is Severity.ERROR and kind == "bagit")
        wrapping = _Wrapping(place.path, {**place.wrapping.given, **read.given}, told) if told or read.given else place.wrapping
        below += [_Place(place.source / path, f"{place.path}/{names.shown(path)}", place.depth, wrapping=wrapping) for path in read.inside]

    def _file(self, place: _Place, below: list[_Place]) -> Iterator[Item]:
        source, name = place.source, place.source.name.lower()
        if name in JUNK or name.startswith(_JUNK_PREFIXES):
            yield Rejected(place.path, source.stat().st_size, "refused", finding("CAPTURE-JUNK", place.path))
        elif source.suffix.lower() in _CONTAINER_SUFFIXES and container.is_container(source):
            yield from self._container(place, below)
        elif wrapped.is_eep(source):
            yield wrapped.eep_unit(source, place.path, self._aside(place.path), limits=self._limits)
        elif place.is_top and catalogue.is_catalogue(source):
            yield from self._catalogue(place, catalogue.read(source), {source})
        else:
            shown = names.shown(source.name)
            remarks = (*names.remark(source.name, place.path), *place.wrapping.of(place.path))
            yield Unit(place.path, (PlannedFile(source, place.path, shown),), findings=remarks)

    def _catalogue(self, place: _Place, listed: catalogue.Catalogue, taken: set[Path]) -> Iterator[Item]:
        self.listed += len(listed.rows) + 1
        return _catalogue_items(place, listed, taken)

    def _aside(self, path: str) -> Path:
        """Return the folder of its own that what stands at *path* is taken out into."""
        return self._scratch / sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _container(self, place: _Place, below: list[_Place]) -> Iterator[Item]:
        size = place.source.stat().st_size
        if place.depth:
            yield Rejected(place.path, size, "refused", finding("CONTAINER-NESTED", place.path))
            return
        into = self._aside(place.path)
        unpacked = container.unpack(place.source, into, self._limits)
        of_whole = next((item for item in unpacked.findings if item not in unpacked.left), None)
        is_told_below = bool(unpacked.entries or unpacked.left)
        yield Rejected(place.path, size, "container" if is_told_below else "refused", of_whole)
        for remark in unpacked.left:
            yield Rejected(f"{place.path}/{remark.where}", 0, "refused", remark)
        if unpacked.entries:
            below.append(_Place(into, place.path, place.depth + 1))


def _refused(code: str, path: str) -> Rejected:
    return Rejected(path, 0, "refused", finding(code, path))


def _children(place: _Place) -> Iterator[_Place]:
    """Yield what stands in a folder, by name; two names that are shown alike get different paths."""
    shown = names.Paths()
    inside = sorted(os.listdir(place.source))  # noqa: PTH208 - iterdir would make the paths twice
    for name in sorted(inside, key=lambda name: names.shown(name) != name):
        yield _Place(place.source / name, f"{place.path}/{shown.free(names.shown(name))}", place.depth, wrapping=place.wrapping)


def _package(package: filing.FilingPackage, place: _Place) -> Iterator[Item]:
    for remark in package.findings:
        if remark.code in _NOT_TAKEN:
            yield Rejected(f"{place.path}/{names.shown(remark.where)}", 0, "refused", remark)
    yield Unit(
        place.path,
        tuple(_package_files(package, place)),
        {**place.wrapping.given, **package.elements},
        package.agents,
        package.events,
        package.relations,
        package.code,
        tuple((f"{place.path}/{names.shown(item)}", size_of(place.source / item)) for item in package.own_files),
        (*package.findings, *place.wrapping.of(place.path)),
        is_package=True,
    )


def _package_files(package: filing.FilingPackage, place: _Place) -> Iterator[PlannedFile]:
    for document in package.documents:
        for item in document.files:
            yield PlannedFile(
                place.source / (item.stored or item.path),
                f"{place.path}/{names.shown(item.stored or item.path)}",
                names.shown(item.name),
                document.role,
                document.sequence,
                document.title,
                declared_of(item),
                dict(item.elements),
                item.representation,
            )


def _listing(path: Path) -> catalogue.Catalogue | None:
    """Return the catalogue at *path* if it is one that names files; any other table is a document like others."""
    if path.suffix.lower() not in _CATALOGUE_SUFFIXES or path.is_symlink() or not catalogue.is_catalogue(path):
        return None
    read = catalogue.read(path)
    return read if "files" in (read.columns or {}).values() and any(row.files for row in read.rows) else None


def _catalogue_items(place: _Place, listed: catalogue.Catalogue, taken: set[Path]) -> Iterator[Item]:
    """Yield the rows of a catalogue: with the files they name, else as paper that is known by its catalogue alone."""
    yield Rejected(place.path, size_of(place.source), "metadata", next(iter(listed.findings), None))
    for row in listed.rows:
        if not row.files:
            yield Unit(f"{place.path}#{row.number}", (), row.elements, findings=row.findings, is_physical_only=True, raw=row.raw)
            continue
        files, remarks = _named_files(row, place, taken)
        taken.update(item.source for item in files)
        yield Unit(f"{place.path}#{row.number}", files, row.elements, findings=(*row.findings, *remarks), is_package=True, raw=row.raw)


def _named_files(row: catalogue.Row, place: _Place, taken: set[Path]) -> tuple[tuple[PlannedFile, ...], tuple[Finding, ...]]:
    """Return the files of a row that may be taken, and why others may not; those that are absent are findings of the row already."""
    folder, above = place.source.parent, place.path.rpartition("/")[0]
    files: list[PlannedFile] = []
    remarks: list[Finding] = []
    for name in row.files:
        source = folder / os.path.normpath(name.replace("\\", "/"))
        code = _objection(source, folder, taken)
        if code:
            remarks.append(finding(code, name, row=row.number))
        elif _is_plain_file(source) and all(source != file.source for file in files):
            role = Role.ATTACHMENT if files else Role.MAIN
            files.append(PlannedFile(source, f"{above}/{names.shown(name)}".lstrip("/"), names.shown(source.name), role, len(files) + 1))
    return tuple(files), tuple(item for item in remarks if item not in row.findings)


def _objection(source: Path, folder: Path, taken: set[Path]) -> str:
    """Return why a named file must not be taken, empty where it may."""
    if source in taken:
        return "CATALOGUE-FILE-TWICE"
    try:
        is_inside = source.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        is_inside = True
    return "" if is_inside else "CATALOGUE-FILE-UNSAFE"


def _is_plain_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False
