"""The command ``lantai bench NAME``: runs one benchmark of the bench/ folder that stands beside the sources."""

import importlib
import sys
from pathlib import Path

import click

from lantai.cli.console import Console, command
from lantai.core.errors import Refusal

ROOT = Path(__file__).resolve().parents[3]


@click.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "json_here", is_flag=True, help="输出 JSON")
@click.pass_obj
@command
def bench_command(console: Console, name: str, arguments: tuple[str, ...], *, json_here: bool) -> int:
    """跑基准 NAME（line、search …），其余参数交给它，如 --records 1000。"""
    console.is_json |= json_here
    known = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef main(" in path.read_text(encoding="utf-8"))
    if name not in known:
        raise Refusal("BENCH-UNKNOWN", name, known="、".join(known))
    sys.path.insert(0, str(ROOT))
    result = importlib.import_module(f"bench.{name}").main(list(arguments))
    console.result(result, "\n".join(f"  {key:<28} {value}" for key, value in result.items()))
    return 0
