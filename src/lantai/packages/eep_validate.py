"""Validating an EEP 封装包 against DA/T 48-2009: every requirement of ``standards/da_t_48/requirements.csv``, layer by layer.

The tree is walked with the contents taken out, so a package of any size costs a constant amount of memory; contents are decoded and
counted as they go by and kept nowhere.
"""

import copy
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.packages import eep_signing
from lantai.packages.eep_stream import DATA, Part, parse
from lantai.packages.outside import Unreadable, child_text, local, text_of
from lantai.standards import da_t_48
from lantai.standards.da_t_48 import Slot

ROOT = "电子文件封装包"
LIMIT_BYTES = 1 << 50
_ID_ATTRIBUTES = {"文档数据": "文档数据ID", "编码": "编码ID", DATA: "编码数据ID"}
_ID_FORMS = {
    "文档标识符": ("修改0-文档1", re.compile(r"修改\d+-文档\d+")),
    "文档数据": ("修改0-文档1-文档数据1", re.compile(r"修改\d+-文档\d+-文档数据\d+")),
    "编码": ("修改0-文档1-文档数据1-编码1", re.compile(r"修改\d+-文档\d+-文档数据\d+-编码\d+")),
    DATA: ("修改0-文档1-文档数据1-编码1-编码数据1", re.compile(r"修改\d+-文档\d+-文档数据\d+-编码\d+-编码数据\d+")),
    "签名标识符": ("修改0-签名1", re.compile(r"修改\d+-签名\d+")),
    "修改标识符": ("修改1", re.compile(r"修改\d+")),
}
_NAME = re.compile(r"[^\W\d][\w.·-]*")
_NUMBER = re.compile(r"\d+")
_MOST_OF_A_KIND = 50


def validate(path: Path, anchors: Sequence[bytes] = ()) -> tuple[Finding, ...]:
    """Return everything that is to be said of the EEP at *path*; findings of one code after the fiftieth are left out.

    Nothing is written. *anchors* are trusted certificates (DER or PEM).
    """
    try:
        root, parts = parse(path, None, limit_bytes=LIMIT_BYTES)
    except Unreadable as error:
        return (finding("EEP-UNREADABLE", path.name, reason=str(error)),)
    if local(root) != ROOT:
        return (finding("EEP-UNREADABLE", path.name, reason=f"根元素是 {local(root)}"),)
    found = [*_checks(root, parts), *eep_signing.verify(path, root, anchors)]
    seen: Counter[str] = Counter()
    kept = []
    for item in dict.fromkeys(found):
        seen[item.code] += 1
        if seen[item.code] <= _MOST_OF_A_KIND:
            kept.append(item)
    return tuple(kept)


def _checks(root: etree._Element, parts: Mapping[str, Part]) -> Iterator[Finding]:
    yield from _head(root)
    yield from _structure(root, ROOT)
    yield from _identifiers(root)
    yield from _layers(root)
    for content in (node for node in root.iter() if local(node) in ("封装内容", "修订内容")):
        yield from _process(content)
    for coding in (node for node in root.iter() if local(node) in ("编码", "文档数据")):
        yield from _coding(coding, parts)
    yield from _schema_errors(root)


@cache
def schema() -> etree.XMLSchema:
    """Return our own XML schema of an EEP (``schemas/eep-2009.xsd``)."""
    raw = (resources.files("lantai.packages") / "schemas" / "eep-2009.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(raw))


def _head(root: etree._Element) -> Iterator[Finding]:
    space = str(root.tag).rpartition("}")[0].lstrip("{")
    if space != da_t_48.NAMESPACE:
        yield finding("EEP-ROOT", ROOT, found=space or "无命名空间")
    edition = child_text(root, "版本")
    if edition != da_t_48.EDITION:
        yield finding("EEP-VERSION", found=edition)
    for signed, _ in eep_signing.signed_layers(root):
        if (signed.get("eep版本") or "") != edition:
            yield finding("EEP-VERSION-ATTRIBUTE", found=signed.get("eep版本") or "", expected=edition)
    groups = [name for name in ("电子签名块", "锁定签名") if any(local(node) == name for node in root)]
    if len(groups) == 1:
        yield finding("EEP-SIGNATURE-GROUP", found=groups[0])


def _structure(node: etree._Element, where: str) -> Iterator[Finding]:
    """Compare the children of *node*, and theirs, with the content model."""
    slots = da_t_48.model().get(local(node), ())
    by_name = {slot.name: slot for slot in slots}
    order = {slot.name: at for at, slot in enumerate(slots)}
    counts = Counter(local(child) for child in node)
    for slot in slots:
        if slot.is_required and not counts[slot.name]:
            yield finding("EEP-ELEMENT-MISSING", where, name=slot.name)
        if not slot.is_many and counts[slot.name] > 1:
            yield finding("EEP-ELEMENT-REPEATED", where, name=slot.name, count=counts[slot.name])
    last = -1
    for child in node:
        name = local(child)
        if name not in by_name:
            yield finding("EEP-ELEMENT-UNKNOWN", where, name=name)
            continue
        if order[name] < last:
            yield finding("EEP-ELEMENT-ORDER", where, name=name)
        last = max(last, order[name])
        yield from _inside(child, by_name[name], f"{where}/{name}")
    if local(node) == "档号" and not (counts["室编件号"] or counts["馆编件号"]):
        yield finding("EEP-ITEM-NUMBER", where)


def _inside(child: etree._Element, slot: Slot, where: str) -> Iterator[Finding]:
    if slot.type == "container":
        yield from _structure(child, where)
    elif expected := _objection(text_of(child), slot):
        yield finding("EEP-VALUE", where, found=text_of(child)[:80], expected=expected)


def _objection(text: str, slot: Slot) -> str:
    """Return what a value should be, empty where it is that."""
    if slot.type == "year":
        return "" if re.fullmatch(r"\d{4}", text) else "四位年度"
    if slot.type == "positive":
        return "" if text.isascii() and text.isdecimal() and int(text) > 0 else "正整数"
    if slot.type == "instant":
        return "" if _is_instant(text) else "日期时间，如 2026-03-01T09:00:00"
    if slot.values and slot.name != "封装包类型":
        return "" if text in slot.values else "、".join(slot.values)
    return ""


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _identifiers(root: etree._Element) -> Iterator[Finding]:
    seen: Counter[str] = Counter()
    for node in root.iter():
        name = local(node)
        if name in ("文档标识符", "签名标识符", "修改标识符"):
            value = text_of(node)
        elif name in _ID_ATTRIBUTES:
            value = node.get(_ID_ATTRIBUTES[name]) or ""
        else:
            continue
        if not value:
            yield finding("EEP-ID-MISSING", name, name=_ID_ATTRIBUTES.get(name, name))
            continue
        seen[value] += 1
        yield from _identifier(value, *_ID_FORMS[name])
    for value, count in seen.items():
        if count > 1:
            yield finding("EEP-ID-REPEATED", found=value)
    known = {node.get("编码数据ID") for node in root.iter() if local(node) == DATA}
    for node in root.iter():
        if local(node) == DATA and (target := node.get("引用编码数据ID")) and target not in known:
            yield finding("EEP-REFERENCE", found=target)


def _identifier(value: str, example: str, form: re.Pattern[str]) -> Iterator[Finding]:
    if not _NAME.fullmatch(value):
        yield finding("EEP-ID-NAME", found=value)
    elif not form.fullmatch(value):
        yield finding("EEP-ID-FORM", found=value, expected=example)


def _layers(root: etree._Element) -> Iterator[Finding]:
    """Check type, text and content of every layer, and that revisions count down from the outermost in."""
    layers = [signed for signed, _ in eep_signing.signed_layers(root)]
    for depth, signed in enumerate(layers):
        kind, text = child_text(signed, "封装包类型"), child_text(signed, "封装包类型描述")
        names = [local(node) for node in signed if local(node) in ("封装内容", "修改封装内容")]
        if kind not in da_t_48.TYPE_TEXTS:
            yield finding("EEP-TYPE", found=kind)
            continue
        if names != ["封装内容" if kind == da_t_48.ORIGINAL else "修改封装内容"]:
            yield finding("EEP-CONTENT", f"第 {depth + 1} 层", expected=kind, found="、".join(names) or "无")
        if ("未经修改" in text) != (kind == da_t_48.ORIGINAL) or not text:
            yield finding("EEP-TYPE-TEXT", expected=kind, found=text[:80])
        change = next((node for node in signed if local(node) == "修改封装内容"), None)
        expected = len(layers) - 1 - depth
        if change is not None and _number(child_text(change, "修改标识符")) != expected:
            yield finding("EEP-LAYER-ORDER", found=child_text(change, "修改标识符"), expected=expected)


def _number(text: str) -> int:
    match = _NUMBER.search(text)
    return int(match[0]) if match else -1


def _process(content: etree._Element) -> Iterator[Finding]:
    """Check what the events of one layer refer to."""
    own = next((text_of(node) for node in content.iter() if local(node) == "电子文件号"), "")
    agents = {child_text(node, "机构人员标识符") for node in content.iter() if local(node) == "机构人员实体"}
    for event in (node for node in content.iter() if local(node) == "业务实体"):
        where = child_text(event, "业务标识符") or child_text(event, "业务行为")
        agent, record = child_text(event, "机构人员标识符"), child_text(event, "文件标识符")
        if agent and agent not in agents:
            yield finding("EEP-EVENT-AGENT", where, found=agent)
        if record and record != own:
            yield finding("EEP-EVENT-RECORD", where, found=record, expected=own)


def _coding(coding: etree._Element, parts: Mapping[str, Part]) -> Iterator[Finding]:
    attributes = next((node for node in coding if local(node) == "电子属性"), None)
    if attributes is None:
        return
    name, keyword = child_text(attributes, "计算机文件名") or "未命名", child_text(coding, "反编码关键字").lower()
    data = next((node for node in coding if local(node) == DATA), None)
    part = None if data is None else parts.get(data.get("引用编码数据ID") or "") or parts.get(text_of(data))
    declared = child_text(attributes, "计算机文件大小")
    if part is None or not (part.size_bytes or part.is_broken or declared == "0"):
        yield finding("EEP-DATA-EMPTY", name)
        return
    if part.is_broken:
        yield finding("EEP-DATA-INVALID", name)
        return
    if keyword.startswith("sha256"):
        yield finding("EEP-DATA-OUTSIDE", name, found=keyword)
        return
    if declared != str(part.size_bytes):
        yield finding("EEP-DATA-SIZE", name, expected=declared or "（空）", found=part.size_bytes)
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    if keyword and suffix and suffix not in keyword.split("-"):
        yield finding("EEP-DATA-KEYWORD", name, found=keyword)


def _schema_errors(root: etree._Element) -> Iterator[Finding]:
    """Hold the whole against the XML schema, contents taken out; its first error is told where nothing else was."""
    slim = copy.deepcopy(root)
    for node in slim.iter():
        if local(node) == DATA:
            node.text = ""
    try:
        schema().assertValid(slim)
    except etree.DocumentInvalid as problem:
        yield finding("EEP-SCHEMA", reason=re.sub(r"\{[^}]*\}", "", str(problem))[:300])
