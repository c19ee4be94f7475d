"""Clients 业务系统: systems of the agency that send by themselves, admitted by a token.

Two administrators stand behind every token, as behind every account: the system administrator issues it and hands it over, the security
administrator approves what it may do, and withdraws it. It is shown once and only its digest is kept. Every call is an
event, and so is every refusal: the calls of a minute are counted in the ledger, so that the limit holds over processes and hosts. What
somebody without a token tries is told so many times and no more: a stranger fills no ledger.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat

from lantai.core.access import CLIENT, DEPARTMENT_CLIENT, SCOPES, Actor, require
from lantai.core.errors import Coded, Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import AgentName
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Client
from lantai.shelves.people.queries import person_of

PREFIX = "lantai_"
MOST_DAYS = 366
STRANGER = "stranger"
_NAME = 64
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A token that is asked for: name of the system, scopes, department (empty for the whole fonds), days that it holds."""

    name: str
    scopes: tuple[str, ...]
    department: str
    days: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the interface, as the ledger tells it: method, path, network address."""

    method: str
    path: str
    address: str

    def told(self) -> dict[str, str]:
        """Return what the ledger keeps of the call."""
        return {"method": self.method, "path": self.path[:200], "address": self.address}


def issue(house: House, actor: Actor, wish: Wish) -> tuple[str, str]:
    """Issue a token; return the client's id and the token, which nobody can show again. It waits for approval.

    Refusals: ACCESS-REFUSED, CLIENT-INCOMPLETE.
    """
    require(actor, "people:client:issue", where=wish.name)
    name, scopes = wish.name.strip(), tuple(sorted(set(wish.scopes)))
    wrong = {
        "名称": not name or len(name) > _NAME or not name.isprintable(),
        "范围": not scopes or not set(scopes) <= set(SCOPES),
        "部门": bool(wish.department) and not AgentName.objects.filter(agent__code=wish.department, valid_to="").exists(),
        f"有效天数（1 至 {MOST_DAYS}）": not 1 <= wish.days <= MOST_DAYS,
    }
    if any(wrong.values()):
        raise Refusal("CLIENT-INCOMPLETE", "、".join(part for part, is_wrong in wrong.items() if is_wrong))
    token, now = PREFIX + secrets.token_urlsafe(32), house.clock.now()
    row = Client(
        id=house.ids.new(),
        name=name,
        scopes=" ".join(scopes),
        department=wish.department,
        digest=_digest(token),
        issued_by=actor.id,
        issued_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    body = {"name": name, "scopes": list(scopes), "department": wish.department, "days": wish.days}
    with transaction.atomic():
        row.save(force_insert=True)
        entries.append(now, [entries.Entry("client:issued", actor.id, row.id, body)], ids=house.ids)
    return row.id, token


def approve(house: House, actor: Actor, client_id: str) -> None:
    """Let a token work. Refusals: ACCESS-REFUSED, CLIENT-UNKNOWN, CLIENT-SAME-PERSON, CLIENT-NOT-PENDING, CLIENT-CHANGED."""
    require(actor, "people:client:approve", where=client_id)
    row = _row(client_id)
    if person_of(row.issued_by) == person_of(actor.id):
        raise Refusal("CLIENT-SAME-PERSON", row.name)
    if state_of(house, row) != "pending":
        raise Refusal("CLIENT-NOT-PENDING", row.name)
    _change(house, actor, row, "approved")


def withdraw(house: House, actor: Actor, client_id: str) -> None:
    """End a token at once and for good. Refusals: ACCESS-REFUSED, CLIENT-UNKNOWN, CLIENT-WITHDRAWN, CLIENT-CHANGED."""
    require(actor, "people:client:withdraw", where=client_id)
    row = _row(client_id)
    if row.withdrawn_at is not None:
        raise Refusal("CLIENT-WITHDRAWN", row.name)
    _change(house, actor, row, "withdrawn")


def admit(house: House, token: str, call: Call) -> Actor:
    """Return the client of a token and tell the ledger of its call.

    Refusals: API-TOKEN-MISSING, API-TOKEN-INVALID (the same for an unknown token and for one that does not work now), API-TOO-OFTEN.
    """
    if not token:
        raise _refused(house, STRANGER, call, Refusal("API-TOKEN-MISSING"))
    row = Client.objects.filter(digest=_digest(token)).first()
    if row is None or state_of(house, row) != "active":
        raise _refused(house, row.id if row else STRANGER, call, Refusal("API-TOKEN-INVALID"))
    now, most = house.clock.now(), house.settings.api_calls_a_minute
    if _lately(now, row.id, "client:called") >= most:
        raise _refused(house, row.id, call, Refusal("API-TOO-OFTEN", most=most))
    with transaction.atomic():
        entries.append(now, [entries.Entry("client:called", row.id, row.id, call.told())], ids=house.ids)
    return actor_of(row)


def tell_refused(house: House, actor: Actor, call: Call, ending: Coded) -> None:
    """Tell the ledger what a client was refused; where it had no right to it, ``refusals`` tells that beside."""
    _refused(house, actor.id, call, ending)


def actor_of(row: Client) -> Actor:
    """Return a client as the actor that rules and verbs know."""
    role = DEPARTMENT_CLIENT if row.department else CLIENT
    return Actor(row.id, row.name, row.name, role, row.department, frozenset(row.scopes.split()))


def state_of(house: House, row: Client) -> str:
    """Return how a token stands: withdrawn, expired, pending (it awaits approval) or active."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.expires_at <= house.clock.now():
        return "expired"
    return "active" if row.approved_at is not None else "pending"


def _refused[End: Coded](house: House, object_id: str, call: Call, ending: End) -> End:
    """Return *ending*, told to the ledger unless enough was told of this object within the minute."""
    now, most = house.clock.now(), house.settings.api_calls_a_minute
    if _lately(now, object_id, "client:refused") < most:
        told = {"code": ending.code, **call.told()}
        with transaction.atomic():
            entries.append(now, [entries.Entry("client:refused", object_id, object_id, told)], ids=house.ids)
    return ending


def _lately(now: datetime, object_id: str, kind: str) -> int:
    """Return how many events of a kind tell of an object within the last minute.

    Only the instant is looked up by its index: a client that has called for years has very many events, a minute has few.
    """
    within = Event.objects.filter(instant__gt=now - _MINUTE).annotate(whose=Concat("object_id", Value("")), what=Concat("type", Value("")))
    return within.filter(whose=object_id, what=kind).count()


def _change(house: House, actor: Actor, row: Client, what: str) -> None:
    """Write who approved or withdrew a token and when, if nobody changed it meanwhile, and tell the ledger."""
    now = house.clock.now()
    values = {f"{what}_by": actor.id, f"{what}_at": now, "version": row.version + 1}
    body = {"name": row.name, "scopes": row.scopes.split(), "department": row.department}
    with transaction.atomic():
        if not Client.objects.filter(id=row.id, version=row.version).update(**values):
            raise Refusal("CLIENT-CHANGED", row.name)
        entries.append(now, [entries.Entry(f"client:{what}", actor.id, row.id, body)], ids=house.ids)


def _row(client_id: str) -> Client:
    row = Client.objects.filter(id=client_id).first()
    if row is None:
        raise Refusal("CLIENT-UNKNOWN", client_id)
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
