"""Lists of records: 归档文件目录 (DA/T 22—2015, A4 landscape), 移交清单, and the 备考表 of a box."""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Plain, Sheet


@dataclass(frozen=True, slots=True)
class Row:
    """A record as lists have it; ``date`` is YYYYMMDD, ``pages`` empty where not counted."""

    item: str
    author: str
    number: str
    title: str
    date: str
    pages: str
    note: str = ""
    code: str = ""


def file_list(rows: Sequence[Row], *, house: House, scope: tuple[str, str]) -> Sheet:
    """Return the 归档文件目录 of a class: *scope* is the words right of the head (年度, 机构, 保管期限) and the range of codes."""
    columns = (
        Column("序号", "13mm", "center"), Column("件号", "15mm", "center"), Column("责任者", "47mm"),
        Column("文号", "42mm"), Column("题　　名"),
        Column("日期", "21mm", "center"), Column("页数", "13mm", "center"), Column("备注", "17mm"),
    )  # fmt: skip
    listed = tuple((str(at), row.item, row.author, row.number, row.title, row.date, row.pages, row.note) for at, row in enumerate(rows, 1))
    return Sheet(
        title="归档文件目录",
        head=(house.head, scope[0]),
        blocks=(Listed(columns, listed),),
        range=scope[1],
        digest_name="目录摘要",
        is_landscape=True,
    )


def handover_list(rows: Sequence[Row], *, house: House, scope: tuple[str, str]) -> Sheet:
    """Return the 移交清单: every record with its code, signed by both sides."""
    columns = (
        Column("序号", "13mm", "center"), Column("档号", "54mm"), Column("题　　名"), Column("文号", "42mm"),
        Column("日期", "21mm", "center"),
        Column("页数", "13mm", "center"), Column("备注", "17mm"),
    )  # fmt: skip
    listed = tuple((str(at), row.code, row.title, row.number, row.date, row.pages, row.note) for at, row in enumerate(rows, 1))
    return Sheet(
        title="移交清单",
        head=(house.head, scope[0]),
        blocks=(Listed(columns, listed),),
        range=scope[1],
        digest_name="清单摘要",
        signatures=("移交人", "接收人", "监交人"),
        is_landscape=True,
    )


def remarks_sheet(facts: Sequence[tuple[str, str]], remarks: str, *, house: House, scope: tuple[str, str]) -> Sheet:
    """Return the 备考表 that lies after the documents of a box: how they are (缺损、修改…), who arranged and checked them."""
    return Sheet(
        title="备考表",
        head=(house.head, scope[0]),
        blocks=(Facts(tuple(facts)), Plain(remarks, "盒内文件情况说明", 150)),
        range=scope[1],
        digest_name="备考摘要",
        signatures=("整理人", "检查人"),
    )


def cover(facts: Sequence[tuple[str, str]], *, house: House, scope: tuple[str, str]) -> Sheet:
    """Return the 目录封面 that lies before the 归档文件目录 of a class: fonds, its name, year, period, department (DA/T 22-2015)."""
    return Sheet(
        title="目录封面",
        head=(house.head, scope[0]),
        blocks=(Facts(tuple(facts), across=1),),
        range=scope[1],
        digest_name="封面摘要",
    )
