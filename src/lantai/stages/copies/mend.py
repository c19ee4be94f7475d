"""Mending what is damaged from a good copy: whole by every byte, and the very inventory that the ledger tells of."""

import getpass
import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Coded, Refusal
from lantai.ports import House
from lantai.ports.store import Store
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Copy, Replica
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.upkeep import queries as upkeep
from lantai.stages import promised, use
from lantai.stages.copies.replicas import named, opened
from lantai.stages.copies.replicate import drafts_of
from lantai.stages.promised import Promise


def mend(house: House, actor: Actor, key: str) -> list[str]:
    """Mend one record wherever it is damaged or gone; return the names of those places.

    Refusals: ACCESS-REFUSED, RECORD-UNKNOWN, COPY-NO-GOOD-ONE.
    """
    row = use.find_record(key)
    access.require(actor, "vault:copy:mend", where=row.code or row.id)
    return _everywhere(house, row, actor.id)


def mend_as_service(house: House, key: str) -> list[str]:
    """Mend one record as the service account. Refusals: RECORD-UNKNOWN, COPY-NO-GOOD-ONE."""
    return _everywhere(house, use.find_record(key), f"service:{getpass.getuser()}")


def mend_at(house: House, row: Record, place: Replica | None, actor_id: str) -> None:
    """Put a good copy of a record in its place in one vault. Raises Refusal COPY-NO-GOOD-ONE, Faults as the vaults have them."""
    version = row.content_version if place is None else _held(row, place)
    source = _good(house, row, version, besides=place)
    if source is None:
        raise Refusal("COPY-NO-GOOD-ONE", row.code or row.id)
    origin, store = source
    drafts = drafts_of(store, row.id, range(1, version + 1))
    known = promised.told([row.id]).get(row.id, {})
    if any(hashlib.sha256(draft.inventory).hexdigest() != known.get(draft.version) for draft in drafts):  # changed since it was looked at
        raise Refusal("COPY-NO-GOOD-ONE", row.code or row.id)
    stored = opened(house, place).mend(row.id, drafts)
    _apply(house, row, place, {"place": named(place), "from": named(origin), "version": version, "actor": actor_id}, stored[-1].size_bytes)


def _everywhere(house: House, row: Record, actor_id: str) -> list[str]:
    places = [None, *queries.replicas().filter(copies__record_id=row.id)]
    bad = [place for place in places if not _is_away(house, place) and not _is_good(house, row, place, _version(row, place))]
    for place in bad:
        mend_at(house, row, place, actor_id)
    return [named(place) for place in bad]


def _version(row: Record, place: Replica | None) -> int:
    return row.content_version if place is None else _held(row, place)


def _held(row: Record, place: Replica) -> int:
    return Copy.objects.get(replica=place, record_id=row.id).content_version


def _is_away(house: House, place: Replica | None) -> bool:
    """Tell whether a place cannot be reached now: a medium on its shelf is no damage."""
    try:
        opened(house, place)
    except Coded:
        return True
    return False


def _good(house: House, row: Record, version: int, *, besides: Replica | None) -> tuple[Replica | None, Store] | None:
    """Return the first place, the vault first, that holds a version whole."""
    for place in _candidates(row, version):
        if place != besides and _is_good(house, row, place, version):
            return place, opened(house, place)
    return None


def _candidates(row: Record, version: int) -> Iterator[Replica | None]:
    yield None
    yield from queries.replicas().filter(copies__record_id=row.id, copies__content_version__gte=version)


def _is_good(house: House, row: Record, place: Replica | None, version: int) -> bool:
    """Tell whether a place holds every byte of a version, under the inventory that the ledger tells of."""
    try:
        store = opened(house, place)
        known = promised.told([row.id]).get(row.id, {})
        return version in known and Promise(version, known).is_kept(store, row.id) and not store.verify(row.id)
    except Coded:
        return False


def _apply(house: House, row: Record, place: Replica | None, told: dict[str, object], size_bytes: int) -> None:
    """Say in one transaction that a place is whole again: its copy is good, or the record's flag is taken off."""
    now = house.clock.now()
    with transaction.atomic():
        if place is not None:
            own = Copy.objects.filter(replica=place, record_id=row.id)
            own.update(state="good", checked_at=now, size_bytes=size_bytes, version=F("version") + 1)
        else:
            flagged = Record.objects.filter(id=row.id, needs_attention=upkeep.DAMAGED)
            flagged.update(needs_attention="", version=F("version") + 1)
        entries.append(now, [entries.Entry("copy:mended", str(told["actor"]), row.id, told)], ids=house.ids)
