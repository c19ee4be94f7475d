"""The command about preservation runs."""

from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.stages.report.preservation import Detail

ACTS = ("list", "run", "show", "stop", "resume", "plan")
OCCASIONS = ("started", "migration", "restore")
_STATES = {"running": "进行中", "stopped": "已停止", "failed": "未完成", "done": "已完成"}
_CONCLUSIONS = {"": "—", "pass": "通过", "trial": "试用通过", "manual": "待人工", "error": "未能检测", "fail": "不通过"}
_CHANGES = {"new": "新出现问题", "other": "问题有变化", "mended": "已恢复", "first": "初次检测", "same": "与上次相同"}


@verb(
    "preserve",
    arguments=[
        ("ACT", "list 列出；run 现在检测；show、stop、resume 加编号；plan 立计划"),
        ("KEY", "检测编号（show、stop、resume）或计划名称（plan）"),
    ],
    examples=[
        ("lantai preserve run --share 10 --wait", "抽检一成，在这里办完"),
        ("lantai preserve run --occasion restore --wait", "恢复之后全部检一遍"),
        ("lantai preserve plan 每月抽检 --every month --share 10", "每月抽检一成，十个月检遍"),
        ("lantai preserve show BC-20261128-001", "看一次检测：结论、与上次的差异、有问题的件"),
    ],
    exits={3: "没有这次检测，或没有权限，附理由", 4: "有件不通过或未能检测", 5: "档案库读不到，已检的都在，可以继续"},
)
@click.argument("act", type=click.Choice(ACTS), metavar="ACT")
@click.argument("key", default="", metavar="[KEY]")
@click.option("--share", default=100, type=click.IntRange(1, 100), metavar="N", help="抽检百分之几（缺省 100，全部）")
@click.option("--category", default="", metavar="CODE", help="只检这一门类")
@click.option("--retention", default="", metavar="CODE", help="只检这一保管期限：Y、D30、D10")
@click.option("--occasion", default="started", type=click.Choice(OCCASIONS), metavar="NAME", help="事由：started、migration、restore")
@click.option("--every", default="month", type=click.Choice(("week", "month", "quarter", "year")), metavar="NAME", help="计划的周期")
@click.option("--wait", is_flag=True, help="在这里办完再返回")
def preserve_command(
    console: Console, *, act: str, key: str, share: int, category: str, retention: str, occasion: str, every: str, wait: bool
) -> int:
    """长期保存检测：按计划、抽样或在迁移、恢复之后，逐字节检测在库档案，并与上一次比较。"""
    if act in ("show", "stop", "resume", "plan") and not key:
        raise click.UsageError("请写明检测编号或计划名称。")
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import preserve
    from lantai.stages.preserve.plans import Order
    from lantai.stages.report import preservation as read

    if act == "list":
        return _list(console, [read.as_json(read.detail(actor, row.id)) for row in read.runs(actor)])
    if act == "plan":
        plan = preserve.make_plan(house, actor, Order(key, every, share, category, retention))
        console.result({"plan": plan.id, "name": plan.name}, f"已立计划“{plan.name}”，到期由后台自动检测。")
        return 0
    if act == "run":
        run_id = preserve.start(house, actor, preserve.Scope(share, category, retention, occasion)).id
    else:
        known = read.detail(actor, key).run
        run_id = known.id
        if act in ("stop", "resume"):
            (preserve.stop if act == "stop" else preserve.resume)(house, actor, run_id)
    if wait and act in ("run", "resume"):
        with progress():
            preserve.run_to_end(house, run_id)
    found = read.detail(actor, run_id, is_bad_only=True)
    console.result(read.as_json(found), _told(found))
    return 4 if found.bad else 0


def _list(console: Console, rows: list[dict[str, object]]) -> int:
    lines = [
        f"  {row['code']}  {_STATES[str(row['state'])]}  {row['done']}/{row['total']} 件  {_CONCLUSIONS[str(row['conclusion'])]}"
        for row in rows
    ]
    console.result(rows, "\n".join(lines) or "还没有做过保存检测。")
    return 0


def _told(found: "Detail") -> str:
    run = found.run
    lines = [f"{run.code}  {_STATES[run.state]}  {run.done}/{run.total} 件  结论 {_CONCLUSIONS[run.conclusion]}"]
    lines += [f"  {_CONCLUSIONS[name]} {count} 件" for name, count in found.conclusions.items()]
    lines += (
        ["  与各件上一次相比：" + "，".join(f"{_CHANGES[name]} {count}" for name, count in found.changes.items())] if found.changes else []
    )
    lines += [f"  ✗ {line.code}  {'字节不符  ' if line.is_damaged else ''}{' '.join(line.codes)}" for line in found.lines]
    return "\n".join(lines)
