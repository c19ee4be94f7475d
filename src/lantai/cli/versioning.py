"""The command ``versions``: the versions of an archived record, compared, corrected and gone back to."""

from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.core import beijing

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.versions.models import Amendment

_STATES = {
    "proposed": "等另一人批准",
    "approved": "已批准，正在写入",
    "stopped": "已批准，没有写成",
    "done": "已成为新的一版",
    "rejected": "未同意",
    "void": "已失效",
}
_KINDS = {"added": "增", "removed": "删", "changed": "改", "moved": "移"}


@verb(
    "versions",
    arguments=[
        (
            "ACT",
            "list 列出；compare 比较；correct、restore、replace 提出更正、恢复、替换文件；approve、reject 批准或不同意；resume 再写一次",
        ),
        ("KEY", "档号、电子文件号或标识；approve、reject、resume 用更正的编号"),
    ],
    examples=[
        ("lantai versions list Z109-WS·2024-D30-BGS-0001", "列出各版本和更正"),
        ("lantai versions compare Z109-WS·2024-D30-BGS-0001 --from 1 --to 2", "比较两版：著录项、文件"),
        ("lantai versions correct Z109-WS·2024-D30-BGS-0001 --set title=… --reason 漏字", "提出更正题名"),
        ("lantai versions restore Z109-WS·2024-D30-BGS-0001 --from 1 --reason 误改", "提出恢复第 1 版的著录"),
        ("lantai versions replace Z109-WS·2024-D30-BGS-0001 --with 01J… --reason 缺页", "提出用另一件的文件替换"),
    ],
    exits={3: "没有这一件或这一版，不能更正，批准人与提出人是同一人，或没有权限", 5: "已批准，没有写成，后台会再写"},
)
@click.argument(
    "act", type=click.Choice(("list", "compare", "correct", "restore", "replace", "approve", "reject", "resume")), metavar="ACT"
)
@click.argument("key", metavar="KEY")
@click.option("--from", "before", default=0, type=click.IntRange(0), metavar="N", help="比较的前一版，或恢复哪一版（缺省上一版）")
@click.option("--to", "after", default=0, type=click.IntRange(0), metavar="N", help="比较的后一版（缺省最新）")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="更正的著录项，可以写几次，如 title=、document_number=")
@click.option("--with", "offer", default="", metavar="KEY", help="替换：用哪一件的文件（已通过接收检测、没有定号的件）")
@click.option("--document", default=0, type=click.IntRange(0), metavar="N", help="替换第几个文档（缺省全部）")
@click.option("--reason", default="", metavar="TEXT", help="更正、恢复、替换的理由，批准或不同意的意见")
def versions_command(
    console: Console,
    *,
    act: str,
    key: str,
    before: int,
    after: int,
    changes: tuple[str, ...],
    offer: str,
    document: int,
    reason: str,
) -> int:
    """在库档案的版本：列出、比较；更正著录、恢复旧版或替换文件，都须理由；关键元素和文件另一人批准，成为新的一版。"""
    if (act == "replace") != bool(offer):
        raise click.UsageError("替换文件用 --with 写明用哪一件的文件；其他做法不用。")
    wanted = _wanted(changes, act)
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import amend

    if act == "compare":
        return _compare(console, house, actor, key, (before, after))
    if act in {"approve", "reject"}:
        _tell(console, amend.decide(house, actor, key, is_approved=act == "approve", words=reason))
    elif act == "resume":
        _tell(console, amend.resume(house, actor, key))
    elif act == "correct":
        _tell(console, amend.correct(house, actor, key, wanted, reason=reason))
    elif act == "replace":
        _tell(console, amend.replace(house, actor, key, offer, reason=reason, number=document))
    elif act == "restore":
        number = before or amend.listed(house, actor, key)[0].number - 1
        _tell(console, amend.restore(house, actor, key, number, reason=reason))
    else:
        _list(console, house, actor, key)
    return 0


def _wanted(changes: tuple[str, ...], act: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in changes]
    if not all(mark and name for name, mark, _ in pairs):
        raise click.UsageError("--set 写作 名称=值。")
    if (act == "correct") != bool(pairs):
        raise click.UsageError("更正用 --set 写明著录项；其他做法不用。")
    return {name.strip(): value for name, _, value in pairs}


def _list(console: Console, house: "House", actor: "Actor", key: str) -> None:
    from lantai.stages import amend, use

    found = amend.listed(house, actor, key)
    asked = amend.standing(actor, use.find_record(key).id)
    lines = [f"第 {item.number} 版  {beijing.day_of(item.created)}  {item.act}  {item.reason}".rstrip() for item in found]
    lines += [f"  更正 {item.id}  {_STATES[item.state]}  {'、'.join(item.changes) or '替换文件'}：{item.reason}" for item in asked]
    console.result({"versions": [item.as_json() for item in found], "amendments": [_json(item) for item in asked]}, "\n".join(lines))


def _compare(console: Console, house: "House", actor: "Actor", key: str, chosen: tuple[int, int]) -> int:
    from lantai.stages import amend
    from lantai.standards import da_t_46

    newest = amend.listed(house, actor, key)[0].number
    after = chosen[1] or newest
    found = amend.compared(house, actor, key, chosen[0] or max(after - 1, 1), after)
    known = da_t_46.by_code()
    lines = [f"{found.code}  第 {found.before} 版 → 第 {found.after} 版"]
    for item in found.elements:
        name = known[item.name].name if item.name in known else item.name
        lines += [f"  {name}", f"    - {_value(item.before)}", f"    + {_value(item.after)}"]
    lines += [f"  文件 {_KINDS[item.kind]}  {item.path}" for item in found.files]
    console.result(found.as_json(), "\n".join(lines if len(lines) > 1 else [*lines, "  著录和文件都没有变化。"]))
    return 0


def _tell(console: Console, item: "Amendment") -> None:
    told = _json(item)
    more = "" if item.state != "proposed" else f"\n另一位档案员批准：lantai versions approve {item.id} --reason 意见"
    console.result(told, f"更正 {item.id}：{_STATES[item.state]}。{more}")


def _json(item: "Amendment") -> dict[str, Any]:
    names = (
        "id",
        "record_id",
        "kind",
        "state",
        "base_version",
        "source_version",
        "offer",
        "document",
        "changes",
        "reason",
        "proposer_name",
        "decider_name",
        "decision",
    )
    return {name: getattr(item, name) for name in names}


def _value(value: str | list[str] | None) -> str:
    return "（无）" if value is None else "；".join(value) if isinstance(value, list) else value or "（空）"
