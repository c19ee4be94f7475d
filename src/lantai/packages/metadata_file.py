"""A metadata scheme as a file: TOML, CSV or XLSX, out and in again without loss (docs/design/metadata.md).

CSV and XLSX have one row an element under Chinese headings; several values stand in one cell, one a line or parted by ``|``.
"""

import csv
import io
import json
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import PurePath
from typing import Any

import xlsxwriter

from lantai.core.errors import Refusal
from lantai.core.metadata import Rule, Rules
from lantai.packages.workbook_read import first_sheet

HEADINGS: dict[str, str] = {
    "code": "元素代码",
    "name": "名称",
    "data_type": "类型",
    "obligation": "约束",
    "condition": "条件",
    "required_from": "必填时点",
    "is_repeatable": "可重复",
    "max_length": "最大长度",
    "values": "值表",
    "list": "代码表",
    "is_closed": "值表封闭",
    "pattern": "格式",
    "default": "缺省值",
    "help": "说明",
    "is_key": "更正须另一人批准",
}
FORMS = ("toml", "csv", "xlsx")
_YES_NO = {"是": True, "否": False, "yes": True, "no": False, "y": True, "n": False}
_FLAGS = frozenset({"is_repeatable", "is_closed", "is_key"})
_MOST_BYTES = 1024 * 1024


def form_of(name: str) -> str:
    """Return the form that the extension of a file name tells. Raises Refusal METADATA-FILE-WRONG for another."""
    form = PurePath(name).suffix.lower().lstrip(".")
    if form not in FORMS:
        raise Refusal("METADATA-FILE-WRONG", name, reason=f"只认 {'、'.join(FORMS)}")
    return form


def write(rules: Rules, form: str) -> bytes:
    """Return *rules* as a file of *form*: toml, csv (UTF-8 with byte order mark) or xlsx. Raises KeyError for another."""
    return {"toml": _toml, "csv": _csv, "xlsx": _xlsx}[form](rules)


def read(name: str, content: bytes) -> Rules:
    """Return the rules of a file, its form told by the extension of *name*. Raises Refusal METADATA-FILE-WRONG."""
    form = PurePath(name).suffix.lower().lstrip(".")
    if form not in FORMS or len(content) > _MOST_BYTES:
        raise Refusal("METADATA-FILE-WRONG", name, reason=f"只认 1 MB 以内的 {'、'.join(FORMS)}")
    try:
        rows = {"toml": _from_toml, "csv": _from_csv, "xlsx": _from_xlsx}[form](content)
        return tuple(_rule(row) for row in rows if any(row.values()))
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise Refusal("METADATA-FILE-WRONG", name, reason=str(error)) from error


def _toml(rules: Rules) -> bytes:
    lines = ["# 元数据方案：一个 [[element]] 一个元素，没有写的沿用标准"]
    for rule in rules:
        lines.append("\n[[element]]")
        for item in fields(Rule):
            value = getattr(rule, item.name)
            if value in ("", None, ()) and value is not False:
                continue
            lines.append(f"{item.name} = {json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _table(rules: Rules) -> list[list[str]]:
    return [list(HEADINGS.values()), *([_cell(getattr(rule, name)) for name in HEADINGS] for rule in rules)]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "\n".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _csv(rules: Rules) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_table(rules))
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rules: Rules) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("元数据方案")
        sheet.freeze_panes(1, 1)
        for at, row in enumerate(_table(rules)):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text)
    return out.getvalue()


def _from_toml(content: bytes) -> list[dict[str, Any]]:
    rows = tomllib.loads(content.decode("utf-8-sig")).get("element", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("没有 [[element]]")
    return rows


def _from_csv(content: bytes) -> list[dict[str, Any]]:
    return _named(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))))


def _from_xlsx(content: bytes) -> list[dict[str, Any]]:
    return _named([row for row in first_sheet(io.BytesIO(content)) if any(row)])


def _named(rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    keys = {heading: key for key, heading in HEADINGS.items()}
    head = [cell.strip() for cell in rows[0]] if rows else []
    if "元素代码" not in head:
        raise ValueError("首行没有“元素代码”一栏")
    return [{keys[name]: cell for name, cell in zip(head, row, strict=False) if name in keys} for row in rows[1:]]


def _rule(row: dict[str, Any]) -> Rule:
    if unknown := sorted(set(row) - set(HEADINGS)):
        raise ValueError(f"不认识的项 {'、'.join(unknown)}")
    said: dict[str, Any] = {}
    for key, value in row.items():
        if key == "values":
            parts = value if isinstance(value, list) else str(value).replace("|", "\n").split("\n")
            said[key] = tuple(str(part).strip() for part in parts if str(part).strip())
        elif key in _FLAGS:
            said[key] = _flag(value)
        elif key == "max_length":
            said[key] = int(value) if str(value).strip() else None
        else:
            said[key] = str(value).strip()
    return Rule(**said)


def _flag(value: object) -> bool | None:
    if isinstance(value, bool) or value in ("", None):
        return value if isinstance(value, bool) else None
    return _YES_NO[str(value).strip().lower()]
