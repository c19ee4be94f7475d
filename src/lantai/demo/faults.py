"""What is wrong on purpose in the demonstration, one table: each fault changes one package, before or after it is written.

A fault is planted so that nothing but the check it is meant for can find it: where bytes are damaged the manifest agrees with
the damaged bytes, where the manifest is wrong the file opens.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lantai.demo.compose import Letter
from lantai.demo.packages import Parcel
from lantai.packages.manifest import MANIFEST

SECRET_MARK = "机密★10年"  # noqa: S105 - a mark of state secrecy, not a password
# The industry's harmless test string for virus scanners, in parts so that no scanner stops at this source file.
_EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!", "$H+H*")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was planted: its kind, the package that bears it (empty: none, something is not there), and a note."""

    kind: str
    package: str
    note: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a kind of fault is planted: in the letter, in the parcel before writing, or in the written folder."""

    kind: str
    note: str
    letter: Callable[[Letter], Letter] = lambda letter: letter
    parcel: Callable[[Parcel], Parcel] = lambda parcel: parcel
    folder: Callable[[Path], None] = lambda folder: None
    fits: Callable[[Letter], bool] = lambda letter: True


def _without_attachment(folder: Path) -> None:
    next(iter(sorted((folder / "正本").glob("附件*")))).unlink()


def _other_byte(folder: Path) -> None:
    """Change a byte of the comment after the PDF's first line: the file still opens and is as long as before."""
    path = next(iter(sorted((folder / "正本").glob("云发改*"))))
    content = bytearray(path.read_bytes())
    place = content.index(b"\n%") + 2
    content[place] ^= 1
    path.write_bytes(content)


def _other_size(folder: Path) -> None:
    path = folder / MANIFEST
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    size = rows[0].index("字节数")
    row = next(row for row in rows if row[0].startswith("正本/"))
    row[size] = str(int(row[size]) + 1)
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    path.write_bytes(stream.getvalue().encode("utf-8-sig"))


def _damaged(parcel: Parcel) -> Parcel:
    content = parcel.files[parcel.main_path]
    return parcel.with_file(parcel.main_path, content[: len(content) * 2 // 5])


def _long_title(parcel: Parcel) -> Parcel:
    title = str((parcel.package.elements or {})["title"])
    return parcel.with_elements({"title": title * (500 // len(title) + 1)})


def _future(parcel: Parcel) -> Parcel:
    date = str((parcel.package.elements or {})["date"])
    return parcel.with_elements({"date": f"{int(date[:4]) + 40}{date[4:]}"})


# in the order of importance: a small demonstration has the first ones only
RECIPES: tuple[Recipe, ...] = (
    Recipe("missing_attachment", "清单列有附件，包内没有", folder=_without_attachment, fits=lambda letter: bool(letter.attachments)),
    Recipe("wrong_digest", "正文与移交时的摘要不符", folder=_other_byte),
    Recipe("state_secret", "正文版头有国家秘密标志", letter=lambda letter: replace(letter, marking=SECRET_MARK)),
    Recipe("virus", "附件带有病毒测试串", parcel=lambda parcel: parcel.with_attachment("附件 联系方式.txt", "".join(_EICAR).encode())),
    Recipe("damaged_pdf", "正文文件残缺，不能打开", parcel=_damaged),
    Recipe("missing_author", "元数据缺责任者", parcel=lambda parcel: parcel.with_elements({"author": ""})),
    Recipe("wrong_size", "清单声明的字节数与文件不符", folder=_other_size),
    Recipe("future_date", "成文日期晚于今天", parcel=_future),
    Recipe("long_title", "题名超过规定长度", parcel=_long_title),
)
DUPLICATE = "duplicate"
NUMBER_GAP = "number_gap"
