"""What the ledger promises of an object: which version it is at, under which inventory. Whole by itself, it may still be another one: put
back to an earlier version, or written anew.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from lantai.core.errors import Fault
from lantai.ports.store import Store
from lantai.shelves.copies.models import Copy, Replica
from lantai.shelves.exchange.models import TransferLine
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.queries import read
from lantai.shelves.versions.models import LIVE, Amendment
from lantai.stages.seals import archived_events, is_intact

_OTHERWISE = frozenset({"STORE-ABSENT", "STORE-DAMAGED"})


@dataclass(frozen=True, slots=True)
class Promise:
    """The version that an object must be at least at, and the digest of the inventory of each, as far as the ledger tells."""

    version: int
    told: Mapping[int, str] = field(default_factory=dict)

    def is_kept(self, store: Store, record_id: str) -> bool:
        """Tell whether the version stands there, and each under the inventory it was archived with. Raises Fault where the place is at
        fault."""
        numbers = {*(number for number in self.told if number <= self.version), self.version}
        return all(self._is_the_one(store, record_id, number) for number in sorted(numbers, reverse=True))

    def _is_the_one(self, store: Store, record_id: str, number: int) -> bool:
        try:
            inventory = store.inventory(record_id, number)
        except Fault as fault:
            if fault.code not in _OTHERWISE:
                raise
            return False
        return self.told.get(number) in {None, hashlib.sha256(inventory).hexdigest()}


def told(record_ids: Sequence[str]) -> dict[str, dict[int, str]]:
    """Return, by record and version, the digest of the inventory that the ledger tells of; an event that was altered tells nothing."""
    found: dict[str, dict[int, str]] = {}
    for record_id, events in archived_events(record_ids).items():
        bodies = (read(payload.body) for event, payload in events if is_intact(event, payload))
        found[record_id] = {body["version"]: str(body["inventory_sha256"]) for body in bodies if "inventory_sha256" in body}
    return found


def of(replica: Replica | None, record_ids: Sequence[str]) -> dict[str, Promise]:
    """Return what is promised of records in a replica, or in the vault itself, as far as they have been written there."""
    rows = (
        Record.objects.filter(id__in=record_ids, content_version__gt=0).values_list("id", "content_version")
        if replica is None
        else Copy.objects.filter(replica=replica, record_id__in=record_ids).values_list("record_id", "content_version")
    )
    versions, known = dict(rows), told(record_ids)
    return {record_id: Promise(number, known.get(record_id, {})) for record_id, number in versions.items()}


def has_more(store: Store, record_id: str, version: int) -> bool:
    """Tell whether a version follows in the object that no event tells of, and that nobody is about to enter."""
    if not store.has(record_id, version + 1):
        return False
    known = told([record_id]).get(record_id, {})  # asked after the object: it may just have been entered
    if version + 1 in known:
        return not Promise(version + 1, known).is_kept(store, record_id)
    is_corrected = Amendment.objects.filter(record_id=record_id, state__in=LIVE).exists()
    return not is_corrected and not _handed_over(record_id).exists()


def _handed_over(record_id: str) -> "QuerySet[TransferLine]":
    return TransferLine.objects.filter(record_id=record_id, transfer__state="packed", transfer__receipted_at__isnull=False)
