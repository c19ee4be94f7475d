"""Check reports on the command line: saved in the form a file name asks for, repeated, printed; the sender's receipt."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lantai.cli.console import Console, verb
from lantai.core.errors import Refusal

KINDS = (".json", ".xml", ".pdf")
_SIGNED = {
    True: "回执的签名成立。",
    None: "回执的签名成立，但不知道是谁的密钥；请向对方核对密钥标识，用 --key 给出。",
    False: "回执的签名不成立。",
}


def save(report: dict[str, Any], path: Path) -> None:
    """Write a report as JSON, XML or the printed form, by the ending of *path*. Raises Refusal OUTPUT-KIND-UNKNOWN."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise Refusal("OUTPUT-KIND-UNKNOWN", path.name, known="、".join(KINDS))
    path.write_bytes(_written(report, kind))


def seal_of(report: dict[str, Any]) -> dict[str, object]:
    """Verify the signature over the arrival reports of the batch that *report* is about; the house must be up."""
    from lantai import work
    from lantai.stages import report_seal

    return report_seal.state(work.house(), report["subject"]["id"]).as_json()


def _written(report: dict[str, Any], kind: str) -> bytes:
    from lantai.core.checks import report_bytes
    from lantai.packages import report_xml

    if kind == ".xml":
        return report_xml.write(report)
    if kind == ".pdf":
        from lantai import forms
        from lantai.forms.report import House, check_report
        from lantai.standards import da_t_70

        return forms.pdf(check_report(report, house=House(), reasons=da_t_70.reasons()), forms.Printing("", datetime.now(UTC)))
    return report_bytes(report)


@verb(
    "print",
    arguments=[
        (
            "FORM",
            "report、receipt、filing-register、transfer-register、file-list、cover、handover-list、remarks、volume-list、volume-remarks、volumes",
        ),
        ("TARGET", "批次号、档号、案卷号，或不带件号（案卷目录再不带案卷号）的档号"),
    ],
    examples=[
        ("lantai print filing-register Z109-WS·2024-D30-BGS -o 归档登记表.pdf", "一个类目的归档登记表"),
        ("lantai print report PC-20260312-01 -o 报告.pdf", "一批的接收检测报告"),
    ],
    exits={3: "没有这种表单或这个目标，或没有权限"},
)
@click.argument("form")
@click.argument("target")
@click.option(
    "-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="写到哪个文件（PDF/A-2b）"
)
def print_command(console: Console, *, form: str, target: str, output: Path) -> int:
    """打印表单：检测报告、接收回执、归档登记表、移交与接收登记表、归档文件目录、目录封面、移交清单、备考表、卷内目录。打印记入账本。"""
    house = console.house()
    actor = console.actor(house)
    from lantai.stages.report import printing

    printed = printing.make(house, actor, form, target)
    output.write_bytes(printed.content)
    console.result({"form": form, "target": target, "path": str(output), "bytes": len(printed.content)}, f"已写 {output}（{printed.name}）")
    return 0


@verb(
    "receipt",
    arguments=[("[BATCH]", "批次号")],
    examples=[
        ("lantai receipt PC-20260312-01 --json", "给移交人的回执，供 OA 读取"),
        ("lantai receipt --verify 回执.json --key ed25519:…", "核验收到的回执由谁签名、有没有改动"),
    ],
    exits={3: "没有这一批，或还在检测；或不是回执", 4: "签名不成立，或不是所给的密钥"},
)
@click.argument("batch", required=False, default="")
@click.option(
    "--verify", "given", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="核验一份回执，不需要数据目录"
)
@click.option("--key", "keys", multiple=True, metavar="ID", help="应由哪把密钥签名（可写多次）；缺省为本系统的密钥")
def receipt_command(console: Console, *, batch: str, given: Path | None, keys: tuple[str, ...]) -> int:
    """给移交人的回执：接收了哪些、档号是什么，退回了哪些、为什么、何时再送。已签名。"""
    if given is not None:
        return _verify_receipt(console, given, keys)
    if not batch:
        raise click.UsageError("请给出批次号，或用 --verify 给出回执")
    house = console.house()
    actor = console.actor(house)
    from lantai.stages.report import receipts

    told = receipts.receipt(house, actor, batch)
    lines = [f"批次 {told['batch']['code']}（{told['batch']['title']}）：接收 {len(told['accepted'])} 件，退回 {len(told['returned'])} 件"]
    lines += [f"  {row['code'] or '尚未定号'}  {row['title']}" for row in told["accepted"]]
    for row in told["returned"]:
        lines.append(f"  退回  {row['title']}：{'；'.join(row['reasons'])} {row['message']}".rstrip())
    lines += [f"  待判定  {row['title']}" for row in told["waiting"]]
    console.result(told, "\n".join(lines))
    return 0


def _verify_receipt(console: Console, path: Path, keys: tuple[str, ...]) -> int:
    """Say who signed a receipt; 4 where a value is not its key's, a key is not one of those that may sign, or there is no signature."""
    console.settings()
    from lantai import wiring
    from lantai.packages import receipt

    signed = receipt.judge(receipt.read(path.read_bytes(), path.name), keys or wiring.key_ids())
    is_bad = not signed or any(not item.is_good or item.is_known is False for item in signed)
    document = {"verified": False if is_bad else None if any(item.is_known is None for item in signed) else True}
    lines = [_SIGNED[document["verified"]]]
    lines += [f"  {item.key_id}（{item.algorithm}）：{_said_of(item.is_good, item.is_known)}" for item in signed]
    console.result(document | {"signatures": [asdict(item) for item in signed]}, "\n".join(lines))
    return 4 if is_bad else 0


def _said_of(is_good: bool, is_known: bool | None) -> str:  # noqa: FBT001 - two answers about one signature
    if not is_good:
        return "签名不成立，内容或签名被改动过"
    return {True: "签名成立，是认得的密钥", False: "签名成立，但不是所给的密钥", None: "签名成立；没有给出密钥，不知道是谁的"}[is_known]


def repeat(console: Console, report_path: Path, target: Path, keys: tuple[str, ...] = ()) -> int:
    """Repeat a report over *target* and say where it differs; 4 where files or outcomes do."""
    settings = console.settings()
    from lantai import wiring
    from lantai.stages import replay

    report = replay.load(report_path)
    if not target.exists():
        raise Refusal("CAPTURE-SOURCE-MISSING", str(target))
    schemes: replay.SchemeOf = replay.standard
    if replay.is_of_agency(report) and (console.data / "lantai.toml").is_file():
        console.house()
        from lantai.stages import scheme

        schemes = scheme.of_package
    with wiring.reader() as reader:
        tools = replay.Tools(
            reader, wiring.scanner(), wiring.container_limits(), settings.code_templates, schemes, keys or wiring.key_ids()
        )
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
