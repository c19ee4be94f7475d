"""著录 from the page: drafts kept on the server, an item confirmed by a person, or handed to somebody else with a question.

What was read stays beside what a person made of it; a person's entry always wins. Two who have one item open are told of one another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai.core import access, officialdoc
from lantai.core.access import Actor
from lantai.core.digitising import ITEM_NAMES, ItemState, Marks, open_fields
from lantai.core.errors import Refusal
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, StepDone
from lantai.shelves.ledger import entries
from lantai.shelves.people.models import Account
from lantai.stages.digitise import form
from lantai.standards import da_t_46

_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person has in the form: values by field, which of them were looked at and taken, and the version it was opened at."""

    values: Mapping[str, str]
    seen: tuple[str, ...] = ()
    version: int = 0
    began_at: Any = None


def marks(house: House) -> Marks:
    """Return the thresholds in force."""
    return Marks(house.settings.describe_sure, house.settings.describe_glance)


def save_draft(house: House, actor: Actor, item_id: str, entered: Entered) -> Item:
    """Keep what stands in the form. Refusals: ACCESS-REFUSED, DIGITISE-STATE, DIGITISE-CHANGED where another has saved meanwhile."""
    row = _open(actor, item_id, "著录")
    now, draft = house.clock.now(), _draft(row, entered)
    own = Item.objects.filter(id=row.id, version=_version(row, entered), state=ItemState.PROPOSED)
    if not own.update(draft=draft, draft_by=actor.id, draft_at=now, version=F("version") + 1):
        raise _changed(row)
    return queries.item(item_id)


def confirm(house: House, actor: Actor, item_id: str, entered: Entered) -> Item:
    """Submit an item as described. Refusals: as for drafts, DIGITISE-UNCONFIRMED naming what is empty or still to be looked at."""
    row = _open(actor, item_id, "提交")
    values = {name: _tidy(name, value) for name, value in _draft(row, entered)["values"].items()}
    read = {name: float(field["confidence"]) for name, field in row.read.items() if values.get(name) == str(field["value"])}
    asked = form.fields()
    labels = {item.name: item.label for item in asked}
    required = [item.name for item in asked if item.is_required]
    left = open_fields(read, values, entered.seen, required, marks(house))
    left = (*left, *_wrong(values), *form.objections(asked, values))
    if left:
        raise Refusal("DIGITISE-UNCONFIRMED", "、".join(f"{labels.get(name, name)}（{reason}）" for name, reason in left))
    now = house.clock.now()
    changed = {name: value for name, value in values.items() if value != str(row.read.get(name, {}).get("value", ""))}
    columns = {
        "values": values, "draft": {}, "draft_by": "", "draft_at": None, "doubt": "", "title": values["title"],
        "confirmed_by": actor.id, "confirmed_at": now,
    }  # fmt: skip
    row.version = _version(row, entered)
    with transaction.atomic():
        if not queries.move(row, "confirm", ItemState.CONFIRMED, columns):
            raise _changed(queries.item(item_id))
        StepDone.objects.create(
            id=house.ids.new(), batch_id=row.batch_id, item_id=row.id, step="describe", operator=actor.id,
            began_at=entered.began_at or row.draft_at or now, ended_at=now, items=1, pages=row.page_count,
            facts={"changed": sorted(changed)},
        )  # fmt: skip
        told = {"item": row.sequence, "values": values, "changed": sorted(changed), "seen": list(entered.seen)}
        entries.append(now, [entries.Entry("digitising:described", actor.id, row.id, told)], ids=house.ids)
    return queries.item(item_id)


def doubt(house: House, actor: Actor, item_id: str, *, question: str) -> None:
    """Leave an item for somebody else, with a question 存疑转人; it goes behind the others until it is submitted."""
    row = _open(actor, item_id, "转人")
    now = house.clock.now()
    with transaction.atomic():
        Item.objects.filter(id=row.id).update(doubt=question.strip()[:300] or "存疑", version=F("version") + 1)
        told = {"item": row.sequence, "question": question.strip()}
        entries.append(now, [entries.Entry("digitising:doubted", actor.id, row.id, told)], ids=house.ids)


def reopen(house: House, actor: Actor, item_id: str) -> None:
    """Take a submitted item back to be described again, until its batch is accepted."""
    access.require(actor, "digitise:item:describe")
    row = queries.item(item_id)
    with transaction.atomic():
        kept = {"values": row.values, "seen": [item.name for item in form.fields()]}
        if not queries.move(row, "reopen", ItemState.PROPOSED, {"draft": kept, "draft_by": actor.id, "draft_at": house.clock.now()}):
            raise Refusal("DIGITISE-STATE", row.title or row.key, state=ITEM_NAMES[row.state], act="重新著录")


def _names() -> frozenset[str]:
    return frozenset(item.name for item in form.fields())


def _open(actor: Actor, item_id: str, act: str) -> Item:
    access.require(actor, "digitise:item:describe")
    row = queries.item(item_id)
    if row.state != ItemState.PROPOSED:
        raise Refusal("DIGITISE-STATE", row.title or row.key, state=ITEM_NAMES[row.state], act=act)
    return row


def _version(row: Item, entered: Entered) -> int:
    """Return the version to compare with: that at which the form was opened, else that of now."""
    return entered.version or row.version


def _draft(row: Item, entered: Entered) -> dict[str, Any]:
    names = _names()
    values = {name: str(value)[:_LONGEST].strip() for name, value in entered.values.items() if name in names}
    return {"values": values, "seen": [name for name in entered.seen if name in names]}


def _changed(row: Item) -> Refusal:
    who = Account.objects.filter(id=row.draft_by or row.confirmed_by).values_list("name", flat=True).first() or "他人"
    return Refusal("DIGITISE-CHANGED", row.title or row.key, who=who)


def _tidy(name: str, value: str) -> str:
    """Bring dates and periods into the form in which they are kept, where they can be read."""
    if name == "date":
        return officialdoc.civil_date(value, earliest_year=1)[0] or value
    if name == "retention_period" and value:
        try:
            return Retention.parse(value).label
        except Refusal:
            return value
    return value


def _wrong(values: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    if values.get("date") and not officialdoc.civil_date(values["date"], earliest_year=1)[0]:
        found.append(("date", "读不出日期"))
    if values.get("retention_period"):
        try:
            Retention.parse(values["retention_period"])
        except Refusal:
            found.append(("retention_period", "不是保管期限"))
    if values.get("year") and not (values["year"].isdecimal() and len(values["year"]) == 4):
        found.append(("year", "须是四位年度"))
    lengths = {item.code: item.max_length for item in da_t_46.base()}
    return [*found, *((name, "太长") for name, value in values.items() if 0 < lengths.get(name, 0) < len(value))]
