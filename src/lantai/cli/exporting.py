"""The command export: packages out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantai.cli.console import Console, size_text, verb
from lantai.cli.watching import progress

if TYPE_CHECKING:
    from lantai.stages.export import Exported

FORMS = ("eep", "filing", "transfer", "bagit", "csip", "evidence")


@verb(
    "export",
    arguments=[("CODE…", "档号（分隔符写法不限）、电子文件号或标识")],
    examples=[
        ("lantai export Z109-WS·2024-D30-BGS-0001 --as eep -o 导出/", "一件导出为封装包"),
        ("lantai export 档号 档号 --as transfer -o 导出/", "几件合成一个移交信息包"),
        ("lantai export Z109-WS·2024-D30-BGS-0001 --as evidence -o 导出/", "证据包：带存在证明和核验程序，离线可核验"),
    ],
    exits={3: "没有这一件、没有权限，或目标不能用", 5: "写不进目标文件夹"},
)
@click.argument("codes", nargs=-1, required=True, metavar="CODE…")
@click.option("--as", "form", type=click.Choice(FORMS), required=True, metavar="FORM", help=f"形式：{'、'.join(FORMS)}")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="放到哪个文件夹")
def export_command(console: Console, *, codes: tuple[str, ...], form: str, output: Path) -> int:
    """导出档案：每件一个包（移交信息包合成一个）。导出的包都可以再接收；同名的已有包不重写。导出先记入账本。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import evidence, export

    if form == "evidence":
        made = [evidence.to_folder(house, actor, code, output) for code in codes]
        rows = [item.as_json() for item in made]
        console.result({"form": form, "folder": str(output), "exported": rows}, "\n".join(f"证据包 {item.path}" for item in made))
        return 0
    with progress():
        done = export.export(house, actor, codes, form=form, into=output)
    rows = [item.as_json() for item in done]
    console.result({"form": form, "folder": str(output), "exported": rows}, "\n".join(_lines(done, output)))
    return 0


def _lines(done: "list[Exported]", output: Path) -> list[str]:
    lines = [f"已导出 {len(done)} 件到 {output}。"]
    for item in done:
        kept = "  （已有，未重写）" if item.is_kept else ""
        lines.append(f"  {item.path}  {item.files} 个文件 {size_text(item.size_bytes)}{kept}")
        lines += [f"      · {remark.code}  {remark.message}" for remark in item.findings]
    return lines
