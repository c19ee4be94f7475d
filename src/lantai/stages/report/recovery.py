"""What is known of backups, drills and state packages: the screen 备份与恢复, its alarms, and the papers drawn from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lantai import forms
from lantai.core import access, beijing
from lantai.core.access import ROLE_NAMES, Actor
from lantai.core.codes import CODES
from lantai.core.errors import Refusal
from lantai.core.recovery import Timetable
from lantai.forms import recovery as papers
from lantai.forms.report import House as Headed
from lantai.packages import recovery_key
from lantai.packages.backup_folder import BackupFolder
from lantai.ports import House
from lantai.shelves.copies import queries as copied
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.shelves.recovery import queries
from lantai.shelves.recovery.models import Backup, Drill, Schedule
from lantai.stages import fonds
from lantai.stages.recover import state
from lantai.stages.recover.backup import is_gone
from lantai.stages.recover.state import service

READ = "system:backup:read"
SHOWN = 60
CONCLUSIONS = {"pass": "通过", "fail": "没有通过"}
_STATE_LATE = timedelta(hours=36)
_ACTING = ("sysadmin", "secadmin", "auditor", "archivist")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that must not go unseen: ``error`` or ``warning``, and a sentence with what to do."""

    state: str
    message: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of the screen: the timetable in force, backups and drills newest first, what is wrong, when the next backup is due."""

    schedule: Schedule | None
    rule: Timetable
    backups: tuple[Backup, ...]
    drills: tuple[Drill, ...]
    alarms: tuple[Alarm, ...]
    last: Backup | None
    last_drill: Drill | None
    last_state: datetime | None
    next_at: datetime | None
    has_key: bool


def overview(house: House, actor: Actor) -> Overview:
    """Return what the screen shows. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    row, rule = queries.schedule(), queries.timetable()
    return Overview(
        schedule=row,
        rule=rule,
        backups=tuple(Backup.objects.order_by("-started_at")[:SHOWN]),
        drills=tuple(Drill.objects.order_by("-started_at")[:SHOWN]),
        alarms=tuple(alarms(house)),
        last=queries.last_good(house.clock.now()),
        last_drill=queries.last_drill(house.clock.now()),
        last_state=state.last_written(house.data),
        next_at=_next(house.clock.now(), rule) if row and row.place else None,
        has_key=_has_key(house),
    )


def alarms(house: House) -> Iterator[Alarm]:
    """Yield what is overdue, missing or damaged; nothing where all is well."""
    now, rule, row = house.clock.now(), queries.timetable(), queries.schedule()
    last, drilled, written = queries.last_good(now), queries.last_drill(now), state.last_written(house.data)
    if not _has_key(house):
        yield Alarm("error", "还没有设置恢复口令，不能备份。请在服务器上运行 lantai backup key。")
    yield from _where(house, row.place if row else "")
    if last is None:
        yield Alarm("error", "还没有一份备份。")
    elif rule.is_late(now, last.started_at):
        yield Alarm("error", f"最近一份备份是 {_day(last.started_at)} 做的，已超过 {rule.late_hours} 小时。")
    yield from _unsent(house, last)
    begun = queries.last_begun(now)
    if begun is not None and begun.state == "failed":
        yield Alarm("error", f"最近一次备份 {begun.code} 没有做成：{why(begun)}（{begun.failure}）。")
    for bad in Backup.objects.filter(verdict="damaged", state="done").order_by("-started_at")[:3]:
        yield Alarm("error", f"备份 {bad.code} 核验时发现损坏，不能用来还原。")
    if last is not None and rule.is_drill_late(now, drilled.started_at if drilled else None):
        since = f"超过 {rule.drill_months} 个月没有做恢复演练" if drilled else "还没有做过恢复演练"
        yield Alarm("warning", f"{since}，请在服务器上运行 lantai drill run。")
    if drilled is not None and drilled.conclusion == "fail":
        yield Alarm("error", f"最近一次恢复演练 {drilled.code} 没有通过。")
    if written is not None and now - written > _STATE_LATE:
        yield Alarm("warning", f"最近一个状态包写于 {_day(written)}，后台可能没有在运行。")


def _where(house: House, place: str) -> Iterator[Alarm]:
    """Yield what is to be said of where backups go."""
    if not place:
        yield Alarm("warning", "还没有定自动备份，请在“备份与恢复”里写明备份处和时间。")
    elif is_gone(Path(place)):
        yield Alarm("error", f"备份处 {place} 不在，多半是盘没有挂上；挂上以前备份做不成。")
    elif not house.settings.backup_bucket and BackupFolder(Path(place)).is_beside(house.data):
        said = f"备份处 {place} 与数据目录在同一块磁盘（同一文件系统）上，盘坏了会一起丢。"
        yield Alarm("warning", f"{said}请换一块盘，或再送到对象存储。")


def _unsent(house: House, last: Backup | None) -> Iterator[Alarm]:
    """Yield that backups do not get to the bucket that is to hold them: the work of the night ends where nobody looks."""
    bucket, rule = house.settings.backup_bucket, queries.timetable()
    if not bucket or last is None:
        return
    sent = Event.objects.filter(type="backup:sent").order_by("-instant").values_list("instant", flat=True).first()
    if sent is None:
        yield Alarm("warning", f"还没有一份备份送到 {bucket}。可以现在送：lantai backup send。")
    elif rule.is_late(house.clock.now(), sent):
        said = f"最近一次送到 {bucket} 是 {_day(sent)}，已超过 {rule.late_hours} 小时"
        yield Alarm("error", f"{said}。请运行 lantai backup send，看它为什么送不成。")


def why(row: Backup) -> str:
    """Return why a backup failed, as its code says."""
    code = CODES.get(row.failure)
    told = _Told(where=row.place) if row.failure.startswith("BACKUP-") else _Told()
    return code.text.format_map(told).rstrip("。") if code else "原因不明"


class _Told(dict[str, str]):
    """What is known of a failure for the words of its code; what is not is left open."""

    def __missing__(self, key: str) -> str:
        return "…"


def _has_key(house: House) -> bool:
    return recovery_key.held(house.data / "keys") is not None


def _next(now: datetime, rule: Timetable) -> datetime:
    hour, minute = (int(part) for part in rule.at.split(":"))
    local = now.astimezone(beijing.ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return local if local > now else local + timedelta(days=1)


def _day(instant: datetime | None) -> str:
    return beijing.minute(instant) if instant else "—"


def span(seconds: int) -> str:
    """Return a span of time in words: ``3 分 20 秒``, ``5 小时 12 分``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


# --- papers


def paper(house: House, actor: Actor, name: str) -> tuple[str, bytes]:
    """Return a paper as its file name and PDF for *actor*: ``plan``, or the record of a drill by its number.

    Raises Refusal ACCESS-REFUSED, DRILL-UNKNOWN.
    """
    access.require(actor, READ)
    return plan_paper(house, actor.name) if name == "plan" else drill_paper(house, name, actor.name)


def drill_paper(house: House, code: str, by: str = "") -> tuple[str, bytes]:
    """Return the record of a drill (the newest where no number is given). Raises Refusal DRILL-UNKNOWN."""
    row = Drill.objects.filter(code=code).first() if code else queries.last_drill(house.clock.now())
    if row is None:
        raise Refusal("DRILL-UNKNOWN", code)
    sheet = papers.drill_record(_drilled(row), house=_headed(house))
    return f"恢复演练记录-{row.code}.pdf", forms.pdf(sheet, forms.Printing(by or service(), house.clock.now()))


def plan_paper(house: House, by: str = "") -> tuple[str, bytes]:
    """Return the emergency plan as the configuration of today has it."""
    now = house.clock.now()
    day = f"{now.astimezone(beijing.ZONE):%Y-%m-%d}"
    sheet = papers.emergency_plan(plan(house), house=_headed(house), day=day)
    return f"应急预案-{day}.pdf", forms.pdf(sheet, forms.Printing(by or service(), now))


def _headed(house: House) -> Headed:
    return Headed(house.settings.fonds, fonds.name_of(house))


def _drilled(row: Drill) -> papers.DrilledTo:
    facts = row.facts
    if "failure" in facts:
        return papers.DrilledTo(
            code=row.code,
            conclusion=CONCLUSIONS[row.conclusion],
            backup=(("备份号", row.backup_code), ("取于", _taken(facts["taken_at"]))),
            times=(
                ("开始", _day(row.started_at)),
                ("结束", _day(row.ended_at)),
                ("RTO（用了多久）", "没有还原到底"),
                ("演练人", row.held_by),
            ),
            found=(("结论|", CONCLUSIONS[row.conclusion]), ("原因|", "".join(facts["reasons"]))),
        )
    checked = sum(facts["conclusions"].values())
    wrong = [(key, "还原出来的与现在的不同，而备份以来没有改动过") for key in facts["differing"]]
    wrong += [(key, "备份里没有") for key in facts["missing"]]
    return papers.DrilledTo(
        code=row.code,
        conclusion=CONCLUSIONS[row.conclusion],
        backup=(
            ("备份号", row.backup_code), ("取于", _day(datetime.fromisoformat(facts["taken_at"]))),
            ("在库", f"{facts['records']} 件"), ("账本", f"{facts['events']} 条"),
        ),
        times=(
            ("开始", _day(row.started_at)), ("结束", _day(row.ended_at)),
            ("RPO（丢失多久）", span(row.rpo_seconds)), ("RTO（用了多久）", span(row.rto_seconds)),
            ("备份之后的事件", f"{facts['events_since']} 条"), ("演练人", row.held_by),
        ),
        found=(
            ("结论|", CONCLUSIONS[row.conclusion]),
            ("逐件比对|", f"相同 {facts['same']} 件，备份之后有变动 {facts['changed']} 件，备份之后新归档 {facts['new']} 件，"
             f"不应不同而不同 {facts['differing_total']} 件，缺 {facts['missing_total']} 件"),
            ("长期保存检测|", f"{facts['run_code']}：检测 {checked} 件，字节损坏 {facts['damaged']} 件"),
            ("账本|", f"{facts['events']} 条，其中已封存的 {facts['ledger_size']} 条"
             + ("核对相符" if facts["ledger_ok"] else f"不符 {facts['ledger_problems']} 处")),
        ),
        wrong=tuple(wrong),
    )  # fmt: skip


def _took(drilled: Drill | None) -> str:
    return span(drilled.rto_seconds) if drilled and "failure" not in drilled.facts else "—"


def _taken(instant: str) -> str:
    return _day(datetime.fromisoformat(instant)) if instant else "清单读不出来，不知道"


def plan(house: House) -> papers.Plan:
    """Return what the emergency plan says, from the live configuration."""
    settings, row, rule = house.settings, queries.schedule(), queries.timetable()
    now = house.clock.now()
    last, drilled = queries.last_good(now), queries.last_drill(now)
    place = row.place if row and row.place else "（尚未定）"
    kept = Record.objects.filter(content_version__gt=0)
    return papers.Plan(
        protected=(
            ("立档单位|", settings.agency or "（尚未写明）"),
            ("在库档案", f"{kept.count()} 件"), ("全宗号", settings.fonds),
            ("数据库", "PostgreSQL" if settings.database else "SQLite"), ("数据目录", str(house.data.absolute())),
            ("允许丢失多久（RPO）", f"不超过 {rule.late_hours} 小时"), ("多久恢复（RTO）", "当日；实测见第五节"),
        ),
        copies=(
            ("备份处|", place), ("送往异地|", settings.backup_bucket or "没有设置"),
            ("时间", f"每天 {rule.at}"), ("保留", f"{rule.days} 天、{rule.weeks} 周、{rule.months} 个月各一份"),
            ("最近一份", f"{last.code}（{_day(last.started_at)}）" if last else "还没有"),
            ("最近核验", _day(last.verified_at) if last and last.verified_at else "写入时已回读，之后尚未全量核验"),
            ("档案库|", settings.vault_place.address), ("副本|", _replicas()),
            ("见证处|", "、".join(settings.witness_folders) or "没有设置"),
            ("恢复口令|", "已设置，由保管人另存，不在本机" if _has_key(house) else "还没有设置"),
        ),
        people=tuple((ROLE_NAMES[item.role], item.name, item.login) for item in _acting()),
        steps=tuple(_steps(house, place)),
        tried=(
            ("最近一次", f"{drilled.code}（{_day(drilled.started_at)}）" if drilled else "还没有做过"),
            ("结论", CONCLUSIONS[drilled.conclusion] if drilled else "—"),
            ("RPO 实测", span(drilled.rpo_seconds) if drilled else "—"), ("RTO 实测", _took(drilled)),
            ("周期|", f"每 {rule.drill_months} 个月一次"),
        ),
        gaps=tuple(item.message for item in alarms(house)),
    )  # fmt: skip


def _replicas() -> str:
    """Return the copies in use with where they are: a medium by its place of storage."""
    shelves = dict(copied.media().values_list("replica_id", "place"))
    rows = copied.replicas()
    return "、".join(f"{row.name}（{shelves.get(row.id) or row.address}）" for row in rows) or "没有设置，主库只有一份"


def _acting() -> list[Account]:
    order = {role: at for at, role in enumerate(_ACTING)}
    rows = Account.objects.filter(is_active=True, role__in=_ACTING)
    return sorted(rows, key=lambda item: (order[item.role], item.login))[:12]


def _steps(house: House, place: str) -> Iterator[tuple[str, str, str]]:
    yield "判断", "在服务器上运行 lantai doctor；看磁盘、数据库、档案库、账本哪一部分有问题。", "知道坏的是哪一部分"
    yield "停下", "停止服务和后台（systemctl stop lantai）；坏盘不再写入，原样留存备查。", "没有进程在写"
    yield "只坏了检索库", "lantai rebuild --index", "lantai doctor 中索引正常"
    yield "只坏了数据库", "移开 lantai.db，运行 lantai rebuild --passphrase-file 口令文件", "提示全部相同；在状态包之后归档的列入待处理"
    yield (
        "只坏了档案库",
        "个别件损坏：lantai fsck --repair，由副本换上；整块盘坏了：换上新盘，运行 lantai fsck --repair --anew，由副本逐件写回",
        "提示没有问题",
    )
    settings, more = house.settings, ""
    if settings.backup_bucket:
        more += f"；备份处也没了的，把 {place} 换成 '{settings.backup_bucket}'"
    if settings.vault_place.address != str(house.data.resolve()):
        more += f"；档案库 {settings.vault_place.address} 还完好的，加 --same-vault"
    yield "整机损坏", f"在新机装好兰台，运行 lantai --data 空目录 restore {place} --passphrase-file 口令文件{more}", "提示验账相符"
    yield "核验", "lantai ledger verify；lantai verify --all；lantai preserve run --occasion restore --wait", "都没有问题"
    yield "恢复服务", "把数据目录换到新的位置，启动服务；通知三员和各部门重新登录。", "能登录、检索、看一件档案"
    yield "记录", "写明起因、经过、丢失的时段，报告分管领导；存入本预案之后。", "有书面记录"
