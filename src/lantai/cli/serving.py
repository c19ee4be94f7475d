"""Commands that keep running: serve (web and embedded workers) and worker."""

import os
import socket
import sys
import threading
import time
import webbrowser
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, verb
from lantai.core.errors import Fault, Refusal

if TYPE_CHECKING:
    from lantai.ports.settings import Settings

THREADS = 8
WORKERS_AFTER_SECONDS = 1.0  # the first page comes first
STARTS_WITHIN_SECONDS = 120.0
#: How long requests that are under way may go on once told to stop; a web process told so before it listens to it never ends by itself.
STOPS_WITHIN_SECONDS = 20
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


@verb(
    "serve",
    examples=[
        ("lantai serve", "在 127.0.0.1:8420 打开"),
        ("lantai serve --bind 10.1.2.3 --port 80", "在内网地址上打开；主机名另见设置 hosts"),
    ],
    exits={3: "还没有建立数据目录、没有签名密钥，或监听全部网卡却没有写明主机名", 5: "端口被占用"},
)
@click.option("--bind", default="", metavar="ADDRESS", help="监听地址（缺省见 lantai config）")
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="N", help="端口（缺省见 lantai config）")
@click.option("--open", "is_open", is_flag=True, help="打开浏览器")
def serve_command(console: Console, *, bind: str, port: int, is_open: bool) -> int:
    """启动网页服务和内嵌后台，直到按 Ctrl+C 或收到停止信号；后台随服务一起停。"""
    serve(console, bind=bind, port=port, is_open=is_open, is_told=True)
    return 0


def serve(console: Console, *, bind: str = "", port: int = 0, is_open: bool = False, is_told: bool = False) -> None:
    """Serve until told to stop; the workers live and die with the server. Refusals and faults: see :func:`check`."""
    if not (console.data / "lantai.toml").is_file():
        raise Refusal("NOT-INITIALISED", str(console.data))
    if bind:
        os.environ["LANTAI_BIND"] = bind
    if port:
        os.environ["LANTAI_PORT"] = str(port)
    settings = console.settings()
    check(settings)
    console.house()
    where = address_of(settings)
    if is_told and console.is_json:
        console.result({"url": where, "pid": os.getpid()})
    console.say("兰台正在启动……")

    def tell() -> None:
        if not _answers(settings):
            return
        console.say(f"兰台正在运行：{where}（按 Ctrl+C 停止）")
        if is_open and os.environ.get("DISPLAY"):
            webbrowser.open(where)

    threading.Thread(target=tell, daemon=True).start()
    _run(console, settings)


def _answers(settings: "Settings") -> bool:
    """Wait until the pages can be opened; tell whether they can."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)  # noqa: S104 - asked for, not listened on
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            with socket.create_connection((host, settings.port), timeout=2):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def check(settings: "Settings") -> None:
    """Refuse to serve what could not be served safely.

    Refusals SECRET-KEY-MISSING (sessions could be forged), HOSTS-MISSING (listening everywhere without saying under which
    names); Fault PORT-TAKEN.
    """
    if not settings.secret_key:
        raise Refusal("SECRET-KEY-MISSING", str(settings.data / "lantai.toml"))
    if settings.bind in _EVERYWHERE and not settings.hosts:
        raise Refusal("HOSTS-MISSING", settings.bind)
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, settings.port))
        except OSError as problem:
            raise Fault("PORT-TAKEN", f"{settings.bind}:{settings.port}", reason=problem.strerror or "") from problem


def address_of(settings: "Settings") -> str:
    """Return the address to open in a browser."""
    host = settings.hosts[0] if settings.hosts else "127.0.0.1" if settings.bind in _EVERYWHERE else settings.bind
    if settings.https:
        return f"https://{host}/"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _run(console: Console, settings: "Settings") -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from lantai import work

    os.environ["LANTAI_SERVE_PARENT"] = str(os.getpid())
    server = Granian(
        "lantai.server.wsgi:application",
        address=settings.bind,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=STOPS_WITHIN_SECONDS,
        log_level="error",  # type: ignore[arg-type]
    )
    command = [sys.executable, "-P", "-m", "lantai.cli.main", "--data", str(console.data), "worker"]
    with work.embedded(settings.workers, command, after_seconds=WORKERS_AFTER_SECONDS):
        server.serve()


@verb("worker", examples=[("lantai worker", "在前台运行，直到收到停止信号")], exits={3: "数据目录还没有建立"})
def worker_command(console: Console) -> int:
    """启动一个后台进程，做完手头的再停。可在多台机器上各起几个（须用 PostgreSQL 和共享的数据目录）。"""
    house = console.house()
    from lantai import work

    try:
        work.run_worker()
    finally:
        house.reader.close()
    console.result({"stopped": True})
    return 0
