"""The command that sets the agency up, as the screens do: unit, departments, categories, classes, lists of values, schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.help import pad

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House

KINDS = ("unit", "department", "category", "classes", "list", "schedule")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be set up: the kind, its code, and what is said of it."""

    kind: str
    code: str
    said: dict[str, str]
    file: Path | None
    catalogues: dict[str, str]
    ends: bool

    def text(self) -> str:
        """Return the text of the file that is given."""
        if self.file is None:
            raise click.UsageError("请用 --file 写明文件")
        return self.file.read_text("utf-8-sig")


@verb(
    "setup",
    arguments=[("[KIND]", "要办哪一样；不写则列出各步和还缺什么"), ("[CODE]", "机构、门类或代码表的代码")],
    examples=[
        ("lantai setup unit --name 某某市某某局", "定立档单位名称；改名时加 --since 日期"),
        ("lantai setup department BGS --name 办公室", "设机构；已有的改名，--end 撤并，--into 并入"),
        ("lantai setup category ZP --filing group --template 写法 --name 照片 …", "定门类的整理和档号写法"),
        ("lantai setup classes WS --levels year-retention --since 2026 --reason 定", "定分类方案，从 2026 年度起"),
        ("lantai setup list wenzhong --name 文种 --file 文种.txt --reason 定", "建代码表或存下一版"),
        ("lantai setup schedule --file 期限表.xlsx --reason 修订", "导入保管期限表为拟订稿"),
    ],
    exits={3: "没有权限，或不能这样定，附理由"},
)
@click.argument("kind", required=False, type=click.Choice(KINDS), metavar="[KIND]")
@click.argument("code", required=False, default="", metavar="[CODE]")
@click.option("--name", default="", metavar="TEXT", help="名称")
@click.option("--since", default="", metavar="DAY", help="起用日期（YYYYMMDD）；分类方案为起用年度")
@click.option("--into", default="", metavar="CODE", help="撤并的机构并入哪一个")
@click.option(
    "--filing",
    default="item",
    type=click.Choice(["item", "volume", "group"]),
    metavar="HOW",
    help="item 按件、volume 按卷、group 按组",
)
@click.option("--template", default="", metavar="FORM", help="档号写法")
@click.option("--catalogue", multiple=True, metavar="Y=1", help="某一保管期限的目录号，可写几个")
@click.option("--levels", default="", metavar="LEVELS", help="分类的层次，如 year-department-retention")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE", help="问题、代码表的值或保管期限表")
@click.option("--approval", default="", metavar="TEXT", help="采用保管期限表：机关、文号、日期，用逗号隔开")
@click.option("--reason", default="", metavar="TEXT", help="理由或依据，记入账本")
@click.option("--end", "ends", is_flag=True, help="撤并机构，或停用规则、方案的一版（--since）、代码表")
def setup_command(console: Console, /, *, kind: str | None, code: str, ends: bool, **said: Any) -> int:  # noqa: ANN401 - click's
    """设置单位：名称、机构、门类、分类方案、代码表、保管期限表；不写办哪一样则看还缺什么。"""
    catalogues = dict(pair.partition("=")[::2] for pair in said.pop("catalogue"))
    asked = _Asked(kind or "", code, {key: value for key, value in said.items() if key != "file"}, said["file"], catalogues, ends)
    if asked.kind in ("department", "category", "classes", "list") and not code:
        raise click.UsageError("请写明代码")
    house = console.house()
    actor = console.actor(house)
    done = _ACTS[asked.kind](house, actor, asked) if asked.kind else ""
    document = _document(house, actor)
    console.result(document, done or _text(house, actor))
    return 0


def _unit(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.stages import fonds

    fonds.rename(house, actor, name=asked.said["name"], since=asked.said["since"])
    return f"立档单位名称已存：{asked.said['name']}。"


def _department(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.stages import departments
    from lantai.stages.report import scope

    code, name, since = asked.code.strip().upper(), asked.said["name"], asked.said["since"]
    if asked.ends:
        departments.close(house, actor, code, since=since, into=asked.said["into"])
        return f"机构 {code} 已撤并。"
    if code in scope.departments():
        departments.rename(house, actor, code, name=name, since=since)
        return f"机构 {code} 已改名为{name}。"
    departments.add(house, actor, code=code, name=name, since=since)
    return f"已设机构 {code} {name}。"


def _category(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.stages import categories

    code = asked.code.strip().upper()
    if asked.ends:
        categories.retire(house, actor, code, reason=asked.said["reason"])
        return f"门类 {code} 的规则已停用。"
    wanted = categories.Wanted(asked.said["name"], asked.said["filing"], asked.said["template"], asked.catalogues)
    categories.decide(house, actor, code, wanted, reason=asked.said["reason"])
    return f"门类 {code} 的规则已存。"


def _classes(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.core import classification as core
    from lantai.shelves.policy import queries
    from lantai.stages import classification

    code, since, reason = asked.code.strip().upper(), asked.said["since"], asked.said["reason"]
    if asked.ends:
        number = next((scheme.number for scheme in queries.class_schemes().get(code, ()) if scheme.since == since), 0)
        classification.retire(house, actor, code, number, reason=reason)
        return f"门类 {code} 的第 {number} 版分类方案已停用。"
    terms = core.terms(asked.text()) if asked.file else ()
    row = classification.decide(house, actor, code, classification.Wanted(asked.said["levels"], terms, since), reason=reason)
    return f"门类 {code} 的第 {row.number} 版分类方案已存：{core.words(row.form)}。"


def _list(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.core import value_list
    from lantai.stages import value_lists

    if asked.ends:
        value_lists.retire(house, actor, asked.code, reason=asked.said["reason"])
        return f"代码表 {asked.code} 已停用。"
    values = value_list.read(asked.text())
    row = value_lists.decide(house, actor, asked.code, asked.said["name"], values, reason=asked.said["reason"])
    return f"代码表 {row.code} 的第 {row.number} 版已存，{len(values)} 个值。"


def _schedule(house: "House", actor: "Actor", asked: _Asked) -> str:
    from lantai.packages import schedule_file
    from lantai.stages import schedule

    draft = schedule.look(actor).draft
    seen = draft.version if draft else 0
    if asked.said["approval"]:
        parts = [part.strip() for part in asked.said["approval"].replace("，", ",").split(",")]
        row = schedule.adopt(house, actor, schedule.Approval(*[*parts, "", "", ""][:3]), seen=seen)
        return f"保管期限表第 {row.number} 版已采用。"
    if asked.file is None:
        raise click.UsageError("请用 --file 写明期限表，或用 --approval 采用拟订稿")
    lines = schedule_file.read(asked.file.name, asked.file.read_bytes())
    row = schedule.take(house, actor, lines, reason=asked.said["reason"], seen=seen)
    return f"已拟订保管期限表第 {row.number} 版，{len(lines)} 条。"


_ACTS: dict[str, Callable[["House", "Actor", _Asked], str]] = {
    "unit": _unit,
    "department": _department,
    "category": _category,
    "classes": _classes,
    "list": _list,
    "schedule": _schedule,
}


def _document(house: "House", actor: "Actor") -> dict[str, Any]:
    """Return the agency as it is set up."""
    from lantai.stages.report import agency, classification
    from lantai.stages.report import setup as steps

    return {
        "fonds": house.settings.fonds,
        "unit": agency.unit(house, actor).name,
        "departments": [{"code": row.code, "name": row.name} for row in agency.departments(actor)],
        "categories": [
            {"code": row.code, "name": row.name, "filing": row.filing, "template": row.template, "example": row.example}
            for row in agency.categories(house, actor)
        ],
        "classes": [
            {"category": row.category, "number": row.now.number, "levels": list(row.now.levels)}
            for row in classification.schemes(house, actor)
        ],
        "lists": [
            {"code": row.code, "number": row.number, "name": row.name, "values": list(row.values)} for row in classification.lists(actor)
        ],
        "steps": [{"key": step.key, "is_done": step.is_done, "missing": step.missing} for step in steps.steps(house, actor)],
    }


def _text(house: "House", actor: "Actor") -> str:
    from lantai.stages.report import classification
    from lantai.stages.report import setup as steps

    lines = [f"  {'✓' if step.is_done else '·'} {pad(step.name, 14)}{step.missing or step.done}" for step in steps.steps(house, actor)]
    for row in classification.schemes(house, actor):
        lines.append(f"  分类方案 {row.category}：{row.now.name}（{f'第 {row.now.number} 版' if row.now.number else '标准'}）")
    for listed in classification.lists(actor):
        lines.append(f"  代码表 {listed.code} {listed.name}：{listed.count} 个值" + ("" if listed.is_in_force else "，已停用"))
    return "\n".join(lines)
