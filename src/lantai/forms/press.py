"""The one compiler of forms; a form of a page takes some tens of milliseconds, a thousand rows about a second."""

import json
import threading
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from lantai.forms.glyphs import printable
from lantai.forms.sheet import Printing, Sheet

ONE_AT_A_TIME = threading.Lock()


def pdf(sheet: Sheet, printing: Printing) -> bytes:
    """Return the form as PDF/A-2b. Same sheet and printing, same bytes; characters that cannot be drawn are printed as 〓."""
    told = _drawable(sheet.as_json(printing))
    with ONE_AT_A_TIME:
        content = _compiler(sheet.template).compile(
            format="pdf", pdf_standards=["a-2b"], pdf_tags=False, timestamp=0, sys_inputs={"sheet": json.dumps(told, ensure_ascii=False)}
        )
    if not isinstance(content, bytes):
        raise TypeError("typst gave no single PDF")
    return content


@cache
def _compiler(template: str) -> typst.Compiler:
    path = Path(str(files("lantai.forms").joinpath(f"typst/{template}.typ")))
    return typst.Compiler(str(path), font_paths=[str(serif().parent)], ignore_system_fonts=True)


def serif() -> Path:
    """Return the one typeface of forms."""
    return Path(pylopdf_fonts_zh_cn.serif_path())


def _drawable(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, str):
        return printable(value, (serif(),))
    if isinstance(value, list | tuple):
        return [_drawable(item) for item in value]
    return {name: _drawable(item) for name, item in value.items()} if isinstance(value, dict) else value
