"""What in a PDF does something or leads outside: scripts, launched programs, embedded files, media, forms of another kind, links.

Looked for twice, through PDFium's own lists and in the bytes (object streams inflated up to a bound), because each alone can be
fooled.
"""

from collections.abc import Iterator

import pypdfium2.raw as pdfium

from lantai.core.findings import Finding, finding
from lantai.formats.content import Source
from lantai.formats.pdf.raw import names

_MARKS = (
    ("PDF-JAVASCRIPT", (b"/JavaScript", b"/JS ", b"/JS(", b"/JS<", b"/JS\r", b"/JS\n")),
    ("PDF-LAUNCH", (b"/Launch",)),
    ("PDF-EMBEDDED-FILE", (b"/EmbeddedFile", b"/FileAttachment")),
    ("PDF-MULTIMEDIA", (b"/RichMedia", b"/Rendition", b"/Movie")),
    ("PDF-XFA", (b"/XFA",)),
    ("PDF-EXTERNAL", (b"/GoToR", b"/GoToE", b"/SubmitForm", b"/ImportData", b"/FFilter")),
    ("PDF-LINK", (b"/URI ", b"/URI(", b"/URI/", b"/URI<", b"/URI\r", b"/URI\n")),
)


def active(document: pdfium.FPDF_DOCUMENT, source: Source) -> Iterator[Finding]:
    """Yield a finding for each kind of active content."""
    looked_at = names(source)
    counted = {
        "PDF-JAVASCRIPT": pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0,
        "PDF-EMBEDDED-FILE": pdfium.FPDFDoc_GetAttachmentCount(document) > 0,
    }
    for code, marks in _MARKS:
        if counted.get(code) or any(mark in looked_at for mark in marks):
            yield finding(code, source.name)
