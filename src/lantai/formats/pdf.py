"""PDF: pages, text with line boxes, what the file says of itself, and what in it is dangerous or broken (ISO 32000-1).

PDFium is not safe for threads: one process reads one file at a time. Active content is looked for twice, through PDFium's
own lists and in the bytes (object streams inflated up to a bound), because each alone can be fooled.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2.raw as pdfium

from lantai.core.findings import Finding, finding
from lantai.formats import pdf_text
from lantai.formats.content import Content, Pages, Source, Unreadable, clean, described
from lantai.formats.pdf_bytes import data_of, has_sound_xref, object_streams, readable

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
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?|(Z))?")


def read(source: Source) -> Content:
    """Read the PDF of *source*. Raises Unreadable: PDF-ENCRYPTED, PDF-DAMAGED, READ-TOO-LARGE."""
    data = data_of(source)
    with _opened(data, source) as document:
        count = pdfium.FPDF_GetPageCount(document)
        pages, broken = _pages(document, count, source)
        findings = [*_structure(document, data, source), *_active(document, source), *broken, *pages.findings]
        if count and not pages.has_text and not pages.findings:
            findings.append(finding("PDF-NO-TEXT", source.name))
        return Content(count, pages.kept, _metadata(document), _signatures(document), tuple(findings))


@contextmanager
def _opened(data: bytes, source: Source) -> Iterator[pdfium.FPDF_DOCUMENT]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        is_locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Unreadable("PDF-ENCRYPTED" if is_locked else "PDF-DAMAGED", source.name)
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _pages(document: pdfium.FPDF_DOCUMENT, count: int, source: Source) -> tuple[Pages, list[Finding]]:
    pages, broken = Pages(source), []
    for index in range(count):
        if pages.is_full:
            break
        page = pdf_text.page(document, index)
        if page is None:
            broken.append(index + 1)
        text, size, lines = page or ("", (0.0, 0.0), ())
        pages.add(text, size=size, lines=lines)
    return pages, [finding("PDF-PAGE-DAMAGED", source.name, page=number) for number in broken[:_PAGES_NAMED]]


def _structure(document: pdfium.FPDF_DOCUMENT, data: bytes, source: Source) -> Iterator[Finding]:
    if pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0:
        yield finding("PDF-ENCRYPTED-RESTRICTED", source.name)
    if not has_sound_xref(data):
        yield finding("PDF-XREF-REPAIRED", source.name)
    if not pdfium.FPDF_GetPageCount(document):
        yield finding("PDF-NO-PAGES", source.name)


def _active(document: pdfium.FPDF_DOCUMENT, source: Source) -> Iterator[Finding]:
    looked_at = readable(source) + b"".join(object_streams(source))
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


def iso_date(raw: str) -> str:
    """Return a PDF date (ISO 32000-1 7.9.4) in ISO 8601 as precise as it is; what is no date comes back as it was."""
    match = _DATE.match(raw.strip())
    if not match:
        return raw
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes, zulu = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if not (day and hour):
        return date
    zone = "Z" if zulu else f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def _signatures(document: pdfium.FPDF_DOCUMENT) -> tuple[dict[str, object], ...]:
    count = min(max(0, pdfium.FPDF_GetSignatureCount(document)), 100)
    return tuple(_signature(pdfium.FPDF_GetSignatureObject(document, index), index) for index in range(count))


def _signature(field: pdfium.FPDF_SIGNATURE, index: int) -> dict[str, object]:
    room = ctypes.create_string_buffer(256)
    pdfium.FPDFSignatureObj_GetSubFilter(field, room, len(room))
    kind = clean(room.value.decode("ascii", "replace"))
    pdfium.FPDFSignatureObj_GetTime(field, room, len(room))
    return unverified(f"Signature{index + 1}", kind, iso_date(clean(room.value.decode("ascii", "replace"))))


def unverified(name: str, kind: str, signed_at: str = "") -> dict[str, object]:
    """Return the row of a signature that nobody has verified: every verdict is null, and all of them are listed as not checked."""
    verdicts = ("digests_valid", "signature_valid", "seal_valid", "chain_valid", "time_valid")
    return {"name": name, "kind": kind, "signed_at": signed_at} | dict.fromkeys(verdicts) | {"altered": [], "not_checked": list(verdicts)}
