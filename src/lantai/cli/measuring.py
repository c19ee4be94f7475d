"""The command ``lantai bench NAME``: runs one benchmark of the bench/ folder that stands beside the sources."""

import importlib
import sys
from pathlib import Path

import click

from lantai.cli.console import Console, verb
from lantai.cli.help import pad
from lantai.core.errors import Refusal

ROOT = Path(__file__).resolve().parents[3]


@verb(
    "bench",
    arguments=[("NAME", "基准的名称，如 line、search、serve"), ("ARGUMENTS…", "交给这项基准的参数，如 --records 1000")],
    examples=[("lantai bench line --records 1000", "全线每件的 CPU 秒数"), ("lantai bench serve", "服务启动时间和空闲内存")],
    exits={3: "没有这项基准，列出可用的"},
    context_settings={"ignore_unknown_options": True},
)
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS]…")
def bench_command(console: Console, *, name: str, arguments: tuple[str, ...]) -> int:
    """跑一项基准测试：在临时目录里造数据、测量、删除，不动您的数据。"""
    if name not in known():
        raise Refusal("BENCH-UNKNOWN", name, known="、".join(known()))
    sys.path.insert(0, str(ROOT))
    result = importlib.import_module(f"bench.{name}").main(list(arguments))
    console.result(result, "\n".join(f"  {pad(key, 32)}{value}" for key, value in result.items()))
    return 0


def known() -> list[str]:
    """Return the names of the benchmarks: the modules of bench/ that have a ``main``."""
    return sorted(path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef main(" in path.read_text(encoding="utf-8"))
