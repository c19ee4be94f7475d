"""The command of lists as tables: one goes out, the edited one is tried cell by cell, and then applied, whole or not at all."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.journal.models import Act

_MOST = 30
_ACTS = ("out", "try", "apply", "off", "list")


@dataclass(frozen=True, slots=True)
class _Which:
    """Which list goes out, and where to."""

    year: str | None
    department: str | None
    retention: str | None
    category: str | None
    words: str
    output: Path | None


@verb(
    "sheet",
    arguments=[
        ("ACT", "out 导出；try 试算，先不改；apply 照试算导入；off 作废；list 列出试算过的"),
        ("[WHICH]", "改好的 .xlsx（try），或试算给出的标识（apply、off）"),
    ],
    examples=[
        ("lantai sheet out --year 2024 --department BGS -o 办公室.xlsx", "办公室 2024 年度待固定的件，每件一行"),
        ("lantai sheet try 办公室.xlsx", "逐格列出改前改后、哪一行不能改；什么也不改"),
        ("lantai sheet apply 01K…", "照这次试算全部导入；可以在界面里撤销"),
    ],
    exits={3: "没有这份表、没有权限，或表读不出来，没有改动任何内容", 4: "有不能改的行，逐行说明；全表没有导入"},
)
@click.argument("act", type=click.Choice(_ACTS), metavar="ACT")
@click.argument("which", default="", metavar="[WHICH]")
@click.option("--year", default=None, metavar="YYYY", help="只导出这一年度的")
@click.option("--department", default=None, metavar="CODE", help="只导出这一机构的")
@click.option("--retention", default=None, metavar="PERIOD", help="只导出这一保管期限的：永久、30年、10年")
@click.option("--category", default=None, metavar="CODE", help="只导出这一门类的")
@click.option("--words", default="", metavar="TEXT", help="只导出题名、文号、责任者里有这些词的")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="导出到哪个文件（out 必填）")
def sheet_command(console: Console, /, *, act: str, which: str, **given: Any) -> int:  # noqa: ANN401 - the options, as click hands them
    """用表格改：导出待固定的件，在 Excel 里改，试算看清每一格，再整份导入；有一行不能改，就一行也不改。"""
    asked = _Which(**given)
    if act == "out" and asked.output is None:
        raise click.UsageError("请用 -o 写明导出到哪个文件")
    if act in ("try", "apply", "off") and not which:
        raise click.UsageError("请写明是哪一份表" if act == "try" else "请写明试算的标识（lantai sheet list 列出）")
    house = console.house()
    actor = console.actor(house)
    if act == "out":
        return _out(console, house, actor, asked)
    if act == "try":
        return _try(console, house, actor, Path(which))
    if act == "list":
        return _list(console, actor)
    return _apply(console, house, actor, which) if act == "apply" else _off(console, house, actor, which)


def _out(console: Console, house: "House", actor: "Actor", asked: _Which) -> int:
    from lantai.core.retention import Retention
    from lantai.stages import sheets
    from lantai.stages.report import arrangement

    period = Retention.parse(asked.retention).code if asked.retention else None
    chosen = arrangement.Class(asked.year, asked.department, period, words=asked.words, category=asked.category)
    ids = arrangement.ids(actor, chosen, sheets.MOST_ROWS + 1)
    target = asked.output or Path()
    aside = target.with_name(f"{target.name}.part")
    try:
        with aside.open("wb") as out, progress():
            sheets.write(house, actor, ids, out)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    console.result({"file": str(target), "rows": len(ids)}, f"已导出 {len(ids)} 件：{target}。标识和版本两列请勿改动。")
    return 0


def _try(console: Console, house: "House", actor: "Actor", file: Path) -> int:
    from lantai.stages import leftovers, sheets

    if not file.is_file():
        raise click.UsageError(f"没有这个文件：{file}")
    kept = house.data / "uploads" / house.ids.new() / file.name
    kept.parent.mkdir(parents=True)
    try:
        shutil.copyfile(file, kept)
        with progress():
            made = sheets.receive(house, actor, kept)
            sheets.run(house, made.id)
    except BaseException:
        leftovers.remove(kept.parent)
        raise
    return _told(console, house, actor, made.id)


def _told(console: Console, house: "House", actor: "Actor", act_id: str) -> int:
    """Say what a tried sheet would do; 4 where a row is wrong, 3 where it was no such sheet."""
    from lantai.shelves.journal import queries as journal
    from lantai.stages import sheets

    act, folder = sheets.find(house, actor, act_id)
    if act.state != journal.TRIED:
        said = str(act.asked.get("why", "")) or act.reason
        console.result(_as_json(act) | {"reason": said}, f"没有试算成：{said}没有改动任何一件。")
        return 3
    plan = sheets.load(folder)
    wrong = [{"row": line.row, "title": line.title, "reason": line.reason} for line in _lines(folder, sheets.WRONG)]
    changes = [
        {"row": line.row, "record": line.record_id, "title": line.title, "column": heading, "before": before, "after": after}
        for line in _lines(folder, sheets.CHANGES)
        for heading, before, after in line.cells
    ]
    counts = {"rows": plan.rows, "records": plan.records, "cells": plan.cells, "wrong": plan.wrong}
    console.result(_as_json(act) | counts | {"changes": changes, "problems": wrong}, _text(act, counts, changes, wrong))
    return 4 if plan.wrong else 0


def _lines(folder: Path, name: str) -> "list[Any]":
    from lantai.stages import sheets

    plan, found = sheets.load(folder), list[Any]()
    while (shown := sheets.page(folder, plan, name, len(found))).lines and len(found) < shown.total:
        found += shown.lines
    return found


def _text(act: "Act", counts: dict[str, int], changes: list[dict[str, Any]], wrong: list[dict[str, Any]]) -> str:
    lines = [f"试算「{act.asked['name']}」，没有改动：读到 {counts['rows']} 行，要改 {counts['records']} 件 {counts['cells']} 格。"]
    lines += [
        f"  第 {item['row']} 行 {item['title']}：{item['column']} {item['before'] or '（空）'} → {item['after'] or '（空）'}"
        for item in changes[:_MOST]
    ]
    lines += [f"  ✗ 第 {item['row']} 行 {item['title']}：{item['reason']}" for item in wrong[:_MOST]]
    rest = max(0, len(changes) - _MOST) + max(0, len(wrong) - _MOST)
    lines += [f"  另有 {rest} 条，用 --json 全部列出。"] if rest else []
    if wrong:
        lines.append("有不能改的行，全表不会导入；请在表里改正再试。")
    elif changes:
        lines.append(f"照此导入：lantai sheet apply {act.id}")
    else:
        lines.append("表里的值与现在的都一样，不需要导入。")
    return "\n".join(lines)


def _apply(console: Console, house: "House", actor: "Actor", act_id: str) -> int:
    from lantai.shelves.journal import queries as journal
    from lantai.stages import sheets

    with progress():
        act = sheets.apply(house, actor, act_id)
        if act.state == journal.QUEUED:
            sheets.run(house, act.id)
            act.refresh_from_db()
    is_done = act.state == journal.DONE
    said = f"已{act.title}，原值记在账本里；要改回，在「整理」按撤销。" if is_done else "没有导入完，已写的部分正在撤回。"
    console.result(_as_json(act), said)
    return 0 if is_done else 3


def _off(console: Console, house: "House", actor: "Actor", act_id: str) -> int:
    from lantai.stages import sheets

    act = sheets.call_off(house, actor, act_id)
    is_off = act.state == "dropped"
    console.result(_as_json(act), "已作废，没有改动任何一件。" if is_off else "这份表已经导入，没有停下；要改回，在「整理」按撤销。")
    return 0 if is_off else 3


def _list(console: Console, actor: "Actor") -> int:
    from lantai.stages import sheets

    found = sheets.listed(actor)
    console.result({"sheets": [_as_json(act) for act in found]}, "\n".join(f"{act.id}  {act.title}" for act in found) or "没有试算过的表。")
    return 0


def _as_json(act: "Act") -> dict[str, Any]:
    return {"sheet": act.id, "name": act.asked["name"], "state": act.state, "done": act.done, "total": act.total}
