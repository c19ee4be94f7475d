"""Commands that look at material and take nothing in: inspect, check."""

import os
from pathlib import Path
from typing import Any

import click

from lantai.cli import reporting
from lantai.cli.console import Console, verb
from lantai.cli.help import pad
from lantai.core.errors import Refusal
from lantai.core.findings import Finding, has_error

STAGES = ("arrival", "archiving", "transfer", "preservation")
STAGE_NAMES = {"arrival": "接收检测", "archiving": "归档检测", "transfer": "移交检测", "preservation": "长期保存检测"}
CONCLUSIONS = {"pass": "通过", "trial": "试用通过（未查毒）", "manual": "待人工判定", "fail": "不通过", "error": "有项目未能执行"}
OUTCOMES = {"pass": "通过", "fail": "不通过", "warn": "有提示", "manual": "待人工", "not_applicable": "不适用", "error": "未能执行"}
KINDS = {"bagit": "BagIt 包", "ocfl": "OCFL 对象", "ocfl_root": "OCFL 存储根", "csip": "E-ARK 信息包"}
VERDICTS = {"valid": "合格", "warning": "合格，有提示", "invalid": "不合格"}
SEALS = {
    "good": "报告与签名时一致，签名有效",
    "open": "签名有效；其后又有新的报告，尚未签名",
    "altered": "报告与签名时不一致",
    "forged": "报告的签名无效",
    "none": "报告还没有签名",
}
_SHOWN_TEXT = 200
_SHOWN_INSIDE = 20


@verb(
    "inspect",
    arguments=[("PATH", "要看的文件")],
    examples=[("lantai inspect 通知.ofd", "格式、页数、文字开头和问题"), ("lantai inspect 通知.ofd --json", "全部内容，供程序使用")],
    exits={3: "没有这个文件", 4: "有错误级问题，如已加密、已损坏、有密级标志"},
)
@click.argument("path", type=click.Path(path_type=Path))
def inspect_command(console: Console, *, path: Path) -> int:
    """看一个文件：格式、页数、文字、元数据、签名、密级标志和问题。不需要数据目录，不改动文件。"""
    console.settings()
    from lantai import wiring
    from lantai.stages import inspect

    with wiring.reader() as reader:
        seen = inspect.inspect(reader, path, wiring.container_limits())
    document = seen.as_json()
    console.result(document, _inspection_text(path, document))
    if not console.is_json:
        console.findings(seen.findings)
    return 4 if has_error(seen.findings) else 0


def _inspection_text(path: Path, document: dict[str, Any]) -> str:
    kind, text = document["format"], " ".join(document["text"].split())
    pages = document["pages"] if document["pages"] is not None else "—"
    lines = [
        f"{path.name}",
        f"  格式：{kind['name'] or '未能识别'}（{kind['puid'] or '无 PUID'}，{kind['mime'] or '类型未知'}）",
        f"  页数：{pages}    文字：{len(document['text'])} 字    签名：{len(document['signatures'])} 个",
    ]
    lines += [f"  大纲：{len(document['outline'])} 条"] if document["outline"] else []
    lines += [f"  内含：{row['name']}{'（程序或脚本）' if row['is_program'] else ''}" for row in document["attachments"][:_SHOWN_INSIDE]]
    lines += [f"  {name}：{value}" for name, value in document["metadata"].items()]
    if text:
        lines.append(f"  开头：{text[:_SHOWN_TEXT]}{'……' if len(text) > _SHOWN_TEXT else ''}")
    return "\n".join(lines)


@verb(
    "check",
    arguments=[("TARGET", "文件、文件夹或归档信息包的路径；或批次号、档号、件的标识")],
    examples=[
        ("lantai check 归档包/ --stage archiving", "对一个归档信息包做归档检测"),
        ("lantai check PC-20260312-01 --stage arrival", "看一批的接收检测报告"),
        ("lantai check 归档包/ -o 报告.xml", "把报告存成 XML；.json 与 .pdf 同样"),
        ("lantai check 归档包/ --replay 报告.xml", "按报告再检一遍，说出哪里不同"),
    ],
    exits={3: "没有这个目标，或没有可检测的内容", 4: "结论是不通过或未能执行，有错误级问题，或复核与报告不同"},
)
@click.argument("target")
@click.option(
    "--stage", type=click.Choice(STAGES), default="archiving", metavar="STAGE", help=f"环节：{'、'.join(STAGES)}（缺省 archiving）"
)
@click.option("--carrier", "is_carrier", is_flag=True, help="路径在移交来的光盘、硬盘等载体上：实测读取速度，并列出须人工检测的载体项")
@click.option("--key", "keys", multiple=True, metavar="ID", help="档案包应由哪把密钥签名（如 ed25519:…，可写多次）；缺省为本系统的密钥")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="报告另存为 .json、.xml 或 .pdf")
@click.option("--replay", metavar="REPORT", type=click.Path(path_type=Path), help="按这份报告（JSON 或 XML）再检一遍 TARGET，逐项比对")
def check_command(
    console: Console, *, target: str, stage: str, is_carrier: bool, keys: tuple[str, ...], output: Path | None, replay: Path | None
) -> int:
    """对路径做四性检测（不需要数据目录），或给出一批、一件已有的检测报告；也可按一份报告复核。"""
    if replay is not None:
        return reporting.repeat(console, replay, Path(target), keys)
    is_path = os.path.lexists(target)
    report = _check_path(console, Path(target), stage, is_carrier=is_carrier, keys=keys) if is_path else _report_of(console, target, stage)
    if output is not None:
        reporting.save(report, output)
    if report["subject"]["kind"] == "batch":
        report = report | {"seal": reporting.seal_of(report)}
    console.result(report, _report_text(report))
    return 4 if _is_bad(report) else 0


def _is_bad(report: dict[str, Any]) -> bool:
    """Tell whether the report holds findings of error level; what is excused in a trial, or only awaits a person, does not count."""
    found = [Finding.from_json(row) for item in report["items"] for row in item["findings"]]
    rejected = [Finding.from_json(row) for row in report.get("rejected", ())]
    conclusion = report["conclusion"]
    has_bad = any(row["verdict"] == "invalid" for row in report.get("packages", ()))
    has_bad = has_bad or report.get("seal", {}).get("state") in ("altered", "forged")
    return has_bad or conclusion in ("fail", "error") or (conclusion == "manual" and has_error(found)) or has_error(rejected)


def _check_path(console: Console, path: Path, stage: str, *, is_carrier: bool, keys: tuple[str, ...]) -> dict[str, Any]:
    templates = console.settings().code_templates
    from lantai import wiring
    from lantai.stages import examine

    how = examine.How(is_carrier, templates=templates, keys=keys or wiring.key_ids())
    with wiring.reader() as reader:
        return examine.check_path(reader, wiring.scanner(), path, stage=stage, limits=wiring.container_limits(), how=how)


def _report_of(console: Console, target: str, stage: str) -> dict[str, Any]:
    if os.sep in target or not (console.data / "lantai.toml").is_file():
        raise Refusal("CAPTURE-SOURCE-MISSING", target)
    house = console.house()
    actor = console.actor(house)
    from lantai.stages.report import summary as reports

    return reports.report_of(house, actor, target, gate=stage)


def _report_text(report: dict[str, Any]) -> str:
    stage, conclusion = report["stage"], report["conclusion"]
    lines = [f"{STAGE_NAMES.get(stage, stage)}：{CONCLUSIONS.get(conclusion, conclusion)}"]
    shown = [item for item in report["items"] if item["outcome"] != "not_applicable"]
    for item in shown:
        lines.append(f"  {pad(item['code'], 9)}{pad(OUTCOMES.get(item['outcome'], item['outcome']), 10)}{item['name']}")
        lines += [f"           · {Finding.from_json(row).message}" for row in item["findings"]]
    for row in report.get("packages", ()):
        lines.append(f"  {KINDS[row['kind']]} {row['path']}：{VERDICTS[row['verdict']]}")
        lines += [f"           · {item['code']} {item['message']}" for item in row["findings"]]
    if seal := report.get("seal"):
        lines.append(f"  {SEALS[seal['state']]}（{'、'.join(seal['algorithms']) or '—'}，{seal['reports']} 份报告）")
    lines.append(f"  另有 {len(report['items']) - len(shown)} 项在这里不适用（--json 可见原因）。")
    return "\n".join(lines)
