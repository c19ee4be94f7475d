"""The timetable of backups, and the recovery key: decided by the system administrator, or by the service account on the command line."""

import re
from dataclasses import dataclass

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.recovery import Timetable
from lantai.packages import recovery_key
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.recovery.models import Schedule
from lantai.stages.recover.backup import usable
from lantai.stages.recover.state import service

CHANGE = "system:backup:plan"
_AT = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LIMITS = {"days": (1, 90), "weeks": (0, 104), "months": (0, 240), "drill_months": (1, 24), "late_hours": (25, 24 * 14)}
NAMES = {
    "at": "每天几点",
    "days": "留最近几天",
    "weeks": "留最近几周",
    "months": "留最近几个月",
    "drill_months": "几个月演练一次",
    "late_hours": "超过几小时没有备份算逾期",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: where to, and when."""

    place: str
    rule: Timetable


def decide(house: House, actor: Actor | None, decided: Decided) -> Schedule:
    """Put a timetable in force in place of the former one. Raises Refusal ACCESS-REFUSED, BACKUP-SCHEDULE-WRONG, BACKUP-PLACE-WRONG."""
    if actor is not None:
        access.require(actor, CHANGE)
    rule = decided.rule
    wrong = [] if _AT.fullmatch(rule.at) else [NAMES["at"]]
    wrong += [f"{NAMES[name]}（{low}–{high}）" for name, (low, high) in LIMITS.items() if not low <= getattr(rule, name) <= high]
    if wrong:
        raise Refusal("BACKUP-SCHEDULE-WRONG", "、".join(wrong))
    place = str(usable(house, decided.place)) if decided.place else ""
    now, who = house.clock.now(), actor.id if actor else service()
    told = {name: getattr(rule, name) for name in ("at", "days", "weeks", "months", "drill_months", "late_hours")}
    with transaction.atomic():
        Schedule.objects.filter(retired_at=None).update(retired_at=now)
        row = Schedule.objects.create(id=house.ids.new(), place=place, decided_by=who, decided_at=now, **told)
        entries.append(now, [entries.Entry("recovery:scheduled", who, "backup", {"place": place, **told})], ids=house.ids)
    return row


def set_passphrase(house: House, passphrase: str) -> None:
    """Make a new recovery key under *passphrase*; earlier backups keep theirs. Raises Refusal RECOVERY-PASSPHRASE-SHORT."""
    recovery_key.put(house.data / "keys", recovery_key.make(passphrase))
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("recovery:keyed", service(), "recovery", {})], ids=house.ids)
