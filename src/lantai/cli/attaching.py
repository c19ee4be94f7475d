"""The command attach: files of a folder held against catalogue rows without files, and hung onto them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.stages.attach import Line, Plan, Row

_SHOWN = 50


@verb(
    "attach",
    arguments=[("DIR", "放文件的文件夹；文件或它的文件夹以档号、文号或题名为名，或目录里记有摘要")],
    examples=[
        ("lantai attach 扫描件/", "只比对：哪些对上、哪些有几件可选、哪些没有对上"),
        ("lantai attach 扫描件/ --apply --department BGS", "接收这些文件，把对上一件的挂接上去"),
    ],
    exits={3: "没有这个文件夹，或没有权限", 4: "有文件没有对上或不止对上一件，逐份列出"},
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--apply", "is_applied", is_flag=True, help="接收并挂接；不写则只比对，什么也不改")
@click.option("--department", default="", metavar="CODE", help="移交部门代码（缺省为登录人的部门）")
def attach_command(console: Console, *, folder: Path, is_applied: bool, department: str) -> int:
    """把文件挂接到已导入、还没有文件的目录上。摘要最准，其次档号、文号、题名；对上几件的留给人选。"""
    house = console.house()
    actor = console.actor(house)
    from lantai import line
    from lantai.stages import attach

    if is_applied:
        with progress():
            plan, hung = line.hang(house, actor, folder, department=department)
    else:
        plan, hung = attach.look(house, actor, folder), 0
    console.result(_as_json(plan, hung), "\n".join(_lines(plan, hung, is_applied=is_applied)))
    return 4 if plan.several or plan.unmatched or plan.waiting else 0


def _as_json(plan: "Plan", hung: int) -> dict[str, Any]:
    return {
        "attached": hung,
        "matched": [_line(line) for line in plan.sure],
        "several": [_line(line) for line in plan.several],
        "unmatched_files": [_line(line) for line in plan.unmatched],
        "unmatched_rows": [_row(row) for row in plan.missing],
        "waiting": plan.waiting,
    }


def _line(line: "Line") -> dict[str, Any]:
    return {"files": list(line.offer.files), "file": line.offer.title, "by": line.way, "rows": [_row(row) for row in line.rows]}


def _row(row: "Row") -> dict[str, str]:
    return {"id": row.id, "code": row.code, "title": row.title, "document_number": row.number}


def _lines(plan: "Plan", hung: int, *, is_applied: bool) -> list[str]:
    lines = [f"对上一件的 {len(plan.sure)} 份，不止一件的 {len(plan.several)} 份，没有对上的 {len(plan.unmatched)} 份；"]
    lines.append(f"还没有文件的目录 {len(plan.missing)} 件。")
    lines += [f"  ✓ {line.offer.title}  → {_said(line.rows[0])}（{line.sign}）" for line in plan.sure[:_SHOWN]]
    for line in plan.several[:_SHOWN]:
        lines.append(f"  ? {line.offer.title}  对上 {len(line.rows)} 件（{line.sign}）：")
        lines += [f"      {_said(row)}" for row in line.rows[:5]]
    lines += [f"  ✗ {line.offer.title}  没有对上" for line in plan.unmatched[:_SHOWN]]
    lines += [f"  － {_said(row)}  没有文件" for row in plan.missing[:_SHOWN]]
    if is_applied:
        lines.append(f"已挂接 {hung} 份，可在「整理」里撤销。" + (f"还有 {plan.waiting} 份等人处理。" if plan.waiting else ""))
    else:
        lines.append("只比对，什么也没有改。挂接：加 --apply。")
    return lines


def _said(row: "Row") -> str:
    return "  ".join(part for part in (row.title, row.mark) if part)
