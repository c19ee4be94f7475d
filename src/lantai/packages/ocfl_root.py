"""OCFL storage roots of others: validated as a whole, and their objects as a source of records, the head and every earlier version."""

import re
from collections.abc import Iterator
from pathlib import Path

from lantai.core.findings import Finding
from lantai.core.record import Role
from lantai.packages import within
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.filing_read import plain_files
from lantai.packages.filing_values import FilingDocument, FilingFile, FilingPackage
from lantai.packages.manifest import safe_path
from lantai.packages.ocfl import INVENTORY
from lantai.packages.ocfl_check import objects_in, validate
from lantai.packages.ocfl_inventory import Inventory, number_of, parse, read
from lantai.packages.ocfl_place import listing, small
from lantai.packages.outside import Unreadable, read_bytes
from lantai.packages.remarks import remark
from lantai.standards import ocfl as standard

_DECLARATION = re.compile(r"0=(ocfl_(1\.[01]))")
_LAYOUT = "ocfl_layout.json"
_EXTENSIONS = "extensions"


def is_object(folder: Path) -> bool:
    """Tell whether *folder* is an OCFL object or was one: it declares so, or has an inventory with a sidecar or versions."""
    names = listing(folder)
    has_versions = any(number_of(name) and kind == "d" for name, kind in names.items())
    has_inventory = names.get(INVENTORY) == "f" and (has_versions or any(name.startswith(f"{INVENTORY}.") for name in names))
    return any(name.startswith("0=ocfl_object_") for name in names) or has_inventory


def is_root(folder: Path) -> bool:
    """Tell whether *folder* is an OCFL storage root: it declares so, or has a layout file."""
    names = listing(folder)
    return any(name.startswith("0=ocfl_") and not name.startswith("0=ocfl_object") for name in names) or names.get(_LAYOUT) == "f"


def validate_root(folder: Path, *, read_by: DigestsOf = digests_of) -> list[Finding]:
    """Judge a storage root and every object in it; findings of objects have their path before them. *read_by* reads a file for its
    digests."""
    found: list[Finding] = []
    names = listing(folder)
    spec = _declaration(folder, [name for name, kind in names.items() if name.startswith("0=") and kind == "f"], found)
    _layout(folder, names.get(_LAYOUT) == "f", found)
    for name, kind in listing(folder / _EXTENSIONS).items():
        if kind != "d":
            found.append(remark("OCFL-E112", f"{_EXTENSIONS}/{name}"))
        elif name not in standard.extensions():
            found.append(remark("OCFL-W016", f"{_EXTENSIONS}/{name}"))
    objects = list(objects_in(folder))
    _hierarchy(folder, set(objects), found)
    depths = {len(item.relative_to(folder).parts) == 1 for item in objects}
    if len(depths) > 1:
        found.append(remark("OCFL-W015", folder.name))
    for item in objects:
        place = item.relative_to(folder)
        declared = max((name.removeprefix("0=ocfl_object_") for name in listing(item) if name.startswith("0=ocfl_object_")), default="")
        if spec and declared > spec:
            found.append(remark("OCFL-E081", str(place), declared))
        found += [remark(one.code, f"{place}/{one.where}", _reason(one)) for one in validate(item, read_by=read_by)]
    return found


def _reason(item: Finding) -> str:
    """Return what stands in the brackets of a finding made by :func:`remark`."""
    match = re.search(r"（([^（）]*)）", item.message)
    return match[1] if match else ""


def _declaration(folder: Path, declared: list[str], found: list[Finding]) -> str:
    if not declared:
        found.append(remark("OCFL-E069", folder.name))
    if len(declared) > 1:
        found.append(remark("OCFL-E076", folder.name, "、".join(declared)))
    spec = ""
    for name in declared:
        match = _DECLARATION.fullmatch(name)
        if match is None:
            found.append(remark("OCFL-E079", name))
            continue
        spec = max(spec, match[2])
        try:
            if read_bytes(folder / name) != f"{match[1]}\n".encode():
                found.append(remark("OCFL-E080", name))
        except Unreadable as error:
            found.append(remark("OCFL-E080", name, str(error)))
    return spec


def _layout(folder: Path, is_there: bool, found: list[Finding]) -> None:  # noqa: FBT001 - one fact of the folder
    if not is_there:
        return
    try:
        layout = parse(read_bytes(folder / _LAYOUT))
    except (Unreadable, ValueError) as error:
        found.append(remark("OCFL-E070", _LAYOUT, str(error)))
        return
    if not isinstance(layout, dict) or not all(isinstance(layout.get(key), str) for key in ("extension", "description")):
        found.append(remark("OCFL-E070", _LAYOUT))
    elif layout["extension"] not in standard.extensions():
        found.append(remark("OCFL-E071", _LAYOUT, layout["extension"]))


def _hierarchy(folder: Path, objects: set[Path], found: list[Finding]) -> None:
    """Between the root and its objects stand folders alone, none of them empty, none of them a link."""
    pending = [folder]
    while pending:
        here = pending.pop()
        inside = listing(here)
        place = str(here.relative_to(folder))
        if not inside and here != folder:
            found.append(remark("OCFL-E073", place))
        for name, kind in inside.items():
            if kind == "l":
                found.append(remark("OCFL-E090", f"{place}/{name}".removeprefix("./")))
            elif kind == "f" and here != folder:
                found.append(remark("OCFL-E072", f"{place}/{name}"))
            elif kind == "d" and here / name not in objects and (here, name) != (folder, _EXTENSIONS):
                pending.append(here / name)


# --- objects as records


def package_of(folder: Path) -> FilingPackage:
    """Return the object in *folder* as one record: the state of its head, then what only earlier versions hold.

    Its inventories and logs are the files that describe it. Nothing is opened but the inventory and record.xml.
    """
    found: list[Finding] = []
    present = [path for path in plain_files(folder, found) if path != INVENTORY]
    inventory = _inventory(folder)
    if inventory is None:
        own = [path for path in present if path.startswith(("0=", "inventory.json"))]
        stored = {path: path for path in present if path not in own}
        return FilingPackage(documents=tuple(within.rest_of(stored, stored)), own_files=(INVENTORY, *own), findings=tuple(found))
    head = dict(_state(inventory, inventory.head, set(present)))
    contents = {path for path in present if path.count("/") > 1 and path.split("/")[1] == inventory.content_directory}
    documents = _described(folder, inventory, head)
    earlier = [path for path in sorted(contents - set(head.values())) if path in inventory.manifest]
    kept = [
        FilingDocument(number, Role.OTHER, _earlier_title(inventory, path), (FilingFile(path, path.rpartition("/")[2], stored=path),))
        for number, path in enumerate(earlier, len(documents.documents) + 1)
    ]
    strays = [path for path in sorted(contents) if path not in inventory.manifest]
    kept += [
        FilingDocument(len(documents.documents) + len(kept) + 1, Role.OTHER, "", (FilingFile(path, path, stored=path),)) for path in strays
    ]
    taken = {file.stored or file.path for document in (*documents.documents, *kept) for file in document.files}
    rest = tuple(path for path in (INVENTORY, *present) if path not in taken)
    return FilingPackage(
        code=documents.code or inventory.id,
        elements=documents.elements,
        documents=(*documents.documents, *kept),
        agents=documents.agents,
        events=documents.events,
        relations=documents.relations,
        own_files=rest,
        findings=tuple(found),
    )


def _inventory(folder: Path) -> Inventory | None:
    content = small(folder / INVENTORY)
    return read(content, INVENTORY, []) if content else None


def _state(inventory: Inventory, version: str, present: set[str]) -> Iterator[tuple[str, str]]:
    """Yield logical path -> content path of a version, as far as both are safe and the content is there."""
    places: dict[str, str] = {}
    for path, digest in inventory.manifest.items():
        if path in present:
            places.setdefault(digest.lower(), path)
    for logical, digest in inventory.states.get(version, {}).items():
        place = places.get(digest.lower())
        if place is not None and safe_path(logical):
            yield logical, place


def _described(folder: Path, inventory: Inventory, head: dict[str, str]) -> FilingPackage:
    record = None
    if within.RECORD in head:
        try:
            record = within.record_of(read_bytes(folder / head[within.RECORD]))
        except Unreadable:
            record = None
    if record is not None:
        content = {path: place for path, place in head.items() if "/" in path and not path.endswith("/text.json")}
        return within.package_of(record, content, ())
    documents = within.rest_of(head, head)
    digests = {path: digest.lower() for path, digest in inventory.manifest.items()} if inventory.algorithm == "sha256" else {}
    return FilingPackage(
        documents=tuple(
            FilingDocument(
                item.sequence,
                item.role,
                item.title,
                tuple(FilingFile(file.path, file.name, sha256=digests.get(file.stored, ""), stored=file.stored) for file in item.files),
            )
            for item in documents
        )
    )


def _earlier_title(inventory: Inventory, content: str) -> str:
    """Return the logical path and the version under which an earlier version knew a content path."""
    digest = inventory.manifest[content].lower()
    for name in reversed(inventory.names):
        for logical, own in inventory.states.get(name, {}).items():
            if own.lower() == digest:
                return f"{logical}（{name}）"
    return content
