"""The command about the register of finished documents."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.stages.register import Entered

_MOST = 30


@verb(
    "import-register",
    arguments=[("FILE", "办结登记：.xlsx、.csv（首行是列名），或 .json（一份文件一个对象）")],
    examples=[
        ("lantai import-register 2025办结登记.xlsx --dry-run", "先看会新增、改动什么，不写入"),
        ("lantai import-register 当日办结.json --json", "办公系统的定时任务：送来一批，答复也是 JSON"),
        ("lantai import-register 2025办结登记.csv --department GHK", "没写部门的行都算规划科的"),
    ],
    exits={3: "表读不出来，或没有权限", 4: "办完了，但有行没有登记（逐行说明，原样保留）"},
)
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@click.option("--department", default="", metavar="CODE", help="没写部门的行算哪个部门")
@click.option("--dry-run", is_flag=True, help="只看结果，不写入")
def import_register_command(console: Console, *, path: Path, department: str, dry_run: bool) -> int:
    """导入 OA 的办结登记：同一份文件再导入只更新有变动的；坏行逐行说明并原样保留，其余照常登记。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import register

    with progress():
        done = register.enter_file(house, actor, path, department=department, is_dry=dry_run)
    console.result(done.as_json(), _told(done))
    return 4 if done.refused else 0


def _told(done: "Entered") -> str:
    head = "试看，没有写入：" if done.is_dry else "已登记："
    lines = [f"{head}{done.rows} 行 = 新增 {done.added} + 改动 {done.changed} + 相同 {done.same} + 未登记 {len(done.refused)}。"]
    lines += [
        f"  改 第 {row.number} 行 {row.title}：{row.column} {row.before or '（空）'} → {row.after or '（空）'}"
        for row in done.changes[:_MOST]
    ]
    lines += [f"  ✗ {item.code}  {item.message}" for _, found in done.refused[:_MOST] for item in found]
    lines += [f"  ! {item.code}  {item.message}" for item in done.remarks[:_MOST]]
    rest = max(0, len(done.changes) - _MOST) + max(0, len(done.refused) - _MOST) + max(0, len(done.remarks) - _MOST)
    return "\n".join([*lines, *([f"  另有 {rest} 条，用 --json 全部列出。"] if rest else [])])
