"""The command ``lantai login``."""

import getpass
import sys
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.cli.tokens import store_token
from lantai.core.errors import Refusal

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House


@verb(
    "login",
    examples=[
        ("lantai login", "逐项询问登录名和口令"),
        ("lantai login --user shen --password-stdin < 口令文件", "供脚本使用；首次登录须改口令的，第二行写新口令"),
    ],
)
@click.option("--user", default="", metavar="NAME", help="登录名")
@click.option("--password-stdin", is_flag=True, help="从标准输入读口令：第一行是口令，首次登录须改口令时第二行是新口令")
def login_command(console: Console, *, user: str, password_stdin: bool) -> int:
    """命令行登录：签发 12 小时令牌，只存在本机当前用户名下。"""
    if password_stdin and not user:
        raise click.UsageError("用 --password-stdin 时须用 --user 写明登录名。")
    house = console.house()
    from lantai.stages import people

    user = user or _ask("登录名：")
    password = _password("口令：", is_piped=password_stdin)
    actor = people.sign_in(house, user, password, "命令行")
    if people.must_change_password(actor):
        _change(console, house, actor, password, is_piped=password_stdin)
    store_token(console.data, people.issue_token(house, actor))
    console.result({"login": actor.login, "name": actor.name, "role": actor.role}, f"已登录：{actor.name}（{actor.login}）")
    return 0


def _change(console: Console, house: "House", actor: "Actor", password: str, *, is_piped: bool) -> None:
    """Let the person choose a password of their own; without one there is no token."""
    from lantai.stages import people

    if not is_piped:
        console.note("首次登录须修改口令：至少 8 位，含大写、小写、数字、符号中的三类。")
    new = _password("新口令：", is_piped=is_piped)
    if not new:
        raise Refusal("PEOPLE-PASSWORD-FIRST")
    if not is_piped and _password("再输一次：", is_piped=False) != new:
        raise click.UsageError("两次输入的新口令不同，口令没有改动。")
    people.change_password(house, actor, password, new)
    console.note("口令已修改。")


def _ask(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _password(prompt: str, *, is_piped: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if is_piped else getpass.getpass(prompt, stream=sys.stderr)
