"""Validation of one OCFL object: every byte read and compared, every deviation a finding.

Codes are ``OCFL-`` and the number of the OCFL 1.1 validation code that was broken.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lantai.core.findings import Finding, finding
from lantai.packages.ocfl import INVENTORY, OBJECT_DECLARATION, OBJECT_DECLARATION_BYTES, SIDECAR, object_id, sidecar

_CHUNK = 1 << 20
_HEAD = re.compile(r"v[1-9][0-9]{0,8}")
_PARTS = ("id", "type", "digestAlgorithm", "head", "manifest", "versions")

# What an errno says of the medium and not of our rights to it: the byte is as good as altered.
_UNREADABLE = frozenset({errno.EIO, errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.EUCLEAN})


def check(folder: Path, record_id: str) -> list[Finding]:
    """Read every byte of the object in *folder* and return what is wrong with it; nothing wrong, nothing returned.

    Raises OSError only where the rights or the machine are at fault, not the object.
    """
    if not (folder / INVENTORY).is_file():
        return [finding("OCFL-E063", folder.name)]
    found = list(_declaration(folder))
    content = (folder / INVENTORY).read_bytes()
    inventory = _parsed(content, INVENTORY, found)
    if inventory is None:
        return found
    if inventory["id"] != object_id(record_id):
        found.append(finding("OCFL-E037", INVENTORY))
    found += _sidecar(folder, "", content)
    found += _versions(folder, inventory, content)
    found += _contents(folder, inventory)
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex; empty where it is no plain file or the medium does not give it back."""
    if not _is_plain(path):
        return ""
    sha256 = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        return ""
    return sha256.hexdigest()


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _declaration(folder: Path) -> Iterator[Finding]:
    path = folder / OBJECT_DECLARATION
    if not path.is_file():
        yield finding("OCFL-E003", OBJECT_DECLARATION)
    elif path.read_bytes() != OBJECT_DECLARATION_BYTES:
        yield finding("OCFL-E007", OBJECT_DECLARATION)


def _parsed(content: bytes, where: str, found: list[Finding]) -> dict[str, Any] | None:
    try:
        inventory = json.loads(content)
    except (ValueError, RecursionError) as error:
        found.append(finding("OCFL-E033", where, reason=str(error)))
        return None
    reason = malformed(inventory)
    if reason:
        found.append(finding("OCFL-E036", where, reason=reason))
        return None
    return dict(inventory)


def malformed(inventory: object) -> str:
    """Return in words what an inventory lacks of the shape that every reader relies on, or nothing."""
    if not isinstance(inventory, dict):
        return "不是对象"
    missing = [part for part in _PARTS if part not in inventory]
    if missing:
        return "缺 " + "、".join(missing)
    versions = inventory["versions"]
    if not isinstance(versions, dict) or inventory["head"] not in list(versions) or not _HEAD.fullmatch(inventory["head"]):
        return "head"
    if inventory["digestAlgorithm"] != "sha256":
        return "digestAlgorithm"
    blocks = [inventory["manifest"], *(isinstance(item, dict) and item.get("state") for item in versions.values())]
    blocks += list(inventory.get("fixity", {}).values()) if isinstance(inventory.get("fixity", {}), dict) else [None]
    return "" if all(_is_digest_map(block) for block in blocks) else "摘要与路径的对照"


def _is_digest_map(block: object) -> bool:
    if not isinstance(block, dict):
        return False
    lists = [paths for paths in block.values() if isinstance(paths, list) and paths]
    return len(lists) == len(block) and all(isinstance(path, str) and _is_inside(path) for paths in lists for path in paths)


def _is_inside(path: str) -> bool:
    return bool(path) and all(part not in {"", ".", ".."} for part in path.split("/"))


def _sidecar(folder: Path, version: str, content: bytes) -> Iterator[Finding]:
    where = f"{version}/{SIDECAR}".lstrip("/")
    path = folder / where
    if not path.is_file():
        yield finding("OCFL-E058", where)
        return
    written = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if written.split()[1:] != [INVENTORY.encode()]:
        yield finding("OCFL-E061", where)
    elif written.split() != sidecar(digest).split():
        yield finding("OCFL-E060", f"{version}/{INVENTORY}".lstrip("/"))


def _versions(folder: Path, inventory: Mapping[str, Any], content: bytes) -> Iterator[Finding]:
    """Check that the object holds the versions the inventory tells of and nothing else, each with its own inventory."""
    head = int(inventory["head"][1:])
    expected = [f"v{number}" for number in range(1, min(head, len(inventory["versions"])) + 1)]
    if head != len(expected) or sorted(expected) != sorted(inventory["versions"]):
        yield finding("OCFL-E010", inventory["head"])
    for name in sorted(item.name for item in folder.iterdir()):
        if name not in {OBJECT_DECLARATION, INVENTORY, SIDECAR, *expected}:
            yield finding("OCFL-E001", name)
    for version in expected:
        yield from _version(folder, version, inventory, content)


def _version(folder: Path, version: str, inventory: Mapping[str, Any], content: bytes) -> Iterator[Finding]:
    if not (folder / version).is_dir():
        yield finding("OCFL-E010", version)
        return
    for name in sorted(item.name for item in (folder / version).iterdir()):
        if name not in {INVENTORY, SIDECAR, "content"}:
            yield finding("OCFL-E015", f"{version}/{name}")
    where = f"{version}/{INVENTORY}"
    path = folder / where
    if not path.is_file():
        yield finding("OCFL-E063", where)
        return
    own = path.read_bytes()
    yield from _sidecar(folder, version, own)
    if version == inventory["head"]:
        if own != content:
            yield finding("OCFL-E064", where)
        return
    yield from _earlier(own, version, inventory)


def _earlier(own: bytes, version: str, inventory: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that an earlier inventory tells the same of its versions as the root's does."""
    found: list[Finding] = []
    earlier = _parsed(own, f"{version}/{INVENTORY}", found)
    yield from found
    if earlier is None:
        return
    same = all(inventory["versions"].get(name, {}).get("state") == item["state"] for name, item in earlier["versions"].items())
    held = all(set(paths) <= set(inventory["manifest"].get(digest, ())) for digest, paths in earlier["manifest"].items())
    if not (same and held and earlier["head"] == version and earlier["id"] == inventory["id"]):
        yield finding("OCFL-E066", f"{version}/{INVENTORY}")


def _contents(folder: Path, inventory: Mapping[str, Any]) -> Iterator[Finding]:
    manifest = _by_path(inventory["manifest"])
    present = set(_walk(folder, inventory))
    for path in sorted(manifest):
        if (sha256_of(folder / path) if path in present else "") != manifest[path].lower():
            yield finding("OCFL-E092", path)
    for path in sorted(present - manifest.keys()):
        yield finding("OCFL-E023", path)
    for item in inventory["versions"].values():
        for digest in item["state"].keys() - inventory["manifest"].keys():
            yield finding("OCFL-E050", digest)


def _by_path(block: Mapping[str, list[str]]) -> dict[str, str]:
    return {path: digest for digest, paths in block.items() for path in paths}


def _walk(folder: Path, inventory: Mapping[str, Any]) -> Iterator[str]:
    """Yield the path of everything that is not a folder under the versions' content; links are yielded, never followed."""
    for version in filter(_HEAD.fullmatch, inventory["versions"]):
        stack: list[str] = [f"{version}/content"] if (folder / version / "content").is_dir() else []
        while stack:
            below = stack.pop()
            with os.scandir(folder / below) as entries:
                kinds = {f"{below}/{entry.name}": entry.is_dir(follow_symlinks=False) for entry in entries}
            stack += [path for path, is_folder in kinds.items() if is_folder]
            yield from (path for path, is_folder in kinds.items() if not is_folder)
