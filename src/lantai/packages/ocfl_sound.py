"""Whether an object of ours is, to the last byte, what this vault writes: the quick answer of a fixity audit.

An audit reads millions of objects that are whole. For those, names, inventories and digests are held against the one form that
``lantai.packages.ocfl`` writes, with as few calls of the system as that takes. Whatever differs in anything is not judged here:
``ocfl_check`` then says what is wrong with it, or that nothing is.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from lantai.packages import layout, ocfl
from lantai.packages.digesting import digest_of, small
from lantai.packages.ocfl_inventory import parse

_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"(?m:^|/)\.{0,2}(?m:/|$)")  # in paths, one a line
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_KEYS = {"id", "type", "digestAlgorithm", "head", "manifest", "versions"}
_BLOCK, _USER = {"created", "state", "message", "user"}, {"name", "address"}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DESCRIBING = (ocfl.INVENTORY, ocfl.SIDECAR)


def is_sound(folder: str, record_id: str) -> bool:
    """Read every byte of the object of a record; True where all of it is as it was written. False says nothing of what is wrong.

    Links are not followed. Raises nothing: what cannot be read is for the thorough check to tell.
    """
    try:
        here = os.open(folder, _FOLDER)
    except OSError:
        return False
    try:
        return _is_sound(folder, here, record_id)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    finally:
        os.close(here)


def _is_sound(folder: str, here: int, record_id: str) -> bool:
    """Tell it of the folder that is open as *here*: from there the way to each file is short."""
    root = small(ocfl.INVENTORY, here)
    inventory = parse(root)
    names = _versions(inventory, record_id)
    signed = ocfl.sidecar(hashlib.sha256(root).hexdigest())
    is_ours = names and small(ocfl.SIDECAR, here) == signed and small(ocfl.OBJECT_DECLARATION, here) == ocfl.OBJECT_DECLARATION_BYTES
    if not is_ours:
        return False
    manifest = {path: digest for digest, paths in inventory["manifest"].items() for path in paths}
    if not _is_consistent(inventory, manifest) or not _is_tree(folder, names, manifest):
        return False
    for name in names:
        if not _is_version(here, name, inventory, root, signed):
            return False
    return all(digest_of(path, here) == digest for path, digest in manifest.items())


def _versions(inventory: Mapping[str, Any], record_id: str) -> list[str]:
    """Return the names of the versions in order; none where the head of the inventory is not of our making."""
    names = list(inventory["versions"])
    is_ours = (
        inventory.keys() == _KEYS
        and inventory["id"] == ocfl.object_id(record_id)
        and inventory["type"] == ocfl.INVENTORY_TYPE
        and inventory["digestAlgorithm"] == "sha256"
        and names == [f"v{number}" for number in range(1, len(names) + 1)]
        and inventory["head"] == names[-1]
    )
    return names if is_ours else []


def _is_consistent(inventory: Mapping[str, Any], manifest: Mapping[str, str]) -> bool:
    """Tell whether every block has its form, every digest of a state is listed, every listed one used, and every path is one.

    That no path of the manifest lies below another is for the file system to say.
    """
    digests = inventory["manifest"]
    used: set[str] = set()
    for block in inventory["versions"].values():
        if block.keys() != _BLOCK or not isinstance(block["message"], str) or not _is_instant(block["created"]):
            return False
        state, user = block["state"], block["user"]
        if user.keys() != _USER or not _is_user(user["name"], user["address"]):
            return False
        paths = [path for paths in state.values() for path in _listed(paths)]
        if not _are_safe(paths) or not _are_apart(paths):
            return False
        used |= state.keys()
    is_manifest = sum(len(_listed(paths)) for paths in digests.values()) == len(manifest) and _are_safe(manifest)
    return is_manifest and used == digests.keys() and all(map(_DIGEST.fullmatch, digests))


def _is_version(here: int, name: str, inventory: Mapping[str, Any], root: bytes, signed: bytes) -> bool:
    """Tell whether a version's own inventory says what the root's does of it and of those before; *signed* is the root's sidecar."""
    names = list(inventory["versions"])
    own, own_signed = small(f"{name}/{ocfl.INVENTORY}", here), small(f"{name}/{ocfl.SIDECAR}", here)
    if name == names[-1]:
        return own == root and own_signed == signed
    if own_signed != ocfl.sidecar(hashlib.sha256(own).hexdigest()):
        return False
    known = names[: names.index(name) + 1]
    then = parse(own)
    manifest = {
        digest: kept
        for digest, paths in inventory["manifest"].items()
        if (kept := [path for path in paths if path.partition("/")[0] in known])
    }
    versions = {each: inventory["versions"][each] for each in known}
    return bool(then == {**inventory, "head": name, "manifest": manifest, "versions": versions} and list(then["versions"]) == known)


def _is_tree(folder: str, names: list[str], paths: Iterable[str]) -> bool:
    """Tell whether the folders of the object are real ones and hold what its inventories name, no more and no less.

    That the files are plain ones is for those who open them.
    """
    own = dict.fromkeys(_DESCRIBING, False)
    tree = {"": {ocfl.OBJECT_DECLARATION: False, **own, **dict.fromkeys(names, True)}, **{name: dict(own) for name in names}}
    within = tuple(f"{name}/content/" for name in names)
    for path in paths:
        if not path.startswith(within):
            return False
        above, _, name = path.rpartition("/")
        is_folder = False
        while above not in tree:
            tree[above] = {name: is_folder}
            above, _, name = above.rpartition("/")
            is_folder = True
        tree[above][name] = is_folder
    return all(_holds(f"{folder}/{below}", inside) for below, inside in tree.items())


def _holds(place: str, inside: Mapping[str, bool]) -> bool:
    """Tell whether a folder holds these names and no others; *inside* tells of each whether it is a folder itself, not a link to one."""
    with os.scandir(place) as items:
        return {item.name: item.is_dir(follow_symlinks=False) for item in items} == inside


def _are_safe(paths: Collection[str]) -> bool:
    """Tell whether none of these paths, each of them text, leads elsewhere by a step that is empty or one or two full stops."""
    lines = "\n".join(paths)
    return not _UNSAFE.search(lines) and lines.count("\n") == len(paths) - 1


def _are_apart(paths: list[str]) -> bool:
    """Tell whether no path stands twice, or where another has a folder."""
    known = set(paths)
    return len(known) == len(paths) and known.isdisjoint(layout.folders(paths))


def _listed(paths: object) -> list[str]:
    if not isinstance(paths, list) or not paths:
        raise ValueError(paths)
    return paths


@lru_cache(4096)
def _is_user(name: str, address: str) -> bool:
    return isinstance(name, str) and bool(name) and bool(_ADDRESS.fullmatch(address))


@lru_cache(4096)
def _is_instant(text: str) -> bool:
    if not _CREATED.fullmatch(text):
        return False
    datetime.fromisoformat(text)
    return True
