"""What every command shares: global options, the acting account, printing, and the one place that turns ends into exit codes."""

import errno
import getpass
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate

import click

from lantai.cli import help as pages
from lantai.core.errors import Coded, Fault, Refusal, said
from lantai.packages import ground

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.core.findings import Finding
    from lantai.ports import House
    from lantai.ports.settings import Settings

USAGE, INTERRUPTED, BUG = 2, 130, 70
EXITS: dict[int, str] = {
    0: "办成",
    USAGE: "命令写法不对",
    3: "按规则不能办，附理由",
    4: "材料有错误级问题",
    5: "外部故障，可以重试",
    6: "外部故障，重试无用",
    BUG: "程序错误，标准错误上有完整记录",
    INTERRUPTED: "被 Ctrl+C 中断，再次运行接着办",
}
# The world failed; any other OSError is a bug of ours.
_WORLD = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE),
        *(errno.ENOMEM, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ESTALE, errno.ETIMEDOUT),
    }
)
# What would steer a terminal, or turn the order of a line round, so that a name shows as another.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Console:
    """The global options of one call, and how it speaks."""

    data: Path
    is_json: bool
    acting: "tuple[House, Actor] | None" = None

    def settings(self) -> "Settings":
        """Return the settings of the data folder. Raises Refusal SETTINGS-INVALID where they can not be used."""
        os.environ["LANTAI_DATA"] = str(self.data)
        from lantai.ports.settings import Settings

        try:
            return Settings()
        except ValueError as problem:
            raise Refusal("SETTINGS-INVALID", str(self.data / "lantai.toml"), problem=_problems(problem)) from None

    def house(self) -> "House":
        """Set Django up on the data folder and return the House. Raises Refusal where ``lantai init`` has not been run."""
        if not (self.data / "lantai.toml").is_file():
            raise Refusal("NOT-INITIALISED", str(self.data))
        if ground.is_unfinished(self.data):
            raise Refusal("RECOVER-UNFINISHED", str(self.data))
        self.settings()
        start(self.data)
        from lantai import wiring
        from lantai.shelves import databases

        if databases.bring_up(self.data):
            self.note("数据库结构已更新到本版本，原有内容没有变动。")
        wiring.provide()
        return wiring.house()

    def actor(self, house: "House") -> "Actor":
        """Return the account that this command line acts as. Raises Refusal where nobody is signed in."""
        from lantai.cli.tokens import read_token
        from lantai.stages import people

        token = os.environ.get("LANTAI_TOKEN") or read_token(self.data)
        if not token:
            raise Refusal("NOT-SIGNED-IN", getpass.getuser())
        actor = people.actor_of_token(house, token)
        self.acting = house, actor
        return actor

    def say(self, text: str) -> None:
        """Print a line for people: to stdout, or to stderr where stdout carries JSON."""
        print(harmless(text), file=sys.stderr if self.is_json else sys.stdout, flush=True)

    def note(self, text: str) -> None:
        """Print a remark for people, always to stderr."""
        print(harmless(text), file=sys.stderr, flush=True)

    def result(self, document: Any, text: str | None = None) -> None:  # noqa: ANN401 - any JSON document
        """Print the result: the one JSON document, or the text for people."""
        if self.is_json:
            print(json.dumps(document, ensure_ascii=False, indent=1, default=str), flush=True)
        elif text is not None:
            print(harmless(text), flush=True)

    def findings(self, findings: "Sequence[Finding]") -> None:
        """Print findings for people, worst first."""
        for item in sorted(findings, key=lambda row: ("error", "warning", "info").index(row.severity)):
            mark = {"error": "✗", "warning": "!", "info": "·"}[item.severity]
            self.say(f"  {mark} {item.code}  {item.message}")


class Verb(click.Command):
    """A command as all are: ``--json`` and ``--data`` after its name too, help in Chinese with arguments, examples, exit codes."""

    context_class = pages.Context

    def __init__(
        self,
        name: str,
        *,
        arguments: Sequence[tuple[str, str]] = (),
        examples: Sequence[tuple[str, str]] = (),
        exits: dict[int, str] | None = None,
        **settings: Any,  # noqa: ANN401 - click's own
    ) -> None:
        settings |= {"options_metavar": "[选项]", "add_help_option": False}
        super().__init__(name, **settings)
        self.arguments, self.examples, self.exits = tuple(arguments), tuple(examples), exits or {}
        self.params += [*_global_options(), _help_option()]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line."""
        return [piece.replace("...", "…") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write arguments, options, examples and the exit codes that mean something particular here."""
        pages.write_section(formatter, "参数", self.arguments)
        pages.write_section(formatter, "选项", pages.option_rows(self, ctx))
        pages.write_section(formatter, "例", self.examples, is_stacked=True)
        pages.write_section(formatter, "退出码", [(str(code), text) for code, text in {0: EXITS[0], **self.exits}.items()])
        formatter.write("\n其余退出码和全部说明见 docs/reference/commands.md。\n")


def verb[**P](
    name: str,
    **settings: Any,  # noqa: ANN401 - what Verb and click take
) -> "Callable[[Callable[Concatenate[Console, P], int | None]], click.Command]":
    """Declare a command: the function gets the console first and returns an exit code, or None for 0."""

    def declare(function: "Callable[Concatenate[Console, P], int | None]") -> click.Command:
        return click.command(name, cls=Verb, **settings)(click.pass_obj(ended(function)))

    return declare


def ended[**P](function: "Callable[Concatenate[Console, P], int | None]") -> "Callable[..., None]":
    """Run a command; turn its end into an exit code and, for refusals and faults, into words."""

    @wraps(function)
    def run(console: Console, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            _demand_text(kwargs.values())
            code = function(console, *args, **kwargs) or 0
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        except Exception as problem:  # noqa: BLE001 - the edge: every end gets its code, and a bug is shown whole
            code = _failed(console, problem)
        sys.exit(code)

    return run


def _demand_text(values: Iterable[object]) -> None:
    """Refuse words that are no text, as a terminal of GBK sends them: nothing is called so. Paths may be: they are names on a disk."""
    words = [word for value in values for word in (value if isinstance(value, tuple) else (value,)) if isinstance(word, str)]
    if any(word.encode("utf-8", "replace") != word.encode("utf-8", "surrogatepass") for word in words):
        raise click.UsageError("参数里有不是 UTF-8 的字，请把终端的编码设为 UTF-8 再输")


def harmless(text: str) -> str:
    """Return *text* with what would steer a terminal written out as ``<U+001B>``: titles and names come from outside."""
    return _STEERING.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def tell(*, is_json: bool, code: str, message: str, more: Sequence[str] = (), document: dict[str, object] | None = None) -> None:
    """Say on stderr why nothing came of a command and, where stdout carries JSON, put the error document there."""
    if is_json:
        print(json.dumps({"error": document or {"code": code, "message": message}}, ensure_ascii=False, indent=1), flush=True)
    print(harmless(f"{code}  {message}"), file=sys.stderr)
    for line in more:
        print(harmless(f"  {line}"), file=sys.stderr)


def start(data: Path) -> None:
    """Tell Django which data folder it works on; once a process."""
    import django

    os.environ["LANTAI_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()


def size_text(size: float) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"


def _failed(console: Console, problem: Exception) -> int:
    end = problem if isinstance(problem, Coded) else _fault_of(problem)
    if end is not None:
        more = [f"· {reason.message}" for reason in getattr(end, "reasons", ())] + [line for line in (end.safe, end.next) if line]
        tell(is_json=console.is_json, code=end.code, message=end.message, more=more, document=_document(console, end))
        return end.row.exit
    traceback.print_exception(problem)
    tell(is_json=console.is_json, code="BUG", message=f"{type(problem).__name__}：这是程序的错误，请把上面的内容报给维护人员。")
    return BUG


def _document(console: Console, end: Coded) -> dict[str, object]:
    """Return an end as a document; that somebody was refused an act is told to the ledger, as the screens do."""
    if not isinstance(end, Refusal) or console.acting is None:
        return end.as_json()
    from lantai.stages import refusals

    refusals.note(*console.acting, end)
    return refusals.as_json(end)


def _fault_of(problem: Exception) -> Fault | None:
    """Return the fault that an exception of the system or the database stands for, None where it is a bug."""
    if isinstance(problem, OSError):
        known = problem.errno in _WORLD
        return Fault("SYSTEM-FAILED", str(problem.filename or ""), reason=said(problem)) if known else None
    if "django.db" in sys.modules:
        from django.db import DatabaseError, InterfaceError, OperationalError

        # A file that is no database gives the general class itself; its other kinds are bugs.
        if isinstance(problem, OperationalError | InterfaceError) or type(problem) is DatabaseError:
            return Fault("DATABASE-FAILED", reason=str(problem))
    return None


def _problems(problem: ValueError) -> str:
    """Say which settings are wrong: each with its name, or the place of a TOML error."""
    rows = getattr(problem, "errors", None)
    if rows is None:
        return str(problem)
    return "；".join(f"{'.'.join(map(str, row['loc']))} 不能是 {row['input']!r}（{row['msg']}）" for row in rows(include_url=False))


def _global_options() -> list[click.Parameter]:
    """Return the options that stand before or after the name of a command."""
    return [
        click.Option(["--json"], is_flag=True, expose_value=False, callback=_note_json, help="标准输出只给一个 JSON 文档"),
        click.Option(
            ["--data"], expose_value=False, callback=_note_data, metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
            help="数据目录（缺省 ./var，或变量 LANTAI_DATA）",
        ),
    ]  # fmt: skip


def _help_option() -> click.Option:
    return click.Option(["-h", "--help"], is_flag=True, expose_value=False, is_eager=True, callback=_show_help, help="显示这一页")


def _show_help(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's callback
    if value:
        print(context.get_help())
        context.exit()


def _note_json(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's callback
    if value:
        context.obj.is_json = True


def _note_data(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.obj.data = value
