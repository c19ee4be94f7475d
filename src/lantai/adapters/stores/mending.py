"""A good copy in the place of a damaged object: built aside whole, then the two folders change places."""

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lantai.adapters.stores import settling
from lantai.adapters.stores.disk import File, described, exchange, flush, make, plain_files, read_back
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports.store import Draft, Stored


@dataclass(frozen=True, slots=True)
class Made:
    """An object built aside: the record, its files by path, and the inventory of every version."""

    record_id: str
    files: dict[str, File]
    inventories: tuple[dict[str, Any], ...]


def build(aside: Path, drafts: Sequence[Draft]) -> Made:
    """Build every version of an object in the folder *aside*. Nothing is durable yet."""
    files: dict[str, File] = {}
    inventories: list[dict[str, Any]] = []
    for draft in drafts:
        plan = ocfl.plan(draft, inventories[-1] if inventories else None)
        files |= dict(plain_files(plan, is_new=not inventories))
        inventories.append(json.loads(plan.inventory))
    make(str(aside), list(files.items()))
    return Made(drafts[0].record_id, files, tuple(inventories))


def swap(target: Path, aside: Path, damaged: Path, made: Made) -> list[Stored]:
    """Let what was built take the place of *target*, make that durable and read it back; on failure it is taken out again.

    What stood there is kept in *damaged*, one a record.
    """
    if settling.highest(target) > len(made.inventories):
        raise Fault("STORE-CONFLICT", made.record_id, version=len(made.inventories))
    had = target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    exchange(aside, target)
    try:
        flush(target.parent)
        for path, item in made.files.items():
            read_back(f"{target}/{path}", item)
    except BaseException:
        with suppress(OSError):
            exchange(target, aside) if had else target.rename(aside)
        raise
    if had:
        damaged.mkdir(exist_ok=True)
        shutil.rmtree(damaged / made.record_id, ignore_errors=True)
        aside.rename(damaged / made.record_id)
    numbered = enumerate(made.inventories, 1)
    return [described(target, made.record_id, number, ocfl.logical_files(inventory, number)) for number, inventory in numbered]
