"""A check report as XML: the same information as its JSON form, under Chinese names (``schemas/report-2.xsd``, docs/design/checks.md).

Writing and reading are exact inverses for every report, of edition 1 (which names no files, tools and rules) and of edition 2. What a
later part of the system adds to a report or an item travels as JSON in ``其他`` and comes back as it was.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree

from lantai.core.checks.report import EDITION, FORMAT
from lantai.core.errors import Refusal
from lantai.packages.xml_text import meant, written

NAMESPACE = "urn:lantai:report:2"
SCHEMA_EDITION = "2"
_N = f"{{{NAMESPACE}}}"
_HEAD = {
    "id": "标识",
    "stage": "环节",
    "conclusion": "结论",
    "scheme": "方案",
    "started": "开始",
    "finished": "完成",
    "system": "系统",
    "operator": "操作人",
    "rules": "规则",
}
_SUBJECT = {"kind": "类别", "id": "标识", "code": "档号", "title": "题名"}
_ENGINE = {"name": "名称", "signatures": "病毒库", "date": "日期"}
_ITEM = {
    "id": "编号",
    "code": "代码",
    "name": "名称",
    "property": "属性",
    "outcome": "结果",
    "severity": "级别",
    "method": "方式",
    "reason": "理由",
    "rule": "规则",
}
_FINDING = {"code": "代码", "severity": "级别", "where": "对象"}
_COVERAGE = {"total": "总数", "carried_out": "已检", "unverified": "待核"}
_TOOL = {"name": "名称", "version": "版本"}
_TEXTS = {"expected": "应为", "actual": "实为"}
_KNOWN = {*_HEAD, "subject", "engine", "items", "summary", "coverage", "is_trial", "format", "edition", "tools", "material"}
_KNOWN_OF_ITEM = {*_ITEM, *_TEXTS, "findings", "tool"}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def write(report: Mapping[str, Any]) -> bytes:
    """Return the XML form of a report as ``core.checks.as_report`` makes it, in either edition."""
    root = etree.Element(f"{_N}检测报告", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs know no default namespace
    _attributes(root, report, _HEAD)
    root.set("模式版本", SCHEMA_EDITION)
    root.set("报告版本", str(report.get("edition", 1)))
    root.set("试用", _flag(report["is_trial"]))
    _attributes(_child(root, "对象"), report["subject"], _SUBJECT)
    engine = _child(root, "杀毒引擎")
    _attributes(engine, report["engine"], _ENGINE)
    engine.set("可用", _flag(report["engine"]["ready"]))
    for kind, tool in report.get("tools", {}).items():
        row = _child(root, "工具")
        row.set("类别", kind)
        _attributes(row, tool, _TOOL)
    if "material" in report:
        _material(_child(root, "材料"), report["material"])
    for item in report["items"]:
        _item(_child(root, "检测项"), item)
    _sums(root, report)
    _others(root, report, _KNOWN)
    etree.indent(root, " ")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def read(content: bytes) -> dict[str, Any]:
    """Rebuild the report from its XML form. Raises Refusal REPORT-UNREADABLE for anything that is none of an edition known here."""
    try:
        root = etree.fromstring(content, _PARSER)
        if root.tag != f"{_N}检测报告" or root.get("模式版本") != SCHEMA_EDITION:
            raise ValueError(str(root.tag))
        return _report(root)
    except (etree.XMLSyntaxError, ValueError, KeyError, TypeError) as error:
        raise Refusal("REPORT-UNREADABLE", "XML", reason=str(error)) from error


@cache
def schema() -> etree.XMLSchema:
    """Return the XML schema of edition 2."""
    text = (resources.files("lantai.packages") / "schemas" / "report-2.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text))


def _child(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{_N}{name}")


def _flag(value: object) -> str:
    return "true" if value else "false"


def _attributes(element: etree._Element, row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    for key, name in names.items():
        if key in row:
            element.set(name, written(str(row[key])))


def _material(element: etree._Element, rows: list[Mapping[str, Any]]) -> None:
    for row in rows:
        _attributes(_child(element, "文件"), row, {"path": "路径", "size_bytes": "字节数", "sha256": "SHA-256"})


def _item(element: etree._Element, item: Mapping[str, Any]) -> None:
    _attributes(element, item, _ITEM)
    for key, name in _TEXTS.items():
        if key in item:
            _child(element, name).text = written(item[key])
    if "tool" in item:
        _attributes(_child(element, "工具"), item["tool"], _TOOL)
    for remark in item["findings"]:
        row = _child(element, "发现")
        _attributes(row, remark, _FINDING)
        row.text = written(remark["message"])
    _others(element, item, _KNOWN_OF_ITEM)


def _sums(root: etree._Element, report: Mapping[str, Any]) -> None:
    for name, counts in report["summary"].items():
        row = _child(root, "小结")
        row.set("属性", name)
        for outcome, count in counts.items():
            _attributes(_child(row, "计数"), {"outcome": outcome, "count": count}, {"outcome": "结果", "count": "项数"})
    _attributes(_child(root, "覆盖"), report["coverage"], _COVERAGE)


def _others(element: etree._Element, row: Mapping[str, Any], known: set[str]) -> None:
    for key in row.keys() - known:
        other = _child(element, "其他")
        other.set("名称", key)
        other.text = written(json.dumps(row[key], ensure_ascii=True, sort_keys=True))


def _report(root: etree._Element) -> dict[str, Any]:
    report: dict[str, Any] = _read(root, _HEAD)
    if (edition := int(root.attrib["报告版本"])) > 1:
        report |= {"format": FORMAT, "edition": edition}
    if edition > EDITION:
        raise ValueError(f"报告版本 {edition}")
    engine = _one(root, "杀毒引擎")
    report["is_trial"] = root.attrib["试用"] == "true"
    report["subject"] = _read(_one(root, "对象"), _SUBJECT)
    report["engine"] = _read(engine, _ENGINE) | {"ready": engine.attrib["可用"] == "true"}
    if edition > 1:
        report["tools"] = {meant(str(row.attrib["类别"])): _read(row, _TOOL) for row in _all(root, "工具")}
    if (material := root.find(f"{_N}材料")) is not None:
        report["material"] = [_piece(row) for row in _all(material, "文件")]
    report["items"] = [_read_item(row) for row in _all(root, "检测项")]
    report["summary"] = {
        str(row.attrib["属性"]): {str(cell.attrib["结果"]): int(cell.attrib["项数"]) for cell in _all(row, "计数")}
        for row in _all(root, "小结")
    }
    report["coverage"] = {key: int(text) for key, text in _read(_one(root, "覆盖"), _COVERAGE).items()}
    return report | _read_others(root)


def _read_item(element: etree._Element) -> dict[str, Any]:
    item: dict[str, Any] = _read(element, _ITEM)
    for key, name in _TEXTS.items():
        if (row := element.find(f"{_N}{name}")) is not None:
            item[key] = meant(row.text or "")
    if (tool := element.find(f"{_N}工具")) is not None:
        item["tool"] = _read(tool, _TOOL)
    item["findings"] = [_read(row, _FINDING) | {"message": meant(row.text or "")} for row in _all(element, "发现")]
    return item | _read_others(element)


def _piece(element: etree._Element) -> dict[str, Any]:
    return {
        "path": meant(str(element.attrib["路径"])),
        "size_bytes": int(element.attrib["字节数"]),
        "sha256": str(element.attrib["SHA-256"]),
    }


def _read(element: etree._Element, names: Mapping[str, str]) -> dict[str, str]:
    return {key: meant(str(element.attrib[name])) for key, name in names.items() if name in element.attrib}


def _read_others(element: etree._Element) -> dict[str, Any]:
    return {str(row.attrib["名称"]): json.loads(meant(row.text or "")) for row in _all(element, "其他")}


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{_N}{name}")


def _one(element: etree._Element, name: str) -> etree._Element:
    if (found := element.find(f"{_N}{name}")) is None:
        raise ValueError(name)
    return found
