"""The command excerpt: events of the ledger for an inspector, with their proofs."""

from datetime import datetime
from pathlib import Path

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

DAY = click.DateTime(["%Y-%m-%d"])


@verb(
    "excerpt",
    examples=[
        ("lantai excerpt --since 2026-01-01 --until 2026-01-31 -o 检查/", "一个月的全部事件，核验程序能说明其间无一缺少"),
        ("lantai excerpt --words Z109-WS·2026-Y-BGS-0001 -o 检查/", "一件档案的经历"),
    ],
    exits={3: "没有权限、没有符合条件的事件，或目标已在"},
)
@click.option("--since", type=DAY, metavar="DAY", help="从哪一天起，如 2026-01-01")
@click.option("--until", type=DAY, metavar="DAY", help="到哪一天止")
@click.option("--person", default="", metavar="LOGIN", help="只要某人的（登录名）")
@click.option("--act", default="", metavar="TYPE", help="只要某种事件，名称见 docs/reference/events.md")
@click.option("--words", default="", metavar="TEXT", help="人员、档号、操作，几个词用空格隔开")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="放到哪个文件夹")
def excerpt_command(
    console: Console, *, since: datetime | None, until: datetime | None, person: str, act: str, words: str, output: Path
) -> int:
    """导出审计摘录：逐条附存在证明和核验程序，外人离线可核验。由安全审计员导出，记入账本。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.core.events import EVENTS
    from lantai.stages import excerpt
    from lantai.stages.report import audit

    if act and act not in EVENTS:
        raise click.UsageError(f"没有事件 {act}，名称见 docs/reference/events.md。")
    first, last = (item.date() if item else None for item in (since, until))
    asked = audit.Filter(words, person=audit.account_of(person) if person else "", act=act, since=first, until=last)
    with progress():
        made = excerpt.to_folder(house, actor, asked, output)
    said = "其间无一缺少" if made.is_range else "按条件挑选"
    console.result(made.as_json(), f"{made.path}：{made.events} 条，第 {made.first}–{made.last} 条，{said}。")
    return 0
