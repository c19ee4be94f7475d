"""The audit log: events as the auditor lists them; what they say is shown only where its class allows."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.events import EVENTS
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages.report import scope

HERE = ZoneInfo("Asia/Shanghai")
PAGE = 100
GROUPS: dict[str, tuple[str, ...]] = {
    "all": (),
    "refused": ("session:refused", "session:locked"),
    "administrators": ("account:", "settings:", "quarantine:", "system:"),
    "use": ("record:read", "record:exported", "search:"),
    "record": ("record:", "batch:", "number:"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for: words (person, object), group, day (None for all), page offset."""

    words: str = ""
    group: str = "all"
    day: date | None = None
    offset: int = 0


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
    query = _filtered(asked)
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
    """Return how many events of the day each group holds."""
    access.require(actor, "ledger:event:read")
    by_type = dict(_filtered(Filter(asked.words, day=asked.day)).values_list("type").annotate(count=Count("*")).order_by())
    return {group: sum(count for name, count in by_type.items() if _is_in(name, group)) for group in GROUPS}


def refused_days(actor: Actor, now: datetime, *, days: int = 14) -> tuple[tuple[date, int], ...]:
    """Return how many sign-ins were refused on each of the last days, oldest first."""
    access.require(actor, "ledger:event:read")
    today = now.astimezone(HERE).date()
    since = datetime.combine(today - timedelta(days=days - 1), time(), HERE)
    rows = Event.objects.filter(type__in=GROUPS["refused"], instant__gte=since)
    found = dict(rows.annotate(day=TruncDate("instant", tzinfo=HERE)).values_list("day").annotate(count=Count("id")))
    return tuple((day, found.get(day, 0)) for day in (today - timedelta(days=back) for back in range(days - 1, -1, -1)))


def _is_in(name: str, group: str) -> bool:
    return not GROUPS[group] or name.startswith(GROUPS[group])


def _filtered(asked: Filter) -> QuerySet[Event]:
    query = Event.objects.all()
    if asked.day:
        start = datetime.combine(asked.day, time(), HERE)
        query = query.filter(instant__gte=start, instant__lt=start + timedelta(days=1))
    if GROUPS.get(asked.group):
        query = query.filter(type__in=[name for name in EVENTS if _is_in(name, asked.group)])
    for word in asked.words.split():
        persons = Account.objects.filter(Q(name__icontains=word) | Q(login__icontains=word)).values_list("id", flat=True)
        types = [row.type for row in EVENTS.values() if word in row.name]
        query = query.filter(Q(object_id__icontains=word) | Q(actor__in=list(persons)) | Q(type__in=types))
    return query


def _lines(events: list[Event]) -> tuple[Line, ...]:
    names = scope.persons([event.actor for event in events] + [event.object_id for event in events if event.object_kind == "account"])
    names |= scope.objects(event.object_id for event in events) | {"search": "—"}
    roles = dict(Account.objects.filter(id__in=[event.actor for event in events]).values_list("id", "role"))
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
        )
        for event in events
    )


def _says(actor: Actor, event: Event) -> tuple[str, tuple[tuple[str, str], ...], str]:
    payload = getattr(event, "payload", None)
    if payload is None:
        return "", (), "这一条的内容已按其保存期限销毁，仅留摘要。"
    body = access.payload_body(actor, payload.kind, payload.body)
    if body == access.MASK:
        return payload.kind, (), body
    said: Any = json.loads(body)
    return payload.kind, tuple((key, _text(value)) for key, value in said.items()) if isinstance(said, dict) else (("", str(said)),), ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} 项：" + "、".join(map(str, value[:5])) + ("…" if len(value) > 5 else "")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
