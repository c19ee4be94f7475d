"""PDFium, opened and closed in one place. It is not safe for threads: whoever uses it holds LOCK, one at a time in a process."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pypdfium2.raw as pdfium

from lantai.formats.content import Source, Unreadable
from lantai.formats.pdf.raw import data_of, is_held
from lantai.formats.pdf.spared import SparedFile

LOCK = threading.RLock()


@contextmanager
def opened(source: Source) -> Iterator[pdfium.FPDF_DOCUMENT]:
    """Lend the open document. Raises Unreadable: PDF-ENCRYPTED, PDF-DAMAGED."""
    with LOCK, _loaded(source) as document:
        if not document:
            is_locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            raise Unreadable("PDF-ENCRYPTED" if is_locked else "PDF-DAMAGED", source.name)
        try:
            yield document
        finally:
            pdfium.FPDF_CloseDocument(document)


@contextmanager
def opened_bytes(data: bytes) -> Iterator[pdfium.FPDF_DOCUMENT | None]:
    """Lend a document of bytes in memory; None where it cannot be opened."""
    with LOCK:
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        try:
            yield document or None
        finally:
            if document:
                pdfium.FPDF_CloseDocument(document)


@contextmanager
def _loaded(source: Source) -> Iterator[pdfium.FPDF_DOCUMENT | None]:
    """Load the document out of memory, or, where it is too large for that, out of the file without its largest images."""
    if is_held(source):
        data = data_of(source)
        yield pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        return
    with closing(SparedFile(source.path)) as spared:
        yield pdfium.FPDF_LoadCustomDocument(spared.access, None)
