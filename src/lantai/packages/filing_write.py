"""Writing a filing package: the inverse of :mod:`lantai.packages.filing_read`, for senders and for the demonstration."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from lantai.core.record import Agent, BusinessEvent, Elements, Relation
from lantai.packages.filing_values import DESCRIPTION, METADATA, PROCESS, FilingDocument, FilingPackage
from lantai.packages.headings import name_of
from lantai.packages.manifest import MANIFEST, Declared, write_table

_CHUNK = 1 << 20


def write(folder: Path, package: FilingPackage, files: Mapping[str, bytes | Path]) -> None:
    """Write *package* into the new folder *folder* with the content of its documents, given by path.

    Sizes and digests of the manifest are those of the bytes given. Raises KeyError for a document's file that is not
    given, FileExistsError where the folder is there, ValueError for a value that XML cannot hold.
    """
    folder.mkdir(parents=True)
    for item in package.files:
        _put(folder / item.path, files[item.path])
    _put(folder / METADATA, _xml("基本信息元数据", [*_elements(package.elements), _documents(package.documents)]))
    blocks = [_block("业务实体块", map(_event, package.events)), _block("机构人员实体块", map(_agent, package.agents))]
    _put(folder / PROCESS, _xml("处理过程元数据", [*blocks, _block("实体关系块", map(_relation, package.relations))]))
    _put(folder / DESCRIPTION, _description(package, folder))
    rows = {str(path.relative_to(folder)): _declared(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    _put(folder / MANIFEST, write_table(rows))


def _put(place: Path, content: bytes | Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
    else:
        shutil.copyfile(content, place)


def _declared(path: Path) -> Declared:
    sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
            sm3.update(chunk)
    return Declared(path.stat().st_size, sha256.hexdigest(), sm3.hexdigest())


def _description(package: FilingPackage, folder: Path) -> bytes:
    """Return 说明文件: the lines given, then those that follow from the package itself."""
    sizes = [(folder / item.path).stat().st_size for item in package.files]
    own = {
        "包标识": package.code,
        "件数": "1",
        "文件数": str(len(sizes)),
        "字节数": str(sum(sizes)),
        "摘要算法": "SM3、SHA-256",
        "清单": MANIFEST,
    }
    lines = {**package.description, **own}
    return "".join(f"{name}：{value}\r\n" for name, value in lines.items()).encode("utf-8-sig")


def _xml(name: str, children: list[etree._Element]) -> bytes:
    root = etree.Element(name)
    root.extend(children)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _leaf(name: str, value: str) -> etree._Element:
    node = etree.Element(name)
    node.text = value
    return node


def _block(name: str, children: Iterator[etree._Element]) -> etree._Element:
    node = etree.Element(name)
    node.extend(list(children))
    return node


def _elements(elements: Elements) -> Iterator[etree._Element]:
    """Yield a leaf a value, under the Chinese name; an element without one is 元素 with its name beside."""
    for element, value in elements.items():
        for text in [value] if isinstance(value, str) else value:
            node = _leaf(name_of(element) or "元素", text)
            if node.tag == "元素":
                node.set("名称", element)
            yield node


def _documents(documents: tuple[FilingDocument, ...]) -> etree._Element:
    block = etree.Element("文件数据")
    for document in documents:
        node = etree.SubElement(block, "文档", {"序号": str(document.sequence), "类别": document.role.value, "题名": document.title})
        for item in document.files:
            etree.SubElement(node, "计算机文件", {"路径": item.path, "计算机文件名": item.name})
    return block


def _fields(name: str, fields: Mapping[str, str]) -> etree._Element:
    return _block(name, (_leaf(field, value) for field, value in fields.items() if value))


def _agent(agent: Agent) -> etree._Element:
    fields = {"机构人员标识符": agent.id, "机构人员类型": agent.kind, "机构人员名称": agent.name}
    return _fields("机构人员实体", fields | {"组织机构代码": agent.organization_code, "个人职位": agent.position})


def _event(event: BusinessEvent) -> etree._Element:
    fields = {"业务标识符": event.id, "机构人员标识符": event.agent_id, "业务状态": event.status, "业务行为": event.activity}
    return _fields("业务实体", fields | {"行为时间": event.time, "行为依据": event.mandate, "行为描述": event.description})


def _relation(relation: Relation) -> etree._Element:
    fields = {"实体标识符": relation.target, "关系类型": relation.kind, "关系": relation.relation, "关系描述": relation.description}
    return _fields("实体关系", fields)
