"""Forms of volumes: 卷内文件目录, 卷内备考表 (GB/T 9705-2008), 案卷目录; columns as docs/design/forms.md has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Plain, Sheet

NOT_FIXED = "档号尚未固定，仅供核对。"


@dataclass(frozen=True, slots=True)
class Item:
    """A record as the list of its volume has it; ``pages`` are those of the volume that it lies on, ``date`` is YYYYMMDD."""

    number: str
    author: str
    title: str
    date: str
    pages: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as its forms have it: ``code`` the code that it has or would get, ``span`` its dates, the names of year and period."""

    code: str
    title: str
    year: str
    span: str
    retention: str
    items: int
    pages: str
    note: str = ""
    made_by: str = ""
    is_fixed: bool = True

    @property
    def number(self) -> str:
        """The volume number, the last part of the code."""
        return self.code.rpartition("-")[2]


def contents(volume: Volume, items: Sequence[Item], *, house: House) -> Sheet:
    """Return the 卷内文件目录 of a volume: what lies in it, in order, and on which pages."""
    columns = (
        Column("顺序号", "17mm", "center"), Column("文号", "38mm"), Column("责任者", "45mm"), Column("题　　名"),
        Column("日期", "21mm", "center"), Column("页号", "19mm", "center"), Column("备注", "15mm"),
    )  # fmt: skip
    rows = tuple((str(at), item.number, item.author, item.title, item.date, item.pages, item.note) for at, item in enumerate(items, 1))
    return Sheet(
        title="卷内文件目录",
        head=(house.head, f"案卷号：{volume.number}　{volume.year}　{volume.retention}"),
        blocks=(Facts((("案卷题名|", volume.title),)), Listed(columns, rows)),
        range=volume.code,
        digest_name="目录摘要",
        notice="" if volume.is_fixed else NOT_FIXED,
        is_landscape=True,
    )


def remarks(volume: Volume, *, house: House) -> Sheet:
    """Return the 卷内备考表: how the volume is, who made it up and who checked it."""
    facts = (
        ("案卷题名|", volume.title), ("起止日期", volume.span or "—"), ("保管期限", volume.retention),
        ("件数", f"{volume.items} 件"), ("页数", f"{volume.pages} 页" if volume.pages else "—"), ("立卷人|", volume.made_by or "—"),
    )  # fmt: skip
    return Sheet(
        title="卷内备考表",
        head=(house.head, f"案卷号：{volume.number}"),
        blocks=(Facts(facts), Plain(volume.note, "本卷情况说明", 130)),
        range=volume.code,
        digest_name="备考摘要",
        signatures=("立卷人", "检查人"),
        notice="" if volume.is_fixed else NOT_FIXED,
    )


def catalogue(volumes: Sequence[Volume], *, house: House, scope: str) -> Sheet:
    """Return the 案卷目录 of a class of volumes whose codes are fixed."""
    columns = (
        Column("案卷号", "18mm", "center"), Column("案　卷　题　名"), Column("年度", "15mm", "center"),
        Column("起止日期", "42mm", "center"), Column("件数", "14mm", "center"), Column("页数", "16mm", "center"),
        Column("保管期限", "20mm", "center"), Column("备注", "26mm"),
    )  # fmt: skip
    rows = tuple((row.number, row.title, row.year, row.span, str(row.items), row.pages, row.retention, "") for row in volumes)
    return Sheet(
        title="案卷目录",
        head=(house.head, f"{len(volumes)} 卷"),
        blocks=(Listed(columns, rows),),
        range=scope,
        digest_name="目录摘要",
        is_landscape=True,
    )
