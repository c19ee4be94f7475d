"""Office files that are zips of XML: DOCX, XLSX, PPTX (ECMA-376) and OpenDocument (ISO 26300): their text, not their look."""

import posixpath
import re
from collections.abc import Callable, Iterator

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats import office_text
from lantai.formats.content import Content, Pages, Source, Unreadable, described
from lantai.formats.embedded import content, objects
from lantai.formats.textual import chunk_text
from lantai.formats.xmlsafe import local, parse
from lantai.formats.zipped import Members, members

_EMU_A_POINT = 12_700
_DOCUMENT = "word/document.xml"
_CORE = {
    "title": "title", "creator": "author", "subject": "subject", "keywords": "keywords", "description": "description", "created": "created",
    "modified": "modified", "lastModifiedBy": "modified_by", "category": "category", "contentStatus": "status",
    "initial-creator": "author", "creation-date": "created", "date": "modified", "generator": "application", "keyword": "keywords",
}  # fmt: skip
_APP = {"Pages": "pages", "Application": "application", "AppVersion": "application_version", "Company": "company", "Template": "template"}
_NUMBER = re.compile(r"(\d+)\.xml$")
_MARKS = (
    ("OFFICE-MACRO", ("vbaproject.bin", "vbadata.xml", "script-lb.xml", "jdedata.bin")),
    ("OFFICE-ENCRYPTED", ("encryptedpackage",)),
)


def read_docx(source: Source) -> Content:
    """Read a DOCX: headers, body, notes and footers as one text; the number of pages is only what the file says of itself."""

    def text(parts: Members, pages: Pages) -> int | None:
        main = _main_part(parts, _DOCUMENT, source)
        folder = posixpath.dirname(main)
        more = sorted(name for name in parts.names if posixpath.dirname(name) == folder.lower() and _is_side_part(name))
        around = {name: office_text.flow(part) for name in more if (part := _lenient(parts, name, source)) is not None}
        above = [text for name, text in around.items() if posixpath.basename(name).startswith("header")]
        below = [text for name, text in around.items() if not posixpath.basename(name).startswith("header")]
        root = parse(parts.read_twice(main), source.name, "OFFICE-DAMAGED")
        taken_in = [chunk_text(parts.read(name), name, source.name) for name in _chunks(root, main, parts, source)]
        pages.add("\n".join(part for part in (*above, office_text.flow(root), *taken_in, *below) if part.strip()))
        return None

    return _read(source, text)


def read_xlsx(source: Source) -> Content:
    """Read an XLSX: one page a sheet, a row a line, cells parted by tabs, numbers as stored."""

    def text(parts: Members, pages: Pages) -> int | None:
        shared = _lenient(parts, "xl/sharedStrings.xml", source) if parts.has("xl/sharedStrings.xml") else None
        strings = office_text.shared_strings(shared) if shared is not None else []
        sheets = _numbered(parts, "xl/worksheets/")
        for name in sheets:
            if pages.is_full:
                break
            root = _lenient(parts, name, source)
            pages.add(office_text.sheet(root, strings, source.limits.text_characters) if root is not None else "")
        return len(sheets)

    return _read(source, text)


def read_pptx(source: Source) -> Content:
    """Read a PPTX: one page a slide, a paragraph a line."""

    def text(parts: Members, pages: Pages) -> int | None:
        size = _slide_size(parts, source)
        slides = _numbered(parts, "ppt/slides/")
        for name in slides:
            if pages.is_full:
                break
            root = _lenient(parts, name, source)
            pages.add(office_text.flow(root) if root is not None else "", size=size)
        return len(slides)

    return _read(source, text)


def read_odf(source: Source) -> Content:
    """Read an OpenDocument file: its content as one text."""

    def text(parts: Members, pages: Pages) -> int | None:
        if parts.has("META-INF/manifest.xml") and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise Unreadable("OFFICE-ENCRYPTED", source.name)
        pages.add(office_text.flow(parse(parts.read("content.xml"), source.name, "OFFICE-DAMAGED")))
        return None

    return _read(source, text)


def embedded(source: Source, index: int, most: int) -> bytes | None:
    """Return the bytes of the embedded object at *index*; None where there is none or it is larger than *most*."""
    with members(source) as parts:
        return content(parts, index, most)


def _read(source: Source, text: Callable[[Members, Pages], int | None]) -> Content:
    with members(source) as parts:
        pages = Pages(source)
        findings = list(_remarks(parts, source))
        metadata = _metadata(parts, source)
        inside = objects(parts)
        try:
            count = text(parts, pages)
        except Unreadable as problem:
            return Content(None, pages.kept, metadata, (), (*findings, problem.finding, *pages.findings), inside)
        return Content(count, pages.kept, metadata, (), (*findings, *pages.findings), inside)


def _remarks(parts: Members, source: Source) -> Iterator[Finding]:
    bases = {posixpath.basename(name) for name in parts.names}
    for code, marks in _MARKS:
        if any(mark in bases for mark in marks):
            yield finding(code, source.name)
    if any(name.startswith(("basic/", "scripts/")) and name.endswith(".xml") for name in parts.names):
        yield finding("OFFICE-MACRO", source.name)
    if any("/embeddings/" in name or name.startswith("object ") for name in parts.names):
        yield finding("OFFICE-EMBEDDED", source.name)
    if any(_is_external(parts, name, source) for name in parts.names if name.endswith(("document.xml.rels", "settings.xml.rels"))):
        yield finding("OFFICE-EXTERNAL", source.name)
    yield from _revisions(parts, source)


def _revisions(parts: Members, source: Source) -> Iterator[Finding]:
    if parts.has("word/comments.xml"):
        yield finding("OFFICE-COMMENTS", source.name)
    if parts.has(_DOCUMENT):
        try:
            data = parts.read_twice(_DOCUMENT)
        except Unreadable:
            return
        if b"<w:ins " in data or b"<w:del " in data:
            yield finding("OFFICE-REVISIONS", source.name)


def _is_external(parts: Members, name: str, source: Source) -> bool:
    root = _lenient(parts, name, source)
    items = () if root is None else root.iter("{*}Relationship")
    return any(item.get("TargetMode") == "External" and not item.get("Type", "").endswith("/hyperlink") for item in items)


def _metadata(parts: Members, source: Source) -> dict[str, str]:
    values: dict[str, str | None] = {}
    for name, table in (("docProps/core.xml", _CORE), ("docProps/app.xml", _APP), ("meta.xml", _CORE)):
        root = _lenient(parts, name, source)
        for item in root.iter() if root is not None else ():
            if local(item) in table and item.text and len(item) == 0:
                values.setdefault(table[local(item)], item.text)
    root = _lenient(parts, "docProps/custom.xml", source)
    for item in root if root is not None else ():
        values.setdefault(item.get("name", "custom")[:100], "".join(map(str, item.itertext())))
    return described(values)


def _lenient(parts: Members, name: str, source: Source) -> etree._Element | None:
    """Parse a part that the text can do without; None where it is absent or broken. Budget breaches still end the reading."""
    if not parts.has(name):
        return None
    try:
        return parse(parts.read(name), source.name)
    except Unreadable as problem:
        if problem.finding.code.startswith("READ-"):
            raise
        return None


def _main_part(parts: Members, usual: str, source: Source) -> str:
    root = _lenient(parts, "_rels/.rels", source)
    for item in root.iter("{*}Relationship") if root is not None else ():
        target = item.get("Target", "").lstrip("/")
        if item.get("Type", "").endswith("/officeDocument") and parts.has(target):
            return target
    return usual


def _chunks(root: etree._Element, main: str, parts: Members, source: Source) -> list[str]:
    """Members that the body takes in whole (altChunk, ECMA-376 part 1, 17.17.2.1): web pages that a converter left as they were."""
    wanted = {item.get(key) for item in root.iter("{*}altChunk") for key in item.keys() if str(key).endswith("}id")}  # noqa: SIM118 - not a dict
    folder, name = posixpath.split(main)
    rels = _lenient(parts, f"{folder}/_rels/{name}.rels", source) if wanted else None
    found = [item.get("Target", "") for item in (rels if rels is not None else ()) if item.get("Id") in wanted]
    places = [target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target)) for target in found]
    return [place for place in places if parts.has(place)]


def _is_side_part(name: str) -> bool:
    return posixpath.basename(name).startswith(("header", "footer", "footnotes", "endnotes")) and name.endswith(".xml")


def _numbered(parts: Members, folder: str) -> list[str]:
    """Members of *folder* named …N.xml, by number."""
    found = ((_NUMBER.search(name), name) for name in parts.names if posixpath.dirname(name) + "/" == folder)
    return [name for _, name in sorted((int(match[1][:9]), name) for match, name in found if match)]


def _slide_size(parts: Members, source: Source) -> tuple[float, float]:
    root = _lenient(parts, "ppt/presentation.xml", source)
    item = None if root is None else root.find("{*}sldSz")
    width, height = ("", "") if item is None else (item.get("cx", ""), item.get("cy", ""))
    is_sane = width.isdecimal() and height.isdecimal() and len(width) < 12 and len(height) < 12
    return (int(width) / _EMU_A_POINT, int(height) / _EMU_A_POINT) if is_sane else (0.0, 0.0)
