"""The command ``lantai demo``: compose, run the whole line, show in = out, serve."""

import secrets
import time
from collections.abc import Sequence

import click

from lantai.cli.console import Console, start, verb
from lantai.cli.help import cut, pad, width
from lantai.cli.serving import serve
from lantai.cli.setting_up import found, sign_in_here

# A demonstration of so many documents also has so many on paper.
_MANY, _SCANS = 100, 5
PASSWORD_FILE = "demo-password.txt"  # noqa: S105 - a file name


@verb(
    "demo",
    examples=[("lantai demo", "做 120 件，走完全线，打开界面"), ("lantai demo --no-serve --size 24", "小的一套，只看收支表")],
    exits={6: "收支不符：有文件没有去向"},
)
@click.option("--no-serve", is_flag=True, help="只跑全线并给出收支表，不打开服务")
@click.option("--size", default=120, type=click.IntRange(1), metavar="N", help="做多少件公文（缺省 120）")
@click.option("--seed", default=1, metavar="N", help="随机种子（缺省 1）：同一种子得到同样的字节")
@click.option("--scans", default=None, type=click.IntRange(0, 60), metavar="N", help="另作几件纸质扫描件（缺省：满 100 件公文时作 5 件）")
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="N", help="端口（缺省见 lantai config）")
def demo_command(console: Console, *, no_serve: bool, size: int, seed: int, scans: int | None, port: int) -> int:
    """做一个虚构机关的办公系统归档包，走完接收、检测、著录、整理、定号、归档、检索全线，给出收支表。"""
    is_balanced = True
    if (console.data / "lantai.toml").exists():
        console.say(f"数据目录 {console.data} 已经有演示数据，直接使用；要重做请换一个 --data 目录。")
        console.house()
        is_balanced = _show(console, seconds=0.0)
    else:
        is_balanced = _run(console, size, seed, scans if scans is not None else _SCANS if size >= _MANY else 0)
    if not no_serve:
        _tell_accounts(console)
        serve(console, port=port, is_open=True)
    return 0 if is_balanced else 6


def _run(console: Console, size: int, seed: int, scans: int) -> bool:
    from lantai.demo import agency, scenario

    began = time.monotonic()
    found(console.data, agency=agency.NAME, fonds=agency.FONDS, kind="trial")
    start(console.data)
    house = console.house()
    from lantai.demo import run
    from lantai.stages import founding

    founding.tell(house)
    console.say(f"正在为「{agency.NAME}」编写并排印 {size} 件公文……")
    composed = scenario.write(console.data / "demo", size, seed)
    password = _make_password(console)
    archivist = run.install(house, password)
    batches: list[str] = []
    for place, delivery in enumerate(composed.deliveries, start=1):
        console.say(f"  [{place}/{len(composed.deliveries)}] 接收、检测、著录：{delivery.title}")
        batches.append(run.deliver(house, archivist, delivery))
    console.say("  接收合格件、固定档号、归档、索引……")
    run.number_all(house, archivist, batches)
    if scans:
        from lantai.demo import scans as paper

        console.say(f"  扫描 {scans} 件纸质档案，识别、提出著录……")
        paper.fill(house, archivist, console.data / "demo", count=scans)
    if size >= _MANY:
        from lantai.demo import keeping

        console.say("  对照办结登记，设副本，核验并检测一遍在库档案……")
        keeping.register(house, archivist, console.data / "demo" / "OA办结登记.csv", composed.finished)
        keeping.keep(house, archivist, console.data / "replica")
    sign_in_here(console, house, archivist.login)
    return _show(console, seconds=time.monotonic() - began)


def _show(console: Console, *, seconds: float) -> bool:
    from lantai.demo import run

    rows = run.table()
    total_in, total_out = sum(row.files_in for row in rows), sum(row.files_out for row in rows)
    places = {name: sum(row.places.get(name, 0) for row in rows) for name in run.PLACES}
    archived = sum(row.archived for row in rows)
    shown = [name for name in run.PLACES if places[name]]
    head = ["批次", "收到", *(run.PLACE_NAMES[name] for name in shown), "合计", "件", "已归档件"]
    lines = [_line(list(head))]
    for row in rows:
        cells = [row.title, row.files_in, *(row.places.get(name, 0) or "" for name in shown), row.files_out, row.records, row.archived]
        lines.append(_line(cells))
    lines.append(_line(["合计", total_in, *(places[name] for name in shown), total_out, sum(row.records for row in rows), archived]))
    mark = "收支相符" if total_in == total_out else "收支不符"
    took = f"，用时 {seconds:.0f} 秒" if seconds else ""
    lines.append(f"\n收到 {total_in} 个文件 = 去向合计 {total_out}：{mark}。归档 {archived} 件{took}。")
    document = {"in": total_in, "out": total_out, "balanced": total_in == total_out, "archived": archived, "places": places}
    console.result(document, "\n" + "\n".join(lines))
    return total_in == total_out


def _line(cells: Sequence[object]) -> str:
    first, *rest = [str(cell) for cell in cells]
    return "  " + pad(cut(first, 44), 46) + "".join(" " * max(1, 10 - width(cell)) + cell for cell in rest)


def _make_password(console: Console) -> str:
    """Make up the password of the demonstration's accounts; it differs on every machine and is kept in the data folder."""
    password = f"Lt-{secrets.token_hex(3)}-{secrets.randbelow(90) + 10}"
    path = console.data / PASSWORD_FILE
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return password


def _tell_accounts(console: Console) -> None:
    from lantai.demo import agency

    path = console.data / PASSWORD_FILE
    if path.is_file():
        console.say(f"\n演示账号，口令都是  {path.read_text().strip()}  （记在 {path}）：")
        for account in agency.ACCOUNTS:
            console.say(f"  {account.login:<8} {account.name}（{account.title}）")
