"""obsolescence 过时风险: the list of holdings in formats at risk, as a workbook to plan conversions by. Taking it out is an event."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.packages import workbook
from lantai.packages.workbook import Cell, Sheet
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.stages.report import formats
from lantai.stages.report.formats import Held

RISKS = {"high": "高", "medium": "中", "low": "低"}
_FAMILIES = (
    ("格式", 18),
    ("风险", 6),
    ("理由", 40),
    ("适合长期保存", 14),
    ("建议转为", 28),
    ("文件数", 10),
    ("字节数", 14),
    ("已有保存件", 12),
    ("待转换", 10),
)
_FILES = (("档号", 28), ("题名", 60), ("文件名", 36), ("格式族", 14), ("PUID", 12), ("格式", 32), ("字节数", 14), ("已有保存件", 12))


def export(house: House, actor: Actor, out: BinaryIO) -> int:
    """Write the list of risks to *out* and return how many files it is about; the event is written first.

    Who may read records gets every file with its record; who may not, an administrator, counts alone. Raises Refusal
    ACCESS-REFUSED where *actor* may not read the policy.
    """
    found = formats.risks(formats.held(actor))
    names_files = access.may(actor, "search:record:find").allowed
    body = {"families": [item.family for item in found], "files": sum(item.files for item in found), "names_files": names_files}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("format:exported", actor.id, "formats", body)], ids=house.ids)
    sheets = [Sheet("过时风险清单", _FAMILIES, map(_family, found))]
    if names_files:
        sheets.append(Sheet("涉及的文件", _FILES, _files(actor, found)))
    workbook.write(out, sheets, made=house.clock.now())
    return sum(item.files for item in found)


def _family(item: Held) -> tuple[Cell, ...]:
    judged = item.row.format.judgement if item.row else None
    reason, target = (judged.risk_reason, judged.target) if judged else ("不在格式表中，能否打开没有把握", "")
    lasting = "是" if item.is_lasting else "否"
    return (item.name, RISKS[item.risk], reason, lasting, target, item.files, item.size_bytes, item.covered, item.waiting)


def _files(actor: Actor, found: tuple[Held, ...]) -> Iterator[tuple[Cell, ...]]:
    names = {item.family: item.name for item in found}
    for family, row in formats.every_file(actor, tuple(names)):
        covered = "是" if row.is_covered else ""
        yield (row.code, row.title, row.name, names[family], row.puid, row.format_name, row.size_bytes, covered)
