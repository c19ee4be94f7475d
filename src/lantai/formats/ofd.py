"""OFD (GB/T 33190-2016): pages, text with boxes, document information, signatures listed but not verified.

First version: text of page content and templates; annotations and seals are not read as text. Paths that the standard
does not allow (backslashes, other letter case, absolute where relative is due) are followed where they lead to a member.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats import ofd_text
from lantai.formats.content import Content, Pages, Source, Unreadable, described
from lantai.formats.pdf import unverified
from lantai.formats.xmlsafe import local, parse
from lantai.formats.zipped import Members, members

_INFO = {
    "Title": "title", "Author": "author", "Subject": "subject", "Abstract": "abstract", "CreationDate": "created",
    "ModDate": "modified", "DocUsage": "usage", "Creator": "creator", "CreatorVersion": "creator_version", "DocID": "document_id",
}  # fmt: skip
_PARTS_NAMED = 20


@dataclass(slots=True)
class _Book:
    """What one OFD gives while its documents are gone through."""

    source: Source
    parts: Members
    pages: Pages
    count: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    signatures: list[dict[str, object]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read(source: Source) -> Content:
    """Read the OFD of *source*. Raises Unreadable: ZIP-…, OFD-DAMAGED, OFD-ENCRYPTED, XML-DTD."""
    with members(source) as parts:
        root = parse(parts.read("OFD.xml"), source.name, "OFD-DAMAGED")
        book = _Book(source, parts, Pages(source))
        if parts.is_encrypted or any(posixpath.basename(name) == "encryptions.xml" for name in parts.names):
            raise Unreadable("OFD-ENCRYPTED", source.name)
        bodies = root.findall("{*}DocBody")
        if not bodies:
            raise Unreadable("OFD-DAMAGED", source.name, detail="OFD.xml 中没有 DocBody")
        for body in bodies:
            _document(body, book)
        return _content(book)


def _content(book: _Book) -> Content:
    if book.count and not book.pages.has_text and not book.pages.findings and not book.findings:
        book.findings.append(finding("OFD-NO-TEXT", book.source.name))
    findings = (*book.findings[:_PARTS_NAMED], *book.pages.findings)
    return Content(book.count, book.pages.kept, described(dict(book.metadata)), tuple(book.signatures), findings)


def _document(body: etree._Element, book: _Book) -> None:
    _information(body, book)
    _list_signatures(body, book)
    start = _reference(body.findtext("{*}DocRoot"), "", book)
    document = _part(start, book) if start else None
    if document is None:
        return
    sheet = ofd_text.Sheet.of(document.find("{*}CommonData/{*}PageArea"), ofd_text.A4)
    templates = {item.get("ID", ""): item.get("BaseLoc", "") for item in document.iterfind("{*}CommonData/{*}TemplatePage")}
    listed = document.findall("{*}Pages/{*}Page")
    book.count += len(listed)
    if any(local(item) in ("Attachments",) for item in document):
        book.findings.append(finding("OFD-ATTACHMENT", book.source.name))
    for item in listed:
        if book.pages.is_full:
            return
        _page(
            _reference(item.get("BaseLoc"), start, book), sheet, {key: _reference(at, start, book) for key, at in templates.items()}, book
        )


def _page(place: str, sheet: ofd_text.Sheet, templates: dict[str, str], book: _Book) -> None:
    """Read one page with the templates it names; a page that is missing or broken leaves an empty page and a finding."""
    root = _part(place, book) if place else None
    if root is None:
        book.pages.add("", size=sheet.size)
        return
    own = ofd_text.Sheet.of(root.find("{*}Area"), sheet)
    named = [templates.get(item.get("TemplateID", ""), "") for item in root.iterfind("{*}Template")]
    roots = [part for part in (_part(at, book) for at in named if at) if part is not None]
    lines = ofd_text.lines([*roots, root], own)
    book.pages.add("\n".join(line.text for line in lines), size=own.size, lines=lines)


def _information(body: etree._Element, book: _Book) -> None:
    info = body.find("{*}DocInfo")
    for item in info if info is not None else ():
        key = _INFO.get(local(item))
        if key and item.text:
            book.metadata.setdefault(key, item.text)
        elif local(item) == "Keywords":
            book.metadata.setdefault("keywords", "；".join(word.text or "" for word in item))
    for item in body.iterfind("{*}DocInfo/{*}CustomDatas/{*}CustomData"):
        book.metadata.setdefault(item.get("Name", "")[:100] or "custom", item.text or "")


def _list_signatures(body: etree._Element, book: _Book) -> None:
    place = _reference(body.findtext("{*}Signatures"), "", book)
    listed = _part(place, book) if place else None
    for item in listed.iterfind("{*}Signature") if listed is not None else ():
        own = _reference(item.get("BaseLoc"), place, book)
        root = _part(own, book) if own else None
        signed_at = "" if root is None else (root.findtext("{*}SignedInfo/{*}SignatureDateTime") or "")
        book.signatures.append(unverified(own or item.get("ID", ""), item.get("Type", "Seal"), signed_at))


def _part(place: str, book: _Book) -> etree._Element | None:
    try:
        return parse(book.parts.read(place), book.source.name, "OFD-PART-DAMAGED")
    except Unreadable as problem:
        if problem.finding.code in ("READ-TOO-LARGE", "READ-TIMEOUT"):
            raise
        found = problem.finding
        book.findings.append(found if found.code != "OFD-PART-DAMAGED" else finding("OFD-PART-DAMAGED", place, detail=""))
        return None


def _reference(raw: str | None, holder: str, book: _Book) -> str:
    """Return the member that *raw*, written in the part *holder*, means; empty (with a finding) where it leads nowhere."""
    if not raw or not raw.strip():
        return ""
    for candidate in _candidates(raw.strip(), holder):
        if book.parts.has(candidate):
            return candidate
    book.findings.append(finding("OFD-PART-MISSING", book.source.name, member=raw.strip()[:200]))
    return ""


def _candidates(raw: str, holder: str) -> Iterator[str]:
    """Yield members that *raw* may mean: as written, from the root, then beside the holder's folder; no leading slash."""
    path = raw.replace("\\", "/")
    folder = posixpath.dirname(holder)
    inside, at_root = posixpath.join("/", folder, path), "/" + path
    first = (at_root, inside) if path.startswith("/") else (inside, at_root)
    for place in (*first, posixpath.join("/", posixpath.dirname(folder), path)):
        yield posixpath.normpath(place).lstrip("/")
