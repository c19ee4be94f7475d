"""The command recognise: what stands on scanned pages."""

from pathlib import Path
from typing import Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.help import pad
from lantai.core.findings import has_error
from lantai.core.officialdoc import NAMES, STAMP

_SHOWN = 40
_OTHER_NAMES = {"retention_period": "保管期限（建议）"} | {f"stamp_{name}": f"归档章：{label}" for name, label in STAMP.items()}


@verb(
    "recognise",
    arguments=[("IMAGE…", "PNG、JPEG、TIFF（可多页）或 PDF 扫描件，依次是同一份文件的各页")],
    examples=[("lantai recognise 扫描.tif", "逐行文字和读出的著录项"), ("lantai recognise 第1页.png 第2页.png --json", "连同位置和可信度")],
    exits={3: "没有这个文件", 4: "有的页无法读取，或有密级标志"},
)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…", type=click.Path(path_type=Path))
def recognise_command(console: Console, *, images: tuple[Path, ...]) -> int:
    """识别扫描件：扶正纠偏后逐行识别，读出题名、文号、日期、责任者等著录项，各带位置、可信度和理由。不改动原图。"""
    settings = console.settings()
    from lantai import wiring
    from lantai.stages import recognise

    engine = wiring.recogniser()
    try:
        with wiring.reader() as reader:
            seen = recognise.recognise(recognise.Engines(reader, engine, engine, settings.file_pixels), images)
    finally:
        engine.close()
    document = seen.as_json()
    console.result(document, _text(document))
    if not console.is_json:
        console.findings(seen.findings)
    return 4 if has_error(seen.findings) else 0


def _text(document: dict[str, Any]) -> str:
    lines = [document["text"], "", "著录项："]
    for name, field in document["fields"].items():
        label = NAMES.get(name, _OTHER_NAMES.get(name, name))
        value = field["value"] if len(field["value"]) <= _SHOWN else field["value"][:_SHOWN] + "……"
        lines.append(f"  {pad(label, 18)}{value}（{field['confidence']:.0%}：{field['reason']}）")
    return "\n".join(lines)
