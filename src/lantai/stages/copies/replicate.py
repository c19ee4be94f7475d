"""Writing copies: what the vault holds and a replica does not, a slice at a time, durable and read back before its rows say so."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Coded, Fault
from lantai.core.evidence import canonical_json
from lantai.core.locking import lock_until
from lantai.packages import ocfl
from lantai.ports import House
from lantai.ports.store import Draft, Store, Stored
from lantai.shelves.bulk import insert
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Copy, Replica
from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import promised
from lantai.stages.copies.replicas import find, opened

WORKER = "worker"
#: A replica that could not be reached is tried again after this long.
AGAIN_AFTER_SECONDS = 600


def replicate(house: House, replica_id: str = "") -> int:
    """Bring a replica (all that are written by themselves where empty) up to date; return how many records were copied.

    What the vault holds damaged is left out and named by a Fault at the end; everything else is copied all the same.
    """
    chosen = queries.online().filter(id=replica_id) if replica_id else queries.online()
    return sum(_replicate(house, row) for row in chosen)


def fill(house: House, actor: Actor, key: str, address: str = "") -> int:
    """Bring an offline medium up to date that is mounted at *address* now. Refusals: ACCESS-REFUSED, REPLICA-UNKNOWN; Fault STORE-AWAY."""
    access.require(actor, "vault:medium:change", where=key)
    row = find(key)
    if address and address != row.address:
        opened(house, Replica(id=row.id, name=row.name, kind=row.kind, address=address))
        Replica.objects.filter(id=row.id).update(address=address, version=F("version") + 1)
        row.refresh_from_db()
    return _replicate(house, row)


def drafts_of(store: Store, record_id: str, versions: Sequence[int]) -> list[Draft]:
    """Return versions of an object in a vault as drafts for another."""
    return [ocfl.draft_of(record_id, store.inventory(record_id, number), partial(_opened, store, record_id, number)) for number in versions]


def _opened(store: Store, record_id: str, version: int, path: str) -> Any:  # noqa: ANN401 - a stream
    return store.open(record_id, path, version)


def _replicate(house: House, replica: Replica) -> int:
    store, done, last = opened(house, replica), 0, ""
    bad: list[str] = []
    if not house.vaults.label(replica.kind, replica.address):  # of the time before there were labels
        house.vaults.put_label(replica.kind, replica.address, replica.id)
    total = queries.lacking(replica).count()
    with work.progress("replicate", replica.id, step=f"写入副本：{replica.name}", total=total) as progress:
        while rows := list(queries.lacking(replica).filter(id__gt=last).order_by("id")[: house.settings.slice_records]):
            last = rows[-1].id
            stored, unread, end = _copy(house, store, rows)
            _lock(house, replica, store, [row for row in rows if row.id in {item.record_id for item in stored}])
            done += _apply(house, replica, rows, stored)
            if end is not None:
                raise end
            bad += unread
            progress.advance(len(rows))
    if replica.trouble:
        Replica.objects.filter(id=replica.id).update(trouble="", troubled_at=None, version=F("version") + 1)
    if bad:
        raise Fault("COPY-SOURCE-DAMAGED", "、".join(bad[:5]))
    return done


def _lock(house: House, replica: Replica, store: Store, rows: Sequence[Record]) -> None:
    """Lock what was copied where the replica's address asks for that, never beyond the end of a record's retention."""
    days, now = house.vaults.lock_days(replica.kind, replica.address), house.clock.now()
    for row in rows if days else ():
        until = lock_until(now, days, retention=row.retention, due_date=row.due_date)
        if until is not None:
            store.lock(row.id, until)


def _copy(house: House, store: Store, rows: Sequence[Record]) -> tuple[list[Stored], list[str], Exception | None]:
    """Copy a slice at once; where that fails, one by one, and name what cannot be copied.

    Where the replica is at fault (full, gone) return what it took so far and the fault: a medium holds what fits on it.
    """
    try:
        return _written(house, store, rows), [], None
    except (Coded, ValueError, KeyError):
        held, bad = list[Stored](), list[str]()
    for row in rows:
        try:
            stored = _copy_one(house, store, row)
        except (Coded, ValueError, KeyError) as end:
            return held, bad, end
        held += stored
        bad += [] if stored else [row.code or row.id]
    return held, bad, None


def _copy_one(house: House, store: Store, row: Record) -> list[Stored]:
    """Copy one record; nothing where the vault holds it damaged, or another one. A replica that is at fault raises: the work is tried
    again."""
    try:
        return _written(house, store, [row])
    except (Coded, ValueError, KeyError):
        if not house.store.verify(row.id) and promised.of(None, [row.id])[row.id].is_kept(house.store, row.id):
            raise
        return []


def _written(house: House, store: Store, rows: Sequence[Record]) -> list[Stored]:
    drafts = [draft for row in rows for draft in drafts_of(house.store, row.id, range(1, row.content_version + 1))]
    known = promised.told([row.id for row in rows])
    for draft in drafts:
        if known.get(draft.record_id, {}).get(draft.version) not in {None, hashlib.sha256(draft.inventory).hexdigest()}:
            raise Fault("STORE-DAMAGED", draft.record_id)
    newest = {row.id: row.content_version for row in rows}
    return [item for item in store.write(drafts) if item.version == newest[item.record_id]]


def _apply(house: House, replica: Replica, rows: Sequence[Record], stored: Sequence[Stored]) -> int:
    """Say in one transaction what the replica now holds."""
    if not stored:
        return 0
    now, codes = house.clock.now(), {row.id: row.code for row in rows}
    with transaction.atomic():
        lock("copies")
        known = {row.record_id: row for row in Copy.objects.filter(replica=replica, record_id__in=[item.record_id for item in stored])}
        fresh = [item for item in stored if item.record_id not in known or known[item.record_id].content_version < item.version]
        for item in fresh:
            if item.record_id in known:
                _renew(known[item.record_id], item, now)
        insert(Copy, [_row(house, replica, item, now) for item in fresh if item.record_id not in known])
        if fresh:
            listing = [[item.record_id, item.version, item.inventory_sha256] for item in fresh]
            body = {"replica": replica.name, "records": len(fresh), "list_sha256": hashlib.sha256(canonical_json(listing)).hexdigest()}
            body["first"], body["last"] = codes[fresh[0].record_id], codes[fresh[-1].record_id]
            entries.append(now, [entries.Entry("replica:copied", WORKER, replica.id, body)], ids=house.ids)
    return len(fresh)


def _row(house: House, replica: Replica, item: Stored, now: Any) -> Copy:  # noqa: ANN401 - an instant
    return Copy(
        id=house.ids.new(),
        replica=replica,
        record_id=item.record_id,
        content_version=item.version,
        inventory_sha256=item.inventory_sha256,
        size_bytes=item.size_bytes,
        written_at=now,
        checked_at=now,
    )


def _renew(row: Copy, item: Stored, now: Any) -> None:  # noqa: ANN401 - an instant
    row.content_version, row.inventory_sha256, row.size_bytes = item.version, item.inventory_sha256, row.size_bytes + item.size_bytes
    row.state, row.written_at, row.checked_at, row.version = "good", now, now, row.version + 1
    row.save()


def pending(house: House) -> list[str]:
    """Return the ids of replicas that lack something and may be tried now."""
    now = house.clock.now()
    rested = [row for row in queries.online() if row.troubled_at is None or (now - row.troubled_at).total_seconds() > AGAIN_AFTER_SECONDS]
    return [row.id for row in rested if queries.lacking(row).exists()]


def rest_replica(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let a replica rest that could not be written; it is shown, and tried again later by itself."""
    rows = queries.online().filter(id=kwargs["replica_id"]) if kwargs.get("replica_id") else queries.online()
    rows.update(trouble=reason, troubled_at=work.house().clock.now(), version=F("version") + 1)


@work.task("replicate", on_give_up=rest_replica)
def replicate_task(replica_id: str = "") -> None:
    """Bring a replica up to date in the background."""
    replicate(work.house(), replica_id)
