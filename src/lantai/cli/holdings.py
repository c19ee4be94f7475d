"""Commands about the holdings: archive, show, find, verify."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.help import pad, width
from lantai.cli.watching import progress
from lantai.core.errors import Refusal

if TYPE_CHECKING:
    from lantai.stages.find import Hit
    from lantai.stages.links import Chain
    from lantai.stages.use import RecordView

FIELDS = ("title", "document_number", "author", "code", "keywords", "body")
FACETS = ("year", "department", "retention", "document_type", "state", "opening", "channel")
ORDERS = ("relevance", "newest", "oldest", "code")
_MOST_LEFT = 50
_FONDS_UNTOLD = (
    "注意：全宗号还是安装时的缺省值，不是档案馆给的；写进档号以后不能再改。请先在数据目录的 lantai.toml 里改成本单位的（fonds）。"
)
_MARKS = {"ok": "✓", "err": "✗", "none": "－", "partly": "…", "skip": "·"}


@verb(
    "archive",
    arguments=[("KEY…", "批次号，或件的标识、电子文件号；可以混写")],
    examples=[("lantai archive PC-20260312-01", "接收合格件、固定档号、写入档案库")],
    exits={3: "没有这个批次或件，或没有权限", 4: "有件留下没有归档，逐件说明原因"},
)
@click.argument("keys", nargs=-1, required=True, metavar="KEY…")
def archive_command(console: Console, *, keys: tuple[str, ...]) -> int:
    """归档一批或几件：接收合格的、固定档号、写入档案库；留下的逐件说明原因。"""
    house = console.house()
    actor = console.actor(house)
    from lantai import line
    from lantai.stages.report import setup

    if setup.is_fonds_untold(house):
        console.note(_FONDS_UNTOLD)
    with progress():
        outcome = line.archive(house, actor, keys)
    rows = [{"id": row.id, "title": row.title, "state": row.state, "reason": row.reason} for row in outcome.left]
    lines = [f"已归档 {outcome.archived} 件，档号 {len(outcome.scopes)} 段。"]
    lines += [f"  {item.scope}  {item.first:04d}–{item.last:04d}" for item in outcome.scopes]
    lines += [f"  未归档：{row['title'] or row['id']}  {row['reason']}" for row in rows[:_MOST_LEFT]]
    lines += [f"  另有 {len(rows) - _MOST_LEFT} 件未归档，用 --json 全部列出。"] if len(rows) > _MOST_LEFT else []
    console.result({"archived": outcome.archived, "scopes": [item.as_json() for item in outcome.scopes], "left": rows}, "\n".join(lines))
    return 4 if rows else 0


@verb(
    "show",
    arguments=[("KEY", "档号（分隔符写法不限）、电子文件号或标识")],
    examples=[("lantai show Z109-WS·2024-D30-BGS-0001", "按档号看"), ("lantai show Z109-WS.2024-D30-BGS-0001", "分隔符不同也认得")],
    exits={3: "没有这一件，或没有权限，附理由"},
)
@click.argument("key")
def show_command(console: Console, *, key: str) -> int:
    """看一件档案：档号、状态、著录、文件及摘要。阅览记入账本。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import use

    view = use.open_record(house, actor, key)
    console.result(asdict(view), _record_text(view))
    return 0


def _record_text(view: "RecordView") -> str:
    from lantai.core.lifecycle import STATE_NAMES, State
    from lantai.packages.record_xml import element_names
    from lantai.stages.metadata import own_names

    lines = [view.title or "（无题名）", f"  档号 {view.code or '—'}    状态 {STATE_NAMES[State(view.state)]}    标识 {view.id}"]
    own = own_names()
    names = {key: element_names().get(key, ("", own.get(key, key)))[1] for key in view.elements}
    first = max((width(name) for name in names.values()), default=0) + 2
    for key, value in view.elements.items():
        lines.append(f"  {pad(names[key], first)}{value if isinstance(value, str) else '；'.join(map(str, value))}")
    for document in view.documents:
        lines.append(f"  {document.sequence:02d} {document.role} {document.title}".rstrip())
        for item in document.files:
            lines += [f"      {item.name}  {size_text(item.size_bytes)}  {item.format_name}", f"      SHA-256 {item.sha256}"]
    return "\n".join(lines)


@verb(
    "find",
    arguments=[("QUERY", "要找的词；几个词用空格隔开，都须出现；双引号内算一个词")],
    examples=[
        ("lantai find '重点项目 规划'", "两个词都出现的"),
        ("lantai find 规划 --field title --facet year=2024", "题名中有此词的 2024 年度档案"),
    ],
    exits={3: "没有权限，或条件写得不对"},
)
@click.argument("query")
@click.option("--limit", default=20, type=click.IntRange(0, 200), metavar="N", help="最多显示几件（缺省 20）")
@click.option("--offset", default=0, type=click.IntRange(0), metavar="N", help="跳过前几件")
@click.option(
    "--field", "fields", multiple=True, type=click.Choice(FIELDS), metavar="NAME", help=f"只在某项中找，可重复：{'、'.join(FIELDS)}"
)
@click.option("--facet", "facets", multiple=True, metavar="NAME=VALUE", help=f"缩小范围，可重复：{'、'.join(FACETS)}")
@click.option("--sort", type=click.Choice(ORDERS), default="relevance", metavar="NAME", help=f"排序：{'、'.join(ORDERS)}（缺省 relevance）")
def find_command(
    console: Console, *, query: str, limit: int, offset: int, fields: tuple[str, ...], facets: tuple[str, ...], sort: str
) -> int:
    """检索。件数是准确数，只计您有权看的。检索记入账本。"""
    chosen = _facets(facets)
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import find
    from lantai.stages.report.scope import untitled

    found = find.search(house, actor, query, facets=chosen, fields=fields, limit=limit, offset=offset, sort=sort)
    hits = [_hit_json(hit) for hit in found.hits]
    shown = f"，显示第 {offset + 1}–{offset + len(hits)} 件" if hits and found.total > len(hits) else ""
    lines = [f"共 {found.total} 件{shown}"]
    for hit, row in zip(found.hits, hits, strict=True):
        told = (hit.code or "（未编号）", hit.title or untitled(hit.came_as), row["document_number"], row["date"])
        lines.append("  " + "  ".join(part for part in told if part))
        lines += [f"      {' '.join(snippet.split())}" for snippet in row["snippets"][:1]]
    console.result({"total": found.total, "hits": hits, "facets": found.facets}, "\n".join(lines))
    return 0


def _facets(facets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in facets:
        name, mark, value = facet.partition("=")
        if name not in FACETS or not mark:
            raise Refusal("FACET-UNKNOWN", facet, known="、".join(FACETS))
        chosen[name] = (*chosen.get(name, ()), value)
    return chosen


def _hit_json(hit: "Hit") -> dict[str, Any]:
    return {
        "id": hit.record_id,
        "code": hit.code,
        "title": hit.title,
        "document_number": hit.document_number,
        "author": hit.author,
        "date": hit.date,
        "department": hit.department,
        "retention": hit.retention,
        "state": hit.state,
        "pages": list(hit.pages),
        "places": hit.places,
        "snippets": ["".join(text for text, _ in item.runs) for item in hit.snippets],
    }


@verb(
    "verify",
    arguments=[("KEY…", "档号、电子文件号或标识；或用 --all")],
    examples=[("lantai verify --all", "核验全部档案"), ("lantai verify Z109-WS·2024-D30-BGS-0001", "核验一件")],
    exits={3: "没有这一件", 4: "有与归档时不一致之处，逐处列出"},
)
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@click.option("--all", "is_all", is_flag=True, help="核验全部档案，并查找不属于任何一件的对象")
def verify_command(console: Console, *, keys: tuple[str, ...], is_all: bool) -> int:
    """核验档案：字节、存证、批次根、时间戳、账本、检查点、见证处，断在哪一环就说哪一环。

    以服务账户运行，并记入账本。
    """
    if bool(keys) == is_all:
        raise click.UsageError("请给出档号，或用 --all 核验全部，二者选一。")
    house = console.house()
    from lantai.stages import prove

    with progress():
        outcome = prove.verify_as_service(house, None if is_all else keys)
    lines = [f"核验 {outcome.checked} 件，{'全部与归档时一致' if outcome.ok else f'发现 {len(outcome.problems)} 处问题'}。"]
    lines += [f"  ✗ {row.code}  {row.record}  {row.path}  {row.message}" for row in outcome.problems]
    lines += [f"  · {text}" for text in outcome.not_checked]
    lines += [line for chain in outcome.chains if chain.stops or not is_all for line in _way(chain)]
    console.result(outcome.as_json(), "\n".join(lines))
    return 0 if outcome.ok else 4


def _way(chain: "Chain") -> list[str]:
    """Return the way of proof of a record, a line a link, and where it stops."""
    lines = ["", f"{chain.record}  证明链{'：断在' + chain.broken if chain.stops else ''}"]
    lines += [f"  {_MARKS[item.state]} {pad(item.name, 12)}{item.says}" for item in chain.links]
    if chain.stops:
        lines.append(f"  {chain.since}。{chain.tell}。")
    return lines
