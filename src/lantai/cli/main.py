"""The command line ``lantai``: global options and the list of commands."""

import importlib
from pathlib import Path

import click

from lantai.cli.console import Console

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demonstrating", "做一个虚构机关的公文，走完全线，打开界面看"),
    "init": ("setting_up", "建立数据目录：密钥、数据库、首批账号"),
    "config": ("setting_up", "列出全部设置、说明和取值"),
    "doctor": ("setting_up", "检查各部件是否正常"),
    "login": ("setting_up", "命令行登录（短期令牌）"),
    "serve": ("serving", "启动网页服务和内嵌后台"),
    "worker": ("serving", "启动一个后台进程"),
    "capture": ("material", "接收文件、文件夹、归档信息包或压缩包，成为一个批次"),
    "import-catalogue": ("material", "导入目录（Excel 或 CSV），成为仅有目录的纸质档案"),
    "inspect": ("material", "看一个文件是什么、能读出什么（不需要数据目录）"),
    "check": ("material", "对路径或一件、一批做四性检测"),
    "archive": ("holdings", "接收、定号并归档一批或几件"),
    "show": ("holdings", "看一件档案"),
    "find": ("holdings", "检索"),
    "verify": ("holdings", "核验档案是否与归档时一致"),
    "bench": ("measuring", "跑一项基准测试"),
}


class Table(click.Group):
    """A group that imports a command's module only when the command is asked for: ``inspect`` needs no database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lantai.cli.{COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("命令"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), envvar="LANTAI_DATA", default=Path("var"), help="数据目录（缺省 ./var）"
)
@click.option("--json", "is_json", is_flag=True, help="标准输出只给一个 JSON 文档，提示写到标准错误")
@click.version_option(package_name=None, version="0.1.0", prog_name="lantai")
@click.pass_context
def main(context: click.Context, data: Path, *, is_json: bool) -> None:
    """兰台：机关电子档案，从接收到归档、检索、核验。"""
    context.obj = Console(data, is_json)


if __name__ == "__main__":
    main(prog_name="lantai")
