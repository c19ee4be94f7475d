"""What a crash leaves of an object in a folder, brought to an end: its highest complete version is what it is."""

import hashlib
import json
import shutil
from pathlib import Path

from lantai.adapters.stores.disk import copied
from lantai.packages import ocfl, ocfl_check


def settle(folder: Path, *, through: Path) -> bool:
    """Give an object the root inventory and sidecar of its highest complete version; return whether anything was done.

    A version above that without an inventory of its own was never finished and is removed. Where no version is complete nothing is
    touched: that is damage, not an interruption. New files come by way of the folder *through*.
    """
    numbers = sorted((int(item.name[1:]) for item in folder.glob("v*") if item.name[1:].isdigit()), reverse=True)
    whole = next((number for number in numbers if is_complete(folder / f"v{number}", number)), 0)
    if not whole:
        return False
    is_changed = False
    newest = folder / f"v{whole}"
    for name in (ocfl.INVENTORY, ocfl.SIDECAR):
        root = folder / name
        if not root.is_file() or (newest / name).read_bytes() != root.read_bytes():
            copied(newest / name, root, through=through)
            is_changed = True
    for number in numbers:
        if number > whole and not (folder / f"v{number}" / ocfl.INVENTORY).exists():
            shutil.rmtree(folder / f"v{number}")
            is_changed = True
    return is_changed


def is_complete(version: Path, number: int) -> bool:
    """Tell whether a version's folder holds its own inventory, as its sidecar has it, naming that version as the head."""
    try:
        content, told = (version / ocfl.INVENTORY).read_bytes(), (version / ocfl.SIDECAR).read_bytes()
        inventory = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return False
    agrees = told == ocfl.sidecar(hashlib.sha256(content).hexdigest())
    return agrees and not ocfl_check.malformed(inventory) and inventory["head"] == f"v{number}"
