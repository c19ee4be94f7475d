"""Check reports on the command line: saved in the form a file name asks for, and repeated."""

from pathlib import Path
from typing import Any

from lantai.cli.console import Console
from lantai.core.errors import Refusal

KINDS = (".json", ".xml", ".pdf")


def save(report: dict[str, Any], path: Path) -> None:
    """Write a report as JSON, XML or the printed form, by the ending of *path*. Raises Refusal OUTPUT-KIND-UNKNOWN."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise Refusal("OUTPUT-KIND-UNKNOWN", path.name, known="、".join(KINDS))
    path.write_bytes(_written(report, kind))


def _written(report: dict[str, Any], kind: str) -> bytes:
    from lantai.core.checks import report_bytes
    from lantai.packages import report_xml

    if kind == ".xml":
        return report_xml.write(report)
    return report_bytes(report)


def repeat(console: Console, report_path: Path, target: Path) -> int:
    """Repeat a report over *target* and say where it differs; 4 where files or outcomes do."""
    settings = console.settings()
    from lantai import wiring
    from lantai.stages import replay

    report = replay.load(report_path)
    if not target.exists():
        raise Refusal("CAPTURE-SOURCE-MISSING", str(target))
    with wiring.reader() as reader:
        tools = replay.Tools(reader, wiring.scanner(), wiring.container_limits(), settings.code_templates)
        found = replay.replay(tools, report, target)
    document = {"report": str(report.get("id", "")), "stage": report["stage"], "path": str(target), **found.as_json()}
    console.result(document, _text(document))
    return 0 if found.is_same else 4


def _text(document: dict[str, Any]) -> str:
    from lantai.core.checks import KIND_NAMES
    from lantai.core.checks.repeated import Kind
    from lantai.standards import da_t_70

    count = len(document["differences"])
    head = f"复核 {document['repeated']} 项，{'与报告一致' if document['same'] else f'有 {count} 处与报告不同'}。"
    lines = [head]
    if not document["material_known"]:
        lines.append("  这份报告是第 1 版，没有记下文件的摘要；只比对了检测结果。")
    for row in document["differences"]:
        because = f"（因{KIND_NAMES[Kind(row['cause'])]}）" if row["cause"] else ""
        lines.append(f"  ✗ {KIND_NAMES[Kind(row['kind'])]}{because}  {row['item'] or row['where']}")
        lines += [f"      报告：{row['before'] or '没有'}", f"      现在：{row['now'] or '没有'}"]
    for row in {(row["kind"], row["before"], row["now"]): row for row in document["versions"]}.values():
        lines.append(f"  · {KIND_NAMES[Kind(row['kind'])]}：{row['before'] or '没有'} → {row['now'] or '没有'}")
    words = dict(da_t_70.reasons()) | {"elsewhere": "要靠档案库里的其他记录", "overruled": "两人裁定"}
    for row in document["not_repeated"]:
        lines.append(f"  · 没有比对 {row['item']}：{words.get(row['reason'], row['reason'])}")
    return "\n".join(lines)
