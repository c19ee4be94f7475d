"""Packages of several kinds as units: EEP files and transfer packages. What is wrong with a package goes with the record it is about.

An EEP's contents are taken out beside the staging area, as a container's are; a transfer package is read where it stands.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from lantai.core.findings import Finding
from lantai.formats import trust
from lantai.packages import container, eep, filing, transfer
from lantai.stages.capture import names
from lantai.stages.capture.values import Item, PlannedFile, Rejected, Unit, declared_of, size_of

EEP_SUFFIXES = frozenset({".eep", ".xml"})


def is_eep(source: Path) -> bool:
    """Tell whether a file is an EEP; only what may be one by its name is looked into."""
    return source.suffix.lower() in EEP_SUFFIXES and eep.is_eep(source)


def eep_unit(source: Path, path: str, into: Path, *, limits: container.ContainerLimits) -> Unit:
    """Return the record that the EEP at *source* holds, its files taken out into the new folder *into*."""
    package = eep.read(source, into, limit_bytes=limits.bytes, anchors=trust.certificates(limits.trusted))
    return unit_of(package, into, path, described_by=((path, size_of(source)),))


def unit_of(package: filing.FilingPackage, folder: Path, path: str, *, described_by: tuple[tuple[str, int], ...]) -> Unit:
    """Return the record of a package whose files lie below *folder*; *path* is the package's own in the delivery."""
    files = tuple(
        PlannedFile(
            folder / (item.stored or item.path),
            f"{path}/{names.shown(item.path)}",
            names.shown(item.name),
            document.role,
            document.sequence,
            document.title,
            declared_of(item),
        )
        for document in package.documents
        for item in document.files
    )
    return Unit(
        path,
        files,
        dict(package.elements),
        package.agents,
        package.events,
        package.relations,
        package.code,
        described_by,
        package.findings,
        is_package=True,
        signatures=package.signatures,
    )


def transfer_items(
    folder: Path, path: str, scratch: Path, *, limits: container.ContainerLimits, stated: list[tuple[int, int | None]]
) -> Iterator[Item]:
    """Yield what describes the transfer package in *folder* and the records it holds; the records and bytes it states go on *stated*."""
    package = transfer.read(folder)
    stated.append((package.stated_records, package.stated_bytes))
    whole, by_place = _sorted(package)
    for own in package.own_files:
        yield Rejected(f"{path}/{names.shown(own)}", size_of(folder / own), "metadata", whole.pop(0) if whole else None)
    for item in package.items:
        place = f"{path}/{names.shown(item.folder)}"
        remarks = tuple(by_place.pop(item.folder, ()))
        packed = [name for name in item.files if is_eep(folder / item.folder / name)]
        for name in packed:
            into = scratch / sha256(f"{item.folder}/{name}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
            yield _with(eep_unit(folder / item.folder / name, f"{place}/{names.shown(name)}", into, limits=limits), remarks)
        rest = replace(item, files=tuple(name for name in item.files if name not in packed))
        if rest.files and not (packed and set(rest.files) == set(rest.metadata)):
            read = transfer.read_item(folder, rest, package.declared)
            described_by = tuple((f"{place}/{names.shown(name)}", size_of(folder / item.folder / name)) for name in read.own_files)
            yield _with(unit_of(read, folder / item.folder, place, described_by=described_by), remarks)
    for remark in whole:
        yield Rejected(f"{path}/{names.shown(remark.where)}", 0, "refused", remark)


def _with(unit: Unit, remarks: tuple[Finding, ...]) -> Unit:
    return replace(unit, findings=tuple(dict.fromkeys((*unit.findings, *remarks))))


def _sorted(package: transfer.TransferPackage) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """Part the findings: those about the package as a whole, and those about one record, by its folder."""
    folders = {item.folder: item for item in package.items}
    codes = {item.code: item.folder for item in package.items if item.code}
    whole: list[Finding] = []
    by_place: dict[str, list[Finding]] = {}
    for remark in package.findings:
        steps = remark.where.split("/")
        above = next((at for at in ("/".join(steps[:end]) for end in range(len(steps), 0, -1)) if at in folders), "")
        place = codes.get(remark.where) or above
        if place:
            by_place.setdefault(place, []).append(remark)
        else:
            whole.append(remark)
    return whole, by_place
