"""The health of every part, for ``lantai doctor`` and the system page: what works, what does not, what to do."""

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError

from lantai.core.errors import Coded
from lantai.packages.ground import VAULT
from lantai.ports import House
from lantai.ports.index import Query
from lantai.ports.settings import Settings
from lantai.shelves.holdings.models import IndexOutbox, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.shelves.upkeep import queries as upkeep
from lantai.shelves.upkeep.models import Plan
from lantai.stages import fonds
from lantai.stages.copies.apart import is_away
from lantai.stages.report import copies, preservation, recovery

LOW_BYTES = 2 * 1024**3
_OTHERS = stat.S_IROTH | stat.S_IXOTH
SEALED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, ``ok``, ``warning`` or ``error``, and a sentence."""

    part: str
    state: str
    message: str


def look(house: House) -> list[Part]:
    """Look at every part; one that can not even be asked is an error, the others are looked at all the same."""
    looks: tuple[tuple[str, Callable[[House], Part]], ...] = (
        ("立档单位", _agency),
        ("数据目录", _folder),
        ("数据库", _database),
        ("档案库", _vault),
        ("索引", _index),
        ("签名密钥", _signer),
        ("杀毒引擎", _scanner),
        ("办公文档", _converter),
        ("账本", _ledger),
        ("磁盘", _disk),
        ("保存检测", _preservation),
        ("副本", _copies),
        ("备份", _backup),
        ("待处理", _attention),
    )
    return [_asked(name, one, house) for name, one in looks]


def _asked(name: str, one: Callable[[House], Part], house: House) -> Part:
    try:
        return one(house)
    except (Coded, DatabaseError, OSError) as problem:
        return Part(name, "error", str(problem))


def _agency(house: House) -> Part:
    name = fonds.name_of(house)
    if not name:
        return Part("立档单位", "error", "没有写立档单位全称，归档检测会因此不通过。请系统管理员在系统›单位写明。")
    return Part("立档单位", "ok", f"{name}，全宗 {house.settings.fonds}")


def _folder(house: House) -> Part:
    """Sessions, digests of passwords and content lie in these folders; whoever else has an account on the machine is kept out here."""
    place = house.settings.vault_place
    folders = [house.data, *([Path(place.address) / VAULT] if place.kind == "disk" and house.settings.store_folder else [])]
    if opened := [folder for folder in folders if folder.is_dir() and folder.stat().st_mode & _OTHERS]:
        named = "、".join(map(str, opened))
        return Part(
            "数据目录", "warning", f"本机别的用户也能打开 {named}，里面有登录会话和档案内容。请执行 chmod o= {' '.join(map(str, opened))}。"
        )
    return Part("数据目录", "ok", f"{house.data}，本机别的用户打不开")


def _database(house: House) -> Part:
    kind = "PostgreSQL" if house.settings.database else "SQLite"
    return Part("数据库", "ok", f"{kind}，{Record.objects.count()} 件")


def _vault(house: House) -> Part:
    kept = Record.objects.filter(content_version__gt=0).count()
    if is_away(house):
        place = Settings(data=house.data).vault_place.address
        said = "盘没有挂上或已丢失。没有把任何一件记作缺失；挂上即可，盘确已坏了的，换上新盘运行 lantai fsck --repair --anew"
        return Part("档案库", "error", f"不在：{place} 处没有档案库，{said}")
    found = sum(1 for _ in house.store.record_ids())
    state = "ok" if found >= kept else "error"
    return Part("档案库", state, f"{found} 个对象，数据库记 {kept} 件已归档")


def _index(house: House) -> Part:
    total, waiting = house.index.search(Query((), limit=0)).total, IndexOutbox.objects.count()
    return Part("索引", "warning" if waiting else "ok", f"{total} 件可检索，{waiting} 件待更新")


def _signer(house: House) -> Part:
    return Part("签名密钥", "ok", "、".join(house.signer.key_ids()))


def _scanner(house: House) -> Part:
    engine = house.scanner.engine()
    if not engine.is_ready:
        trial = "试用库可以试用归档，结论注明未查毒。" if house.settings.kind == "trial" else "归档会停下，直到引擎可用。"
        return Part("杀毒引擎", "warning" if house.settings.kind == "trial" else "error", f"没有连上 clamd。{trial}请安装 clamav-daemon。")
    return Part("杀毒引擎", "ok", f"{engine.name}，病毒库 {engine.signatures}（{engine.signatures_date}）")


def _converter(house: House) -> Part:
    """An absent converter is no fault: documents are kept, found and proved without it."""
    engine = house.converter.engine()
    if not engine.is_ready:
        return Part("办公文档", "ok", engine.note or "没有转换程序，办公文档只能看文字层或下载原件。")
    return Part("办公文档", "warning" if engine.note else "ok", f"{engine.name}，可显示办公文档。{engine.note}")


def _ledger(house: House) -> Part:
    last = Checkpoint.objects.order_by("-size").first()
    unsealed = Event.objects.filter(position__isnull=True).order_by("instant").first()
    late = unsealed is not None and house.clock.now() - unsealed.instant > SEALED_WITHIN
    said = f"{Event.objects.count()} 条，已封存 {last.size if last else 0} 条"
    if late:
        return Part("账本", "error", f"{said}；最早未封存的一条已等了太久，请运行 lantai ledger seal 看原因。")
    if not house.settings.witness_folders:
        return Part("账本", "warning", f"{said}；没有设置见证处（witness_folders），连密钥一起掌握的人整本换过看不出来")
    absent = [folder for folder in house.settings.witness_folders if not Path(folder).is_dir()]
    return Part("账本", "warning" if absent else "ok", f"{said}；见证处 {'、'.join(absent)} 现在不在" if absent else said)


def _disk(house: House) -> Part:
    free = shutil.disk_usage(house.data).free
    return Part("磁盘", "warning" if free < LOW_BYTES else "ok", f"数据目录所在磁盘余 {free / 1024**3:.1f} GB")


def _copies(house: House) -> Part:
    """What sets an alarm is never silent; that there is no second copy is told."""
    found = copies.look(house)
    if found.alarms:
        return Part("副本", "warning", "；".join(found.alarms[:5]) + "。")
    if len(found.places) == 1:
        return Part("副本", "warning", "只有主库一份，没有副本。可用 lantai replica add 在另一块磁盘或对象存储里设一份。")
    return Part("副本", "ok", f"连主库 {len(found.places)} 处，{found.kept} 件都齐")


def _attention(house: House) -> Part:
    records = Record.objects.filter(needs_attention__gt="").count()
    batches = Batch.objects.exclude(needs_attention="").count()
    return Part("待处理", "warning" if records or batches else "ok", f"{batches} 批、{records} 件等人处理")


def _backup(house: House) -> Part:
    """What is overdue, failed or damaged of backups and drills is never silent; a trial installation is only reminded."""
    found = list(recovery.alarms(house))
    if not found:
        return Part("备份", "ok", "按计划备份，没有逾期")
    is_error = any(alarm.state == "error" for alarm in found) and house.settings.kind == "production"
    return Part("备份", "error" if is_error else "warning", "".join(alarm.message for alarm in found))


def _preservation(house: House) -> Part:
    """Overdue plans, runs that stopped for a fault and damaged records are never silent."""
    damaged, stuck, late = upkeep.damaged(), preservation.stuck(), preservation.overdue(house)
    said = [
        *([f"{damaged} 件库内字节与归档时不一致"] if damaged else []),
        *(f"{run.code} 没有做完（{run.reason}）" for run in stuck[:3]),
        *(f"计划“{plan.name}”逾期 {days} 天" for plan, days in late[:3]),
    ]
    if said:
        return Part("保存检测", "error" if damaged else "warning", "；".join(said) + "。")
    if not Plan.objects.filter(retired_at=None).exists():
        return Part("保存检测", "warning", "还没有立检测计划，请在“保存检测”里立一个，或用 lantai preserve plan。")
    return Part("保存检测", "ok", "按计划进行，没有逾期")
