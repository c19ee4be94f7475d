"""Reading and validating a transfer package 移交信息包, whichever of its forms came; nothing of it is trusted.

One walk, one parse of the catalogue, one of each record's metadata; contents are opened only to be digested. A record is the folder
that holds an ``电子档案…元数据.XML`` or, where there is none, files of its own.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from lxml import etree

from lantai.core.digests import started
from lantai.core.findings import Finding, finding
from lantai.core.record import Elements
from lantai.packages import described
from lantai.packages.filing_read import documents_of, natural
from lantai.packages.filing_values import FilingFile, FilingPackage
from lantai.packages.layout import safe_name
from lantai.packages.manifest import Declared, nfc, read_manifest, safe_path
from lantai.packages.outside import Unreadable, attribute, decode, local, parse_xml, read_bytes, text_of
from lantai.packages.transfer_write import DIGESTS
from lantai.standards import da_t_93
from lantai.standards.da_t_93 import Catalogue, Form

_METADATA = re.compile(r"电子档案.*元数据\.xml", re.IGNORECASE)
_DIGEST_TABLES = (DIGESTS, "电子档案数字摘要.csv", "manifest.csv")
_NUMBER = re.compile(r"[0-9]{1,15}")
_CATALOGUE_LIMIT_BYTES = 512 * 1024**2
_CHUNK = 1 << 20
_MOST_OF_A_KIND = 100
_ALGORITHMS = {"sha256": "SHA-256", "sm3": "SM3"}


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a package: its code by the catalogue, its folder below the package, the paths below that, its catalogue row."""

    code: str
    folder: str
    files: tuple[str, ...]
    row: Mapping[str, str] = field(default_factory=dict)

    @property
    def metadata(self) -> tuple[str, ...]:
        """The paths of its metadata below its folder."""
        return tuple(path for path in self.files if _METADATA.fullmatch(path))


@dataclass(frozen=True, slots=True)
class TransferPackage:
    """A transfer package as it was read.

    ``description`` are the lines of 说明文件, ``rows`` those of the catalogue, ``own_files`` the paths of what describes the package,
    ``declared`` what its table of digests says by path.
    """

    form: str
    description: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]
    items: tuple[Item, ...]
    own_files: tuple[str, ...]
    declared: Mapping[str, Declared]
    findings: tuple[Finding, ...]

    @property
    def stated_records(self) -> int:
        """How many records the description states, or where it states none how many rows the catalogue has."""
        stated = _stated(self.description, "档案数量")
        return len(self.rows) if stated is None else stated

    @property
    def stated_bytes(self) -> int | None:
        """How many bytes the files of its records have by the description, None where it does not say."""
        return _stated(self.description, "数据量（字节）")


def _stated(description: Mapping[str, str], name: str) -> int | None:
    number = _NUMBER.search(description.get(name, ""))
    return int(number[0]) if number else None


def form_of(folder: Path) -> Form | None:
    """Return the form in which the folder is a transfer package, None where it is none.

    A catalogue of the form stands in its root or, where that was lost, a description with at least two of the form's fields.
    """
    try:
        with os.scandir(folder) as items:
            names = {item.name.lower() for item in items if item.is_file(follow_symlinks=False)}
    except OSError:
        return None
    forms = da_t_93.forms().values()
    known = next((form for form in forms if any(one.file.lower() in names for one in form.catalogues)), None)
    return known or next((form for form in forms if form.description.lower() in names and _is_described(folder, form)), None)


def _is_described(folder: Path, form: Form) -> bool:
    path = next((path.name for path in folder.iterdir() if path.name.lower() == form.description.lower()), "")
    return len(_description(folder, path).keys() & set(form.fields)) >= 2


def read(folder: Path) -> TransferPackage:
    """Read the package in *folder* but for the contents of its records. Raises ValueError where it is none."""
    form = form_of(folder)
    if form is None:
        raise ValueError("not a transfer package")
    found: list[Finding] = []
    paths = sorted(_walk(folder, found))
    roots = {path.lower(): path for path in paths if "/" not in path}
    catalogues = [(one, roots[one.file.lower()]) for one in form.catalogues if one.file.lower() in roots]
    if not catalogues:
        found.append(finding("TRANSFER-CATALOGUE-MISSING", folder.name))
    rows = tuple(row for one, path in catalogues for row in _rows(folder, path, one, found))
    description_path = roots.get(form.description.lower(), "")
    lines = _description(folder, description_path)
    own = {path for _, path in catalogues} | ({description_path} if description_path else set())
    own |= {path for path in paths if path.startswith(f"{form.other}/")}
    declared = _declared(folder, form, own, found)
    items = _items([path for path in paths if path not in own], form, rows)
    found += _about(folder, form, rows, lines, is_described=bool(description_path))
    found += _matched(rows, items, form)
    found += (finding("TRANSFER-ROOT-EXTRA", path) for path in sorted(roots.values()) if path not in own)
    found += _listed(declared, paths, own)
    return TransferPackage(form.key, lines, rows, items, tuple(sorted(own)), declared, _bounded(found))


def validate(folder: Path, progress: Callable[[int], None] = lambda _: None) -> tuple[Finding, ...]:
    """Return everything that is to be said of the package in *folder*; every byte of its records is read and digested."""
    package = read(folder)
    found = list(package.findings)
    for item in package.items:
        found += _checked(folder, item)
        progress(1)
    for path, said in package.declared.items():
        found += _digested(folder, path, said)
    return _bounded(found)


def read_item(folder: Path, item: Item, declared: Mapping[str, Declared] | None = None) -> FilingPackage:
    """Read one record of the package in *folder*; paths are below the record's own folder."""
    found: list[Finding] = []
    base = folder / item.folder
    roots = []
    for path in item.metadata:
        try:
            roots.append(parse_xml(read_bytes(base / path)))
        except Unreadable as error:
            found.append(finding("TRANSFER-ITEM-METADATA-UNREADABLE", f"{item.folder}/{path}", reason=str(error)))
    if not item.metadata:
        found.append(finding("TRANSFER-ITEM-METADATA-MISSING", item.code or item.folder))
    content = sorted((path for path in item.files if path not in item.metadata), key=natural)
    remarks: list[Finding] = []
    documents = documents_of(roots[0] if roots else None, content, remarks)
    if not content:
        found.append(finding("TRANSFER-ITEM-CONTENT-MISSING", item.code or item.folder))
    elements = _elements(roots, item)
    code = _text(elements, "archival_code")
    if roots and item.code and code != item.code:
        found.append(finding("TRANSFER-ITEM-CODE-DIFFERS", item.code, found=code))
    process = described.process(*roots)
    said = {(one.get("路径") and attribute(one, "路径")): one for root in roots for one in root.iter() if local(one) == "计算机文件"}
    told = {path: Declared(_size(one.get("字节数")), one.get("SHA-256") or "", one.get("SM3") or "") for path, one in said.items() if path}
    listed = {path: (declared or {}).get(nfc(f"{item.folder}/{path}")) for path in content}
    known = {path: listed[path] or told.get(path) for path in content}
    return FilingPackage(
        code=_text(elements, "electronic_record_code"),
        elements=elements,
        documents=tuple(replace(one, files=tuple(_with(file, known.get(file.path)) for file in one.files)) for one in documents),
        agents=process.agents,
        events=process.events,
        relations=process.relations,
        own_files=item.metadata,
        findings=tuple(dict.fromkeys((*found, *(one for one in remarks if one.code in _KEPT), *process.findings))),
    )


_KEPT = frozenset({"FILING-FILE-MISSING", "FILING-PATH-UNSAFE"})


def _elements(roots: Iterable[etree._Element], item: Item) -> Elements:
    """Return the elements of the metadata, or of the catalogue's row where there is none."""
    read: Elements = {}
    for root in roots:
        read = {**described.elements(root), **read}
    if read:
        return read
    columns = {column.name: column.element for form in da_t_93.forms().values() for column in form.columns}
    return {columns[name]: value for name, value in item.row.items() if value and columns.get(name)}


def _text(elements: Elements, name: str) -> str:
    value = elements.get(name, "")
    return value if isinstance(value, str) else value[0]


def _size(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 20 else None


def _with(file: FilingFile, said: Declared | None) -> FilingFile:
    return file if said is None else replace(file, size_bytes=said.size_bytes, sha256=said.sha256.lower(), sm3=said.sm3.lower())


def _walk(folder: Path, found: list[Finding]) -> Iterator[str]:
    """Yield the path of every plain file; links and special files are findings and not followed."""
    pending = [""]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(folder / here) as items:
                inside = list(items)
        except OSError:
            found.append(finding("TRANSFER-LINK", here))
            continue
        for item in inside:
            path = f"{here}/{item.name}".lstrip("/")
            if item.is_dir(follow_symlinks=False):
                pending.append(path)
            elif item.is_file(follow_symlinks=False):
                yield path
            else:
                found.append(finding("TRANSFER-LINK", path))


def _rows(folder: Path, path: str, catalogue: Catalogue, found: list[Finding]) -> Iterator[Mapping[str, str]]:
    try:
        root = parse_xml(read_bytes(folder / path, limit_bytes=_CATALOGUE_LIMIT_BYTES), is_huge=True)
    except Unreadable as error:
        found.append(finding("TRANSFER-CATALOGUE-UNREADABLE", path, reason=str(error)))
        return
    if local(root) != catalogue.root:
        found.append(finding("TRANSFER-CATALOGUE-UNREADABLE", path, reason=f"根元素是 {local(root)}"))
        return
    for node in root:
        if local(node) == catalogue.row:
            yield {local(item): text_of(item) for item in node}


def _description(folder: Path, path: str) -> dict[str, str]:
    lines: dict[str, str] = {}
    if not path:
        return lines
    try:
        text = decode(read_bytes(folder / path))
    except Unreadable:
        return lines
    for line in text.splitlines():
        name, colon, value = line.partition("：") if "：" in line else line.partition(":")
        if colon and name.strip():
            lines[name.strip()] = value.strip()
    return lines


def _declared(folder: Path, form: Form, own: Iterable[str], found: list[Finding]) -> dict[str, Declared]:
    """Return what the table of digests says, by composed path below the package."""
    names = {f"{form.other}/{name}".lower() for name in _DIGEST_TABLES}
    declared: dict[str, Declared] = {}
    tables = [path for path in own if path.lower() in names]
    if not tables:
        found.append(finding("TRANSFER-DIGESTS-MISSING", folder.name))
    for path in tables:
        remarks: list[Finding] = []
        declared |= read_manifest(folder, path, remarks)
        found += (finding("TRANSFER-PATH-UNSAFE", item.where) for item in remarks if item.code == "FILING-PATH-UNSAFE")
        found += (item for item in remarks if item.code != "FILING-PATH-UNSAFE")
    return declared


def _items(paths: list[str], form: Form, rows: Iterable[Mapping[str, str]]) -> tuple[Item, ...]:
    """Put the files together by record: the folder of a row's name, else the lowest that holds metadata, else each folder with files."""
    names = {nfc(key): row for row in rows for key in _keys(row)}
    folders: dict[str, list[str]] = {}
    lone: list[str] = []
    for path in paths:
        place = _record_folder(path, names)
        if place:
            folders.setdefault(place, []).append(path[len(place) + 1 :])
        elif "/" in path or not form.content:
            lone.append(path)
    for path in [path for path in lone if "/" in path]:
        place = path.rpartition("/")[0]
        folders.setdefault(place, []).append(path[len(place) + 1 :])
    return tuple(
        Item(row.get("档号", "") or _name(folder), folder, tuple(files), row)
        for folder, files in folders.items()
        for row in [names.get(nfc(_name(folder)), {})]
    )


def _keys(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that the folder of a row may have."""
    for text in (row.get("档号", ""), row.get("电子档案名称", "")):
        if text:
            yield text
            yield safe_name(text)


def _record_folder(path: str, names: Mapping[str, object]) -> str:
    parts = path.split("/")[:-1]
    at = next((at for at, part in enumerate(parts) if nfc(part) in names), -1)
    return "/".join(parts[: at + 1])


def _name(folder: str) -> str:
    return PurePosixPath(folder).name


def _about(
    folder: Path, form: Form, rows: tuple[Mapping[str, str], ...], lines: Mapping[str, str], *, is_described: bool
) -> Iterator[Finding]:
    """Compare description and catalogue."""
    if not is_described:
        yield finding("TRANSFER-DESCRIPTION-MISSING", folder.name)
    else:
        yield from (finding("TRANSFER-DESCRIPTION-FIELD", name) for name in form.fields if name not in lines)
    declared = lines.get("档案数量", "")
    number = _NUMBER.search(declared)
    if declared and (number is None or int(number[0]) != len(rows)):
        yield finding("TRANSFER-COUNT", declared, count=len(rows))
    codes = [row.get("档号", "") for row in rows]
    span = lines.get("起止档号", "")
    if span and codes and not (codes[0] in span and codes[-1] in span):
        yield finding("TRANSFER-RANGE", span, found=f"{codes[0]}—{codes[-1]}")
    yield from _fields(form, rows)
    for code, count in Counter(filter(None, codes)).items():
        if count > 1:
            yield finding("TRANSFER-CODE-REPEATED", code, count=count)


def _fields(form: Form, rows: tuple[Mapping[str, str], ...]) -> Iterator[Finding]:
    absent: Counter[str] = Counter()
    for at, row in enumerate(rows, 1):
        for column in form.columns:
            if row.get(column.name):
                continue
            if column.level == "must":
                yield finding("TRANSFER-CATALOGUE-FIELD", row.get("档号") or row.get("题名", "")[:50], row=at, name=column.name)
            elif column.level == "should":
                absent[column.name] += 1
        number = row.get("顺序号", "")
        if number and number.lstrip("0") != str(at):
            yield finding("TRANSFER-SEQUENCE", number, row=at)
    yield from (finding("TRANSFER-CATALOGUE-FIELD-ABSENT", name, count=count) for name, count in absent.items())


def _matched(rows: Iterable[Mapping[str, str]], items: Iterable[Item], form: Form) -> Iterator[Finding]:
    present = {nfc(_name(item.folder)) for item in items}
    for row in rows:
        keys = list(_keys(row))
        if any(not safe_path(key) for key in keys if "/" in key or "\\" in key):
            yield finding("TRANSFER-PATH-UNSAFE", keys[0])
        if keys and not any(nfc(_name(key)) in present for key in keys):
            yield finding("TRANSFER-ITEM-MISSING", keys[0])
    yield from (finding("TRANSFER-ITEM-EXTRA", item.folder) for item in items if not item.row)


def _listed(declared: Mapping[str, Declared], paths: Iterable[str], own: Iterable[str]) -> Iterator[Finding]:
    if not declared:
        return
    present, described_by = {nfc(path): path for path in paths}, set(own)
    yield from (finding("TRANSFER-FILE-MISSING", path) for path in declared if path not in present)
    yield from (finding("TRANSFER-FILE-EXTRA", path) for key, path in present.items() if key not in declared and path not in described_by)


def _checked(folder: Path, item: Item) -> Iterator[Finding]:
    yield from read_item(folder, item).findings


def _digested(folder: Path, path: str, said: Declared) -> Iterator[Finding]:
    """Read a file once and compare it with the table; what is absent has been told already."""
    names = {name: value for name, value in (("sha256", said.sha256), ("sm3", said.sm3)) if value}
    try:
        size, actual = _digests(folder / path, names)
    except OSError:
        return
    if said.size_bytes is not None and said.size_bytes != size:
        yield finding("TRANSFER-SIZE-DIFFERS", path, found=size, expected=said.size_bytes)
    for name, value in names.items():
        if actual[name] != value:
            yield finding("TRANSFER-DIGEST-DIFFERS", path, algorithm=_ALGORITHMS[name])


def _digests(path: Path, names: Iterable[str]) -> tuple[int, dict[str, str]]:
    """Return size and digests of a plain file, never of what a link leads to. Raises OSError."""
    states, size = {name: started(name) for name in names}, 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            for state in states.values():
                state.update(chunk)
    return size, {name: state.hexdigest() for name, state in states.items()}


def _bounded(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out repetitions, and what comes of one code after the hundredth."""
    seen: Counter[str] = Counter()
    kept = []
    for item in dict.fromkeys(found):
        seen[item.code] += 1
        if seen[item.code] <= _MOST_OF_A_KIND:
            kept.append(item)
    return tuple(kept)
