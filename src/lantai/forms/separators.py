"""Separator sheets and box labels: printed, laid between the papers, and read again on the scans."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

from lantai.forms.glyphs import printable
from lantai.forms.press import ONE_AT_A_TIME, serif


@dataclass(frozen=True, slots=True)
class Separator:
    """One sheet: the fields of its code, the number in large type, and the lines under it."""

    fields: tuple[tuple[bool, ...], ...]
    number: str
    lines: tuple[str, ...]


def pdf(sheets: Sequence[Separator], heading: str, use: str) -> bytes:
    """Return the sheets as PDF/A-2b, one a page of A4, under a heading and with what to do with them; same sheets, same bytes."""
    told = [
        {
            "fields": ["".join("1" if field else "0" for field in row) for row in item.fields],
            "number": item.number,
            "lines": [printable(line, (serif(),)) for line in item.lines],
        }
        for item in sheets
    ]
    with ONE_AT_A_TIME:
        content = _compiler().compile(
            format="pdf", pdf_standards=["a-2b"], pdf_tags=False, timestamp=0,
            sys_inputs={"sheets": json.dumps(told, ensure_ascii=False), "heading": heading, "use": use},
        )  # fmt: skip
    if not isinstance(content, bytes):
        raise TypeError("typst gave no single PDF")
    return content


@cache
def _compiler() -> typst.Compiler:
    template = Path(str(files("lantai.forms").joinpath("typst/separator.typ")))
    return typst.Compiler(str(template), font_paths=[str(serif().parent)], ignore_system_fonts=True)
