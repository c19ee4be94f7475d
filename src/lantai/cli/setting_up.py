"""Commands that set an installation up and look after it: init, config, doctor."""

import json
import os
import secrets
import shutil
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, start, verb
from lantai.cli.help import pad
from lantai.cli.tokens import store_token
from lantai.core.errors import Refusal

if TYPE_CHECKING:
    from lantai.ports import House

UNTOLD_FONDS = "Z109"  # an invented number, so that one can try things out
FIRST_ACCOUNTS = (
    ("sysadmin", "系统管理员", "sysadmin"),
    ("secadmin", "安全保密管理员", "secadmin"),
    ("secadmin2", "安全保密管理员（副）", "secadmin"),
    ("auditor", "安全审计员", "auditor"),
    ("archivist", "档案员", "archivist"),
)
_HIDDEN = frozenset({"secret_key"})


@dataclass(frozen=True, slots=True)
class First:
    """An account made by ``init``, with the password that is shown once."""

    login: str
    name: str
    role: str
    password: str


@verb(
    "init",
    examples=[
        ("lantai --data /srv/lantai init --agency 某某市某某局 --fonds A001", "正式建立"),
        ("lantai init --no-login", "不在本机登录；以后用 lantai login"),
    ],
    exits={3: "数据目录已经建立过，没有改动", 5: "目录不能写"},
)
@click.option("--agency", default="", metavar="NAME", help="立档单位全称；在终端上不写则询问")
@click.option("--fonds", default="", metavar="CODE", help="全宗号；在终端上不写则询问，都没有写先用 Z109")
@click.option("--no-login", is_flag=True, help="不为本机用户签发档案员令牌")
def init_command(console: Console, *, agency: str, fonds: str, no_login: bool) -> int:
    """建立数据目录：设置、密钥、数据库和首批账号（初始口令只显示这一次）。"""
    if not agency and sys.stdin.isatty():
        agency = click.prompt("立档单位全称", default="", show_default=False, err=True)
    if not fonds and sys.stdin.isatty():
        fonds = click.prompt("全宗号（档案馆给的编号）", default="", show_default=False, err=True).strip()
    first = [First(login, name, role, _password()) for login, name, role in FIRST_ACCOUNTS]
    found(console.data, agency=agency, fonds=fonds or UNTOLD_FONDS, kind="production", then=lambda: create_accounts(first))
    house = console.house()
    from lantai.stages import founding

    founding.tell(house)
    if not no_login:
        sign_in_here(console, house, "archivist")
    accounts = [{"login": item.login, "name": item.name, "role": item.role, "password": item.password} for item in first]
    document = {"data": str(console.data), "signed_in": "" if no_login else "archivist", "accounts": accounts}
    console.result(document, _told(console.data, first, is_signed_in=not no_login))
    if not agency:
        console.note("还没有写立档单位全称，归档前请系统管理员在「系统›开始使用」写明。")
    if not fonds:
        place = console.data / "lantai.toml"
        console.note(f"没有写全宗号，先用 {UNTOLD_FONDS}；它写进每个档号，收第一批材料前请把 {place} 的 fonds 改成档案馆给的编号。")
    return 0


def found(data: Path, *, agency: str, fonds: str, kind: str, then: Callable[[], None] | None = None) -> None:
    """Make the data folder, which no other user of the machine may open: keys, tables, what *then* adds, settings.

    Raises Refusal where it has been made before.

    The settings come last: without them the folder counts as not made, and what an interrupted run left is taken away first.
    """
    settings = data / "lantai.toml"
    if settings.exists():
        raise Refusal("INIT-ALREADY", str(data))
    data.mkdir(parents=True, exist_ok=True)
    with suppress(PermissionError):  # a folder of somebody else; doctor tells
        data.chmod(0o700)
    _clear_unfinished(data)
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
    if then is not None:
        then()
    (data / "lantai.toml.new").replace(settings)


def _clear_unfinished(data: Path) -> None:
    """Take away the keys and tables of an ``init`` that did not come to its end; nothing can have been kept in them."""
    if not (data / "lantai.toml.new").exists():
        return
    shutil.rmtree(data / "keys", ignore_errors=True)
    for name in ("lantai.db", "edge.db"):
        for path in data.glob(f"{name}*"):
            path.unlink()


def create_accounts(first: list[First]) -> None:
    """Create the first accounts; each is a different person until the agency says otherwise."""
    from lantai import wiring
    from lantai.stages import people

    for item in first:
        people.create_account(
            wiring.house(), None, login=item.login, name=item.name, role=item.role, person=f"init:{item.login}", password=item.password
        )


def sign_in_here(console: Console, house: "House", login: str) -> None:
    """Issue a token of the account to the operating-system user who set the installation up; the ledger notes it."""
    from lantai.shelves.people.models import Account
    from lantai.stages import people

    actor = people.actor_of(Account.objects.get(login=login))
    store_token(console.data, people.issue_token(house, actor))


def _password() -> str:
    """Make up a first password of letters of both cases, digits and a sign, whatever chance gives."""
    return "-".join(("Lt", secrets.token_hex(3).upper(), secrets.token_hex(3), f"{secrets.randbelow(90) + 10}"))


def _told(data: Path, first: list[First], *, is_signed_in: bool) -> str:
    lines = [f"已建立数据目录 {data}。初始口令只显示这一次，首次登录须修改：", ""]
    lines += [f"  {pad(item.name, 22)}{item.login:<11}{item.password}" for item in first]
    lines.append("")
    if is_signed_in:
        lines.append("本机当前用户已以「档案员」身份登录命令行（12 小时内有效，已记入账本）；以后用 lantai login。")
    lines.append("下一步：lantai serve 打开界面，或 lantai capture 文件夹 --wait 接收材料。")
    return "\n".join(lines)


@verb(
    "config",
    examples=[("lantai config", "全部设置、取值、来自哪里、说明"), ("lantai config --json", "供程序使用")],
    exits={3: "lantai.toml 或变量里有不能用的值"},
)
def config_command(console: Console) -> int:
    """列出全部设置：名称、取值、来自哪里、说明。在数据目录的 lantai.toml 里写，变量 LANTAI_* 优先。"""
    chosen = console.settings()
    path = console.data / "lantai.toml"
    in_file = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    rows = []
    for name, field in type(chosen).model_fields.items():
        value = getattr(chosen, name)
        origin = "variable" if f"LANTAI_{name.upper()}" in os.environ and name != "data" else "file" if name in in_file else "default"
        shown = ("（已设，不显示）" if value else "") if name in _HIDDEN else str(value) if isinstance(value, Path) else value
        rows.append({"name": name, "value": shown, "origin": origin, "variable": f"LANTAI_{name.upper()}", "help": field.description or ""})
    console.result(rows, "\n".join(_setting_text(row) for row in rows))
    for name in sorted(in_file.keys() - type(chosen).model_fields.keys()):
        console.note(f"lantai.toml 里有不认识的设置 {name}，没有起作用。")
    return 0


def _setting_text(row: dict[str, object]) -> str:
    origins = {"variable": f"变量 {row['variable']}", "file": "lantai.toml", "default": "缺省"}
    value = row["value"]
    shown = "、".join(map(str, value)) if isinstance(value, tuple) else value
    return f"{row['name']} = {shown}    〔{origins[str(row['origin'])]}〕\n    {row['help']}"


@verb("doctor", examples=[("lantai doctor", "每个部件一行：✓ 正常，! 留意，✗ 须处理")], exits={3: "数据目录还没有建立", 4: "有部件须处理"})
def doctor_command(console: Console) -> int:
    """检查各部件：数据库、档案库、索引、密钥、杀毒引擎、账本、磁盘、待处理的事。"""
    house = console.house()
    from lantai.stages.report import health

    rows = health.look(house)
    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    text = "\n".join(f"  {marks[row.state]} {pad(row.part, 10)}{row.message}" for row in rows)
    console.result([{"part": row.part, "state": row.state, "message": row.message} for row in rows], text)
    return 4 if any(row.state == "error" for row in rows) else 0
