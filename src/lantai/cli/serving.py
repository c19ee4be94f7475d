"""Commands that keep running: serve (web and embedded workers) and worker."""

import os
import sys
import threading
import webbrowser

import click

from lantai.cli.console import Console, command


@click.command("serve")
@click.option("--bind", default="", help="监听地址（缺省见 lantai config）")
@click.option("--port", default=0, help="端口")
@click.option("--open", "is_open", is_flag=True, help="打开浏览器")
@click.pass_obj
@command
def serve_command(console: Console, *, bind: str, port: int, is_open: bool) -> int:
    """启动网页服务和内嵌后台，直到按 Ctrl+C。"""
    serve(console, bind=bind, port=port, is_open=is_open)
    return 0


def serve(console: Console, *, bind: str = "", port: int = 0, is_open: bool = False) -> None:
    """Serve until told to stop; the workers live and die with the server."""
    house = console.house()
    from granian import Granian
    from granian.constants import Interfaces

    from lantai import work

    address, number = bind or house.settings.bind, port or house.settings.port
    where = f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{number}/"  # noqa: S104 - shown, not bound
    command_line = [sys.executable, "-m", "lantai.cli.main", "--data", str(console.data), "worker"]
    server = Granian(
        "lantai.server.wsgi:application",
        address=address,
        port=number,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        log_level="warning",  # type: ignore[arg-type]
    )
    console.say(f"兰台正在运行：{where}（按 Ctrl+C 停止）")
    if is_open and os.environ.get("DISPLAY"):
        threading.Timer(1.5, webbrowser.open, [where]).start()
    with work.embedded(house.settings.workers, command_line):
        server.serve()


@click.command("worker")
@click.pass_obj
@command
def worker_command(console: Console) -> int:
    """启动一个后台进程，直到收到停止信号。可在多台机器上各起几个（须用 PostgreSQL）。"""
    house = console.house()
    from lantai import work

    try:
        work.run_worker()
    finally:
        house.reader.close()
    return 0
