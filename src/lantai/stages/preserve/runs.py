"""Beginning, stopping and resuming a run of the preservation gate."""

import getpass
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.preservation import slots_for
from lantai.ports import House
from lantai.shelves.databases import lock
from lantai.shelves.ledger import entries
from lantai.shelves.upkeep import queries
from lantai.shelves.upkeep.models import Plan, Run

STATE_NAMES = {"running": "进行中", "stopped": "已停止", "failed": "未完成", "done": "已完成"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is to cover: a share of the archived records in percent, narrowed to a category or retention, and why it is run."""

    share_percent: int = 100
    category: str = ""
    retention: str = ""
    occasion: str = "started"


def start(house: House, actor: Actor, scope: Scope) -> Run:
    """Begin a run as *actor* and put it on the queue. Refusals: ACCESS-REFUSED, PRESERVE-SHARE, PRESERVE-NOTHING."""
    access.require(actor, "upkeep:run:start")
    return begin(house, actor.id, scope)


def start_as_service(house: House, scope: Scope) -> Run:
    """Begin a run as the service account, after a migration or a restore. Refusals: PRESERVE-SHARE, PRESERVE-NOTHING."""
    return begin(house, f"service:{getpass.getuser()}", scope)


def begin(house: House, actor_id: str, scope: Scope, *, plan: Plan | None = None, period: str = "") -> Run:
    """Write the run with its sample fixed, tell the ledger and queue it. Raises IntegrityError where the period has its run already.

    A plan's runs share one seed and take its slots in turn, so that every record is checked once in as many runs as there are slots.
    """
    if not 1 <= scope.share_percent <= 100:
        raise Refusal("PRESERVE-SHARE", str(scope.share_percent))
    now, run_id = house.clock.now(), house.ids.new()
    slots = slots_for(scope.share_percent)
    row = Run(
        id=run_id,
        plan=plan,
        period=period,
        occasion=scope.occasion,
        category=scope.category,
        retention=scope.retention,
        seed=plan.id if plan else run_id,
        slot=Run.objects.filter(plan=plan).count() % slots if plan else 0,
        slots=slots,
        started_by=actor_id,
        started_at=now,
    )
    row.total = queries.holdings(row).count() if slots == 1 else sum(1 for _ in queries.sample(row))
    if not row.total and plan is None:
        raise Refusal("PRESERVE-NOTHING")
    with transaction.atomic():
        lock("preserve")
        row.code = _next_code(now)
        row.save(force_insert=True)
        _tell(house, "preservation:started", actor_id, row, _as_body(row))
        work.enqueue("preserve", run_id=row.id)
    return row


def stop(house: House, actor: Actor, run_id: str) -> Run:
    """Stop a run after the slice under way; what was checked stays. Refusals: ACCESS-REFUSED, PRESERVE-RUN-UNKNOWN, PRESERVE-STATE."""
    return _turn(house, actor, run_id, ("running",), "stopped", act="停止")


def resume(house: House, actor: Actor, run_id: str) -> Run:
    """Let a stopped or failed run go on at its cursor. Refusals as in :func:`stop`."""
    return _turn(house, actor, run_id, ("stopped", "failed"), "running", act="继续")


def _turn(house: House, actor: Actor, run_id: str, origins: tuple[str, ...], target: str, *, act: str) -> Run:
    access.require(actor, "upkeep:run:start")
    row = find(run_id)
    with transaction.atomic():
        moved = Run.objects.filter(id=row.id, state__in=origins).update(state=target, reason="", version=F("version") + 1)
        if not moved:
            row.refresh_from_db()
            raise Refusal("PRESERVE-STATE", row.code, state=STATE_NAMES[row.state], act=act)
        _tell(house, "preservation:resumed" if target == "running" else "preservation:stopped", actor.id, row, {"done": row.done})
        if target == "running":
            work.enqueue("preserve", run_id=row.id)
    row.refresh_from_db()
    return row


def find(key: str) -> Run:
    """Return the run of an id or number. Raises Refusal PRESERVE-RUN-UNKNOWN."""
    row = Run.objects.filter(id=key).first() or Run.objects.filter(code=key).first()
    if row is None:
        raise Refusal("PRESERVE-RUN-UNKNOWN", key)
    return row


def _next_code(now: datetime) -> str:
    """Return the next number of the day; the caller holds the lock."""
    head = f"BC-{beijing.day(now)}-"
    last = Run.objects.filter(code__startswith=head).order_by("-code").values_list("code", flat=True).first()
    return f"{head}{int(last.rpartition('-')[2]) + 1 if last else 1:03d}"


def _as_body(row: Run) -> dict[str, object]:
    return {
        "code": row.code,
        "occasion": row.occasion,
        "category": row.category,
        "retention": row.retention,
        "seed": row.seed,
        "slot": row.slot,
        "slots": row.slots,
        "total": row.total,
    }


def _tell(house: House, event: str, actor_id: str, row: Run, body: dict[str, object]) -> None:
    entries.append(house.clock.now(), [entries.Entry(event, actor_id, row.id, body)], ids=house.ids)
