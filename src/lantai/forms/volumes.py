"""Forms of volumes: 案卷封面, 卷内文件目录, 卷内备考表 (GB/T 9705-2008), 案卷目录; columns as docs/design/forms.md has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Plain, Sheet

NOT_FIXED = "档号尚未固定，仅供核对。"
UNCHECKED = "栏目待核（GB/T 9705—2008）。"
#: Columns that the 案卷目录 may have beside those of the standard, with their widths; they stand before 页数.
MORE = {"起止日期": "42mm", "件数": "14mm"}
LONGEST_TITLE = 300


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
    """A volume as its forms have it: ``code`` the code that it has or would get, ``span`` its dates, the names of year and period,
    ``path`` the class that it stands in, in words, ``made_on`` the day it was made up (YYYYMMDD)."""

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
    made_on: str = ""
    path: str = ""

    @property
    def number(self) -> str:
        """The volume number, the last part of the code."""
        return self.code.rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class Look:
    """How the agency's volume forms look: whether somebody held their columns against the standard, the size of its covers in mm (width,
    height), and the columns that its 案卷目录 has beside those of the standard."""

    is_checked: bool = False
    cover: tuple[int, int] = (220, 300)
    more: tuple[str, ...] = ()

    def notice(self, volume: Volume | None = None) -> str:
        """What the form says of itself on top."""
        unfixed = "" if volume is None or volume.is_fixed else NOT_FIXED
        return unfixed + ("" if self.is_checked else UNCHECKED)


def cover(volume: Volume, *, house: House, look: Look) -> Sheet:
    """Return the 案卷封面 of a volume; the 归档号 is written by hand."""
    title = volume.title if len(volume.title) <= LONGEST_TITLE else f"{volume.title[:LONGEST_TITLE]}……（未印完）"
    facts = (
        ("全宗名称", house.agency or "—"), ("类目名称", volume.path), ("案卷题名", title), ("起止时间", volume.span or "—"),
        ("保管期限", volume.retention), ("件数", f"{volume.items} 件"), ("页数", f"{volume.pages} 页" if volume.pages else "—"),
        ("归档号", ""), ("档号", volume.code if volume.is_fixed else ""),
    )  # fmt: skip
    return Sheet(
        title="案卷封面",
        blocks=(Facts(facts),),
        range=volume.code,
        digest_name="封面摘要",
        notice=look.notice(volume),
        template="cover",
        size=look.cover,
    )


def contents(volume: Volume, items: Sequence[Item], *, house: House, look: Look) -> Sheet:
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
        notice=look.notice(volume),
        is_landscape=True,
    )


def remarks(volume: Volume, *, house: House, look: Look) -> Sheet:
    """Return the 卷内备考表: how the volume is, who made it up and who checked it."""
    facts = (
        ("案卷题名|", volume.title), ("起止日期", volume.span or "—"), ("保管期限", volume.retention),
        ("件数", f"{volume.items} 件"), ("页数", f"{volume.pages} 页" if volume.pages else "—"), ("立卷人", volume.made_by or "—"),
        ("立卷时间", volume.made_on or "—"),
    )  # fmt: skip
    return Sheet(
        title="卷内备考表",
        head=(house.head, f"案卷号：{volume.number}"),
        blocks=(Facts(facts), Plain(volume.note, "本卷情况说明", 130)),
        range=volume.code,
        digest_name="备考摘要",
        signatures=("立卷人", "检查人"),
        notice=look.notice(volume),
    )


def catalogue(volumes: Sequence[Volume], *, house: House, scope: str, look: Look) -> Sheet:
    """Return the 案卷目录 of a class of volumes whose codes are fixed: the columns of the standard, and those that the agency added."""
    columns = (
        Column("案卷号", "18mm", "center"), Column("案　卷　题　名"), Column("年度", "15mm", "center"),
        *(Column(name, MORE[name], "center") for name in look.more),
        Column("页数", "16mm", "center"), Column("保管期限", "20mm", "center"), Column("备注", "26mm"),
    )  # fmt: skip
    rows = tuple(
        (row.number, row.title, row.year, *({"起止日期": row.span, "件数": str(row.items)}[name] for name in look.more), row.pages,
         row.retention, "")
        for row in volumes
    )  # fmt: skip
    return Sheet(
        title="案卷目录",
        head=(house.head, f"{len(volumes)} 卷"),
        blocks=(Listed(columns, rows),),
        range=scope,
        digest_name="目录摘要",
        notice=look.notice(),
        is_landscape=True,
    )
