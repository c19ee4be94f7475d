"""What is known of copies: every place with its state, the media, the audits, and what sets an alarm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.ports import House
from lantai.ports.moving import Place as Vaulted
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
    address: str = ""

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
    here, away = Settings(data=house.data).vault_place, is_away(house)
    kind, free = KIND_NAMES[here.kind], None if away else house.vaults.free_bytes(here.kind, here.address)
    address = "" if here == Vaulted("disk", str(house.data.resolve())) else here.address
    return Place(None, PRIMARY, kind, 0 if away else kept - damaged, damaged, 0, size, free, _last(None), is_away=away, address=address)


def _place(house: House, row: Replica) -> Place:
    held = queries.sums(row)
    bad = sum(held.get(state, (0, 0))[0] for state in ("damaged", "gone"))
    good, size = held.get("good", (0, 0))
    is_here = _is_here(house, row)
    free = house.vaults.free_bytes(row.kind, row.address) if is_here else None
    lacking = queries.lacking(row).count()
    away = bool(row.trouble) or (row.kind == "disk" and not is_here)
    return Place(row, row.name, KIND_NAMES[row.kind], good, bad, lacking, size, free, _last(row), is_away=away, address=row.address)


def _is_here(house: House, row: Replica) -> bool:
    """Tell whether the vault of a replica stands in its folder now, and no other does; a bucket is not asked."""
    return house.vaults.is_there(row.kind, row.address) and house.vaults.label(row.kind, row.address) in {"", row.id}


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
        if place.replica and place.replica.kind == "disk" and not _is_here(house, place.replica):
            said.append(f"副本“{place.name}”不在：{place.replica.address} 处没有它的档案库，盘没有挂上或已丢失")
        elif trouble:
            said.append(f"副本“{place.name}”写不进去：{_why(trouble, place.address)}（{trouble}）")
        if place.bad:
            said.append(f"“{place.name}”里有 {place.bad} 件损坏或缺失，还没有修复")
        is_here = place.replica is not None and _is_here(house, place.replica)
        if here is not None and place.replica and is_here and house.vaults.disk(place.replica.kind, place.replica.address) == here:
            said.append(_BESIDE[place.replica.kind].format(place.name))
        is_to_be_written = place.replica is None or place.replica.kind != "medium" or place.lacking
        if is_to_be_written and place.free_bytes is not None and place.free_bytes < house.settings.vault_low_bytes:
            said.append(f"“{place.name}”所在磁盘只剩 {_room(place.free_bytes)}")
    if below := queries.below(required):
        said.append(f"{below} 件保管不足 {required} 份")
    if differing := queries.disagreeing():
        said.append(f"{len(differing)} 件在各副本里的清单不一致")
    said += [f"“{named(place)}”该做固化核验了" for place in audits.overdue(house)]
    today = beijing.day(house.clock.now())
    said += [f"离线介质 {row.number} 该检查了（{beijing.civil(row.next_check)}）" for row in queries.media() if row.next_check < today]
    failing = [row for row in queries.media() if row.grade in da_t_38.must_migrate()]
    return said + [f"离线介质 {row.number} 为{da_t_38.grades()[row.grade]}，内容须转存" for row in failing]


def _why(code: str, where: str) -> str:
    """Return what a code says of a place, as far as that goes without what was told when it came up."""
    return (
        CODES[code].text.format_map({"where": where, "reason": "原因见后台记录", "name": "", "other": "别的"}).rstrip("。")
        if code in CODES
        else code
    )


def _room(size_bytes: int) -> str:
    """Return the room on a disk in words: what is left may be less than a gigabyte."""
    gigabyte, megabyte = 1024**3, 1024**2
    return f"{size_bytes / gigabyte:.1f} GB" if size_bytes >= gigabyte else f"{size_bytes // megabyte} MB"


def badges(house: House) -> tuple[tuple[str, str, str], ...]:
    """Return what the desk says of each place: words, tone and icon."""
    found = look(house)
    shown = [place for place in found.places if not _is_medium(place)]
    said = [*(_badge(house, place) for place in shown), *_shelf(house, [place for place in found.places if _is_medium(place)])]
    return (*said, *([(f"{found.below} 件不足 {found.required} 份", "warn", "warn")] if found.below else []))


def _is_medium(place: Place) -> bool:
    return place.replica is not None and place.replica.kind == "medium"


def _shelf(house: House, media: list[Place]) -> Iterator[tuple[str, str, str]]:
    """Yield what the desk says of the media: of several how many, and how many of them are not as they should be."""
    if len(media) < 2:
        yield from (_badge(house, place) for place in media)
    elif bad := sum(bool(place.bad) for place in media):
        yield (f"离线介质 {bad} 盘损坏", "err", "cross")
    elif empty := sum(not place.good for place in media):
        yield (f"离线介质 {empty} 盘未写入", "warn", "clock")
    else:
        yield (f"离线介质 {len(media)} 盘", "", "clock")


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
                "away": place.is_away,
                "lacking": place.lacking,
                "size_bytes": place.size_bytes,
                "free_bytes": place.free_bytes,
                "trouble": place.replica.trouble if place.replica else "",
                "last_audit": place.last.code if place.last else "",
            }
            for place in found.places
        ],
    }
