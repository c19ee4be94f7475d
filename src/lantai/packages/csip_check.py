"""Validation of an E-ARK package: its folders, every METS document in it, and every file against what they say of it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from lantai.core.findings import Finding
from lantai.packages import csip_rules, mets
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.outside import Unreadable
from lantai.packages.remarks import remark

METS_NAME = "METS.xml"
_OWN_FOLDERS = frozenset({"metadata", "representations", "schemas", "documentation"})
_REPRESENTATION_FOLDERS = frozenset({"data", "metadata", "schemas", "documentation"})
_METADATA_FOLDERS = frozenset({"preservation", "descriptive"})
#: kind of a reference -> the requirement on its place.
_PLACES = {"file": "CSIP79", "dmd": "CSIP24", "digiprov": "CSIP38", "rights": "CSIP51", "mptr": "CSIP110"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A package as it was judged: its root folder, METS documents by their path, plain files (path -> bytes), and the findings."""

    root: Path
    documents: Mapping[str, etree._Element]
    files: Mapping[str, int]
    findings: tuple[Finding, ...]


def looks_like_csip(folder: Path) -> bool:
    """Tell whether *folder* is an E-ARK package or means to be one: METS.xml, or the folders of one under its own names."""
    try:
        with os.scandir(folder) as items:
            names = {item.name: item.is_dir(follow_symlinks=False) for item in items}
    except OSError:
        return False
    if names.get(METS_NAME) is False:
        return True
    folders = {name for name, is_folder in names.items() if is_folder}
    has_near_mets = any("mets" in name.lower() and name.lower().endswith("xml") for name, is_folder in names.items() if not is_folder)
    return "representations" in folders or (bool(folders & _OWN_FOLDERS) and (has_near_mets or folders >= {"metadata", "schemas"}))


def check(folder: Path, *, read_by: DigestsOf = digests_of) -> Checked:
    """Judge the E-ARK package at *folder*: the package itself, or a folder with the package as the only thing in it. *read_by* reads a
    file for its digests.

    Never raises for what the package holds.
    """
    found: list[Finding] = []
    root = _root(folder, found)
    files, folders = _scan(root, found)
    _structure(root, files, folders, found)
    documents: dict[str, etree._Element] = {}
    for path in sorted(path for path in files if path.rpartition("/")[2] == METS_NAME and path.count("/") in (0, 2)):
        try:
            documents[path] = mets.parse(root / path)
        except Unreadable as error:
            found.append(remark("CSIP-METS-UNREADABLE", path, str(error)))
            continue
        found += csip_rules.judge(documents[path], path, is_package=path == METS_NAME)
    identity = documents[METS_NAME].get("OBJID", "") if METS_NAME in documents else ""
    if identity and root.name not in {identity, identity.rpartition(":")[2]}:
        found.append(remark("CSIPSTR2", root.name, identity))
    found += _divisions(documents)
    _files(_Present(root, files, {name.casefold(): name for name in files}, read_by), documents, found)
    return Checked(root, documents, files, tuple(dict.fromkeys(found)))


def _root(folder: Path, found: list[Finding]) -> Path:
    """Return the root folder of the package; anything but exactly one is told."""
    if looks_like_csip(folder):
        return folder
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        inside = []
    roots = [item for item in inside if item.is_dir() and not item.is_symlink()]
    if len(roots) == 1 and len(inside) == 1:
        return roots[0]
    likely = [item for item in roots if looks_like_csip(item)]
    if likely or len(roots) != 1:
        found.append(remark("CSIPSTR1", folder.name, "、".join(item.name for item in inside)))
    return likely[0] if likely else folder


def _scan(root: Path, found: list[Finding]) -> tuple[dict[str, int], set[str]]:
    """Return every plain file (path -> bytes) and every folder below *root*; links are told, never followed."""
    files: dict[str, int] = {}
    folders: set[str] = set()
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as items:
                entries = sorted(items, key=lambda item: item.name)
        except OSError as error:
            found.append(remark("CSIP-FOLDER-UNREADABLE", below or root.name, error.strerror or str(error)))
            continue
        for entry in entries:
            path = f"{below}/{entry.name}".lstrip("/")
            if entry.is_dir(follow_symlinks=False):
                folders.add(path)
                pending.append(path)
            elif entry.is_file(follow_symlinks=False):
                files[path] = entry.stat(follow_symlinks=False).st_size
            else:
                found.append(remark("CSIP-LINK", path))
    return files, folders


# --- the folders


def _structure(root: Path, files: Mapping[str, int], folders: set[str], found: list[Finding]) -> None:
    top = {path for path in folders if "/" not in path}
    if METS_NAME not in files:
        found.append(remark("CSIPSTR4", root.name, "、".join(path for path in files if "/" not in path)[:100]))
    for name, code in (("metadata", "CSIPSTR5"), ("representations", "CSIPSTR9"), ("schemas", "CSIPSTR15"), ("documentation", "CSIPSTR16")):
        deeper = name in {"schemas", "documentation"} and any(path.endswith(f"/{name}") and path.count("/") == 2 for path in folders)
        if name not in top and not deeper:
            found.append(remark(code, root.name))
    found += [remark("CSIPSTR14", path) for path in sorted(top - _OWN_FOLDERS)]
    found += _metadata("metadata", files, folders)
    if "representations" in top:
        names = sorted(path for path in folders if path.startswith("representations/") and path.count("/") == 1)
        loose = [path for path in files if path.startswith("representations/") and path.count("/") == 1 and not path.endswith("/.gitkeep")]
        if not names or loose:
            found.append(remark("CSIPSTR10", "representations", "、".join(loose)[:100]))
        for name in names:
            found += _representation(name, files, folders)


def _metadata(place: str, files: Mapping[str, int], folders: set[str]) -> Iterator[Finding]:
    if place not in folders:
        return
    inside = {path for path in folders if path.startswith(f"{place}/") and path.count("/") == place.count("/") + 1}
    for name, code in (("preservation", "CSIPSTR6"), ("descriptive", "CSIPSTR7")):
        if f"{place}/{name}" not in inside:
            yield remark(code, place)
    yield from (remark("CSIPSTR8", path) for path in sorted(inside) if path.rpartition("/")[2] not in _METADATA_FOLDERS)


def _representation(place: str, files: Mapping[str, int], folders: set[str]) -> Iterator[Finding]:
    if f"{place}/data" not in folders:
        yield remark("CSIPSTR11", place)
    if f"{place}/{METS_NAME}" not in files:
        yield remark("CSIPSTR12", place)
    if f"{place}/metadata" not in folders:
        yield remark("CSIPSTR13", place)
    inside = {path for path in folders if path.startswith(f"{place}/") and path.count("/") == 2}
    yield from (remark("CSIPSTR14", path) for path in sorted(inside) if path.rpartition("/")[2] not in _REPRESENTATION_FOLDERS)


def _divisions(documents: Mapping[str, etree._Element]) -> Iterator[Finding]:
    """Every representation with a METS document has a division of its own in that of the package, and no division is of none."""
    if METS_NAME not in documents:
        return
    root = documents[METS_NAME]
    paths = [path for path in documents if path.startswith("representations/")]
    paths += [item.path for item in mets.references(root)]
    there = {parts[1].casefold(): parts[1] for parts in map(_parts, paths) if parts[::2] == ["representations", METS_NAME]}
    prefix = "representations/"
    labels = [node.get("LABEL", "").casefold() for node in root.iterfind("m:structMap/m:div/m:div", mets.NAMESPACES)]
    labelled = {label.removeprefix(prefix).partition("/")[0] for label in labels if label.startswith(prefix)}
    yield from (remark("CSIP105", METS_NAME, there[name]) for name in sorted(there.keys() - labelled))
    yield from (remark("CSIP105", METS_NAME, f"{name}/{METS_NAME}") for name in sorted(labelled - there.keys()))


def _parts(path: str) -> list[str]:
    return path.split("/")[:4]


# --- the files


def _files(present: "_Present", documents: Mapping[str, etree._Element], found: list[Finding]) -> None:
    told = {name.casefold() for name in documents}
    for name, document in documents.items():
        below = name.rpartition("/")[0]
        for item in mets.references(document):
            path = f"{below}/{item.path}".lstrip("/") if item.path else ""
            told.add(path.casefold())
            found += _referred(present, name, item, path)
    if documents:
        found += [remark("CSIP-FILE-NOT-LISTED", path) for path in sorted(present.files) if path.casefold() not in told]


@dataclass(frozen=True, slots=True)
class _Present:
    """The files that are there: path -> bytes, and folded path -> path; and how one is read."""

    root: Path
    files: Mapping[str, int]
    folded: Mapping[str, str]
    read_by: DigestsOf


def _referred(present: _Present, document: str, item: mets.Reference, path: str) -> Iterator[Finding]:
    """Hold one file against what a METS document says of it."""
    if not path:
        yield from _elsewhere(document, item)
        return
    if path not in present.files:
        other = present.folded.get(path.casefold(), "")
        if not other:
            yield remark("CSIP-FILE-MISSING", path, document)
            if item.kind in _PLACES:
                yield remark(_PLACES[item.kind], document, f"{item.href} 不在包中")
            return
        yield remark("CSIP-NAME-CASE", path, other)
        path = other
    if item.size and item.size.strip() != str(present.files[path]):
        yield remark("CSIP-SIZE-DIFFERS", path, f"{item.size} ≠ {present.files[path]}")
    algorithm = mets.ALGORITHMS.get(item.algorithm)
    if not item.checksum or algorithm is None:
        return
    try:
        is_same = present.read_by(str(present.root / path), [algorithm])[0] == item.checksum.strip().lower()
    except OSError as error:
        yield remark("CSIP-FILE-MISSING", path, error.strerror or str(error))
        return
    if not is_same:
        yield remark("CSIP-DIGEST-DIFFERS", path, item.algorithm)


def _elsewhere(document: str, item: mets.Reference) -> Iterator[Finding]:
    """Tell of a reference that leads to no place in the package."""
    if item.href and ".." in item.href.replace("\\", "/").split("/"):
        yield remark("CSIP-PATH-ESCAPES", item.href, document)
    elif item.href:
        yield remark(_PLACES.get(item.kind, "CSIP38"), document, item.href)
