"""The commands backup and restore."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.recovering import PASSPHRASE, empty_house, passphrase_of
from lantai.cli.watching import progress
from lantai.core import beijing
from lantai.core.errors import Refusal
from lantai.packages import ground
from lantai.packages.backup_folder import BackupFolder

if TYPE_CHECKING:
    from lantai.core.findings import Finding
    from lantai.packages.backup_folder import Manifest
    from lantai.ports import House
    from lantai.shelves.recovery.models import Backup

ACTS = {
    "make": "现在就备份",
    "key": "设置恢复口令",
    "list": "列出备份",
    "verify": "逐字节核验一份",
    "send": "送到对象存储，读回核对",
    "fetch": "从对象存储取回",
    "prune": "按规则清除旧的（备份处或对象存储）",
    "plan": "看或定备份计划",
}


@verb(
    "backup",
    arguments=[("ACT", "；".join(f"{name} {text}" for name, text in ACTS.items())), ("PLACE", "备份处：一个文件夹；不写则用计划里的")],
    examples=[
        ("lantai backup key --passphrase-file 口令.txt", "先设置恢复口令（至少 12 个字符）"),
        ("lantai backup make /mnt/beifen", "备份到这个文件夹，只写新的内容"),
        ("lantai backup verify /mnt/beifen --backup BF-20261128-01", "逐字节核验"),
        ("lantai backup send /mnt/beifen --bucket 's3://桶/前缀?endpoint=https://…'", "把最新的一份送到对象存储"),
        ("lantai backup plan /mnt/beifen --at 02:00 --days 7 --weeks 5 --months 12", "每夜自动备份"),
    ],
    exits={3: "没有设置恢复口令、备份处不能用，或没有这一份", 4: "备份已损坏，逐处列出", 5: "空间不足或写不进去，以前的备份完整"},
)
@click.argument("act", type=click.Choice(list(ACTS)), metavar="ACT")
@click.argument("place", default="", metavar="[PLACE]")
@click.option("--backup", "code", default="", metavar="CODE", help="备份号（缺省最新的）；prune：删去已损坏的这一份")
@click.option("--bucket", default="", metavar="ADDRESS", help="s3://桶/前缀?endpoint=地址：send、fetch、list、verify、prune")
@click.option("--at", default="", metavar="HH:MM", help="计划：每天几点（北京时间，缺省 02:00）")
@click.option("--days", default=-1, type=int, metavar="N", help="留最近几天，每天一份（缺省 7）")
@click.option("--weeks", default=-1, type=int, metavar="N", help="留最近几周，每周一份（缺省 5）")
@click.option("--months", default=-1, type=int, metavar="N", help="留最近几个月，每月一份（缺省 12）")
@click.option("--drill-months", default=-1, type=int, metavar="N", help="计划：几个月演练一次（缺省 6）")
@click.option("--reread", is_flag=True, help="send：已在那里的块也逐块读回，坏了的重送")
@click.option("--anew", is_flag=True, help="make：备份处的盘坏了、换了新盘，在原处从头备份")
@PASSPHRASE
def backup_command(
    console: Console,
    *,
    act: str,
    place: str,
    code: str,
    bucket: str,
    at: str,
    days: int,
    weeks: int,
    months: int,
    drill_months: int,
    reread: bool,
    anew: bool,
    passphrase_file: Path | None,
) -> int:
    """备份整个库：数据库、档案库、账本、在办件、设置和密钥（封存），运行中也一致；只写新增的，写后回读。以服务账户运行。"""
    house = console.house()
    if act == "key":
        return _key(console, house, passphrase_of(passphrase_file, is_needed=True))
    if act == "plan":
        given: dict[str, str | int] = {"at": at, "days": days, "weeks": weeks, "months": months, "drill_months": drill_months}
        return _plan(console, house, place, {name: value for name, value in given.items() if value not in ("", -1)})
    if act == "prune":
        kept = {name: value for name, value in (("days", days), ("weeks", weeks), ("months", months)) if value >= 0}
        return _prune(console, house, place, bucket, kept, damaged=code)
    if act in {"send", "fetch"} or bucket:
        return _remote(console, house, act, place, bucket or house.settings.backup_bucket, code, rereads=reread)
    if act == "make":
        return _make(console, house, place, is_anew=anew)
    return (_list if act == "list" else _verify)(console, house, place, code)


#: What a list of backups tells of each, and what of one whose list cannot be read.
_HEAD: dict[str, Any] = {"taken_at": "", "records": 0, "events": 0, "pieces": 0, "size_bytes": 0}


def _key(console: Console, house: "House", passphrase: str) -> int:
    from lantai.stages.recover import schedule

    schedule.set_passphrase(house, passphrase)
    console.result({"set": True}, "恢复口令已设置，今后的备份用它封存密钥。请另行妥善保管；忘了就打不开，任何人都不能代为找回。")
    return 0


def _make(console: Console, house: "House", place: str, *, is_anew: bool) -> int:
    from lantai.stages.recover import backup

    with progress():
        row = backup.back_up(house, backup.place_of(house, place), is_anew=is_anew)
    console.result(_told(row), _line(row))
    return 0


def _list(console: Console, house: "House", place: str, code: str) -> int:
    from lantai.shelves.recovery.models import Backup
    from lantai.stages.recover import backup

    chosen = backup.place_of(house, place)
    folder = BackupFolder(chosen)
    folder.demand()
    known = {row.code: row for row in Backup.objects.filter(place=str(chosen))}
    rows: list[dict[str, Any]] = []
    for one in folder.codes():
        row = known.get(one)
        try:
            head = {name: folder.manifest(one).document[name] for name in _HEAD}
        except Refusal:
            rows.append({"code": one, **_HEAD, "verdict": "damaged", "verified_at": ""})
            continue
        verified = row.verified_at.isoformat() if row and row.verified_at else ""
        rows.append({"code": one, **head, "verdict": row.verdict if row else "", "verified_at": verified})
    verdicts = {"": "未核验", "ok": "核验无误", "damaged": "已损坏"}
    lines = [
        f"  {it['code']}  取于 {_local(it['taken_at'])}  {it['records']} 件  {size_text(it['size_bytes'])}  {verdicts[it['verdict']]}"
        if it["taken_at"]
        else f"  {it['code']}  清单读不出来，不能用来还原"
        for it in rows
    ]
    console.result(rows, "\n".join(lines) or "还没有备份。")
    return 0


def _verify(console: Console, house: "House", place: str, code: str) -> int:
    from lantai.stages.recover import backup

    chosen = backup.place_of(house, place)
    BackupFolder(chosen).demand()
    named = code or BackupFolder(chosen).newest()
    with progress():
        found = backup.verify(house, chosen, named)
    return _said_of(console, named, found)


def _said_of(console: Console, named: str, found: "Sequence[Finding]", hint: str = "") -> int:
    lines = [
        f"备份 {named} {'逐字节核验无误' if not found else f'有 {len(found)} 处损坏'}。",
        *(f"  ✗ {item.code}  {item.message}" for item in found[:50]),
        *([hint] if found and hint else []),
    ]
    console.result({"code": named, "ok": not found, "problems": [item.as_json() for item in found]}, "\n".join(lines))
    return 4 if found else 0


def _remote(console: Console, house: "House", act: str, place: str, bucket: str, code: str, *, rereads: bool) -> int:
    """Do what concerns a bucket: send, fetch, list, verify."""
    from lantai.packages import backup_carrying
    from lantai.stages.recover import backup

    if not bucket or act not in {"send", "fetch", "list", "verify"}:
        raise click.UsageError("请用 --bucket 写明对象存储的地址；只有 send、fetch、list、verify 用得着它。")
    if act == "list":
        found = backup_carrying.codes(house.vaults.keys(bucket))
        console.result([{"code": one} for one in found], "\n".join(f"  {one}" for one in found) or "还没有送来的备份。")
        return 0
    with progress():
        if act == "verify":
            chosen = code or backup_carrying.newest(house.vaults.keys(bucket))
            return _said_of(console, chosen, backup.verify_sent(house, bucket, chosen), "请运行 lantai backup send --reread 重送坏了的块。")
        if act == "send":
            done = backup.send(house, backup.place_of(house, place), bucket, code, rereads=rereads)
        else:
            keys = house.vaults.keys(bucket)
            folder = BackupFolder(backup.place_of(house, place))
            done = backup_carrying.fetch(keys, folder, code or backup_carrying.newest(keys), lambda _: None)
    said = "已送到对象存储，逐块读回核对" if act == "send" else "已取回，逐块核对"
    console.result(asdict(done), f"备份 {done.code} {said}：{done.pieces} 块，新的 {done.new_pieces} 块 {size_text(done.new_bytes)}。")
    return 0


def _prune(console: Console, house: "House", place: str, bucket: str, given: dict[str, int], *, damaged: str) -> int:
    from dataclasses import replace

    from lantai.shelves.recovery import queries
    from lantai.stages.recover import backup

    with progress():
        rule = replace(queries.timetable(), **given)  # type: ignore[arg-type]
        done = (
            backup.prune_sent(house, bucket, rule, damaged=damaged)
            if bucket
            else backup.prune(house, backup.place_of(house, place), rule, damaged=damaged)
        )
    document = {"pruned": list(done.codes), "pieces": done.pieces, "size_bytes": done.size_bytes}
    text = f"清除 {len(done.codes)} 份备份，腾出 {size_text(done.size_bytes)}。"
    if done.unreadable:
        text += f"\n  · 备份 {'、'.join(done.unreadable)} 的清单读不出来，不知道哪些块是它的，没有清除任何块。"
        text += "\n    确实不要它了，请加 --backup 写明它，删去以后再清除。"
    console.result(document, text)
    return 0


def _plan(console: Console, house: "House", place: str, given: dict[str, str | int]) -> int:
    from dataclasses import replace

    from lantai.shelves.recovery import queries
    from lantai.stages.recover import schedule

    if place or given:
        row = queries.schedule()
        chosen = place or (row.place if row else "")
        schedule.decide(house, None, schedule.Decided(chosen, replace(queries.timetable(), **given)))  # type: ignore[arg-type]
    row, rule = queries.schedule(), queries.timetable()
    document = {"place": row.place if row else "", **asdict(rule)}
    said = f"每天 {rule.at} 备份到 {row.place}" if row and row.place else "没有定自动备份"
    keeps = f"留 {rule.days} 天、{rule.weeks} 周、{rule.months} 个月；每 {rule.drill_months} 个月演练一次。"
    console.result(document, f"{said}；{keeps}")
    return 0


def _told(row: "Backup") -> dict[str, object]:
    names = ("code", "place", "records", "events", "pieces", "size_bytes", "new_pieces", "new_bytes", "manifest_sha256")
    return {**{name: getattr(row, name) for name in names}, "taken_at": row.taken_at.isoformat() if row.taken_at else ""}


def _line(row: "Backup") -> str:
    return (
        f"备份 {row.code} 已完成：在库 {row.records} 件，账本 {row.events} 条，共 {size_text(row.size_bytes)}；"
        f"这一次新写 {size_text(row.new_bytes)}，已逐字节回读。"
    )


def _local(instant: str) -> str:
    return beijing.minute(datetime.fromisoformat(instant))


@verb(
    "restore",
    arguments=[("PLACE", "备份处：一个文件夹，或 s3://桶/前缀?endpoint=地址（先取到数据目录旁边）")],
    examples=[
        ("lantai --data /srv/new restore /mnt/beifen --passphrase-file 口令.txt", "还原最新的一份到空目录"),
        ("lantai --data /srv/new restore /mnt/beifen --as-of 2026-03-01", "还原那一天结束时的样子"),
        ("lantai --data /srv/new restore /mnt/beifen --key 公钥", "只还原由这把公钥签署的（公钥见登记簿或公布的）"),
        ("lantai --data /srv/look restore /mnt/beifen --apart", "原来的库还在用：还原在旁边看，与它互不相干"),
    ],
    exits={
        3: "目录不空、口令不对、设置里的档案库处已有档案，或备份已损坏（逐处列出，没有还原任何内容）",
        5: "磁盘空间不足，再次运行从头做起",
    },
)
@click.argument("place", metavar="PLACE")
@click.option("--apart", is_flag=True, help="还原在旁边看：档案库和数据库都在这个目录里，副本、备份计划、见证处都不带，与原来的库互不相干")
@click.option("--same-vault", is_flag=True, help="原机已毁，设置里的档案库处还在：接着用它，已有的相同版本不重写")
@click.option("--credentials", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="对象存储的凭据文件（缺省用环境变量）")
@click.option("--backup", "code", default="", metavar="CODE", help="备份号（缺省最新的）")
@click.option("--as-of", "as_of", default="", metavar="TIME", help="还原这一时刻以前最近的一份：YYYY-MM-DD 或 YYYY-MM-DDTHH:MM，北京时间")
@click.option("--key", default="", metavar="KEY", help="本机关的公钥，如登记簿所印或公布的：不是由它签署的备份不还原")
@PASSPHRASE
def restore_command(
    console: Console,
    *,
    place: str,
    apart: bool,
    same_vault: bool,
    credentials: Path | None,
    code: str,
    as_of: str,
    key: str,
    passphrase_file: Path | None,
) -> int:
    """把一份备份还原到空的数据目录：先逐字节核验备份，再写，写后核对。备份自 SQLite 的可还原到 PostgreSQL，反之亦可。"""
    if apart and same_vault:
        raise click.UsageError("--apart 与 --same-vault 只能写一个。")
    passphrase = passphrase_of(passphrase_file, is_needed=True)
    ground.demand_empty(console.data)
    from lantai.stages.recover import unlocking

    folder, until = BackupFolder(_here(console, place, code, credentials)), _instant(as_of)
    unlocking.listed(folder, code, until).key().demand(passphrase)
    console.note("先逐字节核验备份，再还原。")
    manifest = unlocking.choose(folder, code, until)
    ground.begin_anew(console.data)
    unlocking.unlock(folder, manifest, passphrase, console.data)
    beside = "apart" if apart else "same_vault" if same_vault else "unknown"
    return _restored(console, folder, manifest, passphrase, beside=beside, key=key)


def _restored(console: Console, folder: BackupFolder, manifest: "Manifest", passphrase: str, *, beside: str, key: str) -> int:
    """Fill the folder whose settings and keys are there, and say what came of it."""
    from lantai.stages.recover import unlocking

    chosen = unlocking.Beside(beside)
    if chosen is unlocking.Beside.APART:
        unlocking.set_apart(console.data)
    house = empty_house(console)
    from lantai.ports.settings import Settings
    from lantai.stages import attest, index
    from lantai.stages.recover import restore

    if key:
        restore.demand_key(house, manifest, key)
    with progress():
        done = restore.restore(house, folder, manifest, passphrase, beside=chosen)
        house.index.clear()
        index.refresh(house)
        ledger = attest.attest(house)
    ground.end(console.data)
    said = "验账相符" if ledger.ok else "验账有不符，请运行 lantai ledger verify"
    text = [f"已还原备份 {done.code}（取于 {_local(done.taken_at)}）：在库 {done.records} 件，账本 {done.events} 条，{said}。"]
    text += [f"  · {line}" for line in restore.shared(house, chosen)]
    keys, vault = restore.signed_with(house), Settings(data=console.data).vault_place
    if not key:
        text.append(f"  · 签署这份备份的公钥：{'、'.join(keys)}；请与登记簿所印或公布的对照，不同的不是本机关的备份。")
    console.result(asdict(done) | {"ledger_ok": ledger.ok, "vault": vault.address, "keys": keys}, "\n".join(text))
    return 0 if ledger.ok else 4


def _here(console: Console, place: str, code: str, credentials: Path | None) -> Path:
    """Return the backup place; one in a bucket is fetched beside the data folder first, and stays there."""
    if not place.startswith("s3://"):
        return Path(place).absolute()
    from lantai import wiring
    from lantai.packages import backup_carrying

    keys = wiring.others(credentials).keys(place)
    target = console.data.absolute().with_name(f"{console.data.name}.fetched")
    console.note(f"先把备份取到 {target}，逐块核对；还原以后可以删，也可以留作备份处。")
    backup_carrying.fetch(keys, BackupFolder(target), code or backup_carrying.newest(keys), lambda _: None)
    return target


def _instant(text: str) -> datetime | None:
    """Return a given instant of Beijing; a day stands for its end."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("须写作 2026-03-01 或 2026-03-01T18:00", param_hint="--as-of") from error
    if len(text) == len("2026-03-01"):
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo else found.replace(tzinfo=beijing.ZONE)
