"""Writing a filing package: the inverse of :mod:`lantai.packages.filing_read`, for senders and for the demonstration."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from lantai.core.record import Agent, BusinessEvent, Elements, Relation, Representation, Role
from lantai.packages.digesting import digests_of
from lantai.packages.filing_values import DESCRIPTION, METADATA, PROCESS, FilingDocument, FilingFile, FilingPackage
from lantai.packages.headings import name_of
from lantai.packages.layout import safe_names
from lantai.packages.manifest import MANIFEST, Declared, write_table
from lantai.packages.parcel import Parcel, travelling, written_out
from lantai.packages.record_names import FILE_ELEMENTS

Source = bytes | Path | Callable[[], BinaryIO]

_CHUNK = 1 << 20
_FOLDERS = {
    Role.MAIN: "正本",
    Role.ATTACHMENT: "正本",
    Role.FINAL_DRAFT: "定稿与修改稿",
    Role.REVISION: "定稿与修改稿",
    Role.PROCESSING_SLIP: "处理单",
    Role.DISPATCH_SHEET: "处理单",
    Role.OTHER: "其他",
    Role.FORWARDING: "正本",
    Role.FORWARDED: "正本",
    Role.REPLY: "正本",
    Role.INCOMING: "正本",
    Role.TRANSLATION: "正本",
    Role.COPY: "正本",
}


def write_parcel(folder: Path, parcel: Parcel, description: Mapping[str, str]) -> None:
    """Write *parcel* as the filing package *folder*, which must not be there; *description* are lines of 说明文件."""
    documents, sources = placed(parcel, lambda role: _FOLDERS[role])
    record = parcel.record
    package = FilingPackage(
        record.electronic_record_code, described(parcel), documents, record.agents, record.events, record.relations, description
    )
    write(folder, package, sources)


def described(parcel: Parcel) -> Elements:
    """Return the elements of a record with its number and code among them, where it has any."""
    record = parcel.record
    code = record.code or record.text("archival_code")
    own: Elements = {"electronic_record_code": record.electronic_record_code, "archival_code": code}
    return {name: value for name, value in {**own, **record.elements, **{key: text for key, text in own.items() if text}}.items() if value}


def placed(parcel: Parcel, folder_of: Callable[[Role], str]) -> tuple[tuple[FilingDocument, ...], dict[str, Source]]:
    """Return the documents of *parcel* with each file under a safe name in its role's folder, and what each path is written from."""
    items = [(document, item) for document in parcel.documents for item in travelling(document)]
    folders = [folder_of(document.role) for document, _ in items]
    names: dict[str, Iterator[str]] = {
        folder: iter(safe_names(item.name for place, (_, item) in zip(folders, items, strict=True) if place == folder))
        for folder in set(folders)
    }
    paths = {
        (document.sequence, item.id): f"{folder}/{next(names[folder])}".lstrip("/")
        for folder, (document, item) in zip(folders, items, strict=True)
    }
    documents = tuple(
        FilingDocument(
            document.sequence,
            document.role,
            document.title,
            tuple(
                FilingFile(paths[document.sequence, item.id], item.name, item.size_bytes, item.sha256, item.sm3)
                for item in travelling(document)
            ),
        )
        for document in parcel.documents
    )
    return documents, {paths[document.sequence, item.id]: partial(parcel.open, item) for document, item in items}


def write(folder: Path, package: FilingPackage, files: Mapping[str, Source]) -> None:
    """Write *package* into the new folder *folder* with the content of its documents, given by path.

    Sizes and digests of the manifest are those of the bytes given; characters that XML cannot say are written out. Raises KeyError
    for a document's file that is not given, FileExistsError where the folder is there.
    """
    folder.mkdir(parents=True)
    for item in package.files:
        put(folder / item.path, files[item.path])
    put(folder / METADATA, _xml("基本信息元数据", [*_elements(package.elements), _documents(package.documents)]))
    put(folder / PROCESS, _xml("处理过程元数据", _process(package)))
    put(folder / DESCRIPTION, _description(package, folder))
    rows = {str(path.relative_to(folder)): _declared(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    put(folder / MANIFEST, write_table(rows))


def whole(name: str, package: FilingPackage) -> bytes:
    """Return all metadata of *package* as one XML document whose root is *name*; files with their sizes and digests."""
    documents = _documents(package.documents, is_whole=True)
    return _xml(name, [*_elements(package.elements), documents, *_process(package)])


def _process(package: FilingPackage) -> list[etree._Element]:
    blocks = [_block("业务实体块", map(_event, package.events)), _block("机构人员实体块", map(_agent, package.agents))]
    return [*blocks, _block("实体关系块", map(_relation, package.relations))]


def put(place: Path, content: Source) -> None:
    """Write the new file *place*, its folders too."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
    elif isinstance(content, Path):
        shutil.copyfile(content, place)
    else:
        with content() as stream, place.open("xb") as target:
            shutil.copyfileobj(stream, target, _CHUNK)


def _declared(path: Path) -> Declared:
    return Declared(path.stat().st_size, *digests_of(str(path), ("sha256", "sm3")))


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


def _xml(name: str, children: Iterable[etree._Element]) -> bytes:
    root = etree.Element(name)
    root.extend(list(children))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _leaf(name: str, value: str) -> etree._Element:
    node = etree.Element(name)
    node.text = written_out(value)
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
                node.set("名称", written_out(element))
            yield node


def _documents(documents: tuple[FilingDocument, ...], *, is_whole: bool = False) -> etree._Element:
    block = etree.Element("文件数据")
    for document in documents:
        said = {"序号": str(document.sequence), "类别": document.role.value, "题名": written_out(document.title)}
        node = etree.SubElement(block, "文档", said)
        for item in document.files:
            told = {"路径": written_out(item.path), "计算机文件名": written_out(item.name)}
            if is_whole:
                told |= {"字节数": str(item.size_bytes or 0), "SHA-256": item.sha256, "SM3": item.sm3}
            if item.representation is not Representation.ORIGINAL:
                told |= {"表现": item.representation.value}
            leaf = etree.SubElement(node, "计算机文件", {name: text for name, text in told.items() if text})
            _file_elements(leaf, item.elements)
    return block


def _file_elements(node: etree._Element, elements: Elements) -> None:
    """Write what is described of one file in the containers that the standard has for it (M50, M53–M56)."""
    for element, (container, name) in FILE_ELEMENTS.items():
        if value := elements.get(element):
            holder = node.find(container)
            holder = etree.SubElement(node, container) if holder is None else holder
            holder.append(_leaf(name, value if isinstance(value, str) else "；".join(value)))


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
