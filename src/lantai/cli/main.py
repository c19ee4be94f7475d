"""The command line ``lantai``: global options and the list of commands."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Never

import click

from lantai.cli import help as pages
from lantai.cli.console import EXITS, INTERRUPTED, USAGE, Console, tell

VERSION = "0.1.0"
DATA = Path("var")
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demonstrating", "做一个虚构机关的公文，走完全线，打开界面看"),
    "init": ("setting_up", "建立数据目录：密钥、数据库、首批账号"),
    "setup": ("agency", "设置单位：名称、机构、门类、分类方案、代码表、期限表"),
    "config": ("setting_up", "列出全部设置、说明和取值"),
    "doctor": ("setting_up", "检查各部件是否正常"),
    "login": ("signing_in", "命令行登录（短期令牌）"),
    "client": ("clienting", "给业务系统的令牌：发放、批准、撤销"),
    "serve": ("serving", "启动网页服务和内嵌后台"),
    "worker": ("serving", "启动一个后台进程"),
    "capture": ("material", "接收文件、文件夹、归档信息包或压缩包，成为一个批次"),
    "digitise": ("digitising", "纸质档案数字化：收扫描件，处理识别，著录质检验收"),
    "import-catalogue": ("material", "导入目录（Excel 或 CSV），成为仅有目录的纸质档案"),
    "attach": ("attaching", "把文件挂接到已导入的目录上：先比对，再挂接"),
    "sheet": ("sheeting", "用表格改：导出待固定的件，试算改好的表，整份导入"),
    "import-register": ("registering", "导入 OA 的办结登记（Excel 或 CSV），用来对照应归尽归"),
    "inspect": ("looking", "看一个文件是什么、能读出什么（不需要数据目录）"),
    "recognise": ("recognising", "识别扫描件：文字、位置和著录项（不需要数据目录）"),
    "check": ("looking", "做四性检测，或看一件、一批的检测报告"),
    "receipt": ("reporting", "给移交人的回执：接收、退回、档号"),
    "print": ("reporting", "打印检测报告、登记表、目录、清单、备考表（PDF/A）"),
    "volume": ("binding", "组卷：列出、组成、调整、拆开案卷，固定案卷档号"),
    "archive": ("holdings", "接收、定号并归档一批或几件"),
    "show": ("holdings", "看一件档案"),
    "versions": ("versioning", "在库档案的版本：列出、比较、更正、恢复"),
    "find": ("holdings", "检索"),
    "export": ("exporting", "导出档案：封装包、归档信息包、移交信息包"),
    "transfer": ("transferring", "移交：到期、检测、移交信息包、回执"),
    "verify": ("holdings", "核验档案是否与归档时一致"),
    "ledger": ("ledgering", "账本：封存、验账、检查点"),
    "excerpt": ("excerpting", "导出审计摘录：一段账本，附证明和核验程序"),
    "preserve": ("preserving", "长期保存检测：抽检或全检在库档案，与上次比较"),
    "replica": ("copying", "副本：设立、列出、写齐、停用"),
    "medium": ("copying", "离线介质登记簿"),
    "fixity": ("copying", "固化核验：逐字节读主库或副本，损坏的当场修复"),
    "fsck": ("copying", "检查档案库，修复中断留下的"),
    "mend": ("copying", "用完好的副本修复一件"),
    "metadata": ("scheming", "看、拟订、采用、停用元数据方案"),
    "migrate-store": ("moving", "把整个档案库迁到别的磁盘或对象存储"),
    "resume": ("upkeeping", "故障排除后，让停下的批次或件继续"),
    "tidy": ("upkeeping", "清理中断留下的临时文件"),
    "state": ("recovering", "写状态包：只在数据库里的内容存成文件"),
    "backup": ("backing", "备份整个库，核验、清除旧备份，定备份计划"),
    "restore": ("backing", "把备份还原到空的数据目录"),
    "drill": ("drilling", "恢复演练：还原到旁边、检测、比对、存档"),
    "rebuild": ("recovering", "由档案库、账本和状态包重建数据库与检索库"),
    "bench": ("measuring", "跑一项基准测试"),
}


class Table(click.Group):
    """A group that imports a command's module only when the command is asked for: ``inspect`` needs no database."""

    context_class = pages.Context

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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            meant = pages.alike(args[0], COMMANDS)
            ctx.fail(f"没有命令 {args[0]}" + (f"，是否指 {meant}。" if meant else "。"))
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them, the options and the exit codes."""
        pages.write_section(formatter, "命令", [(name, text) for name, (_, text) in COMMANDS.items()])
        pages.write_section(formatter, "选项（写在命令前后都可以）", pages.option_rows(self, ctx))
        pages.write_section(formatter, "退出码", [(str(code), text) for code, text in EXITS.items()])
        formatter.write("\n每个命令的用法：lantai 命令 --help。全部说明见 docs/reference/commands.md。\n")


def _usage_of(error: click.ClickException) -> list[str]:
    context = getattr(error, "ctx", None)
    if context is None:  # click's parser does not always say which command it was reading
        return ["用法：lantai 命令 --help"]
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    return [f"用法：{usage}", f"说明：{context.command_path} --help"]


def _welcome(data: Path) -> str:
    """Say what to do next, from what there is."""
    if (data / "lantai.toml").is_file():
        return f"数据目录 {data} 已建立。打开界面：lantai serve；接收材料：lantai capture 文件夹 --wait。"
    return f"还没有数据目录（{data}）。看演示：lantai demo；正式使用：lantai init --agency 单位全称 --fonds 全宗号。"


@click.group(cls=Table, invoke_without_command=True, options_metavar="[选项]", subcommand_metavar="命令 [参数]…", add_help_option=False)
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="数据目录（缺省 ./var，或变量 LANTAI_DATA）")
@click.option("--json", "is_json", is_flag=True, help="标准输出只给一个 JSON 文档，提示写到标准错误")
@click.option("--version", "is_version", is_flag=True, help="显示版本")
@click.option("-h", "--help", "is_help", is_flag=True, help="显示这一页")
@click.pass_context
def table(context: click.Context, data: Path | None, *, is_json: bool, is_version: bool, is_help: bool) -> None:
    """兰台：机关电子档案，从接收到归档、检索、核验。"""
    chosen = data or Path(os.environ.get("LANTAI_DATA") or DATA)
    context.obj = Console(chosen, is_json)
    if is_version:
        context.obj.result({"version": VERSION}, f"lantai {VERSION}")
        context.exit()
    if is_help or context.invoked_subcommand is None:
        print(context.get_help() + ("" if is_help else f"\n\n{_welcome(chosen)}"))
        context.exit()


def main(arguments: Sequence[str] | None = None) -> Never:
    """Run the command line and leave with the exit code; usage errors and interruptions are told in Chinese."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(table.main(given, prog_name="lantai", standalone_mode=False))
    except click.ClickException as error:
        tell(is_json="--json" in given, code="USAGE", message=pages.usage_text(error), more=_usage_of(error))
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        tell(is_json="--json" in given, code="INTERRUPTED", message="已停下。", more=["做完的都有效；没做完的再次运行即接着办。"])
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
