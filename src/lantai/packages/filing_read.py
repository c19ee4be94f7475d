"""Reading a filing package: forgiving of encodings and spellings, never of content. Whatever does not fit is a finding."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.core.record import Elements, Representation, Role
from lantai.packages import described
from lantai.packages.filing_values import FilingDocument, FilingFile, FilingPackage
from lantai.packages.manifest import Declared, is_manifest, nfc, read_manifests, safe_path
from lantai.packages.outside import LIMIT_BYTES, Unreadable, attribute, child_text, decode, local, parse_xml, read_bytes, text_of

_METADATA_STEMS = ("基本信息元数据", "归档目录", "文件元数据")
_PROCESS_STEMS = ("处理过程元数据", "业务过程元数据")
_DESCRIPTION_STEMS = ("说明文件",)
_FOLDER_ROLES = {
    "正本": Role.MAIN,
    "附件": Role.ATTACHMENT,
    "定稿与修改稿": Role.REVISION,
    "定稿": Role.FINAL_DRAFT,
    "修改稿": Role.REVISION,
    "处理单": Role.PROCESSING_SLIP,
}
_DIGITS = re.compile(r"(\d+)")


def is_filing_package(folder: Path) -> bool:
    """Tell whether *folder* is one package: it holds the basic metadata, or a description beside a folder of content."""
    if not folder.is_dir():
        return False
    with os.scandir(folder) as items:
        kinds = [(item.name, item.is_file(follow_symlinks=False), item.is_dir(follow_symlinks=False)) for item in items]
    stems = {name.rpartition(".")[0] for name, is_file, _ in kinds if is_file}
    folders = {name for name, _, is_folder in kinds if is_folder}
    return bool(stems & set(_METADATA_STEMS)) or bool(stems & {*_DESCRIPTION_STEMS, *_PROCESS_STEMS} and folders & _FOLDER_ROLES.keys())


def find_packages(folder: Path) -> list[Path]:
    """Return *folder* itself if it is a package, else every package among the folders directly below, by name."""
    if is_filing_package(folder):
        return [folder]
    return (
        sorted((item for item in folder.iterdir() if is_filing_package(item)), key=lambda item: natural(item.name))
        if folder.is_dir()
        else []
    )


def natural(name: str) -> list[tuple[int, str]]:
    """Return the key that sorts numbers in names by value: 附件2 before 附件10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name) if part]


def read(folder: Path) -> FilingPackage:
    """Read the package in *folder*; what is wrong with it is in its findings, never an error.

    No content file is opened: digests are declared here and compared by whoever reads the bytes.
    """
    found: list[Finding] = []
    paths = sorted(plain_files(folder, found), key=natural)
    own = tuple(path for path in paths if "/" not in path and (_stem(path) in _OWN or is_manifest(path)))
    metadata = _first_xml(folder, own, _METADATA_STEMS, found)
    steps = _first_xml(folder, own, _PROCESS_STEMS, found)
    if metadata is None and not any(_stem(path) in _METADATA_STEMS for path in own):
        found.append(finding("FILING-METADATA-MISSING", folder.name))
    process = described.process(*(root for root in (metadata, steps) if root is not None))
    content = [path for path in paths if path not in own]
    documents = documents_of(metadata, content, found)
    declared = read_manifests(folder, [path for path in own if is_manifest(path)], found)
    found += _compared(folder.name, declared, own, content)
    elements = {} if metadata is None else described.elements(metadata)
    lines = _description(folder, own, found)
    return FilingPackage(
        code=_code(elements, lines),
        elements=elements,
        documents=tuple(replace(item, files=tuple(_declared(file, declared) for file in item.files)) for item in documents),
        agents=process.agents,
        events=process.events,
        relations=process.relations,
        description=lines,
        own_files=own,
        findings=tuple(dict.fromkeys((*found, *process.findings))),
    )


_OWN = frozenset({*_METADATA_STEMS, *_PROCESS_STEMS, *_DESCRIPTION_STEMS})


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def plain_files(folder: Path, found: list[Finding]) -> Iterator[str]:
    """Yield the path of every plain file, however deep; a link, and what is neither file nor folder, is a finding and not followed."""
    pending = [""]
    while pending:
        here = pending.pop()
        for item in _inside(folder / here, here, found):
            path = f"{here}/{item.name}".lstrip("/")
            if item.is_symlink():
                found.append(finding("FILING-LINK", path))
            elif item.is_dir():
                pending.append(path)
            elif item.is_file():
                yield path
            else:
                found.append(finding("FILING-SPECIAL", path))


def _inside(folder: Path, path: str, found: list[Finding]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError as error:
        found.append(finding("FILING-FOLDER-UNREADABLE", path, reason=error.strerror or str(error)))
        return []


def _first_xml(folder: Path, own: Iterable[str], stems: tuple[str, ...], found: list[Finding]) -> etree._Element | None:
    for path in own:
        if _stem(path) not in stems:
            continue
        try:
            return parse_xml(read_bytes(folder / path))
        except Unreadable as error:
            found.append(_unreadable(folder, path, error))
    return None


def _unreadable(folder: Path, path: str, error: Unreadable) -> Finding:
    with contextlib.suppress(OSError):
        if (folder / path).stat().st_size > LIMIT_BYTES:
            return finding("FILING-METADATA-TOO-LARGE", path, limit=LIMIT_BYTES)
    return finding("FILING-METADATA-UNREADABLE", path, reason=str(error))


def _description(folder: Path, own: Iterable[str], found: list[Finding]) -> dict[str, str]:
    """Return the lines 字段：值 of the description; other lines are kept under their number."""
    lines: dict[str, str] = {}
    for path in own:
        if _stem(path) in _DESCRIPTION_STEMS:
            try:
                text = decode(read_bytes(folder / path))
            except Unreadable as error:
                found.append(_unreadable(folder, path, error))
                continue
            lines |= _fields(text)
    return lines


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            name, colon, value = line.replace(":", "：", 1).partition("：") if "：" not in line else line.partition("：")
            yield (name.strip(), value.strip()) if colon and name.strip() else (f"第{number}行", line.strip())


def _code(elements: Elements, description: Mapping[str, str]) -> str:
    value = elements.get("electronic_record_code", "")
    return (value if isinstance(value, str) else value[0]) or description.get("包标识", "") or description.get("电子文件号", "")


def documents_of(metadata: etree._Element | None, content: list[str], found: list[Finding]) -> list[FilingDocument]:
    """Return the documents: those the metadata lists, in its order, then the rest by folder and name."""
    named = list(_named_documents(metadata, {nfc(path): path for path in content}, found)) if metadata is not None else []
    taken = {item.path for document in named for item in document.files}
    rest = by_folder([path for path in content if path not in taken], has_main=any(item.role is Role.MAIN for item in named))
    documents = [replace(item, sequence=number) for number, item in enumerate((*named, *rest), 1)]
    if not content:
        found.append(finding("FILING-CONTENT-MISSING", "" if metadata is None else child_text(metadata, "电子文件号")))
    elif not any(item.role is Role.MAIN and item.files for item in documents):
        found.append(finding("FILING-MAIN-MISSING", content[0].partition("/")[0]))
    return documents


def _named_documents(metadata: etree._Element, present: Mapping[str, str], found: list[Finding]) -> Iterator[FilingDocument]:
    for node in metadata.iter():
        if local(node) != "文档":
            continue
        paths = [(attribute(item, "路径") or child_text(item, "路径"), item) for item in node if local(item) == "计算机文件"]
        files = []
        for path, item in paths:
            if not safe_path(path):
                found.append(finding("FILING-PATH-UNSAFE", path))
            elif nfc(path) not in present:
                found.append(finding("FILING-FILE-MISSING", path))
            else:
                made = described.file_elements(item)
                files.append(FilingFile(present[nfc(path)], _file_name(item, path), elements=made, representation=_representation(item)))
        yield FilingDocument(
            0, _role(node.get("类别") or child_text(node, "类别"), files), attribute(node, "题名") or child_text(node, "题名"), tuple(files)
        )


def _representation(node: etree._Element) -> Representation:
    """Return what a file says it is: an original, unless it is named as what was made of one."""
    said = node.get("表现") or ""
    return Representation(said) if said in (Representation.PRESERVATION, Representation.ACCESS) else Representation.ORIGINAL


def _file_name(node: etree._Element, path: str) -> str:
    return attribute(node, "计算机文件名") or child_text(node, "计算机文件名") or text_of(node) or PurePosixPath(path).name


def _role(name: str, files: list[FilingFile]) -> Role:
    """Return the role of that name, else the one that the folder of the first file gives."""
    if name in set(Role):
        return Role(name)
    return _role_by_place(files[0].path) if files else Role.OTHER


def by_folder(paths: list[str], *, has_main: bool) -> Iterator[FilingDocument]:
    """Yield one document a name without extension: 正文.ofd and 正文.pdf are two forms of one."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(_stem(path) or path, []).append(path)
    order = list(Role)
    for stem in sorted(groups, key=lambda item: (order.index(_role_by_place(item)), not _is_called_main(item), natural(item))):
        role = _role_by_place(stem)
        role, has_main = (Role.ATTACHMENT if has_main else role, True) if role is Role.MAIN else (role, has_main)
        yield FilingDocument(0, role, "", tuple(FilingFile(path, PurePosixPath(path).name) for path in groups[stem]))


def _is_called_main(path: str) -> bool:
    return PurePosixPath(path).name.startswith(("正文", "正本"))


def _role_by_place(path: str) -> Role:
    """Return the role by folder, then by name: 附件 in 正本, 定稿 among the drafts, 发文稿纸 among the slips."""
    folder, name = path.partition("/")[0] if "/" in path else "", PurePosixPath(path).name
    role = _FOLDER_ROLES.get(folder, Role.OTHER)
    if role is Role.MAIN and name.startswith("附件"):
        return Role.ATTACHMENT
    if role is Role.REVISION and name.startswith("定稿"):
        return Role.FINAL_DRAFT
    return Role.DISPATCH_SHEET if role is Role.PROCESSING_SLIP and "稿纸" in name else role


def _compared(package: str, declared: Mapping[str, Declared], own: Iterable[str], content: Iterable[str]) -> Iterator[Finding]:
    """Compare what the manifest lists with what is there; without a manifest there is nothing to compare."""
    if not declared:
        yield finding("FILING-MANIFEST-MISSING", package)
        return
    present = {nfc(path) for path in (*own, *content)}
    for path in sorted(declared.keys() - present):
        yield finding("FILING-FILE-MISSING", path)
    for path in content:
        if nfc(path) not in declared:
            yield finding("FILING-FILE-EXTRA", path)


def _declared(file: FilingFile, declared: Mapping[str, Declared]) -> FilingFile:
    known = declared.get(nfc(file.path))
    return file if known is None else replace(file, size_bytes=known.size_bytes, sha256=known.sha256, sm3=known.sm3)
