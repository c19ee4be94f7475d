"""The command of metadata schemes: look at one, take it out as a file, propose, adopt, retire."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.help import pad

if TYPE_CHECKING:
    from lantai.stages.metadata import Standing


@verb(
    "metadata",
    examples=[
        ("lantai metadata", "看所有门类的元素和规定"),
        ("lantai metadata --category KJ --export kj.xlsx", "导出科技档案的方案"),
        ("lantai metadata --propose ws.toml --reason 著录细则", "拟订下一版，并看会新增哪些问题"),
        ("lantai metadata --adopt 2 --reason 办公会定", "采用第 2 版"),
    ],
    exits={3: "没有权限、没有这一版，或方案有不能这样规定的地方"},
)
@click.option("--category", default="", metavar="CODE", help="门类代码，如 KJ；缺省为所有门类")
@click.option("--export", "out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="导出为 .toml、.csv 或 .xlsx")
@click.option("--propose", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE", help="以文件拟订下一版")
@click.option("--adopt", type=int, default=0, metavar="N", help="采用拟订的第 N 版")
@click.option("--retire", is_flag=True, help="停用现行版本，恢复上一级的规定")
@click.option("--reason", default="", metavar="TEXT", help="理由或依据，记入账本")
def metadata_command(
    console: Console, *, category: str, out: Path | None, propose: Path | None, adopt: int, retire: bool, reason: str
) -> int:
    """看、导出、拟订、采用或停用元数据方案：DA/T 46 之上，本单位按门类的规定。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.packages import metadata_file
    from lantai.stages import metadata

    said = ""
    if propose:
        rules = metadata_file.read(propose.name, propose.read_bytes())
        wanted = metadata.propose(house, actor, category, rules, reason=reason)
        seen = metadata.preview(house, actor, category, rules)
        said = f"已拟订第 {wanted.number} 版；还没归档的 {seen.looked_at} 件里，{seen.affected} 件会新增问题。"
    elif adopt:
        metadata.adopt(house, actor, category, adopt, reason=reason)
        said = f"第 {adopt} 版已采用。"
    elif retire:
        metadata.retire(house, actor, category, reason=reason)
        said = "已停用，恢复上一级的规定。"
    standing = metadata.look(actor, category)
    if out:
        out.write_bytes(metadata_file.write(metadata.rules_of(standing.proposed or standing.in_force), metadata_file.form_of(out.name)))
        said = f"已导出到 {out}。"
    console.result(_document(standing), said or _text(standing))
    return 0


def _document(seen: "Standing") -> dict[str, Any]:
    return {
        "category": seen.category,
        "in_force": seen.in_force.number if seen.in_force else 0,
        "proposed": seen.proposed.number if seen.proposed else 0,
        "elements": [asdict(item) for item in seen.elements],
        "changes": [asdict(item) for item in seen.changes],
    }


def _text(seen: "Standing") -> str:
    from lantai.core.metadata import OBLIGATIONS, STEPS

    in_force = f"现行第 {seen.in_force.number} 版" if seen.in_force else "没有本机关的规定"
    lines = [f"{seen.category or '所有门类'}：{in_force}" + (f"，第 {seen.proposed.number} 版拟订中" if seen.proposed else "")]
    for item in seen.elements:
        when = f"{STEPS[item.required_from]}起" if item.required_from else ""
        mark = "本机关" if item.set_by else ""
        lines.append(
            f"  {pad(item.number or '自定', 6)}{pad(item.name, 22)}{pad(OBLIGATIONS[item.obligation], 8)}{pad(when, 8)}{mark}".rstrip()
        )
    return "\n".join(lines)
