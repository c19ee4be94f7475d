"""Objects of a vault (OCFL 1.1) at a path: the newest version of each, as it lies there."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lantai.core.checks import RecordFacts
from lantai.packages import ocfl, ocfl_check
from lantai.stages.capture import names
from lantai.stages.examine.stored import Reads, Stored
from lantai.stages.examine.units import Gathering

_OURS = "urn:lantai:"


def found(path: Path) -> list[Path]:
    """Return the object of a record of ours at *path*, or every one below it where it is a storage root of ours; none elsewhere."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for names that no file system takes
        return []
    if _is_ours(path):
        return [path]
    if not (path / ocfl.ROOT_DECLARATION).is_file():
        return []
    objects = sorted(Path(folder) for folder, _, files in os.walk(path) if ocfl.OBJECT_DECLARATION in files)
    return objects if objects and all(map(_is_ours, objects)) else []


def _is_ours(path: Path) -> bool:
    """Tell an object of a record of ours; one of others is a package like any."""
    return str(_inventory(path).get("id", "")).startswith(_OURS) or (ocfl.record_id_of(path.name) != "" and _is_object(path))


def _is_object(path: Path) -> bool:
    return (path / ocfl.OBJECT_DECLARATION).is_file() or (path / ocfl.INVENTORY).is_file()


def facts(gathering: Gathering, folders: list[Path]) -> Iterator[RecordFacts]:
    """Yield the facts of each object, in order."""
    for folder in folders:
        yield _of(gathering, folder)


def _of(gathering: Gathering, folder: Path) -> RecordFacts:
    """Check an object by its standard; what was read on the way, and nothing outside it, is its content."""
    inventory, reads = _inventory(folder), Reads(gathering)
    object_id = str(inventory.get("id", ""))

    def digests(path: Path, algorithms: Iterable[str]) -> dict[str, str]:
        """Say what one read told; what other digests are told of a file is not compared here."""
        read = reads.of(path)
        known = {"sha256": read.sha256, "sm3": read.sm3}
        return {name: known[name] for name in algorithms if known.get(name)}

    findings = ocfl_check.check(folder, object_id.removeprefix(_OURS), digests)
    files = {path: folder / item for path, item in _state(inventory).items() if reads.has(folder / item)}
    return Stored(gathering, reads, files).facts(object_id or names.shown(folder.name), findings)


def _inventory(folder: Path) -> dict[str, Any]:
    """Return the inventory where it has the shape that every reader relies on; what it lacks is told by the check."""
    try:
        read = json.loads((folder / ocfl.INVENTORY).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return dict(read) if isinstance(read, dict) and not ocfl_check.malformed(read) else {}


def _state(inventory: Mapping[str, Any]) -> dict[str, Path]:
    """Return logical path -> content path of the newest version."""
    if not inventory:
        return {}
    state, manifest = inventory["versions"][inventory["head"]]["state"], inventory["manifest"]
    return {path: Path(manifest[digest][0]) for digest, paths in state.items() if digest in manifest for path in paths}
