"""The command transfer: transfer acts, from what is due to the receiver's receipt."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.watching import progress
from lantai.core.errors import Refusal

if TYPE_CHECKING:
    from lantai.shelves.exchange.models import Transfer

ACTS = {
    "list": "列出移交",
    "due": "列出到期应移交的档案",
    "new": "拟定一次移交（不写档号则取到期的全部）",
    "check": "做移交检测",
    "pack": "形成移交信息包，放到 -o 的文件夹",
    "receipt": "登记接收方的回执（--file）",
    "cancel": "取消（--reason）",
}
_SHOWN = 200


@verb(
    "transfer",
    arguments=[("ACT", "；".join(f"{name} {text}" for name, text in ACTS.items())), ("KEY…", "移交编号；new 时为档号")],
    examples=[
        ("lantai transfer new --last-year 2006 --receiver 云汀市档案馆", "拟定 2006 年度及以前的移交"),
        ("lantai transfer check YJ-2026-001", "移交检测"),
        ("lantai transfer pack YJ-2026-001 -o 移交/", "形成移交信息包"),
        ("lantai transfer receipt YJ-2026-001 --file 回执.json", "登记回执，档案转为已移交"),
    ],
    exits={3: "没有权限、没有到期的档案，或这一步现在不能做", 4: "移交检测有件没有通过", 5: "写不进目标文件夹"},
)
@click.argument("act", type=click.Choice(list(ACTS)), metavar="ACT")
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@click.option("--title", default="", metavar="TEXT", help="移交名称")
@click.option("--receiver", default="", metavar="TEXT", help="接收单位")
@click.option("--first-year", default="", metavar="YYYY", help="从哪一年度")
@click.option("--last-year", default="", metavar="YYYY", help="到哪一年度（缺省按设置 transfer_years 推算）")
@click.option("--retention", "retentions", multiple=True, metavar="CODE", help="保管期限，可重复：Y、D30、D10")
@click.option("--department", default="", metavar="CODE", help="部门代码")
@click.option("--no-copy", is_flag=True, help="移交后不留副本（缺省按设置 transfer_keeps_copy）")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, metavar="DIR", help="移交信息包放到哪个文件夹")
@click.option("--file", "file", type=click.Path(path_type=Path), default=None, metavar="FILE", help="接收方的回执")
@click.option("--reason", default="", metavar="TEXT", help="取消的理由")
def transfer_command(console: Console, /, *, act: str, keys: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401 - click's own
    """移交：选定到期的档案、移交检测、形成移交信息包、登记接收方回执。每一步记入账本。"""
    return {
        "list": _list,
        "due": _due,
        "new": _new,
        "check": _check,
        "pack": _pack,
        "receipt": _receipt,
        "cancel": _cancel,
    }[act](console, keys, options)


def _list(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    house = console.house()
    actor = console.actor(house)
    from lantai.core import access
    from lantai.shelves.exchange.models import Transfer
    from lantai.stages.transfer import acts

    access.require(actor, acts.PERMISSION)
    rows = list(Transfer.objects.order_by("-code")[:_SHOWN])
    lines = [f"{row.code}  {acts.STATE_NAMES[row.state]}  {row.record_count} 件  {row.title}" for row in rows]
    console.result({"transfers": [_json(row) for row in rows]}, "\n".join(lines) or "没有移交。")
    return 0


def _wanted(keys: tuple[str, ...], options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported late
    from lantai.stages.transfer.acts import Wanted

    return Wanted(options["first_year"], options["last_year"], tuple(options["retentions"]), options["department"], keys)


def _due(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    rows = transfer.due(house, actor, _wanted(keys, options))
    shown = [{"id": row.id, "code": row.code, "title": row.title, "year": row.year} for row in rows[:_SHOWN]]
    lines = [f"到期应移交 {rows.count()} 件。", *(f"  {row['code']}  {row['title']}" for row in shown)]
    console.result({"total": rows.count(), "records": shown}, "\n".join(lines))
    return 0


def _new(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    keeps = False if options["no_copy"] else None
    act = transfer.draft(house, actor, _wanted(keys, options), title=options["title"], keeps_copy=keeps, receiver=options["receiver"])
    return _told(console, act, f"下一步：lantai transfer check {act.code}")


def _check(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    with progress():
        act = transfer.judge(house, actor, _one(keys))
    is_passed = act.conclusion in ("pass", "trial")
    _told(console, act, f"下一步：lantai transfer pack {act.code} -o 文件夹" if is_passed else "有件没有通过移交检测，请处理后重新检测。")
    return 0 if is_passed else 4


def _pack(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    if options["output"] is None:
        raise click.UsageError("请用 -o 给出放移交信息包的文件夹。")
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    with progress():
        act, folder = transfer.pack(house, actor, _one(keys), into=options["output"])
    return _told(console, act, f"移交信息包 {folder}，{size_text(act.package['bytes'])}。", folder=str(folder))


def _receipt(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    if options["file"] is None:
        raise click.UsageError("请用 --file 给出接收方的回执。")
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    try:
        receipt = json.loads(options["file"].read_text("utf-8"))
    except (OSError, ValueError):
        receipt = None
    if not isinstance(receipt, dict):
        raise Refusal("TRANSFER-RECEIPT-INVALID", str(options["file"]), reason="读不出回执")
    act = transfer.settle(house, actor, _one(keys), receipt)
    from lantai.stages.transfer import acts

    there = acts.checked_there(act)
    return _told(console, act, f"已登记回执。{f'对方{there}。' if there else ''}")


def _cancel(console: Console, keys: tuple[str, ...], options: dict[str, Any]) -> int:
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import transfer

    return _told(console, transfer.cancel(house, actor, _one(keys), reason=options["reason"]), "已取消，档案仍归本单位。")


def _one(keys: tuple[str, ...]) -> str:
    if len(keys) != 1:
        raise click.UsageError("请给出一个移交编号。")
    return keys[0]


def _told(console: Console, act: "Transfer", text: str, **more: str) -> int:
    from lantai.stages.transfer import acts

    head = f"移交 {act.code}（{act.title}）{acts.STATE_NAMES[act.state]}，{act.record_count} 件。"
    console.result(_json(act) | more, f"{head}\n  {text}")
    return 0


def _json(act: "Transfer") -> dict[str, Any]:
    from lantai.stages.transfer import acts

    counts = {name: act.lines.filter(outcome=name).count() for name in ("accepted", "refused")}
    told = {"id": act.id, "code": act.code, "title": act.title, "state": act.state, "conclusion": act.conclusion}
    return told | {
        "records": act.record_count,
        "keeps_copy": act.keeps_copy,
        "package": act.package,
        "checked_there": acts.checked_there(act),
        **counts,
    }
