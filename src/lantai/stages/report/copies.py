"""What is known of copies: every place with its state, the media, the audits, and what sets an alarm."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.ports import House
from lantai.ports.settings import Settings
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Audit, Medium, Replica
from lantai.shelves.upkeep import queries as upkeep
from lantai.stages.copies import audit as audits
from lantai.stages.copies.apart import is_away
from lantai.stages.copies.replicas import KIND_NAMES, PRIMARY, named
from lantai.standards import da_t_38

STRIP = 30
_BESIDE = {
    "disk": "副本“{}”与主库在同一块磁盘（同一文件系统）上，盘坏了会一起丢",
    "medium": "离线介质 {} 的内容写在主库所在的磁盘上，没有写到介质上",
}
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A vault: what it is, how many records it holds whole, damaged and not at all, bytes held and free, its last finished audit."""

    replica: Replica | None
    name: str
    kind: str
    good: int
    bad: int
    lacking: int
    size_bytes: int
    free_bytes: int | None
    last: Audit | None
    is_away: bool = False

    @property
    def is_well(self) -> bool:
        """True where nothing is damaged and it could be reached."""
        return not self.bad and not self.is_away

    @property
    def measured(self) -> str:
        """What ``size_bytes`` counts: of the vault the files as received, of a copy all that lies there."""
        return "连同封装" if self.replica else "收到的文件"


@dataclass(frozen=True, slots=True)
class Standing:
    """All places, the vault first; records below the writing policy; and what sets an alarm, in words."""

    places: tuple[Place, ...]
    kept: int
    required: int
    below: int
    alarms: tuple[str, ...]


def standing(house: House, actor: Actor) -> Standing:
    """Return how the copies stand. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "vault:copy:read")
    return look(house)


def look(house: House) -> Standing:
    """Return how the copies stand, for ``doctor``."""
    places = (_primary(house), *(_place(house, row) for row in queries.replicas()))
    required = house.settings.copies_required
    return Standing(places, queries.kept_counted()[0], required, queries.below(required), tuple(_alarms(house, places, required)))


def _primary(house: House) -> Place:
    kept, size = queries.kept_counted()
    damaged = queries.kept().filter(needs_attention=upkeep.DAMAGED).count()
    kind = "对象存储" if house.settings.store == "s3" else "磁盘"
    free = None if house.settings.store == "s3" else house.vaults.free_bytes("disk", str(house.data))
    away = is_away(house)
    return Place(None, PRIMARY, kind, 0 if away else kept - damaged, damaged, 0, size, free, _last(None), is_away=away)


def _place(house: House, row: Replica) -> Place:
    held = queries.sums(row)
    bad = sum(held.get(state, (0, 0))[0] for state in ("damaged", "gone"))
    good, size = held.get("good", (0, 0))
    free = house.vaults.free_bytes(row.kind, row.address)
    lacking = queries.lacking(row).count()
    return Place(row, row.name, KIND_NAMES[row.kind], good, bad, lacking, size, free, _last(row), is_away=bool(row.trouble))


def _last(replica: Replica | None) -> Audit | None:
    return Audit.objects.filter(replica=replica, state="done").order_by("-ended_at").first()


def _alarms(house: House, places: tuple[Place, ...], required: int) -> list[str]:
    said: list[str] = []
    vault = Settings(data=house.data).vault_place
    here = house.vaults.disk(vault.kind, vault.address)
    if places[0].is_away:
        said.append(f"主库不在：{vault.address} 处没有档案库，盘没有挂上或已丢失")
    for place in places:
        trouble = place.replica.trouble if place.replica else ""
        if trouble:
            said.append(f"副本“{place.name}”写不进去：{CODES[trouble].text.split('{')[0] if trouble in CODES else trouble}（{trouble}）")
        if place.bad:
            said.append(f"“{place.name}”里有 {place.bad} 件损坏或缺失，还没有修复")
        if here is not None and place.replica and house.vaults.disk(place.replica.kind, place.replica.address) == here:
            said.append(_BESIDE[place.replica.kind].format(place.name))
        if place.free_bytes is not None and place.free_bytes < house.settings.vault_low_bytes:
            said.append(f"“{place.name}”所在磁盘只剩 {place.free_bytes / 1024**3:.1f} GB")
    if below := queries.below(required):
        said.append(f"{below} 件保管不足 {required} 份")
    if differing := queries.disagreeing():
        said.append(f"{len(differing)} 件在各副本里的清单不一致")
    said += [f"“{named(place)}”该做固化核验了" for place in audits.overdue(house)]
    today = beijing.day(house.clock.now())
    said += [f"离线介质 {row.number} 该检查了（{beijing.civil(row.next_check)}）" for row in queries.media() if row.next_check < today]
    failing = [row for row in queries.media() if row.grade in da_t_38.must_migrate()]
    return said + [f"离线介质 {row.number} 为{da_t_38.grades()[row.grade]}，内容须转存" for row in failing]


def badges(house: House) -> tuple[tuple[str, str, str], ...]:
    """Return what the desk says of each place: words, tone and icon."""
    found = look(house)
    said = [_badge(house, place) for place in found.places]
    return (*said, *([(f"{found.below} 件不足 {found.required} 份", "warn", "warn")] if found.below else []))


def _badge(house: House, place: Place) -> tuple[str, str, str]:
    if place.bad:
        return (f"{place.name} {place.bad} 件损坏", "err", "cross")
    if place.is_away:
        return (f"{place.name} 不在", "err", "warn")
    if place.replica is None:
        return (place.name, "ok", "check")
    if place.replica.kind == "medium":
        last = place.replica.copies.order_by("-written_at").values_list("written_at", flat=True).first()
        days = (house.clock.now() - last).days if last else 0
        return (f"{place.name} {f'{days} 天前' if days else '今天写入' if last else '未写入'}", "" if last else "warn", "clock")
    return (f"{place.name} 待写 {place.lacking}", "warn", "clock") if place.lacking else (place.name, "ok", "check")


def done(limit: int = STRIP) -> list[Audit]:
    """Return the newest finished audits."""
    return list(Audit.objects.filter(state="done").order_by("-ended_at")[:limit])


def recent(actor: Actor, limit: int = SHOWN) -> list[Audit]:
    """Return the newest audits. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "vault:copy:read")
    return list(Audit.objects.select_related("replica").order_by("-started_at", "-id")[:limit])


def media(actor: Actor) -> list[tuple[Medium, str, str, Place]]:
    """Return the media with the names of type and grade. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "vault:copy:read")
    rows = queries.media()
    return [(row, da_t_38.types()[row.type], da_t_38.grades()[row.grade], _held(row)) for row in rows]


def _held(row: Medium) -> Place:
    held = queries.sums(row.replica)
    good, size = held.get("good", (0, 0))
    bad = sum(count for state, (count, _) in held.items() if state != "good")
    return Place(row.replica, row.number, KIND_NAMES["medium"], good, bad, 0, size, None, _last(row.replica))


def tick(row: Audit) -> str:
    """Return how an audit ended: ok; warn where damage was found and all of it mended, or it did not end; bad where some was not."""
    if row.state != "done":
        return "warn"
    if row.damaged:
        return "warn" if row.mended >= row.damaged else "bad"
    return "ok"


def next_on(house: House, place: Place) -> date | None:
    """Return the day on which a place is due for its audit; None where none is planned."""
    days = house.settings.audit_days
    if not days or place.last is None:
        return None
    return (place.last.started_at + timedelta(days=days)).astimezone(beijing.ZONE).date()


def audit_json(row: Audit) -> dict[str, Any]:
    """Return an audit as the command line prints it."""
    return {
        "code": row.code,
        "place": named(row.replica),
        "state": row.state,
        "reason": row.reason,
        "slots": row.slots,
        "total": row.total,
        "done": row.done,
        "size_bytes": row.size_bytes,
        "damaged": row.damaged,
        "mended": row.mended,
        "started": row.started_at.isoformat(),
        "ended": row.ended_at.isoformat() if row.ended_at else "",
    }


def as_json(found: Standing) -> dict[str, Any]:
    """Return how the copies stand as the command line prints it."""
    return {
        "kept": found.kept,
        "required": found.required,
        "below": found.below,
        "alarms": list(found.alarms),
        "places": [
            {
                "name": place.name,
                "kind": place.replica.kind if place.replica else "primary",
                "address": place.replica.address if place.replica else "",
                "good": place.good,
                "bad": place.bad,
                "lacking": place.lacking,
                "size_bytes": place.size_bytes,
                "free_bytes": place.free_bytes,
                "trouble": place.replica.trouble if place.replica else "",
                "last_audit": place.last.code if place.last else "",
            }
            for place in found.places
        ],
    }
