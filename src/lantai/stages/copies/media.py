"""The register of offline media: number, type, capacity, place, next check and grade (DA/T 38; table standards/da_t_38)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from lantai.core import access, beijing, officialdoc
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.copies.models import Medium
from lantai.shelves.ledger import entries
from lantai.stages.copies.replicas import Wish, enter, find, made
from lantai.standards import da_t_38


@dataclass(frozen=True, slots=True)
class Entered:
    """A medium as it is written into the register; *address* is the folder it is mounted at now."""

    number: str
    type: str
    capacity_bytes: int
    place: str
    address: str
    note: str = ""


def register(house: House, actor: Actor, entered: Entered) -> Medium:
    """Enter a mounted medium and found a vault on it. Refusals: ACCESS-REFUSED, MEDIUM-FIELD, REPLICA-ADDRESS, REPLICA-KNOWN."""
    access.require(actor, "vault:medium:change", where=entered.number)
    objections = {
        "编号": not entered.number.strip() or len(entered.number) > 32,
        "类型": entered.type not in da_t_38.types(),
        "容量": entered.capacity_bytes <= 0,
        "存放地点": not entered.place.strip() or len(entered.place) > 200,
        "备注": len(entered.note) > 300,
    }
    _refuse(objections)
    if Medium.objects.filter(number=entered.number.strip()).exists():
        raise Refusal("REPLICA-KNOWN", entered.number.strip())
    replica = made(house, actor, Wish(entered.number, "medium", entered.address))
    row = Medium(
        replica=replica,
        number=entered.number.strip(),
        type=entered.type,
        capacity_bytes=entered.capacity_bytes,
        place=entered.place.strip(),
        next_check=_next(house.clock.now(), entered.type),
        note=entered.note.strip(),
    )
    body = {"number": row.number, "type": row.type, "capacity_bytes": row.capacity_bytes, "place": row.place}
    with transaction.atomic():
        enter(house, actor, replica)
        row.save(force_insert=True)
        entries.append(house.clock.now(), [entries.Entry("medium:registered", actor.id, replica.id, body)], ids=house.ids)
    return row


def check_medium(house: House, actor: Actor, key: str, grade: str, *, next_check: str = "", place: str = "") -> Medium:
    """Write down the grade of a check, and when the next is due. Refusals: ACCESS-REFUSED, REPLICA-UNKNOWN, MEDIUM-FIELD."""
    access.require(actor, "vault:medium:change", where=key)
    row = Medium.objects.filter(replica=find(key)).first()
    if row is None:
        raise Refusal("REPLICA-UNKNOWN", key)
    due = officialdoc.civil_date(next_check)[0] if next_check else _next(house.clock.now(), row.type)
    today = beijing.day(house.clock.now())
    is_late = len(due) != 8 or due <= today
    _refuse({"等级": grade not in da_t_38.grades(), "下次检查（须在今天以后）": is_late, "存放地点": len(place) > 200})
    body = {"number": row.number, "grade": grade, "next_check": due, "place": place or row.place}
    with transaction.atomic():
        own = Medium.objects.filter(replica_id=row.replica_id)
        own.update(grade=grade, next_check=due, checked_on=today, place=place or row.place, version=F("version") + 1)
        entries.append(house.clock.now(), [entries.Entry("medium:checked", actor.id, row.replica_id, body)], ids=house.ids)
    row.refresh_from_db()
    return row


def _next(now: datetime, medium_type: str) -> str:
    """Return the day of the next check, reckoned in years from today; 29 February gives 28 February."""
    today = now.astimezone(beijing.ZONE).date()
    year = today.year + da_t_38.years_between_checks(medium_type)
    day = min(today.day, 28) if today.month == 2 else today.day
    return f"{year:04d}{today.month:02d}{day:02d}"


def _refuse(objections: dict[str, bool]) -> None:
    if wrong := [name for name, is_wrong in objections.items() if is_wrong]:
        raise Refusal("MEDIUM-FIELD", "、".join(wrong))
