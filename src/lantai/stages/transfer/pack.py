"""Packing an act: the transfer package with register, digests and the gate's report, built aside and renamed; repeated, it goes on."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from lantai import forms, work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import Gate
from lantai.core.digests import sm3
from lantai.core.errors import Fault, Refusal
from lantai.core.events import instant_text
from lantai.forms import registers
from lantai.forms import report as reports
from lantai.packages import transfer
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import export, fonds
from lantai.stages.printed import foot
from lantai.stages.report import held
from lantai.stages.transfer.acts import PERMISSION, STATE_NAMES, find, rows_in

ALLOWED = ("pass", "trial")
REGISTER, PRINTED, REPORT = "移交与接收登记表.json", "移交与接收登记表.pdf", "移交检测报告.json"
_DIGESTS = "其他/数字摘要.csv"


def pack(house: House, actor: Actor, key: str, *, into: Path) -> tuple[Transfer, Path]:
    """Write the package of an act that passed its gate into the folder *into*; return the act and the package's folder.

    The events stand before the first byte. Raises Refusal where the act was not checked or some of it did not pass, or the folder is
    there already; Fault where the disk or the vault fails. An act that was packed is packed again, the same.
    """
    access.require(actor, PERMISSION)
    act = find(key)
    if act.state not in ("checked", "packed"):
        raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[act.state])
    failed = TransferLine.objects.filter(transfer=act).exclude(conclusion__in=ALLOWED).count()
    if failed:
        raise Refusal("TRANSFER-NOT-PASSED", act.code, count=failed)
    target = into / f"移交信息包-{act.code}"
    if target.exists():
        raise Refusal("EXPORT-TARGET-EXISTS", str(target))
    rows = rows_in(act)
    export.require(actor, rows)
    export.note(house, actor, rows, "transfer")
    try:
        package = _write(house, actor, act, rows, target=target)
    except OSError as problem:
        raise Fault("EXPORT-NOT-WRITTEN", str(into), reason=problem.strerror or str(problem)) from problem
    _packed(house, actor, act, package)
    return find(act.id), target


def _write(house: House, actor: Actor, act: Transfer, rows: list[Record], *, target: Path) -> dict[str, Any]:
    aside = target.with_name(f"{target.name}.part")
    writer = transfer.Writer(aside, transfer.form(house.settings.transfer_form))
    with work.progress("transfer-pack", act.id, step="打包", total=len(rows)) as progress:
        for _ in export.add_all(house, writer, rows, progress=progress.advance):
            pass
        register = _register(house, act, rows, writer.size_bytes)
        printed = _printed(house, actor, register, rows, files=len(writer.declared))
        others = {REGISTER: _json(register), PRINTED: printed, REPORT: _json(_report(act))}
        writer.close(export.fields(house, rows) | {"移交批次": act.code, "接收单位": str(act.facts.get("receiver", ""))}, others)
    digests = (aside / _DIGESTS).read_bytes()
    make_durable(aside)
    aside.rename(target)
    told = {"form": house.settings.transfer_form, "files": len(writer.declared), "bytes": writer.size_bytes}
    return told | {"digests_sha256": hashlib.sha256(digests).hexdigest(), "digests_sm3": sm3(digests).hexdigest()}


def _register(house: House, act: Transfer, rows: list[Record], size_bytes: int) -> dict[str, Any]:
    """Return the columns of 《电子档案移交与接收登记表》 (package-da-t-48 §2)."""
    agency = fonds.name_of(house) or house.settings.fonds
    checked = dict.fromkeys(("准确性", "完整性", "可用性", "安全性"), "合格") | {"载体外观": "不适用（在线）"}
    return {
        "format": "lantai-transfer-register",
        "edition": 1,
        "code": act.code,
        "name": act.title,
        "issued": instant_text(house.clock.now()),
        "sender": agency,
        "receiver": act.facts.get("receiver", ""),
        "description": export.fields(house, rows)["内容描述"],
        "records": len(rows),
        "volumes": 0,
        "gigabytes": gigabytes(size_bytes),
        "carrier_numbers": f"1—{len(rows)}",
        "carrier": "在线",
        "checked": {"sender": checked, "receiver": {}},
        "first_code": rows[0].code,
        "last_code": rows[-1].code,
        "digest_table": _DIGESTS,
    }


def gigabytes(size_bytes: int) -> str:
    """Return a size in GB with three places, or six where it would read as nothing."""
    size = size_bytes / 1024**3
    return f"{size:.3f}" if size >= 0.0005 else f"{size:.6f}"


def _printed(house: House, actor: Actor, register: Mapping[str, Any], rows: list[Record], *, files: int) -> bytes:
    """Return the register as it is signed on paper, PDF/A-2b; whoever receives prints the second copy from it."""
    counted = registers.Counted(
        name=str(register["name"]),
        range=f"{register['first_code']} 至 {register['last_code']}",
        records=len(rows),
        files=files,
        size_bytes=sum(row.size_bytes for row in rows),
        pages=sum(row.page_count or 0 for row in rows),
        years="、".join(sorted({row.year for row in rows if row.year})),
    )
    sheet = registers.transfer_register(
        counted,
        held.checked([row.id for row in rows], Gate.TRANSFER),
        held.digests(rows),
        house=reports.House(house.settings.fonds, fonds.name_of(house)),
        parties=(str(register["sender"]), str(register["receiver"])),
    )
    return forms.pdf(sheet, foot(actor, house.clock.now()))


def _report(act: Transfer) -> dict[str, Any]:
    lines = TransferLine.objects.filter(transfer=act).order_by("sequence").values_list("record_id", "conclusion")
    return {"gate": Gate.TRANSFER, "act": act.code, "conclusion": act.conclusion, "records": _lines(lines)}


def _lines(lines: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"record": key, "conclusion": conclusion} for key, conclusion in lines]


def _packed(house: House, actor: Actor, act: Transfer, package: dict[str, Any]) -> None:
    now = house.clock.now()
    with transaction.atomic():
        Transfer.objects.filter(id=act.id, state__in=("checked", "packed")).update(state="packed", package=package, packed_at=now)
        body = {"code": act.code, **package}
        entries.append(now, [entries.Entry("transfer:packed", actor.id, act.id, body)], ids=house.ids)


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
