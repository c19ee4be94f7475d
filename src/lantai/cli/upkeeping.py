"""Commands that keep the line going: resume, tidy."""

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

KINDS = {
    "vault": "档案库中未写完的残留",
    "stored": "已入库、未删净的暂存文件",
    "unpacked": "解包的临时文件",
    "exports": "过了保留期的导出包",
    "uploads": "已接收或作废的上传",
    "scans": "不再需要的扫描件副本和已接收的成品",
    "unfinished": "久未传完的送入",
    "released": "解除隔离后的明文",
    "staged": "不属于任何一件的暂存文件",
    "sealed": "不属于任何隔离件的封存文件",
    "acts": "过了一个月、不再能撤销的操作记录",
    "resumed": "恢复处理的批次和件",
}


@verb(
    "resume",
    arguments=[("KEY", "批次号、档号、电子文件号或标识")],
    examples=[("lantai resume PC-20260302-01", "故障排除以后，让一批从停下的地方继续")],
    exits={3: "没有这一批或这一件，或它并没有停下，或没有权限"},
)
@click.argument("key", metavar="KEY")
def resume_command(console: Console, *, key: str) -> int:
    """恢复处理：因故障停下的批次或件，从停下的地方继续，由后台接着办。检测不合格的不在此列。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages import resume

    count = resume.resume(house, actor, key)
    console.result({"resumed": count}, f"已恢复 {count} 项，由后台接着办。")
    return 0


@verb("tidy", examples=[("lantai tidy", "清理中断留下的临时文件")], exits={5: "磁盘或档案库有故障，其余的已清理"})
def tidy_command(console: Console) -> int:
    """整理现场：清理中断留下的临时文件，恢复因磁盘满等故障停下的处理。后台每小时自动做一次；正在写的文件不动。"""
    house = console.house()
    from lantai.stages import upkeep

    with progress():
        counts = upkeep.tidy(house)
    lines = [f"  {KINDS[name]}：{count}" for name, count in counts.items() if count]
    console.result(counts, "\n".join(lines) or "没有需要清理的。")
    return 0
