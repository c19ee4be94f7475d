"""Commands about material that arrives: capture, import-catalogue, inspect, check."""

from pathlib import Path
from typing import Any

import click

from lantai.cli.console import Console, command, size_text
from lantai.core.findings import Finding, has_error
from lantai.ports import House


def _common(function: Any) -> Any:  # noqa: ANN401 - a click decorator
    function = click.option("--json", "json_here", is_flag=True, help="输出 JSON")(function)
    return click.pass_obj(function)


@click.command("capture")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--channel", type=click.Choice(["oa", "scan", "manual", "transfer"]), default="manual", help="来源")
@click.option("--department", default="", help="移交部门代码")
@click.option("--title", default="", help="批次名称")
@click.option("--wait", is_flag=True, help="在这里办完再返回")
@_common
@command
def capture_command(
    console: Console, paths: tuple[Path, ...], *, channel: str, department: str, title: str, wait: bool, json_here: bool
) -> int:
    """接收 PATH…：文件、文件夹、归档信息包、压缩包、目录加文件。原文件不会被改动或删除。"""
    console.is_json |= json_here
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import capture

    batch_id = capture.open_batch(house, actor, paths, channel=channel, department=department, title=title)
    return _finish(console, house, batch_id, wait=wait)


@click.command("import-catalogue")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--wait/--no-wait", default=True, help="在这里办完再返回（缺省）")
@click.option("--department", default="", help="部门代码")
@_common
@command
def import_catalogue_command(console: Console, path: Path, *, wait: bool, department: str, json_here: bool) -> int:
    """导入目录 PATH（.xlsx 或 .csv）：每行成为一件仅有目录的档案；重复和存疑只报告，不改动。"""
    console.is_json |= json_here
    house = console.house()
    actor = console.actor(house)
    from lantai.core import access
    from lantai.stages import capture

    access.require(actor, "holdings:catalogue:import", {"department": department})
    batch_id = capture.open_batch(house, actor, [path], channel="catalogue", department=department, title=path.name)
    return _finish(console, house, batch_id, wait=wait)


def _finish(console: Console, house: House, batch_id: str, *, wait: bool) -> int:
    from lantai import work
    from lantai.stages.report import summary as reports

    if wait:
        work.drain()
    summary = reports.summary(house, batch_id)
    console.result(summary, _summary_text(summary, wait=wait))
    return 4 if wait and summary["refused"] else 0


def _summary_text(summary: dict[str, Any], *, wait: bool) -> str:
    lines = [f"批次 {summary['code']}（{summary['title']}）"]
    if not wait:
        return "\n".join([*lines, "  已登记，由后台接收；后台随 lantai serve 或 lantai worker 运行。"])
    lines.append(f"  收到 {summary['files']} 个文件或目录行，{size_text(summary['bytes'])}；结果 {summary['outcome_total']}")
    lines += [f"    {row['name']} {row['count']}" for row in summary["outcomes"]]
    lines.append(f"  成件 {summary['records']}")
    lines += [f"    {row['name']} {row['count']}" for row in summary["states"]]
    for row in summary["findings"]:
        lines.append(f"  {row['code']} × {row['count']}：{row['message']}")
    return "\n".join(lines)


@click.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@_common
@command
def inspect_command(console: Console, path: Path, *, json_here: bool) -> int:
    """看一个文件：格式、页数、文字、元数据、签名、密级标志和问题。不需要数据目录。"""
    console.is_json |= json_here
    from lantai import wiring
    from lantai.stages import inspect

    with wiring.reader() as reader:
        seen = inspect.inspect(reader, path, wiring.container_limits())
    document = seen.as_json()
    console.result(document)
    if not console.is_json:
        kind = document["format"]
        console.say(f"{path.name}：{kind['name'] or '未识别的格式'}（{kind['puid'] or '无 PUID'}，{kind['mime']}）")
        console.say(f"  页数 {document['pages'] if document['pages'] is not None else '—'}，文字 {len(document['text'])} 字")
        console.findings(seen.findings)
    return 4 if has_error(seen.findings) else 0


@click.command("check")
@click.argument("target")
@click.option("--stage", type=click.Choice(["archiving", "transfer", "preservation", "arrival"]), default="archiving", help="环节")
@_common
@command
def check_command(console: Console, target: str, *, stage: str, json_here: bool) -> int:
    """对 TARGET 做四性检测：路径不需要数据目录；批次号或档号则给出已有的检测报告。"""
    console.is_json |= json_here
    path = Path(target)
    if path.exists():
        from lantai import wiring
        from lantai.stages import inspect

        with wiring.reader() as reader:
            report = inspect.check_path(reader, wiring.scanner(), path, stage=stage, limits=wiring.container_limits())
    else:
        house = console.house()
        actor = console.actor(house)
        from lantai.stages.report import summary as reports

        report = reports.report_of(house, actor, target)
    console.result(report, _report_text(report))
    return 0 if report["conclusion"] in ("pass", "trial", "manual") else 4


def _report_text(report: dict[str, Any]) -> str:
    marks = {"pass": "通过", "fail": "不通过", "warn": "有提示", "manual": "待人工", "not_applicable": "不适用", "error": "未能执行"}
    lines = [f"结论：{report['conclusion']}（{report['stage']}）"]
    for item in report["items"]:
        lines.append(f"  {item['code']:<8} {marks.get(item['outcome'], item['outcome'])}  {item['name']}")
        lines += [f"           {Finding.from_json(row).message}" for row in item["findings"]]
    return "\n".join(lines)
