"""record.xml: one record as a person reads it, with the four entities of DA/T 46-2009 under the standard's own names.

Edition 1 (``schemas/record-1.xsd``, docs/design/package-format.md). Writing and reading are exact inverses for every
:class:`~lantai.core.record.Record`, whatever characters it holds: what XML 1.0 cannot say is written ``␛HEX;`` with the
code point in hexadecimal, and the sign ``␛`` itself likewise.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

from lxml import etree

from lantai.core.errors import Refusal
from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Elements, Record, Relation, Representation, Role

NAMESPACE = "urn:lantai:record:1"
SCHEMA = "lantai-record"
EDITION = "1"
STANDARD = "DA/T 46-2009"

_CARE = re.compile('[\x00-\x1f&<>"\u241b\ud800-\udfff\ufffe\uffff]')
_ESCAPED = re.compile("\u241b([0-9A-F]{1,6});")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_N = f"{{{NAMESPACE}}}"


def write(record: Record) -> bytes:
    """Return record.xml of *record*: UTF-8, elements in the order of the standard, one line an element."""
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<电子档案 xmlns="{NAMESPACE}" '
        f'模式="{SCHEMA}" 模式版本="{EDITION}" 元数据标准="{STANDARD}"'
        f' 标识="{_text(record.id)}" 版本="{record.version}" 内容形态="{record.content_basis.value}">\n'
    )
    parts = [head, "<文件实体>\n", *_described(record), "<文件数据>\n"]
    for document in record.documents:
        parts += _document(document)
    parts += ["</文件数据>\n</文件实体>\n", "<机构人员实体块>\n", *map(_agent, record.agents), "</机构人员实体块>\n<业务实体块>\n"]
    parts += [
        *map(_event, record.events),
        "</业务实体块>\n<实体关系块>\n",
        *map(_relation, record.relations),
        "</实体关系块>\n</电子档案>\n",
    ]
    return "".join(parts).encode("utf-8")


def read(content: bytes) -> Record:
    """Rebuild the record from its record.xml.

    Raises Refusal RECORD-XML-INVALID for bytes that are no record.xml of an edition known here.
    """
    root = _root(content)
    try:
        return _record(root)
    except (KeyError, ValueError, AttributeError) as error:
        raise Refusal("RECORD-XML-INVALID", reason=str(error)) from error


@cache
def schema() -> etree.XMLSchema:
    """Return the XML schema of edition 1."""
    return etree.XMLSchema(etree.fromstring(_shipped("record-1.xsd").encode("utf-8")))


@cache
def element_names() -> dict[str, tuple[str, str]]:
    """Return element -> (container, Chinese name) of every described element that edition 1 names, in written order."""
    lines = (line for line in _shipped("record-1.csv").splitlines() if not line.startswith("#"))
    return {row["element"]: (row["container"], row["name"]) for row in csv.DictReader(lines)}


def _shipped(name: str) -> str:
    return (resources.files("lantai.packages") / "schemas" / name).read_text("utf-8")


@cache
def _plan() -> tuple[dict[str, int], tuple[str, ...], dict[tuple[str, str], str]]:
    """Return element -> place in the written order, the containers in that order, and (container, name) -> element."""
    rows = element_names()
    containers = ("来源", "档号", "内容描述", "形式特征", "电子属性", "数字化属性", "电子签名", "存储位置", "权限管理")
    return {name: at for at, name in enumerate(rows)}, containers, {place: name for name, place in rows.items()}


# --- writing


def _text(text: str) -> str:
    return text if _CARE.search(text) is None else _CARE.sub(_careful, text)


def _careful(match: re.Match[str]) -> str:
    char = match.group()
    return _ENTITIES.get(char) or f"\u241b{ord(char):04X};"


def _leaf(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>\n"


def _optional(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>\n" if value else ""


def _values(name: str, value: str | list[str], *, attributes: str = "") -> str:
    if isinstance(value, str):
        return f"<{name}{attributes}>{_text(value)}</{name}>\n"
    if not value:
        return f'<{name}{attributes} 序="0"/>\n'
    return "".join(f'<{name}{attributes} 序="{at}">{_text(item)}</{name}>\n' for at, item in enumerate(value, 1))


def _described(record: Record) -> Iterator[str]:
    """Yield the described elements: containers in the order of the standard, then what the edition does not name."""
    order, containers, _ = _plan()
    names = element_names()
    written: dict[str, list[str]] = {}
    for element in sorted(record.elements.keys() & order.keys(), key=order.__getitem__):
        container, name = names[element]
        written.setdefault(container or name, []).append(_values(name, record.elements[element]))
    yield from written.get("聚合层次", ())
    for container in containers:
        yield from _container(container, written.get(container, []), record)
    yield from written.get("附注", ())
    for element in sorted(record.elements.keys() - order.keys()):
        yield _values("元素", record.elements[element], attributes=f' 名称="{_text(element)}"')


def _container(name: str, inside: list[str], record: Record) -> Iterator[str]:
    if name == "档号":
        yield _leaf("电子文件号", record.electronic_record_code)
        yield f"<档号>{_text(record.code)}{''.join(inside)}</档号>\n"
    elif inside:
        yield f"<{name}>\n{''.join(inside)}</{name}>\n"


def _document(document: Document) -> Iterator[str]:
    yield f'<文档 序号="{document.sequence}" 类别="{document.role.value}">\n{_optional("题名", document.title)}'
    yield from map(_file, document.files)
    yield "</文档>\n"


def _file(item: ComputerFile) -> str:
    """Write one computer file: its electronic attributes (M46), digests, and what was found in it."""
    pages = "" if item.page_count is None else f"<页数>{item.page_count}</页数>\n"
    extra = "".join(f'<属性 名称="{_text(name)}">{_text(value)}</属性>\n' for name, value in item.attributes.items())
    return (
        f'<计算机文件 标识="{_text(item.id)}" 表示="{item.representation.value}" 路径="{_text(item.path)}">\n<电子属性>\n'
        f'<格式信息 PUID="{_text(item.puid)}" MIME="{_text(item.mime)}">{_text(item.format_name)}</格式信息>\n'
        f"<计算机文件名>{_text(item.name)}</计算机文件名>\n<计算机文件大小>{item.size_bytes}</计算机文件大小>\n</电子属性>\n"
        f'<数字摘要 算法="SHA-256">{_text(item.sha256)}</数字摘要>\n<数字摘要 算法="SM3">{_text(item.sm3)}</数字摘要>\n'
        f"{pages}<病毒检测>{_text(item.virus)}</病毒检测>\n{extra}{''.join(map(_remark, item.findings))}</计算机文件>\n"
    )


def _remark(finding: dict[str, str]) -> str:
    inside = "".join(f'<项 名称="{_text(name)}">{_text(value)}</项>' for name, value in finding.items())
    return f"<意见>{inside}</意见>\n"


def _agent(agent: Agent) -> str:
    return (
        f'<机构人员实体 标识="{_text(agent.id)}">\n{_leaf("机构人员类型", agent.kind)}{_leaf("机构人员名称", agent.name)}'
        f"{_optional('组织机构代码', agent.organization_code)}{_optional('个人职位', agent.position)}</机构人员实体>\n"
    )


def _event(event: BusinessEvent) -> str:
    return (
        f'<业务实体 标识="{_text(event.id)}" 机构人员标识="{_text(event.agent_id)}">\n{_leaf("业务状态", event.status)}'
        f"{_leaf('业务行为', event.activity)}{_leaf('行为时间', event.time)}{_optional('行为依据', event.mandate)}"
        f"{_optional('行为描述', event.description)}</业务实体>\n"
    )


def _relation(relation: Relation) -> str:
    return (
        f"<实体关系>\n{_leaf('实体标识符', relation.target)}{_leaf('关系类型', relation.kind)}{_leaf('关系', relation.relation)}"
        f"{_optional('关系描述', relation.description)}</实体关系>\n"
    )


# --- reading


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal("RECORD-XML-INVALID", reason=str(error)) from error
    edition = (root.tag, root.get("模式"), root.get("模式版本"))
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or edition != (f"{_N}电子档案", SCHEMA, EDITION):
        raise Refusal("RECORD-XML-INVALID", reason=f"模式 {edition[1]} 版本 {edition[2]}")
    return root


def _record(root: etree._Element) -> Record:
    blocks = _children(root)
    entity = blocks["文件实体"]
    parts = _children(entity)
    return Record(
        id=_attribute(root, "标识"),
        electronic_record_code=_plain(parts["电子文件号"].text),
        version=int(_attribute(root, "版本")),
        content_basis=ContentBasis(_attribute(root, "内容形态")),
        elements=_elements(entity),
        documents=tuple(_read_document(item) for item in parts["文件数据"]),
        agents=tuple(_read_agent(item) for item in blocks["机构人员实体块"]),
        events=tuple(_read_event(item) for item in blocks["业务实体块"]),
        relations=tuple(_read_relation(item) for item in blocks["实体关系块"]),
        code=_plain(parts["档号"].text),
    )


def _plain(text: str | None) -> str:
    if text is None:
        return ""
    return text if "\u241b" not in text else _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def _attribute(node: etree._Element, name: str) -> str:
    return _plain(str(node.attrib[name]))


def _children(node: etree._Element) -> dict[str, etree._Element]:
    """Return the children by name; where one name comes more than once, the last."""
    return {_local(item): item for item in node}


def _text_in(children: Mapping[str, etree._Element], name: str) -> str:
    """Return the text of an optional child, empty where absent."""
    node = children.get(name)
    return "" if node is None else _plain(node.text)


def _elements(entity: etree._Element) -> Elements:
    _, containers, by_place = _plan()
    read: Elements = {}
    for node, container in _leaves(entity, frozenset(containers)):
        name = _local(node)
        element = _attribute(node, "名称") if name == "元素" else by_place.get((container, name))
        if element is not None:
            _take(read, element, node)
    return read


def _leaves(entity: etree._Element, containers: frozenset[str]) -> Iterator[tuple[etree._Element, str]]:
    for node in entity:
        name = _local(node)
        if name in containers:
            yield from ((leaf, name) for leaf in node)
        elif name not in {"文件数据", "电子文件号"}:
            yield node, ""


def _take(read: Elements, element: str, node: etree._Element) -> None:
    place = node.get("序")
    if place is None:
        read[element] = _plain(node.text)
        return
    values = read.setdefault(element, [])
    if isinstance(values, list) and place != "0":
        values.append(_plain(node.text))


def _local(node: etree._Element) -> str:
    return str(node.tag)[len(_N) :]


def _read_document(node: etree._Element) -> Document:
    files = tuple(_read_file(item) for item in node if _local(item) == "计算机文件")
    return Document(int(_attribute(node, "序号")), Role(_attribute(node, "类别")), _text_in(_children(node), "题名"), files)


def _read_file(node: etree._Element) -> ComputerFile:
    children = _children(node)
    attributes = _children(children["电子属性"])
    format_information = attributes["格式信息"]
    digests = {item.get("算法"): _plain(item.text) for item in node if _local(item) == "数字摘要"}
    return ComputerFile(
        id=_attribute(node, "标识"),
        name=_text_in(attributes, "计算机文件名"),
        size_bytes=int(_text_in(attributes, "计算机文件大小")),
        sha256=digests["SHA-256"],
        sm3=digests["SM3"],
        puid=_attribute(format_information, "PUID"),
        mime=_attribute(format_information, "MIME"),
        format_name=_plain(format_information.text),
        page_count=int(_text_in(children, "页数")) if "页数" in children else None,
        representation=Representation(_attribute(node, "表示")),
        path=_attribute(node, "路径"),
        virus=_text_in(children, "病毒检测"),
        findings=tuple(_pairs(item) for item in node if _local(item) == "意见"),
        attributes=_pairs(item for item in node if _local(item) == "属性"),
    )


def _pairs(nodes: Iterable[etree._Element]) -> dict[str, str]:
    return {_attribute(item, "名称"): _plain(item.text) for item in nodes}


def _read_agent(node: etree._Element) -> Agent:
    children = _children(node)
    names = ("机构人员类型", "机构人员名称", "组织机构代码", "个人职位")
    return Agent(_attribute(node, "标识"), *(_text_in(children, name) for name in names))


def _read_event(node: etree._Element) -> BusinessEvent:
    children = _children(node)
    return BusinessEvent(
        id=_attribute(node, "标识"),
        agent_id=_attribute(node, "机构人员标识"),
        activity=_text_in(children, "业务行为"),
        time=_text_in(children, "行为时间"),
        status=_text_in(children, "业务状态"),
        mandate=_text_in(children, "行为依据"),
        description=_text_in(children, "行为描述"),
    )


def _read_relation(node: etree._Element) -> Relation:
    children = _children(node)
    return Relation(*(_text_in(children, name) for name in ("实体标识符", "关系类型", "关系", "关系描述")))
