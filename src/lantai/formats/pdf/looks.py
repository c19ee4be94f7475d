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
_SIZE = hashlib.sha256().digest_size


def different_pages(source: Source, end: int) -> Iterator[str]:
    """Name the pages that look different from the first *end* bytes of the file alone; only the first ones are compared."""
    with opened_bytes(data_of(source)[:end]) as old:
        now = _looks_now(source) if old is not None else None
        if old is None or now is None:
            return
        count, looks = now
        then = pdfium.FPDF_GetPageCount(old)
        if then != count:
            yield f"签名时 {then} 页，现在 {count} 页"
        for index, look in enumerate(looks[:then]):
            if source.is_late:
                return
            if _look(old, index) != look:
                yield f"第 {index + 1} 页的显示与签名时不同"


def _looks_now(source: Source) -> tuple[int, list[bytes]] | None:
    """Return how many pages the file has and how the first of them look, drawn once for all its signatures; None where it does not open."""
    if "looks" not in source.memo:
        with opened_bytes(data_of(source)) as new:
            count = pdfium.FPDF_GetPageCount(new) if new is not None else -1
            looks = [_look(new, index) for index in range(min(count, _MOST_PAGES)) if not source.is_late]
        source.memo["looks"] = b"%d " % count + b"".join(looks)
    count_, _, joined = source.memo["looks"].partition(b" ")
    return None if int(count_) < 0 else (int(count_), [joined[at : at + _SIZE] for at in range(0, len(joined), _SIZE)])


def _look(document: pdfium.FPDF_DOCUMENT, index: int) -> bytes:
    """Return a digest of the page as it is drawn, annotations and form fields as they lie in it included."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return bytes(_SIZE)
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
