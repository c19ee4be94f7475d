"""volumes 组卷: records of one class become a volume, are ordered in it, and get their codes together; open ones can be undone.

Source: DA/T 13-2022 (codes by volume: 全宗号-类别号-案卷号-件号), GB/T 9705-2008, DA/T 22-2015. Which categories are filed so
says their rule (categories). The order inside a volume gives item numbers and pages; its period is that of the item kept longest, and
its items take it when the code is fixed, since a volume is kept and appraised as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access, beijing
from lantai.core import volume as core
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.errors import Refusal
from lantai.core.findings import Finding
from lantai.core.lifecycle import State
from lantai.core.volume import Sums
from lantai.formats.content import clean
from lantai.ports import House
from lantai.shelves.bulk import insert, save_unchanged
from lantai.shelves.holdings import numbers, queries
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record, Volume, VolumeItem
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import binding, coding, revising, traces
from lantai.stages.binding import Items
from lantai.stages.numbering import AGENCY, Sealed

MOST = 2000
LONGEST = 500
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What fixing a volume would do: the code it would get (empty where none can be written), and what stands in the way by record."""

    code: str
    sums: Sums
    problems: tuple[tuple[str, Finding], ...]


def form(house: House, actor: Actor, record_ids: Sequence[str], *, title: str, note: str = "") -> Act:
    """Make a volume of arranged records of one fonds, category, year and department, in the order given; return the act.

    Refusals: ACCESS-REFUSED, SELECTION-EMPTY, SELECTION-TOO-MANY, RECORD-UNKNOWN, RECORD-CODE-FIXED, VOLUME-UNLIKE, VOLUME-BY-ITEM,
    VOLUME-TITLE-MISSING, VOLUME-ELSEWHERE.
    """
    rows = _bindable(actor, record_ids)
    first = rows[0]
    _demand_by_volume(house, first.category)
    place = {name: getattr(first, name) for name in ("fonds", "category", "year", "department")}
    made = {"made_by": actor.id, "made_at": house.clock.now()}
    row = Volume(id=house.ids.new(), title=_text(title, LONGEST), note=_note(note), **place, **made)
    if not row.title:
        raise Refusal("VOLUME-TITLE-MISSING")
    keys = [item.id for item in rows]
    _demand_free(row.id, keys)
    act = _act(house, actor, f"组卷《{row.title[:40]}》", len(rows))
    act.asked = {"volume": row.id, "before": None, "after": binding.snapshot(row, keys)}
    with transaction.atomic():
        row.save(force_insert=True)
        binding.lay(row.id, keys)
        act.save(force_insert=True)
        _tell(house, actor, "volume:formed", row, keys)
    return act


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a volume of some records would be: its sums, year and department, and what stands in the way of its code."""

    sums: Sums
    year: str
    department: str
    problems: tuple[Finding, ...]


def foresee(house: House, actor: Actor, record_ids: Sequence[str]) -> Foreseen:
    """Say what a volume of these records would be, without making it. Refusals as in :func:`form`, but for the title."""
    rows = _bindable(actor, record_ids)
    _demand_by_volume(house, rows[0].category)
    _demand_free("", [row.id for row in rows])
    items = [binding.item(row) for row in rows]
    problems = tuple(found for _, found in core.objections(items, items[0].place))
    return Foreseen(core.sums(items), rows[0].year, rows[0].department, problems)


def add(house: House, actor: Actor, volume_id: str, record_ids: Sequence[str]) -> Act:
    """Put records behind those of an open volume. Refusals as in :func:`form`, VOLUME-UNKNOWN, VOLUME-FIXED."""
    row = _open(actor, volume_id)
    rows = _bindable(actor, record_ids)
    if stranger := next((item for item in rows if _place(item) != (row.fonds, row.category, row.year, row.department)), None):
        raise Refusal("VOLUME-UNLIKE", stranger.title[:30])
    there, fresh = binding.records_of(row.id), [item.id for item in rows]
    _demand_free(row.id, fresh)
    keys = list(dict.fromkeys((*there, *fresh)))
    if len(keys) > MOST:
        raise Refusal("SELECTION-TOO-MANY", actual=len(keys), most=MOST)
    return _change(house, actor, row, f"放入《{row.title[:30]}》{len(fresh)} 件", records=keys)


def take_out(house: House, actor: Actor, volume_id: str, record_ids: Sequence[str]) -> Act:
    """Take records out of an open volume; they stand in their class again. The last one cannot be taken: undo the volume instead."""
    row = _open(actor, volume_id)
    there = binding.records_of(row.id)
    _demand_in(there, record_ids)
    left = [key for key in there if key not in set(record_ids)]
    if not left:
        return undo(house, actor, volume_id)
    return _change(house, actor, row, f"从《{row.title[:30]}》取出 {len(there) - len(left)} 件", records=left)


def order(house: House, actor: Actor, volume_id: str, record_ids: Sequence[str], *, after: str = "") -> Act:
    """Put some records of an open volume behind another of it, to the front where *after* is empty."""
    row = _open(actor, volume_id)
    there = binding.records_of(row.id)
    _demand_in(there, [*record_ids, *([after] if after else [])])
    moving = list(dict.fromkeys(record_ids))
    staying = [key for key in there if key not in set(moving)]
    if after and after not in staying:
        raise Refusal("VOLUME-NOT-IN", after)
    at = staying.index(after) + 1 if after else 0
    return _change(house, actor, row, f"调整《{row.title[:30]}》的卷内顺序", records=[*staying[:at], *moving, *staying[at:]])


def describe(house: House, actor: Actor, volume_id: str, *, title: str, note: str) -> Act:
    """Change title and remarks 本卷情况说明 of an open volume."""
    row = _open(actor, volume_id)
    return _change(house, actor, row, f"改案卷《{row.title[:40]}》的题名或说明", title=_text(title, LONGEST), note=_note(note))


def undo(house: House, actor: Actor, volume_id: str) -> Act:
    """Take an open volume apart; its records stand in their class again. This, too, can be taken back."""
    row = _open(actor, volume_id)
    return _change(house, actor, row, f"拆卷《{row.title[:40]}》", records=[], state=binding.UNDONE)


def outlook(house: House, actor: Actor, rows: Sequence[Volume]) -> dict[str, Outlook]:
    """Say what fixing each open volume would do: the codes that they would get one after another, and what stands in the way.

    Volumes whose code is fixed are told as they are.
    """
    access.require(actor, "holdings:record:revise")
    items, last, found = binding.items_of(rows), dict[str, int](), dict[str, Outlook]()
    for row in rows:
        sums = binding.sums_of(items[row.id])
        problems = () if row.state == binding.FIXED else tuple(_problems(row, items[row.id]))
        found[row.id] = Outlook(row.code or _next(house, row, sums, last), sums, problems)
    return found


def _next(house: House, row: Volume, sums: Sums, last: dict[str, int]) -> str:
    """Return the code that a volume would get after those in *last*, which is moved on; empty where none can be written."""
    try:
        template = _demand_by_volume(house, row.category)
        parts = _parts(house, row, sums)
        scope = template.volume_scope(parts)
        last[scope] = last.get(scope, queries.last_number(scope)) + 1
        return template.scope(replace(parts, volume=template.volume_text(last[scope])))
    except Refusal:
        return ""


def fix(house: House, actor: Actor, volume_id: str, *, seen: int | None = None) -> Sealed:
    """Fix the code of a volume and of every item in it, in their order, and queue their archiving; irreversible.

    *seen* is the version of the volume that was looked at. Refusals: ACCESS-REFUSED, VOLUME-UNKNOWN, VOLUME-FIXED, VOLUME-NOT-READY with
    the reasons, VOLUME-CHANGED-MEANWHILE, CODE-… where the code cannot be written.
    """
    row = _open(actor, volume_id)
    access.require(actor, "holdings:number:fix", {"department": row.department})
    if seen is not None and seen != row.version:
        raise Refusal("VOLUME-CHANGED-MEANWHILE", row.title[:40])
    template = _demand_by_volume(house, row.category)
    items = binding.items_of([row])[row.id]
    if problems := tuple(_problems(row, items)):
        raise Refusal("VOLUME-NOT-READY", row.title[:40], tuple(found for _, found in problems), count=len(problems))
    with transaction.atomic():
        sealed = _seal(house, actor, row, items, template)
    traces.spend(house)
    return sealed


def _problems(row: Volume, items: Items) -> list[tuple[str, Finding]]:
    return list(core.objections([item for item, _ in items], (row.fonds, row.category, row.year, row.department)))


def _seal(house: House, actor: Actor, row: Volume, items: Items, template: Template) -> Sealed:
    """Number a volume and its items in the transaction of the caller."""
    now, sums = house.clock.now(), binding.sums_of(items)
    parts = _parts(house, row, sums)
    scope = template.volume_scope(parts)
    row.number = queries.lock_scope(scope) + 1
    parts = replace(parts, volume=template.volume_text(row.number))
    row.code, row.retention = template.scope(parts), sums.retention
    template.format(replace(parts, item=len(items)))  # what overflows, overflows before anything is written
    sealed = _numbered(house, row, items, template, parts)
    _kept(house, actor, sealed, now)
    fixed = {"state": binding.FIXED, "fixed_by": actor.id, "fixed_at": now, "range_id": sealed.range_id}
    fixed |= {name: getattr(row, name) for name in ("number", "code", "retention")}
    if not Volume.objects.filter(id=row.id, state=binding.OPEN, version=row.version).update(version=row.version + 1, **fixed):
        raise Refusal("VOLUME-CHANGED-MEANWHILE", row.title[:40])
    queries.advance_scope(scope, row.number)
    body = {"code": row.code, "title": row.title, "retention": row.retention, "records": sealed.count, "list_sha256": sealed.list_sha256}
    entries.append(now, [entries.Entry("volume:fixed", actor.id, row.id, body)], ids=house.ids)
    work.enqueue("archive", range_id=sealed.range_id)
    return sealed


def _numbered(house: House, row: Volume, items: Items, template: Template, parts: CodeParts) -> Sealed:
    """Write the codes of the items, and what each says of its volume; refuse where one moved on."""
    today, records = beijing.day(house.clock.now()), [record for _, record in items]
    _say_volume(house, row, items)
    written = [(at, record.id, template.format(replace(parts, item=at))) for at, record in enumerate(records, 1)]
    insert(
        ArchivalCode,
        [
            ArchivalCode(id=house.ids.new(), record_id=key, kind=AGENCY, scope=row.code, value=code, item_number=at, valid_from=today)
            for at, key, code in written
        ],
    )
    of = {"year": row.year, "department": row.department, "retention": row.retention}
    if numbers.take_up(row.code, (1, len(items)), of) != len(items):
        raise Refusal("VOLUME-CHANGED-MEANWHILE", row.title[:40])
    digest = numbers.list_digest([(at, key) for at, key, _ in written])
    return Sealed(house.ids.new(), row.code, 1, len(items), digest)


def _say_volume(house: House, row: Volume, items: Items) -> None:
    """Let each record take the period of its volume and say where in it it lies; the pages are written down as they are now."""
    sums, by, told = binding.sums_of(items), revising.rules(house), []
    firsts = core.first_pages([item.pages for item, _ in items])
    for at, ((_, record), first) in enumerate(zip(items, firsts, strict=True), 1):
        was = record.retention
        if was != sums.retention:
            revising.change(record, {"retention": sums.retention}, by)
            record.retention_reason = f"随案卷《{row.title[:40]}》，卷内最长"
            body = {"before": {"retention": was}, "after": {"retention": sums.retention}}
            told.append(entries.Entry("record:revised", "worker", record.id, body))
        binding.bind(record, row, sums, at=at, first_page=first)
        VolumeItem.objects.filter(record_id=record.id, volume_id=row.id).update(first_page=first)
    columns = ("retention", "retention_reason", "due_date", "elements", "relations")
    written = save_unchanged(Record, [record for _, record in items], columns, conditions={"state": State.ARRANGED.value})
    if len(written) != len(items):
        raise Refusal("VOLUME-CHANGED-MEANWHILE", row.title[:40])
    if told:
        entries.append(house.clock.now(), told, ids=house.ids)


def _kept(house: House, actor: Actor, sealed: Sealed, now: datetime) -> None:
    """Keep the sealed range of a volume's items, as the numbering of a class does, and its scope as full."""
    NumberRange.objects.create(
        id=sealed.range_id, scope=sealed.scope, first=1, last=sealed.last, list_sha256=sealed.list_sha256, sealed_by=actor.id, sealed_at=now
    )
    queries.lock_scope(sealed.scope)
    queries.advance_scope(sealed.scope, sealed.last)
    entries.append(now, [entries.Entry("record:numbered", actor.id, sealed.range_id, sealed.as_json(), "range")], ids=house.ids)


def _parts(house: House, row: Volume, sums: Sums) -> CodeParts:
    catalogue = coding.rule(house, row.category).catalogues.get(sums.retention, "")
    org = row.department if coding.scheme(row.category, row.year).middle else ""
    return CodeParts(row.fonds, row.category, row.year, sums.retention, org, item=1, catalogue=catalogue)


def _demand_by_volume(house: House, category: str) -> Template:
    rule = coding.rule(house, category)
    if not rule.is_by_volume:
        raise Refusal("VOLUME-BY-ITEM", rule.category)
    return Template(rule.template)


def _bindable(actor: Actor, record_ids: Sequence[str]) -> list[Record]:
    """Return the records in the order given, all of one place and still being arranged."""
    keys = list(dict.fromkeys(record_ids))
    if not keys or len(keys) > MOST:
        raise Refusal("SELECTION-TOO-MANY" if keys else "SELECTION-EMPTY", actual=len(keys), most=MOST)
    found = {row.id: row for row in Record.objects.filter(id__in=keys, quarantined=False)}
    if missing := [key for key in keys if key not in found]:
        raise Refusal("RECORD-UNKNOWN", missing[0])
    rows = [found[key] for key in keys]
    for row in rows:
        access.require(actor, "holdings:record:revise", queries.access_facts(row))
        if row.state != State.ARRANGED or row.hold:
            raise Refusal("RECORD-CODE-FIXED", row.code or row.title[:30])
        if _place(row) != _place(rows[0]):
            raise Refusal("VOLUME-UNLIKE", row.title[:30])
    return rows


def _place(row: Record) -> tuple[str, str, str, str]:
    return binding.item(row).place


def _demand_free(volume_id: str, record_ids: Sequence[str]) -> None:
    if title := binding.elsewhere(volume_id, record_ids):
        raise Refusal("VOLUME-ELSEWHERE", title)


def _demand_in(there: Sequence[str], record_ids: Sequence[str]) -> None:
    if not record_ids:
        raise Refusal("SELECTION-EMPTY")
    if missing := next((key for key in record_ids if key not in set(there)), None):
        raise Refusal("VOLUME-NOT-IN", Record.objects.filter(id=missing).values_list("title", flat=True).first() or missing)


def _open(actor: Actor, volume_id: str) -> Volume:
    access.require(actor, "holdings:record:revise")
    row = find(volume_id)
    if row.state == binding.FIXED:
        raise Refusal("VOLUME-FIXED", row.code)
    if row.state == binding.UNDONE:
        raise Refusal("VOLUME-UNKNOWN", row.title[:40])
    return row


def find(key: str) -> Volume:
    """Return the volume of an id or a code. Raises Refusal VOLUME-UNKNOWN."""
    row = Volume.objects.filter(id=key).first() or Volume.objects.filter(code=key).exclude(code="").first()
    if row is None:
        raise Refusal("VOLUME-UNKNOWN", key)
    return row


def _text(given: str, most: int) -> str:
    text = given.strip()
    if not text or len(text) > most or clean(text) != text or "\n" in text:
        raise Refusal("VOLUME-TITLE-MISSING")
    return text


def _note(given: str) -> str:
    text = given.strip().replace("\r\n", "\n")
    if len(text) > LONGEST_NOTE:
        raise Refusal("ELEMENT-TOO-LONG", text[:20], length=len(text), most=LONGEST_NOTE)
    if clean(text) != text:
        raise Refusal("ELEMENT-UNPRINTABLE", text[:20], at=1)
    return text


def _change(house: House, actor: Actor, row: Volume, words: str, *, records: Sequence[str] | None = None, **columns: Any) -> Act:  # noqa: ANN401
    """Write a changed volume, its act and its event, if nobody changed it meanwhile."""
    there = binding.records_of(row.id)
    keys = list(there if records is None else records)
    before = binding.snapshot(row, there)
    for name, value in columns.items():
        setattr(row, name, value)
    after = binding.snapshot(row, keys)
    act = _act(house, actor, words, max(1, len(set(there) ^ set(keys)) or len(keys)))
    act.asked = {"volume": row.id, "before": before, "after": after}
    event = "volume:undone" if row.state == binding.UNDONE else "volume:changed"
    with transaction.atomic():
        if not Volume.objects.filter(id=row.id, state=binding.OPEN, version=row.version).update(version=row.version + 1, **columns):
            raise Refusal("VOLUME-CHANGED-MEANWHILE", row.title[:40])
        binding.lay(row.id, keys)
        act.save(force_insert=True)
        _tell(house, actor, event, row, keys)
    return act


def _act(house: House, actor: Actor, title: str, total: int) -> Act:
    act = Act(id=house.ids.new(), actor=actor.id, kind=binding.KIND, title=title[:200], state=journal.DONE, total=total, done=total)
    act.made_at = house.clock.now()
    return act


def _tell(house: House, actor: Actor, event: str, row: Volume, keys: Sequence[str]) -> None:
    body = {"title": row.title, "note": row.note, "count": len(keys), "records": list(keys)[: binding.TOLD]}
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.id, body)], ids=house.ids)
