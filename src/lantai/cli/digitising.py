"""The command of the paper line."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.digitising.models import ScanBatch
    from lantai.stages.digitise import Papers
    from lantai.stages.report.digitising import Summary

SHAPES = {"read": "recognise_first", "catalogue": "catalogue_first"}


@verb(
    "digitise",
    arguments=[("SOURCE", "扫描件的文件夹（或一个多页文件）；或批次编号，看它办到哪一步")],
    examples=[
        ("lantai digitise 扫描件 --title 第3盒", "收入、处理、识别，成为一个批次，等人著录"),
        ("lantai digitise 扫描件 --batch SZ-2026-0001", "补扫、重扫的送入同一批次"),
        ("lantai digitise SZ-2026-0001 --confirm", "把全部字段都有把握的件提交著录"),
        ("lantai digitise SZ-2026-0001 --sample", "抽取质检样本"),
        ("lantai digitise SZ-2026-0001 --sign 120", "签署验收：样本 120 页；第二人再签一次"),
    ],
    exits={3: "按规则不能办，附理由", 4: "有扫描件读不出来或被搁置，其余照常"},
)
@click.argument("source")
@click.option("--batch", default="", metavar="CODE", help="送入已有的批次")
@click.option("--project", default="", metavar="CODE", help="属于哪个项目（缺省：最近一个，没有则建一个）")
@click.option("--title", default="", metavar="TEXT", help="批次名称（缺省：文件夹名）")
@click.option("--shape", default="read", type=click.Choice(tuple(SHAPES)), metavar="NAME", help="新建项目的做法：read、catalogue")
@click.option("--catalogue", default=None, metavar="FILE", type=click.Path(path_type=Path), help="已有的目录（xlsx 或 csv）")
@click.option("--year", default="", metavar="YYYY", help="整批同一年度")
@click.option("--department", default="", metavar="CODE", help="整批同一机构（问题）")
@click.option("--retention", default="", metavar="CODE", help="整批同一保管期限：Y、D30、D10")
@click.option("--watch", is_flag=True, help="以后这个文件夹里新出现的扫描件由后台自动收入")
@click.option("--confirm", is_flag=True, help="提交全部字段都有把握的件")
@click.option("--sample", is_flag=True, help="抽取质检样本")
@click.option("--sign", default=None, metavar="N", type=click.IntRange(0), help="签署验收，写明样本页数")
def digitise_command(
    console: Console,
    *,
    source: str,
    batch: str,
    project: str,
    title: str,
    shape: str,
    catalogue: Path | None,
    year: str,
    department: str,
    retention: str,
    watch: bool,
    confirm: bool,
    sample: bool,
    sign: int | None,
) -> int:
    """纸质档案数字化：收入扫描件，处理、识别、提出著录，等人确认、质检、验收。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.shelves.digitising import queries
    from lantai.stages.digitise import Papers, accepting, describing, inspecting

    growing = 0
    name = title or Path(source).resolve().name
    watched = Path(source) if watch else None
    papers = Papers(name, year=year, department=department, retention=retention, catalogue=catalogue, watched=watched)
    if Path(source).exists():
        row = queries.batch(batch) if batch else _opened(house, actor, project, SHAPES[shape], papers)
        growing = _take_in(console, house, actor, row, Path(source))
    else:
        row = queries.batch(source)
    if confirm:
        done, left = describing.confirm_sure(house, actor, row.id)
        console.say(f"已提交 {done} 件，还有 {left} 件要人看。")
    if sample:
        drawn = inspecting.draw(house, actor, row.id)
        console.say(f"已抽取样本 {drawn.sampled} 页，种子 {drawn.seed}。")
    if sign is not None:
        accepting.sign(house, actor, row.id, count=sign)
        _go_on(house)
    return _show(console, actor, row.id, growing=growing)


def _opened(house: "House", actor: "Actor", project: str, shape: str, papers: "Papers") -> "ScanBatch":
    from lantai.stages.digitise import open_batch, projects

    return open_batch(house, actor, projects.usual(house, actor, project, shape=shape), papers)


def _take_in(console: Console, house: "House", actor: "Actor", row: "ScanBatch", source: Path) -> int:
    from lantai.stages import digitise

    with progress():
        taken = digitise.take_in(house, actor, row.id, source)
        _go_on(house)
    said = f"{row.code}：收到 {taken.files} 个文件，{taken.items} 件 {taken.pages} 页"
    more = [f"已收过 {taken.known}" if taken.known else "", f"重复 {taken.duplicates}" if taken.duplicates else ""]
    console.say("，".join([said, *filter(None, more)]) + "。")
    console.findings(taken.findings)
    return taken.growing + taken.refused


def _go_on(house: "House") -> None:
    from lantai import line

    line.finish(house)


def _show(console: Console, actor: "Actor", batch_id: str, *, growing: int) -> int:
    from lantai.stages.report import digitising as read

    found = read.summary(actor, batch_id)
    console.result(read.as_json(found), _told(found))
    return 4 if growing or found.aside else 0


def _told(found: "Summary") -> str:
    row = found.batch
    lines = [f"{row.code}  {row.title}  {found.state}", f"  {found.items} 件 {found.pages} 页"]
    lines += [f"  {name} {count} 件" for name, count in found.states.items()]
    lines += [f"  步骤：{'，'.join(found.done)}" if found.done else "  步骤：还没有"]
    lines += [f"  质检：样本 {found.sampled} 页，合格 {found.good} 页，待判定 {found.undecided} 页"] if found.sampled else []
    lines += [f"  ✗ 第 {number} 件  {message}" for number, message in found.problems]
    lines += [f"  ! {item.code}  {item.message}" for item in found.remarks]
    return "\n".join(lines)
