"""migrate-store 迁移档案库: the whole vault carried to another place while everything goes on, then the setting switched.

Object by object, each version with its very inventory, durable and read back there. What is written meanwhile is noted by who writes it
and carried after; only the last few wait for the switch. Broken off anywhere, the same command goes on: what is there whole is passed
over. The old place is left as it is until a person has it removed.
"""

import getpass
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from lantai import work
from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.findings import Finding
from lantai.ports import House
from lantai.ports.moving import Moving, Place
from lantai.ports.settings import Settings, place_settings, rewrite
from lantai.ports.store import Store
from lantai.shelves.copies import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import promised
from lantai.stages.copies.apart import overlapping
from lantai.stages.copies.replicate import drafts_of

_FEW, _HERE = 20, ""
_VARIABLES = ("LANTAI_STORE", "LANTAI_STORE_FOLDER", "LANTAI_S3_BUCKET", "LANTAI_S3_PREFIX", "LANTAI_S3_ENDPOINT", "LANTAI_S3_REGION")


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a move: from where to where, objects there, those that were carried by this run."""

    was: Place
    now: Place
    objects: int
    carried: int


def move(house: House, target: Place) -> Moved:
    """Carry the vault to *target* and switch the setting. Runs as the service account.

    Refusals: MOVE-UNDER-WAY (to elsewhere), MOVE-SAME-PLACE, MOVE-VARIABLES, REPLICA-ADDRESS, MOVE-TAKEN; Fault COPY-SOURCE-DAMAGED
    where an object is damaged here (nothing is switched), and as the vaults have them.
    """
    moving, was, target = Moving(house.data), Settings(data=house.data).vault_place, _named(house, target)
    under_way = moving.target()
    if under_way is not None and under_way != target:
        raise Refusal("MOVE-UNDER-WAY", under_way.address)
    if was == target:
        return _already(house, moving, target)
    if named := [name for name in _VARIABLES if name in os.environ]:
        raise Refusal("MOVE-VARIABLES", "、".join(named))
    if found := overlapping(house, house.vaults.root(target.kind, target.address), _standing(house, was)):
        raise Refusal("MOVE-SAME-PLACE" if found == (_HERE, True) else "MOVE-TAKEN", target.address)
    there = house.vaults.open(target.kind, target.address, founds=True)
    if under_way is None:
        if next(iter(there.record_ids()), None) is not None:
            raise Refusal("MOVE-TAKEN", target.address)
        _tell(house, "vault:moving", {"from": was.address, "to": target.address})
        moving.begin(target)
    there.sweep()
    return _carried(house, moving, there, was, target)


def _carried(house: House, moving: Moving, there: Store, was: Place, target: Place) -> Moved:
    with work.progress("move", "vault", step="迁移档案库", total=queries.kept().count()) as progress:
        objects, carried = _carry(house, there, house.store.record_ids(), progress)
        while len(noted := moving.noted()) > _FEW:
            carried += _carry(house, there, noted, progress)[1]
        carried += _carry(house, there, noted, progress)[1]
        with moving.alone():
            carried += _carry(house, there, moving.noted(), progress)[1]
            moving.remember(was)
            rewrite(house.data / "lantai.toml", place_settings(Place("disk", "") if target == _home(house) else target))
            moving.rest()
    _tell(house, "vault:moved", {"from": was.address, "to": target.address, "objects": objects})
    return Moved(was, target, objects, carried)


def _carry(house: House, there: Store, record_ids: Iterable[str], progress: work.Steps) -> tuple[int, int]:
    """Carry objects; return how many there are, and how many were not there whole before."""
    count = carried = 0
    bad: list[str] = []
    keys = iter(record_ids)
    while part := list(islice(keys, house.settings.slice_records)):
        promises = promised.of(None, part)  # asked before the objects, to which versions may be added meanwhile
        lacking = [(key, number) for key in part if key for number in _lacking(house.store, there, key)]
        bad += [key for key in _written(house, there, lacking) if key not in bad]
        bad += [key for key, promise in promises.items() if key not in bad and not promise.is_kept(there, key)]
        count, carried = count + len(part), carried + len({key for key, _ in lacking})
        progress.advance(len(part))
    if bad:
        known = dict(Record.objects.filter(id__in=bad[:5]).values_list("id", "code"))
        raise Fault("COPY-SOURCE-DAMAGED", "、".join(known.get(key) or key for key in bad[:5]))
    return count, carried


def _lacking(here: Store, there: Store, record_id: str) -> list[int]:
    """Return the versions that are not there. Raises Fault STORE-CONFLICT where one is there and another."""
    number, found = 1, []
    while here.has(record_id, number):
        if not there.has(record_id, number):
            found.append(number)
        elif there.inventory(record_id, number) != here.inventory(record_id, number):
            raise Fault("STORE-CONFLICT", record_id, version=number)
        number += 1
    return found


def _written(house: House, there: Store, versions: Sequence[tuple[str, int]]) -> list[str]:
    """Write versions at once; where that fails, object by object, and name those that are damaged here."""
    if not versions:
        return []
    try:
        _write(house, there, versions)
    except (Coded, ValueError, KeyError):
        return [key for key in dict.fromkeys(key for key, _ in versions) if not _is_written(house, there, key)]
    return []


def _is_written(house: House, there: Store, record_id: str) -> bool:
    """Write one object; False where it is damaged here. A place that is at fault raises: the command is run again."""
    try:
        _write(house, there, [(record_id, number) for number in _lacking(house.store, there, record_id)])
    except (Coded, ValueError, KeyError):
        if not house.store.verify(record_id):
            raise
        return False
    return True


def _write(house: House, there: Store, versions: Sequence[tuple[str, int]]) -> None:
    drafts = [draft for key, number in versions for draft in drafts_of(house.store, key, [number])]
    for draft, stored in zip(drafts, there.write(drafts), strict=True):
        if stored.inventory_sha256 != hashlib.sha256(draft.inventory).hexdigest():
            raise Fault("STORE-DAMAGED", draft.record_id)


def cancel(house: House) -> Place:
    """Let the vault stay where it is; what was carried stays there, and counts for nothing. Raises Refusal MOVE-NONE."""
    moving = Moving(house.data)
    target = moving.target()
    if target is None:
        raise Refusal("MOVE-NONE")
    with moving.alone():
        moving.rest()
    _tell(house, "vault:moving", {"to": target.address, "cancelled": True})
    return target


def remove_old(house: House) -> tuple[Place, list[Finding]]:
    """Remove what the last move left at the old place, once every byte of every object of it has been read here and is whole.

    Return the place and what is wrong: then nothing was removed. Raises Refusal MOVE-NONE, MOVE-OLD-IN-USE, Faults as the vaults have
    them.
    """
    moving = Moving(house.data)
    old = moving.old()
    if old is None or moving.target() is not None or old == Settings(data=house.data).vault_place:
        raise Refusal("MOVE-NONE")
    if overlapping(house, house.vaults.root(old.kind, old.address), _standing(house, Settings(data=house.data).vault_place)):
        raise Refusal("MOVE-OLD-IN-USE", old.address)
    store, problems = house.vaults.open(old.kind, old.address), list[Finding]()
    with work.progress("move", "old", step="核对迁移后的档案库", total=queries.kept().count()) as progress:
        for key in store.record_ids():
            if _lacking(store, house.store, key):
                raise Fault("STORE-ABSENT", key)
            problems += house.store.verify(key)
            progress.advance()
    if not problems:
        house.vaults.remove(old.kind, old.address)
        moving.forget_old()
        _tell(house, "vault:removed", {"place": old.address})
    return old, problems


def _named(house: House, target: Place) -> Place:
    """Return a place as the settings name it: the data folder is one place however it is written."""
    if target.kind != "disk":
        return target
    home, root = _home(house), house.vaults.root
    return home if root("disk", target.address) == root("disk", home.address) else Place("disk", str(Path(target.address)))


def _home(house: House) -> Place:
    """Return where the vault is unless the settings name another place: they then say so whatever folder a backup is restored into."""
    return Place("disk", str(house.data.resolve()))


def _standing(house: House, now: Place) -> Iterator[tuple[str, Place]]:
    """Yield the vault and its replicas: what is at their places must not be moved over nor removed."""
    yield _HERE, now
    yield from ((row.name, Place(row.kind, row.address)) for row in queries.replicas())


def _already(house: House, moving: Moving, target: Place) -> Moved:
    """Finish a move that was switched and did not come to say so. Raises Refusal MOVE-SAME-PLACE where there was none."""
    if moving.target() is None:
        raise Refusal("MOVE-SAME-PLACE", target.address)
    objects = sum(1 for _ in house.store.record_ids())
    moving.rest()
    _tell(house, "vault:moved", {"to": target.address, "objects": objects})
    return Moved(target, target, objects, 0)


def _tell(house: House, event: str, body: dict[str, object]) -> None:
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry(event, f"service:{getpass.getuser()}", "vault", body)], ids=house.ids)
