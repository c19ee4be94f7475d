"""One record for the screen 一件档案: its history from the ledger, its proof as kept, earlier verifications."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Coded, Refusal
from lantai.core.events import EVENTS, VERSION_EVENTS
from lantai.core.lifecycle import State
from lantai.packages import layout
from lantai.ports import House
from lantai.ports.stamper import Stamp
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import said
from lantai.stages import stamps, verifications
from lantai.stages.report import scope

SEALED_ACTS = ("record:numbered", *VERSION_EVENTS)
SHOWN = 60
READS = ("record:read",)


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a record's life: when, what, who, whether it was a sealed act."""

    instant: datetime
    name: str
    person: str
    detail: str
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Check:
    """An earlier verification: when, by whom, what it found; or that it could not be done."""

    instant: datetime
    person: str
    problems: int
    is_unable: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof as it is kept in the package; empty where there is none. Nothing here has been checked by being read."""

    root: str = ""
    leaf: str = ""
    path: tuple[str, ...] = ()
    size: int = 0
    index: int = 0
    signatures: tuple[tuple[str, str], ...] = ()
    stamps: tuple[Stamp, ...] = ()
    problem: str = ""


def history(record_id: str) -> tuple[Moment, ...]:
    """Return the life of a record, oldest first: its own events and those of the batch and the range it went with."""
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        return ()
    objects = [record_id, row.batch_id, *_ranges(record_id)]
    rows = Event.objects.filter(object_id__in=objects).exclude(type__in=READS).select_related("payload").order_by("instant", "id")[:SHOWN]
    events = [event for event in rows if event.object_id != row.batch_id or _touches(event, record_id)]
    names = scope.persons(event.actor for event in events)
    return tuple(_moment(event, names[event.actor], row) for event in events)


def _ranges(record_id: str) -> list[str]:
    code = ArchivalCode.objects.filter(record_id=record_id, kind="agency").order_by("-valid_from").first()
    if code is None or code.item_number is None:
        return []
    found = NumberRange.objects.filter(scope=code.scope, first__lte=code.item_number, last__gte=code.item_number)
    return list(found.values_list("id", flat=True))


def _touches(event: Event, record_id: str) -> bool:
    """A batch's event belongs to a record unless it names the records it is about and this one is not among them."""
    named = said(event).get("records")
    return not isinstance(named, list) or record_id in named


def _moment(event: Event, person: str, row: Record) -> Moment:
    name = EVENTS[event.type].name if event.type in EVENTS else event.type
    position = f"账本第 {event.position} 条" if event.position is not None else ""
    detail = row.code if event.type == "record:numbered" else _changes(event) if event.type == "record:revised" else position
    return Moment(event.instant, name, person, detail, event.type in SEALED_ACTS)


def _changes(event: Event) -> str:
    body = said(event)
    after = body.get("after")
    return "、".join(after) if isinstance(after, dict) else ""


def checks(record_id: str, *, limit: int = 5) -> tuple[Check, ...]:
    """Return the last verifications that named this record, newest first."""
    found = list(verifications.of(record_id, limit=limit))
    names = scope.persons(item.actor for item in found)
    return tuple(Check(item.instant, names[item.actor], item.problems, item.is_unable) for item in found)


def proof(house: House, actor: Actor, record_id: str) -> Proof:
    """Return the proof that the package of an archived record holds. Raises Refusal where *actor* may not verify it."""
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        raise Refusal("RECORD-UNKNOWN", record_id)
    access.require(actor, "holdings:record:verify", queries.access_facts(row), where=row.code or row.id)
    if row.state != State.ARCHIVED:
        return Proof(problem="还没有归档，没有凭证包")
    try:
        with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
            return _read(json.loads(stream.read()))
    except Coded as ending:
        return Proof(problem=ending.message)
    except (ValueError, KeyError, TypeError):
        return Proof(problem="凭证文件读不懂")


def _read(body: dict[str, Any]) -> Proof:
    batch = body["batch"]
    return Proof(
        root=batch["root"],
        leaf=batch["leaf"],
        path=tuple(batch["path"]),
        size=int(batch["size"]),
        index=int(batch["index"]),
        signatures=tuple((item["algorithm"], item["key_id"]) for item in body["signatures"]),
        stamps=_stamps(batch["root"]),
    )


def _stamps(root: str) -> tuple[Stamp, ...]:
    """Return the stamps of a batch root; of one that cannot be read verifying says so, and the signature is shown all the same."""
    try:
        return tuple(item.stamp for item in stamps.of_root(root))
    except (ValueError, KeyError, TypeError):
        return ()
