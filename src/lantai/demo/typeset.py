"""Sets the demonstration's documents as PDF/A-2b in the look of GB/T 9704-2012, made on the letter's day: same letter, same bytes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from lantai.core.beijing import ZONE
from lantai.demo import agency
from lantai.demo.compose import Letter, Sheet

_TEMPLATES = Path(__file__).parent / "typst"
_TITLE_LINE = 19
_BREAK_AFTER = "年度、和县区》"


@dataclass(frozen=True, slots=True)
class Page:
    """One typeset document: the part it plays in the record, its title, the name its file bears and the PDF's bytes."""

    role: str
    title: str
    name: str
    content: bytes


class Press:
    """Holds one compiler with its fonts; a document takes a few milliseconds."""

    def __init__(self) -> None:
        fonts = Path(pylopdf_fonts_zh_cn.serif_path()).parent
        self._compiler = typst.Compiler(str(_TEMPLATES / "sheets.typ"), font_paths=[str(fonts)], ignore_system_fonts=True)

    def pages(self, letter: Letter) -> Iterator[Page]:
        """Yield the documents of a record in order: 正本, each 附件, 发文稿纸."""
        yield Page("正本", letter.title, f"{letter.number}.pdf", self._pdf(_letter(letter), letter.dated))
        for index, sheet in enumerate(letter.attachments, 1):
            label = f"附件{index}" if len(letter.attachments) > 1 else "附件"
            yield Page("附件", sheet.title, f"{label} {sheet.title}.pdf", self._pdf(_attachment(label, sheet), letter.dated))
        yield Page("发文稿纸", f"{letter.number}发文稿纸", "发文稿纸.pdf", self._pdf(_slip(letter), letter.dated))

    def _pdf(self, sheet: dict[str, Any], day: date) -> bytes:
        made = int(datetime.combine(day, time(9), ZONE).timestamp())
        told = {"sheet": json.dumps(sheet, ensure_ascii=False)}
        content = self._compiler.compile(format="pdf", pdf_standards=["a-2b"], pdf_tags=False, timestamp=made, sys_inputs=told)
        if not isinstance(content, bytes):
            raise TypeError("typst gave no single PDF")
        return content


def han_date(day: date) -> str:
    """Write a date as official documents do: Arabic figures without padding noughts (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _letter(letter: Letter) -> dict[str, Any]:
    head = f"{agency.NAME}纪要" if letter.kind == "纪要" else f"{agency.NAME}文件"
    return {
        "form": "letter",
        "title": letter.title,
        "title-lines": _title_lines(letter.title),
        "head": head,
        "head-size": 33,
        "number": letter.number,
        "signer": letter.signer,
        "urgency": letter.urgency,
        "marking": letter.marking,
        "receiver": letter.receiver,
        "paragraphs": [{"style": item.style, "text": item.text} for item in letter.paragraphs],
        "attachments": [sheet.title for sheet in letter.attachments],
        "author": agency.NAME,
        "date": han_date(letter.dated),
        "sealed": letter.kind != "纪要",
        "copies": letter.copies,
        "office": f"{agency.NAME}办公室",
        "printed": han_date(letter.dated),
    }


def _title_lines(title: str) -> list[str]:
    """Break a title after the agency's name, and once more where the rest is long (7.3.1: 回行时词意完整)."""
    head, rest = title[: len(agency.NAME)], title[len(agency.NAME) :]
    width = sum(1 if ord(char) > 0xFF else 0.5 for char in rest)
    if width <= _TITLE_LINE:
        return [head, rest]
    middle = len(rest) // 2
    places = [index for index in range(middle - 5, middle + 6) if rest[index - 1] in _BREAK_AFTER]
    place = min(places, key=lambda index: abs(index - middle), default=middle)
    return [head, rest[:place], rest[place:]]


def _attachment(label: str, sheet: Sheet) -> dict[str, Any]:
    widths = [max(3, min(14, max(len(row[column]) for row in sheet.rows))) for column in range(len(sheet.rows[0]))]
    return {"form": "attachment", "title": sheet.title, "label": label, "rows": sheet.rows, "widths": widths}


def _slip(letter: Letter) -> dict[str, Any]:
    return {
        "form": "slip",
        "title": letter.title,
        "head": f"{agency.NAME}发文稿纸",
        "number": letter.number,
        "urgency": letter.urgency,
        "receiver": letter.receiver.rstrip("："),
        "attachments": "；".join(sheet.title for sheet in letter.attachments),
        "steps": [
            {"activity": step.activity, "person": step.person.name, "remark": step.remark, "at": f"{step.at:%Y-%m-%d %H:%M}"}
            for step in letter.trace
        ],
    }
