"""What every command shares: global options, the acting account, printing, and the one place that turns ends into exit codes."""

import getpass
import hashlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
import django

from lantai.core.access import Actor
from lantai.core.errors import Coded, Refusal
from lantai.core.findings import Finding
from lantai.ports import House

BUG = 70


@dataclass(slots=True)
class Console:
    """The global options of one call, and how it speaks."""

    data: Path
    is_json: bool

    def house(self) -> House:
        """Set Django up on the data folder and return the House. Raises Refusal where ``lantai init`` has not been run."""
        if not (self.data / "lantai.toml").is_file():
            raise Refusal("NOT-INITIALISED", str(self.data))
        start(self.data)
        from lantai import wiring

        wiring.provide()
        return wiring.house()

    def actor(self, house: House) -> Actor:
        """Return the account that this command line acts as. Raises Refusal where nobody is signed in."""
        from lantai.stages import people

        token = os.environ.get("LANTAI_TOKEN") or read_token(self.data)
        if not token:
            raise Refusal("NOT-SIGNED-IN", getpass.getuser())
        return people.actor_of_token(house, token)

    def say(self, text: str) -> None:
        """Print a line for people: to stdout, or to stderr where stdout carries JSON."""
        print(text, file=sys.stderr if self.is_json else sys.stdout, flush=True)

    def result(self, document: Any, text: str | None = None) -> None:  # noqa: ANN401 - any JSON document
        """Print the result: the one JSON document, or the text for people."""
        if self.is_json:
            print(json.dumps(document, ensure_ascii=False, indent=1, default=str))
        elif text is not None:
            print(text)

    def findings(self, findings: Sequence[Finding]) -> None:
        """Print findings for people, worst first."""
        for item in sorted(findings, key=lambda row: ("error", "warning", "info").index(row.severity)):
            mark = {"error": "✗", "warning": "!", "info": "·"}[item.severity]
            where = f"  〔{item.where}〕" if item.where else ""
            self.say(f"  {mark} {item.code}  {item.message}{where}")


def start(data: Path) -> None:
    """Tell Django which data folder it works on; once a process."""
    os.environ["LANTAI_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()


def token_path(data: Path) -> Path:
    """Return where the token of this operating-system user for that data folder rests."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "lantai" / (hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16] + ".token")


def read_token(data: Path) -> str:
    """Return the stored token, empty where there is none."""
    path = token_path(data)
    return path.read_text().strip() if path.is_file() else ""


def store_token(data: Path, token: str) -> None:
    """Keep a token for this operating-system user alone."""
    path = token_path(data)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(token)


def command[**P](function: Callable[P, int | None]) -> Callable[P, None]:
    """Run a command; turn its end into an exit code and, for refusals and faults, into words."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        console: Console = click.get_current_context().obj
        try:
            code = function(*args, **kwargs) or 0
        except Coded as end:
            report(console, end)
            code = end.row.exit
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
            raise
        except Exception as bug:  # noqa: BLE001 - the edge: a bug is shown whole and told apart from every coded end
            traceback.print_exc()
            print(f"BUG  {type(bug).__name__}：这是程序的错误，请把上面的内容报给维护人员。", file=sys.stderr)
            code = BUG
        sys.exit(code)

    return run


def report(console: Console, end: Coded) -> None:
    """Say what happened, what is safe and what to do next."""
    if console.is_json:
        print(json.dumps({"error": end.as_json()}, ensure_ascii=False, indent=1))
    print(f"{end.code}  {end.message}", file=sys.stderr)
    for reason in getattr(end, "reasons", ()):
        print(f"  · {reason.message}", file=sys.stderr)
    for line in (end.row.safe, end.row.next):
        if line:
            print(f"  {line}", file=sys.stderr)


def size_text(size: float) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"
