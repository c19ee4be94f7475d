"""Commands about material that arrives: capture, import-catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.ports import House

CHANNELS = ("oa", "scan", "manual", "transfer")
_EXITS = {3: "来源不存在，或没有权限，附理由", 4: "办完了，但有文件没有收下、被隔离，或有件没有通过检测（逐类列出）"}


@verb(
    "capture",
    arguments=[("PATH…", "文件、文件夹、归档信息包、压缩包，或目录表加文件的文件夹；合成一个批次")],
    examples=[
        ("lantai capture 移交材料/ --wait", "接收一个文件夹，在这里办完"),
        ("lantai capture 包1.zip 包2.zip --channel oa --department BGS", "登记两个归档信息包，由后台接收"),
    ],
    exits=_EXITS,
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--channel", type=click.Choice(CHANNELS), default="manual", metavar="NAME", help=f"来源：{'、'.join(CHANNELS)}（缺省 manual）"
)
@click.option("--department", default="", metavar="CODE", help="移交部门代码（缺省为登录人的部门）")
@click.option("--title", default="", metavar="TEXT", help="批次名称（缺省为来源的名称）")
@click.option("--wait", is_flag=True, help="在这里办完再返回，终端上显示进度")
@click.option("--carrier", default="", metavar="NO", help="随载体送来时的载体编号：实测读取速度，载体项由人判定")
def capture_command(
    console: Console, *, paths: tuple[Path, ...], channel: str, department: str, title: str, wait: bool, carrier: str
) -> int:
    """接收文件、文件夹、归档信息包或压缩包，成为一个批次。原文件不会被改动或删除，每个文件都有去向。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import capture

    batch_id = capture.open_batch(house, actor, paths, channel=channel, department=department, title=title, carrier=carrier)
    return _finish(console, house, batch_id, wait=wait)


@verb(
    "import-catalogue",
    arguments=[("PATH", "目录表：.xlsx 或 .csv，首行是列名")],
    examples=[("lantai import-catalogue 1998年目录.xlsx --department BGS", "每行成为一件")],
    exits=_EXITS,
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--wait/--no-wait", default=True, help="在这里办完再返回（缺省），或交给后台")
@click.option("--department", default="", metavar="CODE", help="部门代码")
def import_catalogue_command(console: Console, *, path: Path, wait: bool, department: str) -> int:
    """导入目录（Excel 或 CSV）：每行成为一件仅有目录的档案；重复和存疑只报告，不改动。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.core import access
    from lantai.stages import capture

    access.require(actor, "holdings:catalogue:import", {"department": department})
    batch_id = capture.open_batch(house, actor, [path], channel="catalogue", department=department, title=path.name)
    return _finish(console, house, batch_id, wait=wait)


def _finish(console: Console, house: "House", batch_id: str, *, wait: bool) -> int:
    from lantai import line, work
    from lantai.core.codes import CODES
    from lantai.stages.report import summary as reports

    if wait:
        with progress():
            work.drain(line.PATIENCE_SECONDS)
    summary = reports.summary(house, batch_id)
    console.result(summary, _summary_text(summary, wait=wait))
    if stopped := CODES.get(summary["needs_attention"]):
        console.note(f"{stopped.code}  批次 {summary['code']} 停下等待处理。{stopped.next}")
        return stopped.exit
    return 4 if wait and summary["errors"] else 0


def _summary_text(summary: dict[str, Any], *, wait: bool) -> str:
    lines = [f"批次 {summary['code']}（{summary['title']}）"]
    if not wait:
        return "\n".join([*lines, "  已登记，由后台接收；后台随 lantai serve 或 lantai worker 运行。"])
    is_balanced = summary["files"] == summary["outcome_total"]
    balance = f"去向合计 {summary['outcome_total']}，{'收支相符' if is_balanced else '收支不符'}"
    lines.append(f"  收到 {summary['files']} 个文件或目录行，{size_text(summary['bytes'])}；{balance}")
    lines += [f"    {row['name']} {row['count']}" for row in summary["outcomes"]]
    lines.append(f"  成件 {summary['records']}")
    lines += [f"    {row['name']} {row['count']}" for row in summary["states"]]
    for row in summary["findings"]:
        lines.append(f"  {row['code']} × {row['count']}：{row['message']}")
    lines += [f"  没有收下：{row['path']}" for row in summary["rejected"] if row["code"] != "CAPTURE-JUNK"]
    if summary["records"]:
        lines.append(f"  下一步：lantai archive {summary['code']}")
    return "\n".join(lines)
