"""DA/T 48-2009 基于XML的电子文件封装规范: the content model of an EEP, its fixed texts, and what is asked of one.

``model.csv`` is the schema as a table; ``requirements.csv`` lists what the validator checks: code, place, level, certainty, text.
Rows marked ``?`` are kept and not checked (printed 待核).
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

NAMESPACE = "http://www.saac.gov.cn/standards/ERM/encapsulation"
EDITION = "2009"
FORMAT_TEXT = "本EEP根据中华人民共和国档案行业标准DA/T 48-2009《基于XML的电子文件封装规范》生成"
ORIGINAL, MODIFIED = "原始型", "修改型"
TYPE_TEXTS = {
    ORIGINAL: "本封装包包含电子文件数据及其元数据，原始封装，未经修改",
    MODIFIED: "本封装包包含电子文件数据及其元数据，系修改封装，在保留原封装包的基础上，添加了修改层",
}
CODING_TEXT = "本封装包中“编码数据”元素存储的是计算机文件二进制流的Base64编码（RFC 2045），提取和显现时依“反编码关键字”恢复为原格式文件"


@dataclass(frozen=True, slots=True)
class Slot:
    """A child in the content model: how often it may come (``is_many``: any number), and its type with the values of an enumeration."""

    name: str
    is_required: bool
    is_many: bool
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is asked: the code of its finding, where it stands, its level (must, should, may), how sure we are (S, K, ?), its text."""

    code: str
    clause: str
    level: str
    certainty: str
    text: str


@cache
def model() -> dict[str, tuple[Slot, ...]]:
    """Return parent -> its children in order."""
    table: dict[str, list[Slot]] = {}
    for row in _rows("model.csv"):
        kind, _, values = row["type"].partition(":")
        slot = Slot(row["child"], row["min"] == "1", row["max"] == "*", kind, tuple(values.split("|")) if values else ())
        table.setdefault(row["parent"], []).append(slot)
    return {parent: tuple(slots) for parent, slots in table.items()}


@cache
def requirements() -> dict[str, Requirement]:
    """Return everything that is asked of an EEP, by code."""
    return {row["code"]: Requirement(**row) for row in _rows("requirements.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("lantai.standards.da_t_48") / name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))
