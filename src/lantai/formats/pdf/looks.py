"""Whether the pages of a PDF look as they did when it was signed: both states are drawn small and compared."""

import ctypes
import hashlib
from collections.abc import Iterator

import pypdfium2.raw as pdfium

from lantai.formats.content import Source
from lantai.formats.pdf.engine import opened_bytes
from lantai.formats.pdf.raw import data_of

_MOST_PAGES = 20
_WIDTH = 300
_TALLEST = 1200


def different_pages(source: Source, end: int) -> Iterator[str]:
    """Name the pages that look different from the first *end* bytes of the file alone; only the first ones are compared."""
    data = data_of(source)
    with opened_bytes(data[:end]) as old, opened_bytes(data) as new:
        if old is None or new is None:
            return
        counts = pdfium.FPDF_GetPageCount(old), pdfium.FPDF_GetPageCount(new)
        if counts[0] != counts[1]:
            yield f"签名时 {counts[0]} 页，现在 {counts[1]} 页"
        for index in range(min(*counts, _MOST_PAGES)):
            if source.is_late:
                return
            if _look(old, index) != _look(new, index):
                yield f"第 {index + 1} 页的显示与签名时不同"


def _look(document: pdfium.FPDF_DOCUMENT, index: int) -> bytes:
    """Return a digest of the page as it is drawn, annotations and form fields as they lie in it included."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return b""
    try:
        wide, high = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        height = max(1, min(_TALLEST, round(_WIDTH * high / max(wide, 1.0))))
        bitmap = pdfium.FPDFBitmap_Create(_WIDTH, height, 0)
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, _WIDTH, height, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, _WIDTH, height, 0, pdfium.FPDF_ANNOT)
            size = pdfium.FPDFBitmap_GetStride(bitmap) * height
            buffer = pdfium.FPDFBitmap_GetBuffer(bitmap)
            return hashlib.sha256(bytes((ctypes.c_ubyte * size).from_address(ctypes.cast(buffer, ctypes.c_void_p).value))).digest()
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
    finally:
        pdfium.FPDF_ClosePage(page)
