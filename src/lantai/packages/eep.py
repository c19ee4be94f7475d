"""Reading one EEP 封装包 (DA/T 48-2009): the XML as a filing package, its Base64 content streamed into files.

The element names are the standard's; the abridged forms that tools write are read as well. Nothing of a file's content is
held in memory, and neither DTD nor entity is accepted.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.core.record import Elements, Role
from lantai.packages import described
from lantai.packages.eep_stream import DATA, Part, parse
from lantai.packages.filing_values import FilingDocument, FilingFile, FilingPackage
from lantai.packages.layout import safe_names
from lantai.packages.outside import Unreadable, child_text, local

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


def read(path: Path, into: Path, *, limit_bytes: int = _LIMIT_BYTES) -> FilingPackage:
    """Read the EEP at *path*, its computer files written into the folder *into* under safe names.

    The files' paths are those below *into*. Signatures are not verified here. What is wrong is in the findings; for bytes
    that are no EEP there is nothing but a finding. Raises OSError where *into* cannot be written.
    """
    into.mkdir(parents=True, exist_ok=True)
    folder = into / _PARTS
    folder.mkdir()
    try:
        root, parts = parse(path, folder, limit_bytes=limit_bytes)
        if local(root) != _ROOT:
            raise Unreadable(f"根元素是 {local(root)}")
        return _package(_content(root), into, parts)
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


def _package(content: etree._Element, into: Path, parts: Mapping[str, Part]) -> FilingPackage:
    found: list[Finding] = []
    entity = next((node for node in content.iter() if local(node) == "文件实体块"), content)
    elements = described.elements(entity)
    process = described.process(content)
    documents = _documents(entity, into, parts, found)
    if not any(document.files for document in documents):
        found.append(finding("FILING-CONTENT-MISSING", ""))
    return FilingPackage(
        code=_first(elements, "electronic_record_code"),
        elements=elements,
        documents=documents,
        agents=process.agents,
        events=process.events,
        relations=process.relations,
        findings=tuple(dict.fromkeys((*found, *process.findings))),
    )


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
    if part is None or not (part.size_bytes or part.is_broken):
        found.append(finding("EEP-DATA-EMPTY", name))
        return None
    if part.is_broken:
        found.append(finding("EEP-DATA-INVALID", name))
    place.hardlink_to(part.path)
    attributes = next(item for item in holder if local(item) == "电子属性")
    size = child_text(attributes, "计算机文件大小")
    return FilingFile(place.name, name, int(size) if size.isascii() and size.isdecimal() and len(size) < 20 else None)
