"""What a crash leaves of an object in a folder, brought to an end: its highest complete version is what it is."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from lantai.adapters.stores.disk import copied
from lantai.packages import ocfl, ocfl_check
from lantai.packages.ocfl_inventory import number_of
from lantai.packages.ocfl_place import listing, small


def settle(folder: Path, *, through: Path) -> bool:
    """Give an object the root inventory and sidecar of its highest complete version; return whether anything was done.

    A version above that without an inventory of its own was never finished and is removed. Where no version is complete nothing is
    touched: that is damage, not an interruption. New files come by way of the folder *through*.
    """
    whole = highest(folder)
    if not whole:
        return False
    is_changed = False
    newest = folder / f"v{whole}"
    for name in (ocfl.INVENTORY, ocfl.SIDECAR):
        root = folder / name
        if not root.is_dir() and small(newest / name) != read(root):  # a folder there is damage, not an interruption
            copied(newest / name, root, through=through)
            is_changed = True
    for number in _numbers(folder):
        version = folder / f"v{number}"
        if number > whole and version.is_dir() and not version.is_symlink() and not os.path.lexists(version / ocfl.INVENTORY):
            shutil.rmtree(version)
            is_changed = True
    return is_changed


def highest(folder: Path) -> int:
    """Return the number of the highest complete version in an object's folder, 0 where there is none."""
    return next((number for number in _numbers(folder) if is_complete(folder / f"v{number}", number)), 0)


def is_complete(version: Path, number: int) -> bool:
    """Tell whether a version's folder holds its own inventory, as its sidecar has it, naming that version as the head."""
    return told_of(read(version / ocfl.INVENTORY), read(version / ocfl.SIDECAR), number) is not None


def told_of(content: bytes, told: bytes, number: int) -> dict[str, Any] | None:
    """Return the inventory of a version, None where it is none, is not as its sidecar has it, or names another head."""
    try:
        inventory = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if told != ocfl.sidecar(hashlib.sha256(content).hexdigest()) or ocfl_check.malformed(inventory):
        return None
    return dict(inventory) if inventory["head"] == f"v{number}" else None


def _numbers(folder: Path) -> list[int]:
    """Return the numbers of what is named like a version, the highest first."""
    return sorted((number for name in listing(folder) if (number := number_of(name))), reverse=True)


def read(path: Path) -> bytes:
    """Return the bytes of a small file; none where there is no plain one, or the disk does not give them."""
    try:
        return small(path)
    except OSError:
        return b""
