"""Commands about the holdings: archive, show, find, verify."""

from typing import Any

import click

from lantai.cli.console import Console, command, size_text


@click.command("archive")
@click.argument("keys", nargs=-1, required=True)
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def archive_command(console: Console, keys: tuple[str, ...], *, json_here: bool) -> int:
    """归档 KEY…（批次号或件的标识）：接收合格的、固定档号、写入档案库；留下的逐件说明原因。"""
    console.is_json |= json_here
    house = console.house()
    actor = console.actor(house)
    from lantai import line

    outcome = line.archive(house, actor, keys)
    rows = [{"id": row.id, "title": row.title, "state": row.state, "reason": row.reason} for row in outcome.left]
    lines = [f"已归档 {outcome.archived} 件，档号 {len(outcome.scopes)} 段。"]
    lines += [f"  {item.scope}  {item.first:04d}–{item.last:04d}" for item in outcome.scopes]
    lines += [f"  未归档：{row['title'] or row['id']}  {row['reason']}" for row in rows[:50]]
    console.result({"archived": outcome.archived, "scopes": [item.as_json() for item in outcome.scopes], "left": rows}, "\n".join(lines))
    return 4 if rows else 0


@click.command("show")
@click.argument("key")
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def show_command(console: Console, key: str, *, json_here: bool) -> int:
    """看一件：KEY 是档号、电子文件号或标识。"""
    console.is_json |= json_here
    house = console.house()
    actor = console.actor(house)
    from lantai.core.lifecycle import STATE_NAMES, State
    from lantai.stages import use

    view = use.open_record(house, actor, key)
    lines = [view.title or "（无题名）", f"  档号 {view.code or '—'}    状态 {STATE_NAMES[State(view.state)]}    标识 {view.id}"]
    lines += [f"  {name}：{value}" for name, value in view.elements.items()]
    for document in view.documents:
        lines.append(f"  {document.sequence:02d} {document.role} {document.title}")
        lines += [f"      {item.name}  {size_text(item.size_bytes)}  {item.format_name}  SHA-256 {item.sha256}" for item in document.files]
    console.result(_record_json(view), "\n".join(lines))
    return 0


def _record_json(view: Any) -> dict[str, Any]:  # noqa: ANN401 - a RecordView
    from dataclasses import asdict

    return asdict(view)


@click.command("find")
@click.argument("query")
@click.option("--limit", default=20, show_default=True, help="最多显示几件")
@click.option("--offset", default=0, help="从第几件起")
@click.option(
    "--field", "fields", multiple=True, type=click.Choice(["title", "document_number", "author", "code", "body"]), help="只查某项"
)
@click.option("--facet", "facets", multiple=True, help="缩小范围，如 year=2024")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest", "code"]), default="relevance", help="排序")
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def find_command(
    console: Console, query: str, *, limit: int, offset: int, fields: tuple[str, ...], facets: tuple[str, ...], sort: str, json_here: bool
) -> int:
    """检索 QUERY：每个词都须出现；双引号内算一个词。件数是准确数。"""
    console.is_json |= json_here
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import use

    chosen: dict[str, tuple[str, ...]] = {}
    for facet in facets:
        name, _, value = facet.partition("=")
        chosen[name] = (*chosen.get(name, ()), value)
    found = use.search(house, actor, query, facets=chosen, fields=fields, limit=limit, offset=offset, sort=sort)
    hits = [_hit_json(hit) for hit in found.hits]
    lines = [f"共 {found.total} 件"]
    for row in hits:
        lines.append(f"  {row['code'] or '（未编号）'}  {row['title']}  {row['document_number']}  {row['date']}")
        lines += [f"      {snippet}" for snippet in row["snippets"][:1]]
    console.result({"total": found.total, "hits": hits, "facets": found.facets}, "\n".join(lines))
    return 0


def _hit_json(hit: Any) -> dict[str, Any]:  # noqa: ANN401 - a Hit
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


@click.command("verify")
@click.argument("keys", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="核验全部档案")
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def verify_command(console: Console, keys: tuple[str, ...], *, is_all: bool, json_here: bool) -> int:
    """核验 KEY… 或 --all：逐字节重算摘要，对照清单、签名、数据库与账本。以服务账户运行，并记入账本。"""
    console.is_json |= json_here
    if not keys and not is_all:
        raise click.UsageError("请给出档号，或用 --all 核验全部。")
    house = console.house()
    from lantai.stages import prove

    outcome = prove.verify_as_service(house, keys if not is_all else None)
    document = outcome.as_json()
    lines = [f"核验 {outcome.checked} 件，{'全部与归档时一致' if outcome.ok else f'发现 {len(outcome.problems)} 处问题'}。"]
    lines += [f"  ✗ {row.code}  {row.record}  {row.path}  {row.message}" for row in outcome.problems]
    lines += [f"  · {text}" for text in outcome.not_checked]
    console.result(document, "\n".join(lines))
    return 0 if outcome.ok else 4
