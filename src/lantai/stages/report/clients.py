"""Clients as the administrators list them: what each may do, who stands behind it, how it stands, when it last called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from lantai.core import access
from lantai.core.access import Actor, scope_name
from lantai.core.events import instant_text
from lantai.ports import House
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Client
from lantai.shelves.people.queries import person_of
from lantai.stages import clients
from lantai.stages.report import scope

STATE_NAMES = {"pending": "待批准", "active": "在用", "expired": "已过期", "withdrawn": "已撤销"}


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client in the list. ``state``: pending, active, expired or withdrawn."""

    id: str
    name: str
    scopes: tuple[str, ...]
    scope_names: tuple[str, ...]
    department: str
    department_name: str
    state: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    approved_by: str
    withdrawn_by: str
    last_called: datetime | None
    may_approve: bool

    def as_json(self) -> dict[str, Any]:
        """Return the row as it is printed."""
        last = instant_text(self.last_called) if self.last_called else ""
        people = {"issued_by": self.issued_by, "approved_by": self.approved_by, "withdrawn_by": self.withdrawn_by}
        days = {"issued": instant_text(self.issued_at), "expires": instant_text(self.expires_at), "last_called": last}
        own = {"id": self.id, "name": self.name, "scopes": list(self.scopes), "department": self.department, "state": self.state}
        return own | people | days


def listing(house: House, actor: Actor) -> tuple[ClientRow, ...]:
    """Return all clients, those that wait first. Raises Refusal where *actor* may not list them."""
    access.require(actor, "people:client:list")
    rows = list(Client.objects.order_by("-id"))
    names = scope.departments()
    people = scope.persons(key for row in rows for key in (row.issued_by, row.approved_by, row.withdrawn_by) if key)
    called = Event.objects.filter(object_id__in=[row.id for row in rows], type="client:called")
    last = dict(called.values_list("object_id").annotate(last=Max("instant")))
    may = access.may(actor, "people:client:approve").allowed
    own = person_of(actor.id)
    found = [
        ClientRow(
            row.id,
            row.name,
            (scopes := tuple(row.scopes.split())),
            tuple(scope_name(item) for item in scopes),
            row.department,
            names.get(row.department, row.department),
            clients.state_of(house, row),
            people.get(row.issued_by, ""),
            row.issued_at,
            row.expires_at,
            people.get(row.approved_by, ""),
            people.get(row.withdrawn_by, ""),
            last.get(row.id),
            may and person_of(row.issued_by) != own,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: list(STATE_NAMES).index(row.state)))


def own(actor: Actor) -> dict[str, Any]:
    """Return what a client is told of its own token."""
    row = Client.objects.get(id=actor.id)
    expires = instant_text(row.expires_at)
    return {"name": row.name, "scopes": row.scopes.split(), "department": row.department, "expires": expires}
