"""The command ``migrate-store``: the whole vault to another disk or bucket, while everything goes on."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.ports.moving import Place


@verb(
    "migrate-store",
    arguments=[
        ("ACT", "run 迁移，中断了再运行即接着迁；status 看现在在哪里；cancel 不迁了；remove-old 核对后删掉旧处的"),
    ],
    examples=[
        ("lantai migrate-store run --to disk --at /mnt/new", "迁到另一块磁盘"),
        ("lantai migrate-store run --to s3 --at 's3://桶/前缀?endpoint=https://…'", "迁到对象存储"),
        ("lantai migrate-store remove-old", "逐字节核对新处以后，删掉旧处的"),
    ],
    exits={3: "地址不对、目标不空，或正在迁往别处", 4: "新处有损坏，旧处没有删", 5: "磁盘没有挂上、空间不足，或有损坏的件；再运行即接着迁"},
)
@click.argument("act", type=click.Choice(("run", "status", "cancel", "remove-old")), metavar="ACT")
@click.option("--to", "kind", default="disk", type=click.Choice(("disk", "s3")), metavar="KIND", help="disk 磁盘（缺省），s3 对象存储")
@click.option("--at", "address", default="", metavar="ADDRESS", help="文件夹的绝对路径（下设 vault），或 s3://桶/前缀?endpoint=地址")
def migrate_store_command(console: Console, *, act: str, kind: str, address: str) -> int:
    """把整个档案库迁到别处：运行中逐件复制、读回核对，最后切换设置；旧处原样留着，另用 remove-old 删除。以服务账户运行。"""
    if act == "run" and not address:
        raise click.UsageError("请用 --at 写明迁到哪里。")
    house = console.house()
    from lantai.ports.moving import Moving, Place
    from lantai.ports.settings import Settings
    from lantai.stages.copies import move

    if act == "run":
        with progress():
            done = move.move(house, Place(kind, address))
        said = f"档案库已迁到 {_where(done.now)}：{done.objects} 件，这一次复制 {done.carried} 件，都已读回核对"
        console.result(asdict(done), f"{said}；旧处 {_where(done.was)} 没有动。")
        return 0
    if act == "cancel":
        place = move.cancel(house)
        console.result({"cancelled": asdict(place)}, f"不迁了，档案库仍在原处；{_where(place)} 里已复制的可以自行删除。")
        return 0
    if act == "remove-old":
        with progress():
            place, problems = move.remove_old(house)
        told = {"removed": not problems, "place": asdict(place), "problems": [item.as_json() for item in problems]}
        said = f"新处有 {len(problems)} 处损坏，{_where(place)} 没有删。" if problems else f"新处逐字节完好，{_where(place)} 已删。"
        console.result(told, "\n".join([said, *(f"  ✗ {item.code}  {item.message}" for item in problems[:50])]))
        return 4 if problems else 0
    now, target, old = Settings(data=house.data).vault_place, Moving(house.data).target(), Moving(house.data).old()
    lines = [f"档案库在 {_where(now)}"]
    lines += [f"正在迁往 {_where(target)}"] if target else []
    lines += [f"旧处 {_where(old)} 还在"] if old else []
    shown = {name: asdict(place) if place else None for name, place in (("now", now), ("target", target), ("old", old))}
    console.result(shown, "；".join(lines) + "。")
    return 0


def _where(place: "Place") -> str:
    """Return where a vault lies, so that nobody takes the folder around it for what is meant."""
    return place.address if place.kind == "s3" else f"{place.address.rstrip('/')}/vault"
