"""arrange 整理: year, department and retention are proposed with their reason; a person may revise until the number is fixed.

Source: DA/T 22-2015 (归属年度, 机构, 排列), Order No. 8 (保管期限). The order inside a class is by date, then document number;
it can be changed by hand. Proposed codes are derived from that order and never stored.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.retention import Retention, RetentionFacts, Rules, propose
from lantai.ports import House
from lantai.shelves.holdings import order, queries
from lantai.shelves.holdings.models import UNPLACED, Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries as metadata
from lantai.shelves.policy.schedules import retention_rules
from lantai.stages import changing, coding, rest, revising

REVISABLE = (State.DESCRIBED, State.ARRANGED)
DEPARTMENT_CHARACTERS = 32
#: How many records a person changes while waiting; more go on as a job, at most MOST.
AT_ONCE = 500
MOST = 100_000
SAMPLES = 8
_YEAR = re.compile("[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Place:
    """The place proposed for a record: year, department code, retention code and why."""

    year: str
    department: str
    retention: str
    reason: str


def arrange(house: House, batch_id: str) -> None:
    """Propose a place for every accepted record of the batch, slice by slice."""
    departments = queries.department_codes()
    with work.progress("arrange", batch_id, step="整理", total=queries.count(batch_id, State.DESCRIBED)) as progress:
        for rows in queries.slices(batch_id, State.DESCRIBED, house.settings.slice_records, conclusions=("pass", "trial")):
            _arrange_slice(house, batch_id, rows, departments)
            progress.advance(len(rows))
    with transaction.atomic():
        work.enqueue("index")


def _arrange_slice(house: House, batch_id: str, rows: list[Record], departments: dict[str, str]) -> None:
    rules, categories = retention_rules(), coding.known(house)
    for row in rows:
        if (said := row.elements.get("category_code")) in categories:
            row.category = str(said)
        place = propose_place(row, departments, rules)
        row.year, row.department, row.retention = place.year, place.department, place.retention
        row.retention_reason = place.reason
        row.due_date = Retention.parse(place.retention).due_date(place.year) if place.retention and place.year else ""
        if overwritten := _overwritten(row.elements, place):
            row.arrival = row.arrival | {"said": overwritten | row.arrival.get("said", {})}
        row.elements |= revising.elements_of(place.year, place.department, place.retention)
    names = ("category", "year", "department", "retention", "retention_reason", "due_date", "elements", "arrival")
    with transaction.atomic():
        moved = queries.move(rows, "arrange", names)
        queries.mark_for_index(moved)
        told = entries.Entry("record:arranged", "worker", batch_id, {"records": moved}, "batch")
        entries.append(house.clock.now(), [told], ids=house.ids)


def propose_place(row: Record, departments: dict[str, str], rules: Rules) -> Place:
    """Return year, department and retention: as the sender said, else by rule.

    ``departments`` maps codes and names to codes. An unknown department stays as it came, so that nothing is lost; what can be no
    year, department or period at all is left for a person, and stays in the elements.
    """
    elements = row.elements
    given_year = str(elements.get("year") or "")
    year = given_year if _YEAR.fullmatch(given_year) else row.document_date[:4]
    said = str(elements.get("organizational_structure_or_function") or row.department)
    department = departments.get(said, said if len(said) <= DEPARTMENT_CHARACTERS else row.department)
    if given := str(elements.get("retention_period") or ""):
        return _given_period(year, department, given)
    facts = RetentionFacts(row.title, row.document_type, direction="", text_head="")
    proposal = propose(facts, rules)
    return Place(year, department, proposal.retention_code, proposal.reason)


def _given_period(year: str, department: str, given: str) -> Place:
    try:
        return Place(year, department, Retention.parse(given).code, "按移交单位给定")
    except Refusal:
        return Place(year, department, "", f"移交单位给定的“{given[:20]}”不是保管期限，请人工确定")


def _overwritten(elements: dict[str, Any], place: Place) -> dict[str, str]:
    """Return what the sender said where the place says it otherwise, by element."""
    ours = revising.elements_of(place.year, place.department, place.retention)
    return {name: str(elements[name]) for name, value in ours.items() if elements.get(name, value) != value}


def revise(house: House, actor: Actor, record_id: str, *, version: int, changes: Mapping[str, str]) -> Act:
    """Change described elements or the place of a record before its number is fixed; return the act, which can be taken back.

    ``changes`` maps element names (and year, department, retention) to new values; old and new values enter the ledger.
    Raises Refusal where the code is fixed, the actor may not, a value is wrong, or somebody else changed one of these values since
    *version* was read.
    """
    row = _revisable(actor, record_id)
    if row.version != version:
        raise Refusal("RECORD-CHANGED-MEANWHILE", record_id)
    act = _act(house, actor, "revise", _title(changes, 1), total=1)
    if changing.write(house, act, [row], {row.id: changes}, revising.rules(house)) != 1:
        raise Refusal("RECORD-CHANGED-MEANWHILE", row.id)
    _index_soon()
    return act


def revise_many(house: House, actor: Actor, record_ids: Sequence[str], *, changes: Mapping[str, str]) -> Act:
    """Apply the same change to many records, each one event, in slices; more than a sitting's worth goes on as a job.

    Return the act: ``done`` counts the records changed so far, ``left_out`` those that somebody else changed meanwhile. Raises Refusal
    before anything is changed where nothing or too much is chosen, a record is fixed, the actor may not, or the value is wrong.
    """
    if not record_ids:
        raise Refusal("SELECTION-EMPTY")
    if len(record_ids) > MOST:
        raise Refusal("SELECTION-TOO-MANY", actual=len(record_ids), most=MOST)
    access.require(actor, "holdings:record:revise")
    act = _act(house, actor, "revise", _title(changes, len(record_ids)), total=len(record_ids))
    by = revising.rules(house)
    for row in queries.revisable(record_ids[:AT_ONCE]) if len(record_ids) > AT_ONCE else _all(record_ids):
        revising.change(row, changes, by)
    act.asked = {"changes": dict(changes), "record_ids": list(record_ids)}
    if len(record_ids) > AT_ONCE:
        act.state = journal.QUEUED
        with transaction.atomic():
            act.save(force_insert=True)
            work.enqueue("revise", act_id=act.id)
        return act
    for part in batched(record_ids, changing.SLICE):
        changing.write(house, act, queries.revisable(part), dict.fromkeys(part, changes), by)
    _index_soon()
    return act


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change to many would do, tried on the first few hundred: samples as (title, before, after), how many have the value already,
    how many of all chosen cannot be changed any more."""

    samples: tuple[tuple[str, str, str], ...]
    looked_at: int
    same: int
    fixed: int


def foresee(house: House, actor: Actor, record_ids: Sequence[str], *, changes: Mapping[str, str]) -> Foreseen:
    """Try a change without writing anything. Raises Refusal where the actor may not or the value is wrong."""
    access.require(actor, "holdings:record:revise")
    by, same = revising.rules(house), 0
    samples: list[tuple[str, str, str]] = []
    rows = queries.revisable(record_ids[:AT_ONCE])
    for row in rows:
        before = "，".join(revising.shown(row, name) for name in changes)
        revising.change(row, changes, by)
        after = "，".join(revising.shown(row, name) for name in changes)
        same += before == after
        if before != after and len(samples) < SAMPLES:
            samples.append((row.title, before, after))
    return Foreseen(tuple(samples), len(rows), same, len(record_ids[:AT_ONCE]) - len(rows))


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that two persons changed: its name, what it was when the form was opened, mine, and what stands there now."""

    name: str
    was: str
    mine: str
    theirs: str


def conflicts(actor: Actor, record_id: str, *, was: Mapping[str, str], mine: Mapping[str, str]) -> tuple[int, list[Conflict]]:
    """Return the version of now, and where what stands there is neither what the form was opened with nor what is to be saved."""
    row = _revisable(actor, record_id)
    now = {name: revising.raw(row, name) for name in mine}
    return row.version, [
        Conflict(name, was.get(name, ""), value, now[name])
        for name, value in mine.items()
        if now[name] not in (was.get(name, ""), value.strip())
    ]


def go_on(house: House, act_id: str) -> None:
    """Do what is left of a change to many; what was done is done."""
    act = Act.objects.get(id=act_id)
    if act.state != journal.QUEUED:
        return
    record_ids, changes = act.asked["record_ids"], act.asked["changes"]
    done = set(act.traces.values_list("record_id", flat=True))
    left = [key for key in record_ids if key not in done]
    with work.progress("revise", act.id, step=act.title, total=len(record_ids)) as progress:
        progress.advance(len(done))
        by = revising.rules(house)
        for part in batched(left, changing.SLICE):
            changing.write(house, act, queries.revisable(part), dict.fromkeys(part, changes), by)
            progress.advance(len(part))
    with transaction.atomic():
        Act.objects.filter(id=act.id, state=journal.QUEUED).update(
            state=journal.DONE, asked={"changes": changes}, left_out=act.total - F("done")
        )
        work.enqueue("index")


def _index_soon() -> None:
    """Let the search index take up what was changed."""
    with transaction.atomic():
        work.enqueue("index")


def _all(record_ids: Sequence[str]) -> list[Record]:
    rows = queries.revisable(record_ids)
    if len(rows) != len(set(record_ids)):
        found = {row.id for row in rows}
        missing = next(key for key in record_ids if key not in found)
        row = Record.objects.filter(id=missing).first()
        raise Refusal("RECORD-CODE-FIXED", row.code or row.title[:30] or row.id) if row else Refusal("RECORD-UNKNOWN", missing)
    return rows


def _act(house: House, actor: Actor, kind: str, title: str, *, total: int) -> Act:
    return Act(id=house.ids.new(), actor=actor.id, kind=kind, title=title[:200], state=journal.DONE, total=total, made_at=house.clock.now())


def _title(changes: Mapping[str, str], count: int) -> str:
    """Say a change in words of people: 改保管期限为 30年，5 件."""
    names = "、".join(name_of(name) for name in changes)
    return f"改{names}，{count} 件"


def name_of(name: str) -> str:
    """Return what people call an element or a part of the place."""
    own = {"category": "门类", "year": "年度", "department": "机构（问题）", "retention": "保管期限", "date": "成文日期"}
    found = own.get(name) or next((item.name for item in metadata.elements("") if item.code == name), "")
    return found or name


def _revisable(actor: Actor, record_id: str) -> Record:
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        raise Refusal("RECORD-UNKNOWN", record_id)
    access.require(actor, "holdings:record:revise", queries.access_facts(row))
    if row.state not in REVISABLE or row.hold:
        raise Refusal("RECORD-CODE-FIXED", row.code or record_id)
    return row


def reorder(house: House, actor: Actor, record_ids: Sequence[str], *, after: str) -> Act:
    """Put records of one class, in the order given, behind another of it (to the front where *after* is empty)."""
    if not record_ids or len(record_ids) > AT_ONCE:
        raise Refusal("SELECTION-TOO-MANY" if record_ids else "SELECTION-EMPTY", actual=len(record_ids), most=AT_ONCE)
    rows = [_revisable(actor, key) for key in dict.fromkeys(record_ids)]
    first = rows[0]
    of, _ = coding.numbered(house, first.category, year=first.year, department=first.department, retention=first.retention)
    strangers = [row for row in rows if any(getattr(row, name) != part for name, part in of.items() if part != order.ANY)]
    if strangers or after in record_ids:
        raise Refusal("ORDER-ELSEWHERE", (strangers or rows)[0].title[:30])
    act = _act(house, actor, "order", f"移动 {len(rows)} 件的顺序", total=len(rows))
    siblings = order.waiting(**of)
    order.place_up_to(siblings, after)
    with transaction.atomic():
        if after and not siblings.filter(id=after, position__lt=UNPLACED).exists():
            raise Refusal("ORDER-ELSEWHERE", after)
        places, kept = order.room(siblings, after, len(rows)), []
        for row, place in zip(queries.revisable([row.id for row in rows]), places, strict=True):
            kept.append((row.id, {"position": row.position}, {"position": place}))
            Record.objects.filter(id=row.id).update(position=place)
        act.done = len(rows)
        act.save(force_insert=True)
        journal.note(act, kept)
        body = {"after": after, "records": [row.id for row in rows]}
        told = [entries.Entry("record:revised", actor.id, row.id, body) for row in rows]
        entries.append(house.clock.now(), told, ids=house.ids)
    return act


@work.task("arrange", on_give_up=rest.batch)
def arrange_task(batch_id: str) -> None:
    """Arrange a batch in the background."""
    arrange(work.house(), batch_id)


@work.task("revise", on_give_up=rest.act)
def revise_task(act_id: str) -> None:
    """Go on with a change to many in the background."""
    go_on(work.house(), act_id)
