"""The command about systems that send by themselves: ``lantai client``."""

import click

from lantai.cli.console import Console, verb
from lantai.core.access import SCOPES


@verb(
    "client",
    arguments=[("ACT", "list 列出；issue 发令牌；approve 批准；withdraw 撤销"), ("NAME", "发令牌时是名称，批准、撤销时是编号")],
    examples=[
        ("lantai client issue 协同办公 --days 180", "系统管理员发令牌，只显示这一次"),
        ("lantai client approve 01J…", "安全保密管理员批准后才能用"),
        ("lantai client withdraw 01J…", "立即作废，不能恢复"),
    ],
    exits={3: "没有权限，写得不对，或本人发的又自己批准"},
)
@click.argument("act", type=click.Choice(("list", "issue", "approve", "withdraw")), metavar="ACT")
@click.argument("name", default="", metavar="[NAME]")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="register 送办结登记、查状态，receipts 查批次、取回执，packages 送归档材料；可写多次，缺省都有",
)
@click.option("--department", default="", metavar="CODE", help="限于哪个部门；缺省为全宗")
@click.option("--days", default=365, metavar="N", type=click.IntRange(1), help="有效几天（缺省 365）")
def client_command(console: Console, *, act: str, name: str, scopes: tuple[str, ...], department: str, days: int) -> int:
    """给业务系统的令牌：发放、批准、撤销、列出。业务系统用它送办结登记和归档材料、取回执（见 docs/手册/业务系统对接.md）。"""
    if act != "list" and not name:
        raise click.UsageError("请给出名称或编号")
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import clients
    from lantai.stages.report import clients as read

    token = ""
    if act == "issue":
        name, token = clients.issue(house, actor, clients.Wish(name, scopes or tuple(SCOPES), department, days))
    elif act == "approve":
        clients.approve(house, actor, name)
    elif act == "withdraw":
        clients.withdraw(house, actor, name)
    rows = [row for row in read.listing(house, actor) if act == "list" or row.id == name]
    lines = [
        f"  {row.id}  {row.name}  {read.STATE_NAMES[row.state]}  {row.department_name or '全宗'}  {'；'.join(row.scope_names)}  "
        f"至 {row.expires_at:%Y-%m-%d}"
        for row in rows
    ]
    if token:
        lines += [f"令牌（只显示这一次）：{token}", "等安全保密管理员批准后可用。"]
    document = {"clients": [row.as_json() for row in rows]} | ({"token": token} if token else {})
    console.result(document, "\n".join(lines) or "还没有业务系统。")
    return 0
