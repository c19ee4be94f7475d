"""conduct 操作过程: what the ledger says of how records came to be numbered, held against what was sealed (DA/T 70-2018, 4-7).

Asked of records at the archiving gate, a moment after the number was fixed, and of sealed ranges and batches as a whole. The acts on a
record are those on its batch, on the record itself and on the sealed range of its number. Each payload must have the digest that its event
names, and each sealed event must lead to the root of the latest checkpoint. The reception must name the record, and the numbering must
name the very list that the codes make.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lantai.core.events import EVENTS
from lantai.core.findings import Finding, finding
from lantai.ports import House
from lantai.shelves.holdings import numbers
from lantai.shelves.holdings.models import NumberRange, Record
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages.seals import Seals, is_intact

OPENED, RECEIVED, NUMBERED, ACCESSIONED = "batch:opened", "batch:received", "record:numbered", "record:accessioned"
#: How a record that was split off another one tells where it came from.
SPLIT_OFF = "record:received"
#: What happened so shortly before that no sealing can have come between.
JUST_NOW = frozenset({NUMBERED, ACCESSIONED, "amendment:proposed", "amendment:approved"})
_BATCHES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Conducted:
    """What the ledger has on one record: how many acts, how many of them sealed and proved, and what is wrong.

    ``is_verified`` is None where an act before the numbering waits to be sealed: then nobody could verify it.
    """

    acts: int
    sealed: int
    findings: tuple[Finding, ...]
    is_verified: bool | None

    def told(self) -> dict[str, Any]:
        """Return it as the facts of a gate have it."""
        return {
            "ledger_verified": self.is_verified,
            "ledger_acts": self.acts,
            "ledger_sealed": self.sealed,
            "ledger_findings": self.findings,
        }


@dataclass(slots=True)
class _Acts:
    """The acts on one object: types, what waits to be sealed, what is wrong, and what the reception named or the numbering sealed."""

    count: int = 0
    types: set[str] = field(default_factory=set)
    waiting: list[Event] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    records: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    @property
    def is_waiting(self) -> bool:
        return any(event.type not in JUST_NOW for event in self.waiting)


class Ledger:
    """Asks the ledger, slice by slice; what is said of batches and ranges is looked at once and kept while a run lasts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept: dict[str, _Acts] = {}

    def of(self, rows: Sequence[Record], ranges: Mapping[str, NumberRange]) -> dict[str, Conducted]:
        """Return what the ledger has on each record, by id; *ranges* are the sealed ranges of their numbers."""
        seals = Seals(self._house)
        if len(self._kept) > _BATCHES_KEPT:
            self._kept.clear()
        own: dict[str, _Acts] = {row.id: _Acts() for row in rows}
        for event, payload in _events([row.id for row in rows]):
            _take(own[event.object_id], event, payload, seals)
        return {row.id: self._of(row, own[row.id], ranges.get(row.id), seals) for row in rows}

    def of_range(self, sealed: NumberRange) -> Conducted:
        """Return what the ledger has on a sealed range: its numbering, of the very list that the codes make."""
        acts = self._object(sealed.id, Seals(self._house))
        wrong = list(acts.findings)
        if NUMBERED not in acts.types:
            wrong.append(finding("GD-4-7-MISSING", sealed.scope, act=_name(NUMBERED)))
        elif acts.lists != {sealed.list_sha256} or numbers.sealed_list(sealed)[0] != sealed.list_sha256:
            wrong.append(finding("GD-4-7-LIST", f"{sealed.first}—{sealed.last}", scope=sealed.scope))
        return _whole(acts, wrong)

    def of_batch(self, batch_id: str) -> Conducted:
        """Return what the ledger has on a batch: that it was opened, and the reception of each of its records."""
        acts = self._object(batch_id, Seals(self._house))
        wrong = list(acts.findings)
        if OPENED not in acts.types:
            wrong.append(finding("GD-4-7-MISSING", batch_id, act=_name(OPENED)))
        lost = set(Record.objects.filter(batch_id=batch_id).values_list("id", flat=True)) - acts.records
        told = Event.objects.filter(object_id__in=lost, type=RECEIVED).values_list("object_id", flat=True) if lost else ()
        wrong += (finding("GD-4-7-MISSING", key, act=_name(RECEIVED)) for key in sorted(lost - set(told)))
        return _whole(acts, wrong)

    def _of(self, row: Record, own: _Acts, sealed: NumberRange | None, seals: Seals) -> Conducted:
        groups = [self._object(row.batch_id, seals), own]
        if sealed is not None:
            groups.append(self._object(sealed.id, seals))
        wrong = [*_missing(row, groups[0], own), *_unnumbered(row, own, groups[-1] if sealed else None, sealed)]
        wrong += [item for group in groups for item in group.findings]
        acts, waiting = sum(group.count for group in groups), sum(len(group.waiting) for group in groups)
        is_open = any(group.is_waiting for group in groups)
        return Conducted(acts, acts - waiting, tuple(wrong), False if wrong else None if is_open else True)

    def _object(self, key: str, seals: Seals) -> _Acts:
        """Return the acts on a batch or range; those that waited to be sealed are asked for again."""
        known = self._kept.get(key)
        if known is None:
            known = self._kept[key] = _Acts()
            for event, payload in _events([key]):
                _take(known, event, payload, seals)
        elif known.waiting:
            fresh = Event.objects.filter(id__in=[event.id for event in known.waiting])
            known.waiting = []
            for event in fresh:
                _seal(known, event, seals)
        return known


def _whole(acts: _Acts, wrong: Sequence[Finding]) -> Conducted:
    """Conclude on a range or batch: what waits to be sealed is told of and known by its digest."""
    return Conducted(acts.count, acts.count - len(acts.waiting), tuple(wrong), not wrong)


def _events(keys: Sequence[str]) -> Iterator[tuple[Event, Payload | None]]:
    for event in Event.objects.filter(object_id__in=keys).select_related("payload").order_by("id").iterator(chunk_size=500):
        yield event, getattr(event, "payload", None)


def _take(acts: _Acts, event: Event, payload: Payload | None, seals: Seals) -> None:
    """Take one event into account; what says something else than its digest counts as wrong and for nothing."""
    acts.count += 1
    acts.types.add(event.type)
    if payload is None or not is_intact(event, payload):
        acts.findings.append(finding("GD-4-7-ALTERED", event.id, act=_name(event.type)))
        return
    _seal(acts, event, seals)
    if event.type == RECEIVED:
        acts.records.update(json.loads(payload.body).get("records", ()))
    elif event.type == NUMBERED:
        acts.lists.add(str(json.loads(payload.body).get("list_sha256", "")))
    elif event.type == ACCESSIONED:
        acts.codes.add(str(json.loads(payload.body).get("code", "")))


def _seal(acts: _Acts, event: Event, seals: Seals) -> None:
    if not seals.is_sealed(event):
        acts.waiting.append(event)
    elif reason := seals.broken(event):
        acts.findings.append(finding("GD-4-7-SEAL", event.id, act=_name(event.type), reason=reason))


def _missing(row: Record, batch: _Acts, own: _Acts) -> Iterator[Finding]:
    """Yield what the ledger should have told of the reception and does not."""
    if OPENED not in batch.types:
        yield finding("GD-4-7-MISSING", row.id, act=_name(OPENED))
    if row.id not in batch.records and not own.types & {RECEIVED, SPLIT_OFF}:
        yield finding("GD-4-7-MISSING", row.id, act=_name(RECEIVED))


def _unnumbered(row: Record, own: _Acts, acts: _Acts | None, sealed: NumberRange | None) -> Iterator[Finding]:
    """Yield what is wrong with the numbering: a code that was brought is registered as it is, any other stands in a sealed list."""
    if row.code in own.codes:
        return
    if acts is None or sealed is None or NUMBERED not in acts.types:
        yield finding("GD-4-7-MISSING", row.id, act=_name(NUMBERED))
    elif acts.lists != {sealed.list_sha256} or row.id not in _list(acts, sealed):
        yield finding("GD-4-7-LIST", row.code, scope=sealed.scope)


def _list(acts: _Acts, sealed: NumberRange) -> set[str]:
    """Return the records of a sealed range, none where the codes make another list than the one that was sealed."""
    if not acts.records:
        digest, records = numbers.sealed_list(sealed)
        acts.records = records if digest == sealed.list_sha256 else {""}
    return acts.records


def _name(event_type: str) -> str:
    known = EVENTS.get(event_type)
    return known.name if known else event_type
