"""The administrators' pages: accounts with what may be done to them, and the health of every part."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from lantai.core import access
from lantai.core.access import Actor
from lantai.ports import House
from lantai.shelves.edge.models import Progress
from lantai.shelves.holdings.models import IndexOutbox
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages.report import frame, scope

ROOM_NEEDED = 0.1


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the list. ``state``: active, pending (awaits the security administrator) or disabled."""

    id: str
    login: str
    name: str
    role: str
    department: str
    department_name: str
    person: str
    state: str
    created_at: datetime
    last_seen: datetime | None
    is_self: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The health of one part: ``state`` ok, warn or err; what was found; what to do."""

    name: str
    state: str
    found: str
    advice: str = ""


def accounts(actor: Actor) -> tuple[AccountRow, ...]:
    """Return all accounts, those that wait first. Raises Refusal where *actor* may not list them."""
    access.require(actor, "people:account:list")
    names = scope.departments()
    told = set(Event.objects.filter(type__in=("account:approved", "account:disabled")).values_list("object_id", flat=True))
    seen = dict(Event.objects.filter(type="session:opened").values_list("object_id").annotate(last=Max("instant")))
    rows = [
        AccountRow(
            row.id, row.login, row.name, row.role, row.department, names.get(row.department, row.department), row.person,
            "active" if row.is_active else "disabled" if row.id in told else "pending",
            row.created_at, seen.get(row.id), row.id == actor.id,
        )
        for row in Account.objects.order_by("role", "login")
    ]
    return tuple(sorted(rows, key=lambda row: ("pending", "active", "disabled").index(row.state)))


def health(house: House, actor: Actor) -> tuple[Part, ...]:
    """Return the health of every part of this installation."""
    access.require(actor, "system:health:read")
    return (_virus(house), _disk(house), _index(), _work(house.clock.now()), _ledger(), _keys(house))


def _virus(house: House) -> Part:
    engine = house.scanner.engine()
    if not engine.is_ready:
        advice = "请安装并启动 clamav-daemon，或在 lantai.toml 里写明 clamd 的位置。没有它，正式库不能完成归档。"
        return Part("杀毒引擎", "err", "没有应答", advice)
    limit = house.settings.virus_signature_days
    dated = engine.signatures_date
    is_old = bool(dated) and datetime.fromisoformat(dated).replace(tzinfo=UTC) < house.clock.now() - timedelta(days=limit + 1)
    found = f"{engine.name or '已应答'}，病毒库 {engine.signatures or '版本不明'}（{dated or '日期不明'}）"
    return Part("杀毒引擎", "warn" if is_old else "ok", found, f"病毒库超过 {limit} 天没有更新，请更新。" if is_old else "")


def _disk(house: House) -> Part:
    usage = shutil.disk_usage(house.data)
    share = usage.free / usage.total
    found = f"数据目录所在磁盘余 {usage.free / 1024**3:.1f} GB（{share:.0%}）"
    return Part("存储空间", "warn" if share < ROOM_NEEDED else "ok", found, "空间不足一成，请尽快扩容。" if share < ROOM_NEEDED else "")


def _index() -> Part:
    waiting = IndexOutbox.objects.count()
    found = f"待更新 {waiting} 条" if waiting else "与档案一致，没有待更新的条目"
    return Part("全文索引", "warn" if waiting > 5000 else "ok", found, "积压较多，请看后台作业是否在运行。" if waiting > 5000 else "")


def _work(now: datetime) -> Part:
    failed = Progress.objects.filter(state="failed", updated_at__gte=now - timedelta(days=1)).count()
    running = Progress.objects.filter(state="running", updated_at__gte=now - timedelta(minutes=5)).count()
    found = f"正在做 {running} 项，近一天没有做完 {failed} 项"
    return Part("后台作业", "warn" if failed else "ok", found, "没有做完的会自动重试；反复出现请查看日志。" if failed else "")


def _ledger() -> Part:
    sealing = frame.sealing()
    if sealing.last_position is None:
        return Part("账本", "warn", f"共 {sealing.events} 条，尚未封存", "封存功能还没有启用；事件都已写入，不能改动或删除。")
    return Part("账本", "ok", f"已封存至第 {sealing.last_position} 条，未封存 {sealing.unsealed} 条")


def _keys(house: House) -> Part:
    keys = house.signer.key_ids()
    return Part("签名密钥", "ok" if keys else "err", "、".join(keys) or "没有密钥", "" if keys else "请运行 lantai init 生成签名密钥。")
