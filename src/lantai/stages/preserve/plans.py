"""Plans of preservation runs: made and retired by a person, begun by the sweeper once in each period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from lantai.core import access, beijing, officialdoc
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.preservation import Every, period_of
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.upkeep import queries
from lantai.shelves.upkeep.models import Plan, Run
from lantai.stages.preserve import runs

WORKER = "worker"
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks a plan to do; ``starts_on`` YYYYMMDD, empty for today."""

    name: str
    every: str
    share_percent: int
    category: str = ""
    retention: str = ""
    starts_on: str = ""


def make_plan(house: House, actor: Actor, order: Order) -> Plan:
    """Make a plan. Refusals: ACCESS-REFUSED, PRESERVE-PLAN naming what is missing or wrong."""
    access.require(actor, "upkeep:plan:change", where=order.name)
    now = house.clock.now()
    starts_on = officialdoc.civil_date(order.starts_on)[0] if order.starts_on else beijing.day(now)
    wrong = [name for name, is_wrong in _objections(order, starts_on).items() if is_wrong]
    if wrong:
        raise Refusal("PRESERVE-PLAN", "、".join(wrong))
    row = Plan(
        id=house.ids.new(),
        name=order.name.strip(),
        every=order.every,
        share_percent=order.share_percent,
        category=order.category.strip(),
        retention=order.retention,
        starts_on=starts_on,
        made_by=actor.id,
        made_at=now,
    )
    body = {"name": row.name, "every": row.every, "share_percent": row.share_percent, "category": row.category}
    with transaction.atomic():
        row.save(force_insert=True)
        told = entries.Entry("preservation:planned", actor.id, row.id, body | {"retention": row.retention, "starts_on": row.starts_on})
        entries.append(now, [told], ids=house.ids)
    return row


def retire_plan(house: House, actor: Actor, plan_id: str) -> None:
    """Retire a plan; its runs stay. Refusals: ACCESS-REFUSED, PRESERVE-PLAN-UNKNOWN."""
    access.require(actor, "upkeep:plan:change", where=plan_id)
    now = house.clock.now()
    with transaction.atomic():
        if not Plan.objects.filter(id=plan_id, retired_at=None).update(retired_at=now, retired_by=actor.id, version=2):
            raise Refusal("PRESERVE-PLAN-UNKNOWN", plan_id)
        entries.append(now, [entries.Entry("preservation:retired", actor.id, plan_id)], ids=house.ids)


def due_plans(now: datetime) -> Iterator[tuple[Plan, str]]:
    """Yield the plans that have no run in the period that *now* lies in, with the name of that period."""
    today = now.astimezone(beijing.ZONE).date()
    for plan in queries.plans():
        period = period_of(today, plan.every)
        if plan.starts_on <= today.strftime("%Y%m%d") and not Run.objects.filter(plan=plan, period=period).exists():
            yield plan, period


def is_due(now: datetime) -> bool:
    """Tell whether a plan waits for its run."""
    return any(True for _ in due_plans(now))


def begin_due(house: House) -> int:
    """Begin the run of every plan that waits for one; return how many. Of two workers one begins it."""
    begun = 0
    for plan, period in list(due_plans(house.clock.now())):
        scope = runs.Scope(plan.share_percent, plan.category, plan.retention, "planned")
        try:
            with transaction.atomic():
                runs.begin(house, WORKER, scope, plan=plan, period=period)
        except IntegrityError:
            continue
        begun += 1
    return begun


def _objections(order: Order, starts_on: str) -> dict[str, bool]:
    return {
        "名称": not order.name.strip() or len(order.name) > _NAME_LENGTH or not order.name.isprintable(),
        "周期": order.every not in list(Every),
        "比例": not 1 <= order.share_percent <= 100,
        "门类": len(order.category) > 8 or not order.category.isprintable(),
        "保管期限": bool(order.retention) and not _is_retention(order.retention),
        "起始日期": len(starts_on) != 8,
    }


def _is_retention(text: str) -> bool:
    try:
        return Retention.parse(text).code == text
    except Refusal:
        return False
