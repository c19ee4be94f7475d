"""The audit log: events as the auditor lists them; what they say is shown only where its class allows."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from lantai.core import access, beijing, event_words
from lantai.core.access import Actor
from lantai.core.events import EVENTS, instant_text
from lantai.shelves.holdings.queries import by_key
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger import queries
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account, Client
from lantai.stages import expire
from lantai.stages.report import scope
from lantai.stages.seals import is_intact

PAGE = 100
GROUPS: dict[str, tuple[str, ...]] = {
    "all": (),
    "refused": ("session:refused", "session:locked", "access:refused", "client:refused"),
    "administrators": ("account:", "client:issued", "client:approved", "client:withdrawn", "settings:", "quarantine:", "system:"),
    "use": ("record:read", "record:exported", "search:"),
    "record": ("record:", "batch:", "number:"),
}

#: Of an examination, which numbers of what it says make up what was found wrong and is so still.
_COUNTED: dict[str, dict[str, int]] = {
    "ledger:verified": {"total": 1},
    "backup:verified": {"total": 1},
    "vault:examined": {"problems": 1},
    "audit:concluded": {"damaged": 1, "mended": -1},
    "drill:held": {},
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for: words (person, object, act), group, an account, a type of event, first and last day (None: all), page offset."""

    words: str = ""
    group: str = "all"
    person: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None
    offset: int = 0

    @property
    def is_range(self) -> bool:
        """True where nothing but days narrows it: what lies between has to be there."""
        return not self.words and self.group == "all" and not self.person and not self.act

    def in_words(self) -> str:
        """Return what is asked for, for people."""
        days = f"{self.since or '开始'} 至 {self.until or '现在'}"
        act = EVENTS[self.act].name if self.act in EVENTS else self.act
        said = {"类别": "" if self.group == "all" else self.group, "人员": self.person, "操作": act, "查找": self.words}
        return "，".join([days, *(f"{name} {value}" for name, value in said.items() if value)])


@dataclass(frozen=True, slots=True)
class Line:
    """One event in the list. ``position`` None: not sealed yet."""

    id: str
    position: int | None
    instant: datetime
    person: str
    role: str
    name: str
    object: str
    is_refused: bool
    digest: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """One event: what it says (pairs), or why that is not shown, and its neighbours' digests."""

    line: Line
    type: str
    kind: str
    says: tuple[tuple[str, str], ...]
    masked: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the log with the total of the filter."""

    lines: tuple[Line, ...]
    total: int
    offset: int

    @property
    def last(self) -> int:
        """The place of the last line shown."""
        return self.offset + len(self.lines)


def listing(actor: Actor, asked: Filter) -> Listing:
    """Return a page of events, newest first. Raises Refusal where *actor* may not read the ledger."""
    access.require(actor, "ledger:event:read")
    query = selected(asked)
    events = list(query.order_by("-id")[asked.offset : asked.offset + PAGE])
    return Listing(_lines(events), query.count(), asked.offset)


def detail(actor: Actor, event_id: str) -> Detail | None:
    """Return one event with what it says, as far as *actor* may see it; None where there is no such event."""
    access.require(actor, "ledger:event:read")
    event = Event.objects.filter(id=event_id).select_related("payload").first()
    if event is None:
        return None
    kind, says, masked = _says(actor, event)
    before = Event.objects.filter(id__lt=event.id).order_by("-id").first()
    after = Event.objects.filter(id__gt=event.id).order_by("id").first()
    return Detail(
        _lines([event])[0],
        event.type,
        kind,
        says,
        masked,
        before.payload_digest if before else "",
        after.payload_digest if after else "",
    )


def counts(actor: Actor, asked: Filter) -> dict[str, int]:
    """Return how many events of what is asked for each group holds."""
    access.require(actor, "ledger:event:read")
    by_type = dict(selected(replace(asked, group="all")).values_list("type").annotate(count=Count("*")).order_by())
    return {group: sum(count for name, count in by_type.items() if _is_in(name, group)) for group in GROUPS}


def refused_days(actor: Actor, now: datetime, *, days: int = 14) -> tuple[tuple[date, int], ...]:
    """Return how many acts and sign-ins were refused on each of the last days, oldest first."""
    access.require(actor, "ledger:event:read")
    today = now.astimezone(beijing.ZONE).date()
    since = datetime.combine(today - timedelta(days=days - 1), time(), beijing.ZONE)
    rows = Event.objects.filter(type__in=GROUPS["refused"], instant__gte=since)
    found = dict(rows.annotate(day=TruncDate("instant", tzinfo=beijing.ZONE)).values_list("day").annotate(count=Count("id")))
    return tuple((day, found.get(day, 0)) for day in (today - timedelta(days=back) for back in range(days - 1, -1, -1)))


def _is_in(name: str, group: str) -> bool:
    return not GROUPS[group] or name.startswith(GROUPS[group])


def persons(actor: Actor) -> list[tuple[str, str]]:
    """Return who can be asked for: id and name of every account and client, and those that are none."""
    access.require(actor, "ledger:event:read")
    clients = Client.objects.order_by("name", "id").values_list("id", "name")
    return [*Account.objects.order_by("name").values_list("id", "name"), *clients, ("worker", "系统")]


def account_of(login: str) -> str:
    """Return the id of the account of a login; the login itself where there is none, which then selects nothing."""
    return Account.objects.filter(login=login).values_list("id", flat=True).first() or login


def selected(asked: Filter) -> QuerySet[Event]:
    """Return the events that are asked for, in no order. The first and the last day there are bound nothing: no instant lies beyond."""
    query = Event.objects.all()
    if asked.since and asked.since > date.min:
        query = query.filter(instant__gte=datetime.combine(asked.since, time(), beijing.ZONE))
    if asked.until and asked.until < date.max:
        query = query.filter(instant__lt=datetime.combine(asked.until + timedelta(days=1), time(), beijing.ZONE))
    if GROUPS.get(asked.group):
        query = query.filter(type__in=[name for name in EVENTS if _is_in(name, asked.group)])
    if asked.person:
        query = query.filter(actor=asked.person)
    if asked.act:
        query = query.filter(type=asked.act)
    for word in asked.words.split():
        query = query.filter(_means(word))
    return query


def _means(word: str) -> Q:
    """Return what a word may mean: a person, an act, a record or batch by its code, an object by its identifier."""
    persons = [*Account.objects.filter(Q(name__icontains=word) | Q(login__icontains=word)).values_list("id", flat=True)]
    persons += Client.objects.filter(name__icontains=word).values_list("id", flat=True)
    types = [row.type for row in EVENTS.values() if word in row.name]
    means = Q(object_id__icontains=word) | Q(actor__in=persons) | Q(type__in=types)
    if row := by_key(word):
        means |= Q(object_id=row.id) | Q(object_id=row.batch_id) | Q(payload__kind="permanent", payload__body__contains=row.id)
    if batch := Batch.objects.filter(code=word).first():
        means |= Q(object_id=batch.id)
    return means


def _lines(events: list[Event]) -> tuple[Line, ...]:
    people = [event.object_id for event in events if event.object_kind in ("account", "client")]
    names = scope.persons([event.actor for event in events] + people)
    names |= scope.objects({event.object_id for event in events})
    actors = {event.actor for event in events}
    told = Event.objects.filter(id__in=[event.id for event in events if event.type in _COUNTED]).select_related("payload")
    said = {event.id: queries.said(event) for event in told}
    roles = dict(Account.objects.filter(id__in=actors).values_list("id", "role"))
    roles |= dict.fromkeys(Client.objects.filter(id__in=actors).values_list("id", flat=True), access.CLIENT)
    return tuple(
        Line(
            event.id,
            event.position,
            event.instant,
            names[event.actor],
            roles.get(event.actor, ""),
            EVENTS[event.type].name if event.type in EVENTS else event.type,
            names.get(event.object_id, event.object_id),
            event.type in GROUPS["refused"],
            event.payload_digest,
            _found(event, said.get(event.id, {})),
        )
        for event in events
    )


def _found(event: Event, said: dict[str, Any]) -> str:
    """Return what an act came to that was done and is no success: it found something wrong, or did not come to its end."""
    if event.type.endswith(":failed"):
        return "没有做完"
    if event.type not in _COUNTED:
        return ""
    if event.type == "drill:held":
        return "没有通过" if said.get("conclusion") == "fail" else ""
    wrong = sum(sign * int(said.get(name) or 0) for name, sign in _COUNTED[event.type].items())
    return f"发现 {wrong} 处" if wrong > 0 else ""


def _says(actor: Actor, event: Event) -> tuple[str, tuple[tuple[str, str], ...], str]:
    payload = getattr(event, "payload", None)
    if payload is None:
        is_lawful = instant_text(event.instant) < expire.expired_before()
        return "", (), "这一条的内容已按其保存期限销毁，仅留摘要。" if is_lawful else "这一条的内容不见了，不是到期销毁的，请验账。"
    body = access.payload_body(actor, payload.kind, payload.body)
    if body == access.MASK:
        return payload.kind, (), body
    if not is_intact(event, payload):
        return payload.kind, (), "这一条的内容与它的摘要不符，被人改动过。改动后的内容不显示，请验账。"
    said: Any = json.loads(body)
    return payload.kind, _pairs(said) if isinstance(said, dict) else (("", str(said)),), ""


def _pairs(said: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what an event says in words; what is known by a number or a name is called by it."""
    ids = {item for given in said.values() for item in (given if isinstance(given, list) else [given]) if item and isinstance(item, str)}
    people = {key: name for key, name in scope.persons(ids).items() if name != key}
    return in_words(said, scope.objects(ids) | people)


def in_words(said: dict[str, Any], names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a payload and their values as people call them; *names* by the ids of what they point at."""
    return tuple((event_words.field(key), _text(key, given, names)) for key, given in said.items())


def _text(key: str, given: object, names: dict[str, str]) -> str:
    if isinstance(given, list):
        told = "、".join(_text(key, item, names) for item in given[:5])
        return f"{len(given)} 项：{told}{'…' if len(given) > 5 else ''}" if given else "无"
    if not isinstance(given, dict):
        return names.get(str(given)) or event_words.value(key, given)
    if "message" in given:
        return str(given["message"])
    return "；".join(f"{event_words.field(name, key)} {_text(name, item, names)}" for name, item in given.items()) or "无"
