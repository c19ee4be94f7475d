"""Accounts as the administrators list them: who waits for approval, who is in use, who was closed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from lantai.core import access
from lantai.core.access import Actor
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import people
from lantai.stages.report import scope


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the list. ``state``: active, pending (it, or a password set for it, awaits approval) or disabled."""

    id: str
    login: str
    name: str
    role: str
    department: str
    department_name: str
    person: str
    state: str
    created_at: datetime
    last_seen: datetime | None
    is_self: bool
    may_approve: bool


def accounts(actor: Actor) -> tuple[AccountRow, ...]:
    """Return all accounts, those that wait first. Raises Refusal where *actor* may not list them."""
    access.require(actor, "people:account:list")
    names = scope.departments()
    told = set(Event.objects.filter(type="account:disabled").values_list("object_id", flat=True))
    seen = dict(Event.objects.filter(type="session:opened").values_list("object_id").annotate(last=Max("instant")))
    rows = [
        AccountRow(
            row.id,
            row.login,
            row.name,
            row.role,
            row.department,
            names.get(row.department, row.department),
            row.person,
            "active" if row.is_active else "disabled" if row.id in told else "pending",
            row.created_at,
            seen.get(row.id),
            row.id == actor.id,
            people.may_approve(actor, row),
        )
        for row in Account.objects.order_by("role", "login")
    ]
    return tuple(sorted(rows, key=lambda row: ("pending", "active", "disabled").index(row.state)))


def waiting(actor: Actor) -> tuple[Account, ...]:
    """Return the accounts whose approval, or that of a password set for them, waits for *actor*, the longest first."""
    if not access.may(actor, "people:account:list").allowed:
        return ()
    told = Event.objects.filter(type="account:disabled").values("object_id")
    rows = Account.objects.filter(is_active=False).exclude(id__in=told).order_by("created_at")
    return tuple(row for row in rows if people.may_approve(actor, row))
