"""The PDF reader: pages, text with line boxes, what the file says of itself, and what in it is dangerous or broken (ISO 32000-1)."""

import ctypes
from collections.abc import Iterator

import pypdfium2.raw as pdfium

from lantai.core.findings import Finding, finding
from lantai.formats.content import Content, Pages, Source, Unreadable, described
from lantai.formats.pdf import text
from lantai.formats.pdf.active import active
from lantai.formats.pdf.attachments import attachments
from lantai.formats.pdf.engine import opened
from lantai.formats.pdf.locks import lock_of
from lantai.formats.pdf.notes import NOTES
from lantai.formats.pdf.outline import outline
from lantai.formats.pdf.raw import IN_MEMORY, is_held, is_xref_sound
from lantai.formats.pdf.signatures import signatures
from lantai.formats.pdf.values import iso_date
from lantai.formats.pdf.xmp import claimed_pdfa
from lantai.ports.reader import Note

_PAGES_NAMED = 20
_META = {
    "title": "Title", "author": "Author", "subject": "Subject", "keywords": "Keywords",
    "creator": "Creator", "producer": "Producer", "created": "CreationDate", "modified": "ModDate",
}  # fmt: skip


def read(source: Source) -> Content:
    """Read the PDF of *source*. Raises Unreadable: PDF-DAMAGED. A file that is locked gives the kind of its lock and no more."""
    try:
        with opened(source) as document:
            return _content(document, source)
    except Unreadable as problem:
        lock = lock_of(source) if problem.finding.code == "PDF-ENCRYPTED" else ""
        if not lock:
            raise
        return Content(metadata={"encryption": lock}, findings=(problem.finding,))


def _content(document: pdfium.FPDF_DOCUMENT, source: Source) -> Content:
    count = pdfium.FPDF_GetPageCount(document)
    pages, broken, notes = _pages(document, count, source)
    metadata = _metadata(document, source)
    findings = [*_structure(document, source), *active(document, source), *broken, *pages.findings]
    if count and not pages.has_text and not pages.findings:
        findings.append(finding("PDF-NO-TEXT", source.name))
    if claim := metadata.get("pdfa_claimed"):
        findings.append(finding("PDF-A-CLAIMED", source.name, level=claim))
    rows = signatures(document, source)
    return Content(count, pages.kept, metadata, rows, tuple(findings), attachments(document, source), outline(document), notes)


def _pages(document: pdfium.FPDF_DOCUMENT, count: int, source: Source) -> tuple[Pages, list[Finding], tuple[Note, ...]]:
    pages, broken, notes = Pages(source), [], list[Note]()
    if pages.is_full:
        count = 0
    for index, page in enumerate(_page_texts(document, count, source)):
        if page is None:
            broken.append(index + 1)
        words, size, lines, said = page or ("", (0.0, 0.0), (), ())
        pages.add(words, size=size, lines=lines)
        notes += [Note("annotation", kind, " ".join(text.split()), index + 1) for kind, text in said[: max(0, NOTES - len(notes))]]
        if index + 1 < count and pages.is_full:
            break
    return pages, [finding("PDF-PAGE-DAMAGED", source.name, page=number) for number in broken[:_PAGES_NAMED]], tuple(notes)


def _page_texts(document: pdfium.FPDF_DOCUMENT, count: int, source: Source) -> Iterator[text.Page | None]:
    """Yield the text of page after page. PDFium keeps all it has read, so a large file is closed and opened again on the way."""
    if is_held(source):
        yield from (text.page(document, index) for index in range(count))
        return
    at_once = max(1, count * IN_MEMORY // source.path.stat().st_size)
    for start in range(0, count, at_once):
        with opened(source) as again:
            yield from (text.page(again, index) for index in range(start, min(count, start + at_once)))


def _structure(document: pdfium.FPDF_DOCUMENT, source: Source) -> Iterator[Finding]:
    if pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0:
        yield finding("PDF-ENCRYPTED-RESTRICTED", source.name)
    if not is_xref_sound(source):
        yield finding("PDF-XREF-REPAIRED", source.name)
    if not pdfium.FPDF_GetPageCount(document):
        yield finding("PDF-NO-PAGES", source.name)


def _metadata(document: pdfium.FPDF_DOCUMENT, source: Source) -> dict[str, str]:
    """Return what the file says of itself; ``pdfa_claimed`` is a claim that nobody has validated, ``encryption`` how it is locked."""
    values = {key: _meta(document, tag) for key, tag in _META.items()}
    values["created"], values["modified"] = iso_date(values["created"]), iso_date(values["modified"])
    version = ctypes.c_int()
    if pdfium.FPDF_GetFileVersion(document, version):
        values["pdf_version"] = f"{version.value // 10}.{version.value % 10}"
    values["pdfa_claimed"] = claimed_pdfa(source)
    if pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0:
        values["encryption"] = lock_of(source)
    return described(dict(values))


def _meta(document: pdfium.FPDF_DOCUMENT, tag: str) -> str:
    size = pdfium.FPDF_GetMetaText(document, tag.encode(), None, 0)
    if size <= 2:
        return ""
    room = ctypes.create_string_buffer(min(size, 65_536))
    pdfium.FPDF_GetMetaText(document, tag.encode(), room, len(room))
    return room.raw.decode("utf-16-le", "replace").partition("\0")[0]
