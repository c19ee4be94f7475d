"""Fixity audits: every byte of a place read and compared, whole or sampled, on all processors, no faster than allowed, and where it was.

Damage is told in the ledger and mended at once from a good copy, where there is one; where there is none it stays flagged for a person.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.preservation import slots_for
from lantai.core.recovery import A_DAY
from lantai.ports import House
from lantai.ports.store import Store
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Audit, Copy, Replica
from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.upkeep import queries as upkeep
from lantai.stages import promised
from lantai.stages.copies.mend import mend_at
from lantai.stages.copies.replicas import PRIMARY, find, named, opened
from lantai.stages.promised import Promise

WORKER = "worker"
STATE_NAMES = {"running": "进行中", "stopped": "已停止", "failed": "未完成", "done": "已完成"}
#: An object that is whole and another than the ledger tells of.
REPLACED = "COPY-REPLACED"
_GONE = frozenset({"OCFL-E063", "STORE-ABSENT"})
#: Faults of one object; the others are of the place.
OF_THE_OBJECT = frozenset({"STORE-ABSENT", "STORE-DAMAGED", "STORE-DENIED"})
#: How many of a slice must be gone, and all of it, before the place itself is taken to be away.
_AWAY_AT = 5
#: How many objects a worker takes at a time: handing them over one by one costs a tenth of reading small ones.
_HANDED = 8
_LONGEST_PAUSE_SECONDS = 60.0
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading one record in one place: good, damaged, gone."""

    record_id: str
    state: str
    codes: str


def start(house: House, actor: Actor, place: str = "", *, share_percent: int = 100) -> Audit:
    """Begin an audit of a replica, or of the vault where *place* is empty. Refusals: ACCESS-REFUSED, REPLICA-UNKNOWN, AUDIT-NOTHING."""
    access.require(actor, "vault:audit:start", where=place)
    replica = None if place in {"", PRIMARY} else find(place)
    return begin(house, actor.id, replica, share_percent)


def begin(house: House, actor_id: str, replica: Replica | None, share_percent: int) -> Audit:
    """Write the audit, tell the ledger and queue it. Refusals: PRESERVE-SHARE, AUDIT-NOTHING."""
    if not 1 <= share_percent <= 100:
        raise Refusal("PRESERVE-SHARE", str(share_percent))
    now = house.clock.now()
    row = Audit(id=house.ids.new(), replica=replica, slots=slots_for(share_percent), started_by=actor_id, started_at=now)
    row.total = sum(1 for _ in queries.sample(row))
    if not row.total:
        raise Refusal("AUDIT-NOTHING", named(replica))
    with transaction.atomic():
        lock("audit")
        row.code = _next_code(now)
        row.save(force_insert=True)
        body = {"code": row.code, "place": named(replica), "slots": row.slots, "total": row.total}
        entries.append(now, [entries.Entry("audit:started", actor_id, row.id, body)], ids=house.ids)
        work.enqueue("audit", audit_id=row.id)
    return row


def stop(house: House, actor: Actor, key: str) -> Audit:
    """Stop an audit after the slice under way. Refusals: ACCESS-REFUSED, AUDIT-UNKNOWN, AUDIT-STATE."""
    return _turn(house, actor, key, ("running",), "stopped")


def resume(house: House, actor: Actor, key: str) -> Audit:
    """Let an audit go on where it was, also one whose worker died without a word. Refusals as in :func:`stop`."""
    return _turn(house, actor, key, ("stopped", "failed", "running"), "running")


def find_audit(key: str) -> Audit:
    """Return the audit of an id or number. Raises Refusal AUDIT-UNKNOWN."""
    row = Audit.objects.filter(id=key).first() or Audit.objects.filter(code=key).first()
    if row is None:
        raise Refusal("AUDIT-UNKNOWN", key)
    return row


def run_to_end(house: House, audit_id: str, *, sleep: Sleep = time.sleep) -> Audit:
    """Take an audit from its cursor to its end, or to where a person stopped it. Of two workers one does each slice.

    Raises Fault STORE-AWAY where the place is not there, or nothing of a slice is.
    """
    audit = find_audit(audit_id)
    with work.progress("audit", audit.id, step=f"固化核验：{named(audit.replica)}", total=audit.total) as progress:
        progress.advance(audit.done)
        while audit.state == "running":
            part = list(islice(queries.sample(audit, audit.cursor), house.settings.slice_records))
            if not part:
                return _conclude(house, audit)
            _slice(house, audit, part, sleep=sleep)
            progress.advance(len(part))
            audit = Audit.objects.select_related("replica").get(id=audit.id)
    return audit


def _slice(house: House, audit: Audit, part: Sequence[tuple[str, int]], *, sleep: Sleep) -> None:
    store, began = opened(house, audit.replica), time.monotonic()
    keys = [key for key, _ in part]
    read = read_all(store, keys, promised.of(audit.replica, keys))
    if len(read) >= _AWAY_AT and all(item.state == "gone" for item in read):
        raise Fault("STORE-AWAY", named(audit.replica))
    size = sum(size for _, size in part)
    sleep(_pause(size, time.monotonic() - began, house.settings.audit_megabytes_per_second))
    bad = _apply(house, audit, part[-1][0], read, size)
    mended = sum(_mended(house, audit, item) for item in bad)
    if mended:
        Audit.objects.filter(id=audit.id).update(mended=F("mended") + mended, version=F("version") + 1)


def read_all(store: Store, record_ids: Sequence[str], promises: Mapping[str, Promise]) -> list[Read]:
    """Read every byte of some objects, on all processors: as the store does it for those that are whole, the others one by one."""
    doubtful = frozenset(store.doubtful(record_ids))

    def judged(keys: Sequence[str]) -> list[Read]:
        return [read_one(store, key, promises.get(key), is_whole=key not in doubtful) for key in keys]

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [item for part in pool.map(judged, batched(record_ids, _HANDED)) for item in part]


def read_one(store: Store, record_id: str, promise: Promise | None, *, is_whole: bool) -> Read:
    """Judge one object, every byte of which is read unless it was found whole already; bytes that the disk does not give are damaged,
    and so is what is whole and not what was archived.

    Raises Fault where the place is at fault, not the object: what was not read is never called whole.
    """
    try:
        codes = [] if is_whole else [item.code for item in store.verify(record_id)]
    except Coded as end:
        if end.code not in OF_THE_OBJECT:
            raise
        return Read(record_id, "gone" if end.code in _GONE else "damaged", end.code)
    if not codes and promise is not None and not promise.is_kept(store, record_id):
        codes = [REPLACED]
    state = "gone" if codes == ["OCFL-E063"] else "damaged" if codes else "good"
    return Read(record_id, state, " ".join(dict.fromkeys(codes))[:300])


def _pause(size_bytes: int, spent_seconds: float, megabytes_per_second: int) -> float:
    if not megabytes_per_second:
        return 0.0
    return min(max(0.0, size_bytes / (megabytes_per_second * 1024**2) - spent_seconds), _LONGEST_PAUSE_SECONDS)


def _apply(house: House, audit: Audit, cursor: str, read: Sequence[Read], size: int) -> list[Read]:
    """Write what was found and the cursor together, if nobody else did this slice; return what is damaged."""
    now = house.clock.now()
    bad = [item for item in read if item.state in {"damaged", "gone"}]
    with transaction.atomic():
        own = Audit.objects.filter(id=audit.id, version=audit.version, state="running")
        done = {"cursor": cursor, "done": F("done") + len(read), "size_bytes": F("size_bytes") + size, "damaged": F("damaged") + len(bad)}
        if not own.update(**done, version=F("version") + 1):
            return []
        if audit.replica is not None:
            _mark(audit.replica, read, now)
        else:
            broken = Record.objects.filter(id__in=[item.record_id for item in bad], needs_attention="")
            broken.update(needs_attention=upkeep.DAMAGED, version=F("version") + 1)
        told = {"audit": audit.code, "place": named(audit.replica)}
        lines = [entries.Entry("copy:damaged", WORKER, item.record_id, told | {"codes": item.codes}) for item in bad]
        entries.append(now, lines, ids=house.ids)
    return bad


def _mark(replica: Replica, read: Sequence[Read], now: datetime) -> None:
    """Write what was found of the copies of a replica."""
    for state in ("good", "damaged", "gone"):
        keys = [item.record_id for item in read if item.state == state]
        Copy.objects.filter(replica=replica, record_id__in=keys).update(state=state, checked_at=now, version=F("version") + 1)


def _mended(house: House, audit: Audit, item: Read) -> bool:
    """Mend what was found, where a good copy is at hand; else it stays flagged."""
    row = Record.objects.filter(id=item.record_id).first()
    if row is None or (audit.replica is not None and audit.replica.kind == "medium"):
        return False
    try:
        mend_at(house, row, audit.replica, WORKER)
    except Coded:
        return False
    return True


def _conclude(house: House, audit: Audit) -> Audit:
    now = house.clock.now()
    body: dict[str, Any] = {"code": audit.code, "place": named(audit.replica), "records": audit.done, "size_bytes": audit.size_bytes}
    with transaction.atomic():
        own = Audit.objects.filter(id=audit.id, version=audit.version, state="running")
        if own.update(state="done", ended_at=now, version=F("version") + 1):
            told = body | {"damaged": audit.damaged, "mended": audit.mended}
            entries.append(now, [entries.Entry("audit:concluded", WORKER, audit.id, told)], ids=house.ids)
    return Audit.objects.select_related("replica").get(id=audit.id)


def _turn(house: House, actor: Actor, key: str, origins: tuple[str, ...], target: str) -> Audit:
    access.require(actor, "vault:audit:start", where=key)
    row = find_audit(key)
    is_on = target == "running"
    with transaction.atomic():
        if not Audit.objects.filter(id=row.id, state__in=origins).update(state=target, reason="", version=F("version") + 1):
            row.refresh_from_db()
            raise Refusal("AUDIT-STATE", row.code, state=STATE_NAMES[row.state], act="继续" if is_on else "停止")
        told = entries.Entry("audit:resumed" if is_on else "audit:stopped", actor.id, row.id, {"code": row.code, "done": row.done})
        entries.append(house.clock.now(), [told], ids=house.ids)
        if is_on:
            work.enqueue("audit", audit_id=row.id)
    row.refresh_from_db()
    return row


def _next_code(now: datetime) -> str:
    head = f"GH-{beijing.day(now)}-"
    last = Audit.objects.filter(code__startswith=head).order_by("-code").values_list("code", flat=True).first()
    return f"{head}{int(last.rpartition('-')[2]) + 1 if last else 1:03d}"


def overdue(house: House) -> list[Replica | None]:
    """Return the places whose last audit that came to its end, or beginning where there was none, is longer ago than ``audit_days``.

    None where that is 0. One that was stopped or failed reads nothing more, and spares nobody.
    """
    days, now = house.settings.audit_days, house.clock.now()
    if not days:
        return []
    return [place for place in (None, *queries.online()) if _since(place, now, "done") > timedelta(days=days)]


def _waiting(house: House) -> list[Replica | None]:
    """Return the places whose audit is to begin by itself: overdue, and none was begun since, whatever became of it."""
    days, now = timedelta(days=house.settings.audit_days), house.clock.now()
    return [place for place in overdue(house) if _since(place, now, "done", "failed") > days and not _is_open(place, now)]


def _is_open(place: Replica | None, now: datetime) -> bool:
    last = Audit.objects.filter(replica=place, started_at__lt=now + A_DAY).order_by("-started_at").first()
    return last is not None and last.state in {"running", "stopped"}


def _since(place: Replica | None, now: datetime, *states: str) -> timedelta:
    last = Audit.objects.filter(replica=place, state__in=states, started_at__lt=now + A_DAY).order_by("-started_at").first()
    if last is not None:
        return now - last.started_at
    first = place.added_at if place else queries.first_kept_at()
    return now - first if first else timedelta(0)


def is_due(house: House) -> bool:
    """Tell whether a place waits for its audit."""
    return bool(_waiting(house))


def begin_due(house: House) -> int:
    """Begin the audit of every place that waits for one; return how many."""
    begun = 0
    with transaction.atomic():
        lock("audit")
        for place in _waiting(house):
            try:
                begin(house, WORKER, place, house.settings.audit_share)
            except Refusal:
                continue
            begun += 1
    return begun


def rest_audit(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let an audit rest that could not go on; a person lets it go on."""
    house, key = work.house(), kwargs.get("audit_id", "")
    if key and Audit.objects.filter(id=key, state="running").update(state="failed", reason=reason, version=F("version") + 1):
        entries.append(house.clock.now(), [entries.Entry("audit:failed", WORKER, key, {"reason": reason})], ids=house.ids)


@work.task("audit", on_give_up=rest_audit)
def audit_task(audit_id: str = "") -> None:
    """Go on with an audit, or with an empty id begin those that are due."""
    if audit_id:
        run_to_end(work.house(), audit_id)
    else:
        begin_due(work.house())
