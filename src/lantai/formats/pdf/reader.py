"""PDF: pages, text with line boxes, what the file says of itself, and what in it is dangerous or broken (ISO 32000-1).

PDFium is not safe for threads: one process reads one file at a time. Active content is looked for twice, through PDFium's
own lists and in the bytes (object streams inflated up to a bound), because each alone can be fooled.
"""

import ctypes
from collections.abc import Iterator

import pypdfium2.raw as pdfium

from lantai.core.findings import Finding, finding
from lantai.formats.content import Content, Pages, Source, described
from lantai.formats.pdf import text
from lantai.formats.pdf.engine import opened
from lantai.formats.pdf.raw import is_xref_sound, names
from lantai.formats.pdf.signatures import signatures
from lantai.formats.pdf.values import iso_date

_PAGES_NAMED = 20
_META = {
    "title": "Title", "author": "Author", "subject": "Subject", "keywords": "Keywords",
    "creator": "Creator", "producer": "Producer", "created": "CreationDate", "modified": "ModDate",
}  # fmt: skip
_ACTIVE = (
    ("PDF-JAVASCRIPT", (b"/JavaScript", b"/JS ", b"/JS(", b"/JS<", b"/JS\r", b"/JS\n")),
    ("PDF-LAUNCH", (b"/Launch",)),
    ("PDF-EMBEDDED-FILE", (b"/EmbeddedFile", b"/FileAttachment")),
    ("PDF-MULTIMEDIA", (b"/RichMedia", b"/Rendition", b"/Movie")),
    ("PDF-XFA", (b"/XFA",)),
)


def read(source: Source) -> Content:
    """Read the PDF of *source*. Raises Unreadable: PDF-ENCRYPTED, PDF-DAMAGED, READ-TOO-LARGE."""
    with opened(source) as document:
        count = pdfium.FPDF_GetPageCount(document)
        pages, broken = _pages(document, count, source)
        findings = [*_structure(document, source), *_active(document, source), *broken, *pages.findings]
        if count and not pages.has_text and not pages.findings:
            findings.append(finding("PDF-NO-TEXT", source.name))
        return Content(count, pages.kept, _metadata(document), signatures(document, source), tuple(findings))


def _pages(document: pdfium.FPDF_DOCUMENT, count: int, source: Source) -> tuple[Pages, list[Finding]]:
    pages, broken = Pages(source), []
    for index in range(count):
        if pages.is_full:
            break
        page = text.page(document, index)
        if page is None:
            broken.append(index + 1)
        words, size, lines = page or ("", (0.0, 0.0), ())
        pages.add(words, size=size, lines=lines)
    return pages, [finding("PDF-PAGE-DAMAGED", source.name, page=number) for number in broken[:_PAGES_NAMED]]


def _structure(document: pdfium.FPDF_DOCUMENT, source: Source) -> Iterator[Finding]:
    if pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0:
        yield finding("PDF-ENCRYPTED-RESTRICTED", source.name)
    if not is_xref_sound(source):
        yield finding("PDF-XREF-REPAIRED", source.name)
    if not pdfium.FPDF_GetPageCount(document):
        yield finding("PDF-NO-PAGES", source.name)


def _active(document: pdfium.FPDF_DOCUMENT, source: Source) -> Iterator[Finding]:
    looked_at = names(source)
    counted = {
        "PDF-JAVASCRIPT": pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0,
        "PDF-EMBEDDED-FILE": pdfium.FPDFDoc_GetAttachmentCount(document) > 0,
    }
    for code, marks in _ACTIVE:
        if counted.get(code) or any(mark in looked_at for mark in marks):
            yield finding(code, source.name)


def _metadata(document: pdfium.FPDF_DOCUMENT) -> dict[str, str]:
    values = {key: _meta(document, tag) for key, tag in _META.items()}
    values["created"], values["modified"] = iso_date(values["created"]), iso_date(values["modified"])
    version = ctypes.c_int()
    if pdfium.FPDF_GetFileVersion(document, version):
        values["pdf_version"] = f"{version.value // 10}.{version.value % 10}"
    return described(dict(values))


def _meta(document: pdfium.FPDF_DOCUMENT, tag: str) -> str:
    size = pdfium.FPDF_GetMetaText(document, tag.encode(), None, 0)
    if size <= 2:
        return ""
    room = ctypes.create_string_buffer(min(size, 65_536))
    pdfium.FPDF_GetMetaText(document, tag.encode(), room, len(room))
    return room.raw.decode("utf-16-le", "replace").partition("\0")[0]
