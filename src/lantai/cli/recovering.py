"""Commands of recovery that need no backup: state, rebuild."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, start, verb
from lantai.cli.watching import progress
from lantai.core.errors import Refusal
from lantai.packages import ground

if TYPE_CHECKING:
    from lantai.packages.table_package import TablePackage
    from lantai.ports import House
    from lantai.stages.recover.rebuild import Rebuilt

_SHOWN = 20
PASSPHRASE = click.option(
    "--passphrase-file",
    "passphrase_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="恢复口令所在的文件",
)


@verb("state", examples=[("lantai state", "现在就写一个（后台每夜自动写）")], exits={3: "另一个进程正在写"})
def state_command(console: Console) -> int:
    """写状态包：只在数据库里的内容（人员、批次、在办件、报告、设置等）存成带签名的文件，供重建之用。口令摘要用恢复密钥封存。"""
    house = console.house()
    from lantai.stages.recover import state

    with progress():
        place, written = state.write_state(house)
    document = {
        "package": str(place),
        "taken_at": written.taken_at,
        "rows": written.rows,
        "records": written.records,
        "events": written.events,
        "sha256": written.sha256,
        "has_passwords": written.has_secrets,
    }
    lines = [f"状态包 {place.name}：{sum(written.rows.values())} 行，账本 {written.events} 条，在库 {written.records} 件。"]
    if not written.has_secrets:
        lines.append("  · 没有设置恢复口令，口令摘要没有写进去；请运行 lantai backup key。")
    console.result(document, "\n".join(lines))
    return 0


@verb(
    "rebuild",
    examples=[
        ("lantai --data /srv/lantai rebuild", "数据库丢了：就地重建"),
        ("lantai --data /srv/new rebuild --from /srv/lantai", "在旁边重建，与现有的并存"),
        ("lantai rebuild --index", "只重建检索库"),
    ],
    exits={3: "数据库里已有内容、没有状态包，或账本缺段", 4: "重建了，但有与状态包所记不同之处"},
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="取档案库、账本、状态包的数据目录",
)
@click.option(
    "--state", "package", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR", help="用这个状态包（缺省最新的）"
)
@click.option("--index", "is_index_only", is_flag=True, help="数据库不动，只重建检索库")
@PASSPHRASE
def rebuild_command(
    console: Console, *, source: Path | None, package: Path | None, is_index_only: bool, passphrase_file: Path | None
) -> int:
    """由档案库、账本日志和状态包重建数据库与检索库。给恢复口令则各人口令照旧，不给则三员得到新的初始口令。"""
    if is_index_only:
        return _index(console)
    house = _beside(console, source) if source is not None else _in_place(console)
    from lantai.packages import recovery_key
    from lantai.stages import index
    from lantai.stages.recover import loading, opening, state
    from lantai.stages.recover.rebuild import rebuild

    key = recovery_key.held(console.data / "keys")
    with progress():
        chosen = _checked(house, package or state.newest(console.data))
        if source is None:
            ground.begin_databases(console.data)
        done = rebuild(house, chosen, loading.passwords(chosen, key, passphrase_of(passphrase_file)))
        first = opening.first_passwords(house)  # hashing one takes 100 MB, indexing as much: not both at once
        house.index.clear()
        index.refresh(house)
    ground.end(console.data)
    console.result(done.as_json() | {"first_passwords": first}, "\n".join(_told(done, first)))
    return 0 if done.ok else 4


def passphrase_of(file: Path | None, *, is_needed: bool = False) -> str:
    """Return the passphrase: the first line of *file*, or of the variable LANTAI_PASSPHRASE. Raises Refusal RECOVERY-PASSPHRASE-MISSING."""
    text = file.read_text(encoding="utf-8") if file is not None else os.environ.get("LANTAI_PASSPHRASE", "")
    found = text.splitlines()[0].strip() if text.strip() else ""
    if is_needed and not found:
        raise Refusal("RECOVERY-PASSPHRASE-MISSING")
    return found


def _beside(console: Console, source: Path) -> "House":
    ground.begin_anew(console.data)
    ground.take_along(source, console.data)
    return empty_house(console)


def _in_place(console: Console) -> "House":
    """Return the House on databases that are empty, or that an unfinished rebuild began; any other is never touched."""
    if not (console.data / ground.SETTINGS).is_file():
        raise Refusal("NOT-INITIALISED", str(console.data))
    ground.clear_databases(console.data)
    house = empty_house(console)
    from lantai.shelves import tables

    if not tables.is_empty():
        raise Refusal("RECOVER-NOT-EMPTY", "数据库")
    return house


def empty_house(console: Console) -> "House":
    """Return the House on a data folder whose databases are empty or missing."""
    console.settings()
    start(console.data)
    from lantai import wiring

    wiring.provide()
    return wiring.house()


def _checked(house: "House", folder: Path) -> "TablePackage":
    from lantai.packages import table_package

    if problems := table_package.check(folder, house.signer):
        raise Refusal("TABLES-DAMAGED", str(folder), reasons=tuple(problems))
    return table_package.load(folder)


def _index(console: Console) -> int:
    house = console.house()
    from lantai.stages import index

    with progress():
        count = index.rebuild(house)
    console.result({"indexed": count}, f"检索库已重建，共 {count} 件。")
    return 0


def _told(done: "Rebuilt", first: dict[str, str]) -> list[str]:
    lines = [f"已重建：由封装包和状态包 {done.records} 件，账本 {done.events} 条，用时 {done.seconds:.0f} 秒。状态包取于 {done.taken_at}。"]
    if done.derived:
        lines.append(f"  · {done.derived} 件在状态包之后归档，只由封装包重建，批次等内容未能恢复，已列入待处理。")
    if done.without_payload:
        lines.append(f"  · {done.without_payload} 条事件在状态包之后发生，只有日志中的条目和摘要，没有内容。")
    lines += [f"  ✗ {item.code}  {item.message}" for item in done.problems[:_SHOWN]]
    if len(done.problems) > _SHOWN:
        lines.append(f"  … 还有 {len(done.problems) - _SHOWN} 处，见 --json。")
    if first:
        lines += ["三员的初始口令（只显示这一次，首次登录须更换）：", *(f"  {login}  {password}" for login, password in first.items())]
        lines.append("其余账户请系统管理员重设口令。")
    return lines
