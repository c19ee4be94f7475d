"""Commands about copies: replica, medium, fixity, fsck, mend."""

from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.watching import progress
from lantai.core import beijing

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.copies.models import Medium
    from lantai.stages.report.copies import Place

_STATES = {"running": "进行中", "stopped": "已停止", "failed": "未完成", "done": "已完成"}
_GIGABYTE = 10**9


@verb(
    "replica",
    arguments=[("ACT", "list 列出；add 设立；copy 现在写齐；retire 停用"), ("NAME", "副本的名称")],
    examples=[
        ("lantai replica add 近线 --at /mnt/second", "在另一块磁盘上设一份副本"),
        ("lantai replica add 异地 --kind s3 --at 's3://桶/前缀?endpoint=https://…'", "在对象存储里设一份副本"),
        ("lantai replica copy 近线", "现在把缺的写齐，在这里办完"),
    ],
    exits={3: "没有这个副本，或地址不对，或没有权限", 5: "磁盘没有挂上，或服务没有应答"},
)
@click.argument("act", type=click.Choice(("list", "add", "copy", "retire")), metavar="ACT")
@click.argument("name", default="", metavar="[NAME]")
@click.option("--kind", default="disk", type=click.Choice(("disk", "s3")), metavar="KIND", help="disk 磁盘（缺省），s3 对象存储")
@click.option("--at", "address", default="", metavar="ADDRESS", help="文件夹的绝对路径，或 s3://桶/前缀?endpoint=地址")
def replica_command(console: Console, *, act: str, name: str, kind: str, address: str) -> int:
    """档案库的副本：设立、列出、写齐、停用。归档以后由后台自动写入，写完读回核对。"""
    _require_name(act, name)
    house, actor = _entered(console)
    from lantai.stages import copies
    from lantai.stages.report import copies as read

    if act == "add":
        copies.add(house, actor, copies.Wish(name, kind, address))
    elif act == "retire":
        copies.retire(house, actor, name)
    elif act == "copy":
        with progress():
            copies.replicate(house, copies.find(name).id)
    standing = read.standing(house, actor)
    found = read.as_json(standing)
    lines = [_place_text(place) for place in standing.places]
    lines += [f"  ! {line}" for line in found["alarms"]]
    console.result(found, f"在库 {found['kept']} 件，应保管 {found['required']} 份，不足的 {found['below']} 件。\n" + "\n".join(lines))
    return 0


@verb(
    "medium",
    arguments=[("ACT", "list 列出；add 登记；fill 写入；check 记下检查结果"), ("NUMBER", "介质编号")],
    examples=[
        ("lantai medium add LX-001 --gb 4000 --place 2号库 --at /mnt/usb", "登记一块接上的离线硬盘"),
        ("lantai medium fill LX-001 --at /mnt/usb", "把还没有的档案写进去，读回核对"),
        ("lantai medium check LX-001 --grade good", "记下检查结果，排定下次检查"),
    ],
    exits={3: "没有这个介质，或填写不全，或没有权限", 5: "介质没有接上"},
)
@click.argument("act", type=click.Choice(("list", "add", "fill", "check")), metavar="ACT")
@click.argument("number", default="", metavar="[NUMBER]")
@click.option("--type", "medium_type", default="hard_disk", metavar="TYPE", help="optical 光盘、blu_ray 蓝光、hard_disk 硬磁盘、tape 磁带")
@click.option("--gb", default=0, type=click.IntRange(0), metavar="N", help="容量（GB）")
@click.option("--place", default="", metavar="TEXT", help="存放地点")
@click.option("--at", "address", default="", metavar="DIR", help="现在接在哪个文件夹（绝对路径）")
@click.option("--grade", default="good", metavar="GRADE", help="good 合格，first、second、third 一至三级预警")
@click.option("--next", "next_check", default="", metavar="DATE", help="下次检查的日期，空着按类型排定")
@click.option("--note", default="", metavar="TEXT", help="备注")
def medium_command(
    console: Console,
    *,
    act: str,
    number: str,
    medium_type: str,
    gb: int,
    place: str,
    address: str,
    grade: str,
    next_check: str,
    note: str,
) -> int:
    """离线介质登记簿：编号、类型、容量、存放地点、内容、检查等级和下次检查。"""
    _require_name(act, number)
    house, actor = _entered(console)
    from lantai.stages import copies
    from lantai.stages.report import copies as read

    if act == "add":
        copies.register(house, actor, copies.Entered(number, medium_type, gb * _GIGABYTE, place, address, note))
    elif act == "fill":
        with progress():
            copies.fill(house, actor, number, address)
    elif act == "check":
        copies.check_medium(house, actor, number, grade, next_check=next_check, place=place)
    rows = [_medium(row, kind, grade, held.good, held.size_bytes) for row, kind, grade, held in read.media(actor)]
    lines = [
        f"  {row['number']}  {row['type']}  {row['grade']}  下次 {beijing.civil(row['next_check'])}  {row['place']}  {row['records']} 件"
        for row in rows
    ]
    console.result({"media": rows}, "\n".join(lines) or "登记簿里还没有离线介质。")
    return 0


def _place_text(place: "Place") -> str:
    away = "  不在" if place.is_away else ""
    said = f"  {place.name}{away}  完好 {place.good} 件  损坏或缺失 {place.bad}  待写 {place.lacking}"
    return f"{said}  {place.measured} {size_text(place.size_bytes)}"


def _medium(row: "Medium", kind: str, grade: str, records: int, size_bytes: int) -> dict[str, Any]:
    return {
        "number": row.number,
        "type": kind,
        "capacity_bytes": row.capacity_bytes,
        "place": row.place,
        "grade": grade,
        "next_check": row.next_check,
        "checked_on": row.checked_on,
        "records": records,
        "size_bytes": size_bytes,
        "note": row.note,
    }


@verb(
    "fixity",
    arguments=[("ACT", "list 列出；run 现在核验；show、stop、resume 加编号"), ("KEY", "核验编号")],
    examples=[
        ("lantai fixity run --wait", "把主库逐字节核验一遍，在这里办完"),
        ("lantai fixity run --place 近线 --share 10 --wait", "抽一成核验一份副本"),
    ],
    exits={3: "没有这次核验或这个副本，或没有权限", 4: "有损坏没有修复", 5: "磁盘没有挂上，已核的都在，可以继续"},
)
@click.argument("act", type=click.Choice(("list", "run", "show", "stop", "resume")), metavar="ACT")
@click.argument("key", default="", metavar="[KEY]")
@click.option("--place", default="", metavar="NAME", help="副本的名称，空着是主库")
@click.option("--share", default=100, type=click.IntRange(1, 100), metavar="N", help="抽百分之几（缺省 100，全部）")
@click.option("--wait", is_flag=True, help="在这里办完再返回")
def fixity_command(console: Console, *, act: str, key: str, place: str, share: int, wait: bool) -> int:
    """固化核验：逐字节读主库或一份副本，与清单比对；损坏的当场用完好的副本修复。"""
    if act in {"show", "stop", "resume"} and not key:
        raise click.UsageError("请写明核验编号。")
    house, actor = _entered(console)
    from lantai.stages import copies
    from lantai.stages.copies.audit import find_audit
    from lantai.stages.report import copies as read

    if act == "list":
        rows = [read.audit_json(row) for row in read.recent(actor)]
        console.result(rows, "\n".join(_audit_text(row) for row in rows) or "还没有做过固化核验。")
        return 0
    read.recent(actor, 1)
    if act == "run":
        key = copies.start(house, actor, place, share_percent=share).id
    elif act != "show":
        (copies.stop if act == "stop" else copies.resume)(house, actor, key)
    row = find_audit(key)
    if wait and act in {"run", "resume"}:
        with progress():
            row = copies.run_to_end(house, row.id)
    found = read.audit_json(row)
    console.result(found, _audit_text(found))
    return 4 if row.damaged > row.mended else 0


def _audit_text(row: dict[str, Any]) -> str:
    share = f"（抽 1/{row['slots']}）" if row["slots"] > 1 else ""
    said = (
        f"  {row['code']}  {row['place']}{share}  {_STATES[row['state']]}  {row['done']}/{row['total']} 件  {size_text(row['size_bytes'])}"
    )
    if row["damaged"]:
        return f"{said}  损坏 {row['damaged']}，已修复 {row['mended']}"
    if row["state"] == "done":
        return f"{said}  全部一致"
    return f"{said}  已核的都一致" if row["done"] else said


@verb(
    "fsck",
    examples=[
        ("lantai fsck", "从头到尾检查主库，只看不动"),
        ("lantai fsck --repair", "修好中断留下的，损坏的用完好副本修复"),
        ("lantai fsck --place 近线 --repair", "检查一份副本"),
        ("lantai fsck --repair --anew", "主库的盘坏了、换上了新盘：重设空的主库，由副本逐件写回"),
    ],
    exits={4: "有修不好的，逐件列出", 5: "磁盘没有挂上"},
)
@click.option("--place", default="", metavar="NAME", help="副本的名称，空着是主库")
@click.option("--repair", is_flag=True, help="修复：中断留下的收尾，损坏的用完好副本换上")
@click.option("--anew", is_flag=True, help="与 --repair 同用：整处已丢失、换了新盘，在原处重设空的档案库，再由副本逐件写回")
def fsck_command(console: Console, *, place: str, repair: bool, anew: bool) -> int:
    """检查档案库：逐字节读一遍，找出中断的残留、损坏、缺失和来历不明的；--repair 修复能修的。"""
    if anew and not repair:
        raise click.UsageError("--anew 须与 --repair 同用。")
    house = console.house()
    from lantai.stages import copies

    chosen = copies.find(place) if place else None
    with progress():
        found = copies.refound(house, chosen) if anew else copies.fsck(house, chosen, is_repairing=repair)
    told = found.as_json()
    lines = [f"{found.place}：读了 {found.checked} 件，清理残留 {found.swept}，收尾 {found.settled}，修复 {len(found.mended)} 件。"]
    lines += [f"  ✗ {item.code}  {item.message}" for item in found.problems[:50]]
    console.result(told, "\n".join(lines if found.problems else [*lines, "没有问题。"]))
    return 4 if found.problems else 0


@verb(
    "mend",
    arguments=[("KEY", "档号、电子文件号或标识")],
    examples=[("lantai mend Z109-WS·2024-D30-BGS-0001", "这一件在哪里损坏，就在哪里用完好的副本换上")],
    exits={3: "没有这一件，或没有一份完好的副本，或没有权限", 5: "磁盘没有挂上"},
)
@click.argument("key", metavar="KEY")
def mend_command(console: Console, *, key: str) -> int:
    """修复一件：核对各处，损坏或缺失的用完好的副本换上；换下来的留着备查。"""
    house, actor = _entered(console)
    from lantai.stages import copies

    places = copies.mend(house, actor, key)
    console.result({"mended": places}, f"已修复：{'、'.join(places)}。" if places else "各处都完好，没有改动。")
    return 0


def _entered(console: Console) -> "tuple[House, Actor]":
    house = console.house()
    return house, console.actor(house)


def _require_name(act: str, name: str) -> None:
    if act != "list" and not name:
        raise click.UsageError("请写明名称或编号。")
