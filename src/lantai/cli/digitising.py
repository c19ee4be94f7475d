"""The command of the paper line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.digitising.models import ScanBatch
    from lantai.stages.digitise.confirming import Left
    from lantai.stages.report.digitising import Summary

SHAPES = {"read": "recognise_first", "catalogue": "catalogue_first"}
STEPS = ("take_out", "prepare", "catalogue", "scan", "give_back")
_SHOWN = 30
#: What only a batch that is being opened takes.
_OF_A_NEW_ONE = ("project", "title", "catalogue", "year", "department", "watch")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked of the command."""

    source: str
    batch: str
    project: str
    title: str
    shape: str
    catalogue: Path | None
    year: str
    department: str
    retention: str
    watch: bool
    step: tuple[str, ...]
    with_whom: str
    note: str
    confirm: bool
    todo: Path | None
    entries: Path | None
    sample: bool
    judge: tuple[str, ...]
    sign: int | None
    forms: Path | None
    sign_form: tuple[str, ...]
    close: bool

    @property
    def is_new(self) -> bool:
        """True where a batch is to be opened."""
        return not self.batch and Path(self.source).exists()


@dataclass(slots=True)
class _Way:
    """A call on its way: who asks what of which batch, what was left, and whether something went wrong with a part of it."""

    console: Console
    house: "House"
    actor: "Actor"
    asked: _Asked
    row: "ScanBatch"
    amiss: int = 0
    told: dict[str, Any] = field(default_factory=dict)


@verb(
    "digitise",
    arguments=[("SOURCE", "扫描件的文件夹（或一个多页文件）；或批次编号，看它办到哪一步")],
    examples=[
        ("lantai digitise 扫描件 --title 第3盒", "收入、处理、识别，成为一个批次，等人著录"),
        ("lantai digitise 扫描件 --batch SZ-2026-0001", "补扫、重扫的送入同一批次"),
        ("lantai digitise SZ-2026-0001 --confirm --retention schedule", "提交有把握的件，保管期限照期限表；列出要人看的"),
        ("lantai digitise SZ-2026-0001 --todo 要看.xlsx", "要人看的导出成表，看过原件、改好，标“已核对”"),
        ("lantai digitise SZ-2026-0001 --entries 要看.xlsx", "把表里标了“已核对”的件提交"),
        ("lantai digitise SZ-2026-0001 --sample", "抽取质检样本，列出样本各页"),
        ("lantai digitise SZ-2026-0001 --judge 12-3=blur --judge good", "第 12 件第 3 页模糊、退扫，样本其余各页合格"),
        ("lantai digitise SZ-2026-0001 --sign 120", "签署验收：样本 120 页；第二人登录再签一次"),
        ("lantai digitise SZ-2026-0001 --forms 表单", "留存全部工作表单，写到文件夹“表单”，列出待签处"),
        ("lantai digitise SZ-2026-0001 --sign-form 数字化审批书=审批人", "签署一份表单的一处"),
    ],
    exits={3: "按规则不能办，附理由", 4: "有扫描件读不出来或被搁置，或表里有行不能提交，其余照常"},
)
@click.argument("source")
@click.option("--batch", default="", metavar="CODE", help="送入已有的批次")
@click.option("--project", default="", metavar="CODE", help="属于哪个项目（缺省：最近一个，没有则建一个）")
@click.option("--title", default="", metavar="TEXT", help="批次名称（缺省：文件夹名）")
@click.option("--shape", default="read", type=click.Choice(tuple(SHAPES)), metavar="NAME", help="新建项目的做法：read、catalogue")
@click.option("--catalogue", default=None, metavar="FILE", type=click.Path(path_type=Path), help="已有的目录（xlsx 或 csv）")
@click.option("--year", default="", metavar="YYYY", help="整批同一年度")
@click.option("--department", default="", metavar="CODE", help="整批同一机构（问题）")
@click.option("--retention", default="", metavar="CODE", help="整批同一保管期限：Y、D30、D10；schedule 照期限表")
@click.option("--watch", is_flag=True, help="以后这个文件夹里新出现的扫描件由后台自动收入")
@click.option("--step", multiple=True, type=click.Choice(STEPS), metavar="NAME", help="登记一步：take_out、prepare、scan、give_back 等")
@click.option("--with", "with_whom", default="", metavar="NAME", help="这一步与谁交接")
@click.option("--note", default="", metavar="TEXT", help="这一步的情况")
@click.option("--confirm", is_flag=True, help="提交全部字段都有把握的件，列出要人看的")
@click.option("--todo", default=None, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="要人看的件导出成 xlsx")
@click.option("--entries", default=None, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="提交改好的表（xlsx、csv）")
@click.option("--sample", is_flag=True, help="抽取质检样本，列出样本各页")
@click.option("--judge", multiple=True, metavar="WORD", help="判定：good 样本其余各页合格；件-页=差错类型 退扫")
@click.option("--sign", default=None, metavar="N", type=click.IntRange(0), help="签署验收，写明样本页数")
@click.option("--forms", default=None, metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="留存工作表单并写出")
@click.option("--sign-form", multiple=True, metavar="WORD", help="签署留存的表单：表单=签名处，如 数字化审批书=审批人")
@click.option("--close", is_flag=True, help="结束批次：已转入接收、已归还、表单都已留存")
def digitise_command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - the options, as click hands them
    """纸质档案数字化：收入扫描件，处理、识别、提出著录，等人确认、质检、验收。"""
    asked = _Asked(**given)
    _sensible(asked)
    house = console.house()
    actor = console.actor(house)
    way = _Way(console, house, actor, asked, _batch(console, house, actor, asked))
    if Path(asked.source).exists():
        _take_in(way)
    for is_asked, act in _ACTS:
        if is_asked(asked):
            act(way)
    return _show(way)


def _sensible(asked: _Asked) -> None:
    """Refuse what would come to nothing. Raises UsageError."""
    unused = [name for name in _OF_A_NEW_ONE if getattr(asked, name) and not asked.is_new]
    if unused:
        raise click.UsageError(f"--{unused[0]} 只在送入扫描件、新建批次时有用。")
    if asked.retention == "schedule" and not asked.confirm:
        raise click.UsageError("--retention schedule 与 --confirm 一起用。")
    if asked.retention and not (asked.is_new or asked.confirm):
        raise click.UsageError("--retention 在新建批次时用，或与 --confirm 一起用。")


def _batch(console: Console, house: "House", actor: "Actor", asked: _Asked) -> "ScanBatch":
    """Return the batch that is named, that which this folder was given for before, or a new one."""
    from lantai.shelves.digitising import queries
    from lantai.stages.digitise import Papers, open_batch, projects

    if not asked.is_new:
        return queries.batch(asked.batch or asked.source)
    source = Path(asked.source)
    papers = Papers(
        asked.title or source.resolve().name, year=asked.year, department=asked.department,
        retention="" if asked.retention == "schedule" else asked.retention, catalogue=asked.catalogue,
        folder=source, watched=source if asked.watch else None,
    )  # fmt: skip
    if not asked.project and (row := projects.going_on(house, actor, papers)):
        console.say(f"接着办 {row.code}：这个文件夹已经送入这一批。")
        return row
    return open_batch(house, actor, projects.usual(house, actor, asked.project, shape=SHAPES[asked.shape]), papers)


def _take_in(way: _Way) -> None:
    from lantai.stages import digitise

    with progress():
        taken = digitise.take_in(way.house, way.actor, way.row.id, Path(way.asked.source))
        _go_on(way)
    said = f"{way.row.code}：收到 {taken.files} 个文件，{taken.items} 件 {taken.pages} 页"
    more = [f"已收过 {taken.known}" if taken.known else "", f"重复 {taken.duplicates}" if taken.duplicates else ""]
    way.console.say("，".join([said, *filter(None, more)]) + "。")
    way.console.findings(taken.findings)
    way.amiss += taken.growing + taken.refused


def _go_on(way: _Way) -> None:
    from lantai import line

    line.finish(way.house)


def _step(way: _Way) -> None:
    from lantai.stages.digitise import Done, record_step
    from lantai.stages.report import digitising

    totals = digitising.totals(way.row)
    done = Done(totals["items"], totals["pages"], way.asked.note, with_whom=way.asked.with_whom)
    for step in way.asked.step:
        record_step(way.house, way.actor, way.row.id, step, done)


def _confirm(way: _Way) -> None:
    from lantai.stages.digitise import confirming

    done, left = confirming.confirm_sure(way.house, way.actor, way.row.id, period=way.asked.retention)
    way.told["confirmed"] = done
    way.console.say(f"已提交 {done} 件，还有 {len(left)} 件要人看。")
    if asked := confirming.counted(left):
        way.console.say("  " + "，".join(f"{label} {count} 件" for label, count in asked))
    for text in _left_told(left):
        way.console.say(text)


def _left_told(left: "Sequence[Left]") -> Iterator[str]:
    """Yield what a person must look at, item by item."""
    for item in islice(left, _SHOWN):
        asked = [
            f"{one.label}{f'“{one.value}” {int(100 * one.confidence)}%，{one.reason}' if one.value else '没有读出'}" for one in item.asked
        ]
        yield f"  第 {item.row.sequence} 件 {item.row.title or item.row.key}：{'；'.join([*asked, *item.remarks])}"
    if len(left) > _SHOWN:
        yield f"  另有 {len(left) - _SHOWN} 件；用 --todo 文件.xlsx 全部导出。"


def _todo(way: _Way) -> None:
    from lantai.stages.digitise import tabling

    target = way.asked.todo or Path()
    aside = target.with_name(f"{target.name}.part")
    try:
        with aside.open("wb") as out:
            count = tabling.write(way.house, way.actor, way.row.id, out, period=way.asked.retention if way.asked.confirm else "")
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    way.console.say(f"要人看的 {count} 件已导出：{target}。看过原件、改好的行在“已核对”写“是”，再用 --entries 送回。")


def _entries(way: _Way) -> None:
    from lantai.stages.digitise import tabling

    told = tabling.enter(way.house, way.actor, way.row.id, way.asked.entries or Path())
    more = [f"{told.known} 件早已提交" if told.known else "", f"{told.unseen} 件没有标“已核对”" if told.unseen else ""]
    way.console.say("，".join([f"按表提交 {told.done} 件", *filter(None, more)]) + "。")
    for number, why in told.refused:
        way.console.say(f"  ✗ 第 {number} 行  {why}")
    way.told["entries"] = {
        "done": told.done, "known": told.known, "unseen": told.unseen,
        "refused": [{"row": number, "reason": why} for number, why in told.refused],
    }  # fmt: skip
    way.amiss += len(told.refused)


def _sample(way: _Way) -> None:
    from lantai.stages.digitise import inspecting
    from lantai.standards import da_t_31

    drawn = inspecting.draw(way.house, way.actor, way.row.id)
    kinds = da_t_31.defects()
    way.console.say(f"已抽取样本 {drawn.sampled} 页，种子 {drawn.seed}。")
    pages = inspecting.sampled(way.row.id)
    for page in pages:
        marks = "、".join(kinds[item["name"]].label if item["name"] in kinds else item["name"] for item in page.defects)
        place = f"{page.scan.path} 第 {page.frame} 页" if page.scan.frames > 1 else page.scan.path
        way.console.say(f"  {page.item.sequence if page.item else 0}-{page.sequence}  {place}{f'  机检：{marks}' if marks else ''}")
    way.told["sample"] = [
        {"item": page.item.sequence if page.item else 0, "page": page.sequence, "path": page.scan.path, "frame": page.frame,
         "defects": [item["name"] for item in page.defects]}
        for page in pages
    ]  # fmt: skip


def _judge(way: _Way) -> None:
    from lantai.core.errors import Refusal
    from lantai.stages.digitise import inspecting

    for word in sorted(way.asked.judge, key=lambda word: word == "good"):
        if word == "good":
            count = inspecting.judge_rest(way.house, way.actor, way.row.id)
            way.console.say(f"样本中 {count} 页判为合格。")
            continue
        place, _, error = word.partition("=")
        item, _, page = place.partition("-")
        if not (item.isdecimal() and page.isdecimal()):
            raise Refusal("DIGITISE-VERDICT", word)
        chosen = inspecting.page_at(way.row.id, int(item), int(page))
        inspecting.verdict(way.house, way.actor, chosen.id, "rescan", error=error)
        way.console.say(f"第 {item} 件第 {page} 页退扫。")


def _sign(way: _Way) -> None:
    from lantai.stages.digitise import accepting

    row = accepting.sign(way.house, way.actor, way.row.id, count=way.asked.sign or 0)
    said = {
        "signed": "已签署，还要另一人签署才算验收。",
        "accepted": "验收通过，成果转入接收。",
        "rejected": f"验收没有通过：{'；'.join(row.reasons)}。整批退回返工。",
    }
    way.console.say(said[row.state])
    _go_on(way)


def _forms(way: _Way) -> None:
    from lantai.stages.report import scan_filing

    folder = way.asked.forms or Path()
    folder.mkdir(parents=True, exist_ok=True)
    made = scan_filing.keep(way.house, way.actor, way.row.id)
    stands = scan_filing.standing(way.house, way.actor, way.row.id)
    kept = [item for item in stands if item.kept is not None and item.kept.stored]
    for item in kept:
        name, content = scan_filing.shown(way.house, way.actor, item.kept.id if item.kept else "")
        (folder / name).write_bytes(content)
    way.console.say(f"新留存 {len(made)} 份表单，{len(kept)} 份已写到 {folder}。")
    for item in stands:
        if item.open_places:
            way.console.say(f"  {item.label}：待签 {'、'.join(item.open_places)}")
    way.told["forms"] = [
        {"form": item.form, "name": item.label, "kept": item.kept is not None, "unsigned": list(item.open_places)} for item in stands
    ]


def _sign_form(way: _Way) -> None:
    from lantai.core.errors import Refusal
    from lantai.stages.report import scan_filing

    kept = {item.label: item.kept for item in scan_filing.standing(way.house, way.actor, way.row.id)}
    for word in way.asked.sign_form:
        label, _, place = word.partition("=")
        row = kept.get(label)
        if row is None:
            raise Refusal("DIGITISE-FORM", way.row.code, form=label)
        scan_filing.sign(way.house, way.actor, row.id, place=place)
        way.console.say(f"已签 {label} 的“{place}”。")


def _close(way: _Way) -> None:
    from lantai.stages.digitise import close

    close(way.house, way.actor, way.row.id)


#: What may be asked of a batch, in the order in which it is done.
_ACTS: tuple[tuple[Callable[[_Asked], bool], Callable[[_Way], None]], ...] = (
    (lambda asked: bool(asked.step), _step),
    (lambda asked: asked.entries is not None, _entries),
    (lambda asked: asked.confirm, _confirm),
    (lambda asked: asked.todo is not None, _todo),
    (lambda asked: asked.sample, _sample),
    (lambda asked: bool(asked.judge), _judge),
    (lambda asked: asked.sign is not None, _sign),
    (lambda asked: asked.forms is not None, _forms),
    (lambda asked: bool(asked.sign_form), _sign_form),
    (lambda asked: asked.close, _close),
)


def _show(way: _Way) -> int:
    from lantai.stages.digitise import confirming
    from lantai.stages.report import digitising as read

    found = read.summary(way.actor, way.row.id)
    period = way.asked.retention if way.asked.confirm else ""
    left = [item.as_json() for item in confirming.left(way.house, way.row.id, period=period) if item.asked or item.remarks]
    way.console.result(read.as_json(found) | {"left": left} | way.told, _told(found))
    return 4 if way.amiss or found.aside else 0


def _told(found: "Summary") -> str:
    row = found.batch
    lines = [f"{row.code}  {row.title}  {found.state}", f"  {found.items} 件 {found.pages} 页"]
    lines += [f"  {name} {count} 件" for name, count in found.states.items()]
    lines += [f"  步骤：{'，'.join(found.done)}" if found.done else "  步骤：还没有"]
    lines += [f"  质检：样本 {found.sampled} 页，合格 {found.good} 页，待判定 {found.undecided} 页"] if found.sampled else []
    lines += [f"  ✗ 第 {number} 件  {message}" for number, message in found.problems]
    lines += [f"  ! {item.code}  {item.message}" for item in found.remarks]
    lines += [f"  已转入接收：{found.intake}；归档：lantai archive {found.intake}"] if found.intake else []
    return "\n".join(lines)
