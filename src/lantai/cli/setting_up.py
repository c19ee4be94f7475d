"""Commands that set an installation up and look after it: init, config, doctor, login."""

import getpass
import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lantai.cli.console import Console, command, start, store_token
from lantai.core.errors import Refusal

FIRST_ACCOUNTS = (
    ("sysadmin", "系统管理员", "sysadmin"),
    ("secadmin", "安全保密管理员", "secadmin"),
    ("auditor", "安全审计员", "auditor"),
    ("archivist", "档案员", "archivist"),
)


@dataclass(frozen=True, slots=True)
class First:
    """An account made by ``init``, with the password that is shown once."""

    login: str
    name: str
    role: str
    password: str


@click.command("init")
@click.option("--agency", required=False, default="", help="立档单位全称")
@click.option("--fonds", default="Z109", show_default=True, help="全宗号")
@click.option("--trial", is_flag=True, hidden=True)
@click.option("--no-login", is_flag=True, help="不为本机用户签发档案员令牌")
@click.pass_obj
@command
def init_command(console: Console, *, agency: str, fonds: str, trial: bool, no_login: bool) -> int:
    """建立数据目录：设置、密钥、数据库和首批账号（初始口令只显示这一次）。"""
    if trial:
        raise Refusal("INIT-TRIAL-REFUSED", str(console.data))
    found(console.data, agency=agency, fonds=fonds, kind="production")
    house = console.house()
    first = [First(login, name, role, _password()) for login, name, role in FIRST_ACCOUNTS]
    create_accounts(house, first)
    if not no_login:
        sign_in_here(console, house, "archivist")
    accounts = [{"login": item.login, "role": item.role, "password": item.password} for item in first]
    document = {"data": str(console.data), "accounts": accounts}
    console.result(document, _told(console.data, first, is_signed_in=not no_login))
    return 0


def found(data: Path, *, agency: str, fonds: str, kind: str) -> None:
    """Make the data folder: settings, keys, tables. Raises Refusal where it has been made before."""
    settings = data / "lantai.toml"
    if settings.exists():
        raise Refusal("INIT-ALREADY", str(data))
    data.mkdir(parents=True, exist_ok=True)
    text = "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in (("kind", kind), ("agency", agency), ("fonds", fonds), ("secret_key", secrets.token_urlsafe(48)))
    )
    descriptor = os.open(data / "lantai.toml.new", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    start(data)
    from lantai.adapters.signers import local as signers
    from lantai.shelves import databases

    databases.prepare(data)
    signers.create(data / "keys")
    (data / "lantai.toml.new").replace(settings)


def create_accounts(house: Any, first: list[First]) -> None:  # noqa: ANN401 - the House
    """Create the first accounts; each is a different person until the agency says otherwise."""
    from lantai.stages import people

    for item in first:
        people.create_account(
            house, None, login=item.login, name=item.name, role=item.role, person=f"init:{item.login}", password=item.password
        )


def sign_in_here(console: Console, house: Any, login: str) -> None:  # noqa: ANN401 - the House
    """Issue a token of the account to the operating-system user who set the installation up; the ledger notes it."""
    from lantai.shelves.people.models import Account
    from lantai.stages import people

    actor = people.actor_of(Account.objects.get(login=login))
    store_token(console.data, people.issue_token(house, actor))


def _password() -> str:
    return "-".join(secrets.token_hex(2).upper() + secrets.token_hex(2) for _ in range(2))


def _told(data: Path, first: list[First], *, is_signed_in: bool) -> str:
    lines = [f"已建立数据目录 {data}。初始口令只显示这一次，首次登录须修改：", ""]
    lines += [f"  {item.name:<8}\t{item.login:<10}\t{item.password}" for item in first]
    lines.append("")
    if is_signed_in:
        lines.append("本机当前用户已以「档案员」身份登录命令行（12 小时内有效，已记入账本）；以后用 lantai login。")
    lines.append("下一步：lantai serve 打开界面，或 lantai capture 文件夹 --wait 接收材料。")
    return "\n".join(lines)


@click.command("config")
@click.pass_obj
@command
def config_command(console: Console) -> int:
    """列出全部设置：名称、取值、来自哪里、说明。"""
    os.environ["LANTAI_DATA"] = str(console.data)
    from lantai.ports.settings import Settings

    chosen, rows = Settings(), []
    in_file = (console.data / "lantai.toml").read_text(encoding="utf-8") if (console.data / "lantai.toml").is_file() else ""
    for name, field in Settings.model_fields.items():
        shown = "（已设，不显示）" if name == "secret_key" and chosen.secret_key else getattr(chosen, name)
        origin = "环境变量" if f"LANTAI_{name.upper()}" in os.environ else "lantai.toml" if f"\n{name} =" in "\n" + in_file else "缺省"
        rows.append({"name": name, "value": shown, "origin": origin, "help": field.description or ""})
    text = "\n".join(
        f"{row['name']} = {row['value']}\n    {row['help']}（{row['origin']}；变量 LANTAI_{str(row['name']).upper()}）" for row in rows
    )
    console.result(rows, text)
    return 0


@click.command("doctor")
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def doctor_command(console: Console, *, json_here: bool) -> int:
    """检查各部件：数据库、档案库、索引、密钥、杀毒、后台。"""
    console.is_json |= json_here
    house = console.house()
    from lantai.stages.report import health

    rows = health.look(house)
    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    text = "\n".join(f"  {marks[row.state]} {row.part:<8} {row.message}" for row in rows)
    console.result([{"part": row.part, "state": row.state, "message": row.message} for row in rows], text)
    return 4 if any(row.state == "error" for row in rows) else 0


@click.command("login")
@click.option("--user", prompt="登录名", help="登录名")
@click.option("--password-stdin", is_flag=True, help="从标准输入读口令")
@click.pass_obj
@command
def login_command(console: Console, *, user: str, password_stdin: bool) -> int:
    """命令行登录：签发 12 小时令牌，只存在本机当前用户名下。"""
    house = console.house()
    from lantai.shelves.people.models import Account
    from lantai.stages import people

    def ask(prompt: str) -> str:
        return sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass(prompt)

    password = ask("口令：")
    actor = people.sign_in(house, user, password, "命令行")
    if Account.objects.get(id=actor.id).must_change_password and not password_stdin:
        console.say("首次登录须修改口令。")
        people.change_password(house, actor, password, ask("新口令："))
    store_token(console.data, people.issue_token(house, actor))
    console.result({"login": actor.login, "name": actor.name, "role": actor.role}, f"已登录：{actor.name}（{actor.login}）")
    return 0
