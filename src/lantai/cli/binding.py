"""The command of volumes: list them, look at one, form, change, undo, fix its code."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.help import pad
from lantai.core.errors import Refusal

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.stages.report.volumes import Seen


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be done with a volume: the verb, the records it is about, and its words."""

    act: str
    title: str
    note: str
    after: str


@verb(
    "volume",
    arguments=[("[KEY]…", "案卷（案卷号或标识），后面是件（电子文件号、标识，或批次号：其中待整理的各件）；组成时只写件")],
    examples=[
        ("lantai volume --year 2024", "列出 2024 年度的案卷"),
        ("lantai volume --form 关于防汛工作的文件 件… ", "用这几件组成一卷"),
        ("lantai volume 卷 件… --add", "再放入几件；--take 取出，--move 调整次序"),
        ("lantai volume 卷 --fix", "固定案卷和卷内各件的档号，随即归档"),
        ("lantai print volume-list 卷 -o 卷内目录.pdf", "打印卷内文件目录"),
    ],
    exits={3: "不能组卷或不能改，没有改动任何内容", 4: "卷里有件不能编号，逐件列出"},
)
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@click.option("--year", default=None, metavar="YYYY", help="只列这一年度的")
@click.option("--department", default=None, metavar="CODE", help="只列这一机构的")
@click.option("--form", default="", metavar="TITLE", help="用所给的件组成一卷，题名为 TITLE")
@click.option("--add", "act", flag_value="add", help="把件放入卷末")
@click.option("--take", "act", flag_value="take", help="把件取出")
@click.option("--move", "act", flag_value="move", help="把件移到 --after 之后，不写则移到卷首")
@click.option("--after", default="", metavar="KEY", help="移到哪一件之后")
@click.option("--title", default="", metavar="TITLE", help="改案卷题名")
@click.option("--note", default="", metavar="TEXT", help="写本卷情况说明")
@click.option("--undo", "act", flag_value="undo", help="拆开还没有固定的卷")
@click.option("--fix", "act", flag_value="fix", help="固定案卷和卷内各件的档号")
def volume_command(
    console: Console,
    *,
    keys: tuple[str, ...],
    year: str | None,
    department: str | None,
    form: str,
    act: str | None,
    after: str,
    title: str,
    note: str,
) -> int:
    """组卷：按卷整理的门类，把同一类的件组成案卷，排定卷内次序，一起固定档号。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages.report import volumes

    asked = _Asked("form" if form else act or ("describe" if title or note else ""), form or title, note, after)
    if asked.act and not keys:
        raise click.UsageError("请写明是哪一卷、哪几件")
    if not keys:
        seen = volumes.listing(house, actor, year=year, department=department)
        console.result({"volumes": [asdict(row) for row in seen]}, "\n".join(_line(row) for row in seen) or "没有案卷。")
        return 0
    done = volumes.one(house, actor, _act(house, actor, asked, keys))
    console.result({"volumes": [asdict(done)]}, _text(done))
    return 4 if done.problems else 0


def _act(house: "House", actor: "Actor", asked: _Asked, keys: tuple[str, ...]) -> str:
    """Do what is asked and return the id of the volume."""
    from lantai.stages import volumes as verbs

    if asked.act == "form":
        made = verbs.form(house, actor, _records(keys), title=asked.title, note=asked.note)
        return str(made.asked["volume"])
    row, records = verbs.find(keys[0]), _records(keys[1:])
    if asked.act == "add":
        verbs.add(house, actor, row.id, records)
    elif asked.act == "take":
        verbs.take_out(house, actor, row.id, records)
    elif asked.act == "move":
        verbs.order(house, actor, row.id, records, after="".join(_records((asked.after,) if asked.after else ())))
    elif asked.act == "describe":
        verbs.describe(house, actor, row.id, title=asked.title or row.title, note=asked.note or row.note)
    elif asked.act == "undo":
        verbs.undo(house, actor, row.id)
    elif asked.act == "fix":
        verbs.fix(house, actor, row.id)
    return row.id


def _records(keys: tuple[str, ...]) -> list[str]:
    """Return the records that are named: each by a number of its own, or all of a batch that are being arranged, in their order."""
    from lantai.shelves.holdings import queries
    from lantai.stages.report import volumes

    found: list[str] = []
    for key in keys:
        row = queries.by_key(key)
        of_batch = [] if row else volumes.arranged_of(key)
        if row is None and not of_batch:
            raise Refusal("RECORD-UNKNOWN", key)
        found += [row.id] if row else of_batch
    return found


def _line(row: "Seen") -> str:
    state = "已固定" if row.is_fixed else f"{row.problems} 件有问题" if row.problems else "未固定"
    pages = f"{row.pages} 页" if row.pages else "页数未计"
    return f"  {pad(row.code or row.id, 32)}{pad(state, 12)}{row.title}  {row.span}  {row.retention}  {row.count} 件 {pages}"


def _text(row: "Seen") -> str:
    lines = [_line(row), f"  标识 {row.id}" + (f"  说明：{row.note}" if row.note else "")]
    for item in row.items:
        lines.append(f"    {item.at:>3}  {pad(item.pages or '—', 10)}{pad(item.date, 10)}{item.title}")
        lines += [f"         ✗ {item.problem}"] if item.problem else []
    return "\n".join(lines)
