"""Reading one EEP 封装包 (DA/T 48-2009): the XML as a filing package, its Base64 content streamed into files.

The element names are the standard's; the abridged forms that tools write are read as well. Nothing of a file's content is
held in memory, and neither DTD nor entity is accepted. What :mod:`~lantai.packages.eep_write` put into 附注 comes out of it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.core.record import Agent, BusinessEvent, Elements, Role
from lantai.packages import described, eep_signing
from lantai.packages.eep_stream import DATA, Part, parse
from lantai.packages.eep_write import ADDED, ITEM, JOIN, PACKING, ROLE, write
from lantai.packages.filing_values import FilingDocument, FilingFile, FilingPackage
from lantai.packages.headings import element_of
from lantai.packages.layout import safe_names
from lantai.packages.outside import Unreadable, child_text, local
from lantai.packages.parcel import read_back

__all__ = ["NAMESPACE", "is_eep", "read", "write"]

NAMESPACE = "http://www.saac.gov.cn/standards/ERM/encapsulation"
_ROOT = "电子文件封装包"
_LIMIT_BYTES = 4 * 1024**3
_PARTS = ".eep"


def is_eep(path: Path) -> bool:
    """Tell whether the file at *path* begins as an EEP does."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError:
        return False
    return any(f"<{_ROOT}".encode(encoding) in head for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"))


def read(path: Path, into: Path, *, limit_bytes: int = _LIMIT_BYTES, anchors: Sequence[bytes] = ()) -> FilingPackage:
    """Read the EEP at *path*, its computer files written into the folder *into* under safe names.

    The files' paths are those below *into*. Signatures are verified with the certificates inside, and these with the trusted ones,
    *anchors*. What is wrong is in the findings; for bytes that are no EEP there is nothing but a finding. Raises OSError where *into*
    cannot be written.
    """
    into.mkdir(parents=True, exist_ok=True)
    folder = into / _PARTS
    folder.mkdir()
    try:
        root, parts = parse(path, folder, limit_bytes=limit_bytes)
        if local(root) != _ROOT:
            raise Unreadable(f"根元素是 {local(root)}")
        package = _package(_content(root), into, parts)
        signed = eep_signing.judge(path, root, anchors)
        told = [item for item in signed.findings if item.code != "EEP-SIGNATURE-ABSENT"]
        return replace(package, findings=(*package.findings, *told), signatures=signed.rows)
    except Unreadable as error:
        return FilingPackage(findings=(finding("EEP-UNREADABLE", path.name, reason=str(error)),))
    finally:
        for part in folder.iterdir():
            part.unlink()
        folder.rmdir()


def _content(root: etree._Element) -> etree._Element:
    """Return what describes the record now: of a modified package its newest revision, not the package it encloses."""
    nodes = {local(node): node for signed in root if local(signed) == "被签名对象" for node in signed}
    if "修改封装内容" in nodes:
        return next((node for node in nodes["修改封装内容"] if local(node) == "修订内容"), nodes["修改封装内容"])
    return nodes.get("封装内容", root)


@dataclass(slots=True)
class _Notes:
    """What the writer put into 附注: elements without a place of their own, roles by document, and what it added."""

    elements: list[tuple[str, str]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    added: frozenset[str] = frozenset()


def _package(content: etree._Element, into: Path, parts: Mapping[str, Part]) -> FilingPackage:
    found: list[Finding] = []
    entity = next((node for node in content.iter() if local(node) == "文件实体块"), content)
    notes = _notes(entity)
    elements = described.elements(entity)
    for name, value in notes.elements:
        key = element_of(name) or name
        before = elements.get(key, [])
        elements[key] = [*([before] if isinstance(before, str) else before), value] if before else value
    process = described.process(content)
    documents = _documents(entity, into, parts, found)
    if not any(document.files for document in documents):
        found.append(finding("FILING-CONTENT-MISSING", ""))
    return FilingPackage(
        code=_first(elements, "electronic_record_code"),
        elements=elements,
        documents=_with_roles(documents, entity, notes),
        agents=tuple(item for item in process.agents if not _is_added(item, notes)),
        events=tuple(item for item in process.events if not _is_added(item, notes)),
        relations=process.relations,
        findings=tuple(dict.fromkeys((*found, *process.findings))),
    )


def _notes(entity: etree._Element) -> _Notes:
    """Take out of *entity* what the writer put into 附注, and the enumerated elements it had to add."""
    notes = _Notes()
    for node in [node for node in entity.iter() if local(node) == "附注"]:
        text = (node.text or "").strip()
        name, joined, value = text.partition(JOIN)
        if text.startswith(ITEM) and joined:
            notes.elements.append((read_back(read_back(name.removeprefix(ITEM))), read_back(value)))
        elif text.startswith(ROLE) and joined:
            notes.roles[name.removeprefix(ROLE)] = value
        elif text.startswith(ADDED):
            notes.added = frozenset(text.removeprefix(ADDED).split("、"))
        else:
            continue
        _drop(node)
    for node in [node for node in entity.iter() if local(node) in notes.added]:
        _drop(node)
    return notes


def _drop(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _with_roles(documents: tuple[FilingDocument, ...], entity: etree._Element, notes: _Notes) -> tuple[FilingDocument, ...]:
    names = [child_text(node, "文档标识符") for node in entity.iter() if local(node) == "文档"]
    given = [notes.roles.get(name, "") for name in names]
    return tuple(replace(item, role=Role(role)) if role in set(Role) else item for item, role in zip(documents, given, strict=True))


def _is_added(item: Agent | BusinessEvent, notes: _Notes) -> bool:
    kind = "机构人员实体" if isinstance(item, Agent) else "业务实体"
    return item.id == PACKING and f"{kind} {PACKING}" in notes.added


def _first(elements: Elements, name: str) -> str:
    value = elements.get(name, "")
    return value if isinstance(value, str) else value[0]


def _documents(entity: etree._Element, into: Path, parts: Mapping[str, Part], found: list[Finding]) -> tuple[FilingDocument, ...]:
    nodes = [node for node in entity.iter() if local(node) == "文档"]
    named = [list(_named(node)) for node in nodes]
    names = iter(safe_names(name for files in named for name, _ in files))
    documents = []
    for sequence, (node, files) in enumerate(zip(nodes, named, strict=True), 1):
        taken = [_taken(name, data, into / next(names), parts, found) for name, data in files]
        present = tuple(item for item in taken if item is not None)
        documents.append(FilingDocument(sequence, _role(node, sequence), child_text(node, "题名"), present))
    return tuple(documents)


def _role(node: etree._Element, sequence: int) -> Role:
    """Return 正本 for what is declared the main document, or for the first where nothing is declared."""
    declared = child_text(node, "文档主从声明")
    return Role.MAIN if declared.startswith("主") or (not declared and sequence == 1) else Role.ATTACHMENT


def _named(document: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield the name and the holder of every computer file: 编码 by the standard, 文档数据 in abridged forms."""
    for node in document.iter():
        attributes = next((item for item in node if local(item) == "电子属性"), None)
        if local(node) in {"编码", "文档数据"} and attributes is not None:
            yield child_text(attributes, "计算机文件名") or node.get("编码ID") or "未命名", node


def _taken(name: str, holder: etree._Element, place: Path, parts: Mapping[str, Part], found: list[Finding]) -> FilingFile | None:
    """Put the content of one computer file in its place; None where there is no content."""
    data = next((item for item in holder if local(item) == DATA), None)
    part = None if data is None else parts.get(data.get("引用编码数据ID") or "") or parts.get((data.text or "").strip())
    attributes = next(item for item in holder if local(item) == "电子属性")
    size = child_text(attributes, "计算机文件大小")
    if part is None or not (part.size_bytes or part.is_broken or size == "0"):
        found.append(finding("EEP-DATA-EMPTY", name))
        return None
    if part.is_broken:
        found.append(finding("EEP-DATA-INVALID", name))
    place.hardlink_to(part.path)
    bytes_said = int(size) if size.isascii() and size.isdecimal() and len(size) < 20 else None
    return FilingFile(place.name, name, bytes_said, elements=described.file_elements(holder))
