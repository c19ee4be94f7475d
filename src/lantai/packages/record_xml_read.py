"""Reading record.xml: the exact inverse of :mod:`lantai.packages.record_xml`, for every edition that was ever written."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from lxml import etree

from lantai.core.errors import Refusal
from lantai.core.record import (
    Agent,
    BusinessEvent,
    ComputerFile,
    ContentBasis,
    Document,
    Elements,
    Record,
    Relation,
    Representation,
    Role,
    Signature,
)
from lantai.packages.record_names import CONTAINERS, EDITIONS, FILE_ELEMENTS, SCHEMA, Names, names, namespace
from lantai.packages.record_names import plain as _plain

_FILE_NAMES = {name: element for element, (_, name) in FILE_ELEMENTS.items()}
_UNLISTED = frozenset({"文件数据", "电子文件号", "电子签名块"})
_CONTAINERS = frozenset(CONTAINERS)


def read(content: bytes) -> Record:
    """Rebuild the record from its record.xml.

    Raises Refusal RECORD-XML-INVALID for bytes that are no record.xml of an edition known here.
    """
    root = _root(content)
    try:
        return _record(root)
    except (KeyError, ValueError, AttributeError) as error:
        raise Refusal("RECORD-XML-INVALID", reason=str(error)) from error


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal("RECORD-XML-INVALID", reason=str(error)) from error
    edition = root.get("模式版本", "")
    is_known = edition in EDITIONS and root.get("模式") == SCHEMA and root.tag == f"{{{namespace(edition)}}}电子档案"
    if root.getroottree().docinfo.internalDTD is not None or not is_known:
        raise Refusal("RECORD-XML-INVALID", reason=f"模式 {root.get('模式')} 版本 {edition or None}")
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
        elements=_elements(entity, names(str(root.get("模式版本")))),
        documents=tuple(_read_document(item) for item in parts["文件数据"]),
        agents=tuple(_read_agent(item) for item in blocks["机构人员实体块"]),
        events=tuple(_read_event(item) for item in blocks["业务实体块"]),
        relations=tuple(_read_relation(item) for item in blocks["实体关系块"]),
        code=_plain(parts["档号"].text),
        signatures=tuple(_read_signature(item) for item in parts.get("电子签名块", ())),
        scheme=_plain(root.get("元数据方案")),
    )


def _attribute(node: etree._Element, name: str) -> str:
    return _plain(str(node.attrib[name]))


def _children(node: etree._Element) -> dict[str, etree._Element]:
    """Return the children by name; where one name comes more than once, the last."""
    return {_local(item): item for item in node}


def _text_in(children: Mapping[str, etree._Element], name: str) -> str:
    """Return the text of an optional child, empty where absent."""
    node = children.get(name)
    return "" if node is None else _plain(node.text)


def _elements(entity: etree._Element, known: Names) -> Elements:
    read: Elements = {}
    for node, container in _leaves(entity):
        name = _local(node)
        element = _attribute(node, "名称") if name == "元素" else known.by_place.get((container, name))
        if element is not None:
            _take(read, element, node)
    return read


def _leaves(entity: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for node in entity:
        name = _local(node)
        if name in _CONTAINERS:
            yield from ((leaf, name) for leaf in node)
        elif name not in _UNLISTED:
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
    return _without_namespace(str(node.tag))


@lru_cache(1024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


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
        elements=_file_elements(node, children),
    )


def _file_elements(node: etree._Element, children: Mapping[str, etree._Element]) -> Elements:
    read: Elements = {}
    for container in (children["电子属性"], children.get("数字化属性", ())):
        for leaf in container:
            if (element := _FILE_NAMES.get(_local(leaf))) is not None:
                _take(read, element, leaf)
    for leaf in node:
        if _local(leaf) == "元素":
            _take(read, _attribute(leaf, "名称"), leaf)
    return read


def _pairs(nodes: Iterable[etree._Element]) -> dict[str, str]:
    return {_attribute(item, "名称"): _plain(item.text) for item in nodes}


def _read_signature(node: etree._Element) -> Signature:
    children = _children(node)
    return Signature(
        id=_attribute(node, "标识"),
        rules=_text_in(children, "签名规则"),
        value=_text_in(children, "签名结果"),
        algorithm=_text_in(children, "签名算法标识"),
        certificates=tuple(_plain(item.text) for item in node if _local(item) == "证书"),
        signer=_text_in(children, "签名人"),
        time=_text_in(children, "签名时间"),
        certificate_reference=_text_in(children, "证书引证"),
    )


def _read_agent(node: etree._Element) -> Agent:
    children = _children(node)
    told = (_text_in(children, name) for name in ("机构人员类型", "机构人员名称", "组织机构代码", "个人职位"))
    days = (_plain(node.get(name)) for name in ("自", "至"))
    return Agent(_attribute(node, "标识"), *told, *days)


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
    told = [_text_in(children, name) for name in ("实体标识符", "关系类型", "关系", "关系描述")]
    return Relation(told[0], told[1], told[2], told[3], _plain(node.get("源")))
