"""What annotations of a PDF page say: notes, text boxes, stamps and filled-in fields lie over the page and are no part of its text."""

import ctypes

import pypdfium2.raw as pdfium

from lantai.formats.content import clean

NOTES = 200  # kept of a document
_MOST = 200
_LONGEST = 2000
_KINDS = {
    pdfium.FPDF_ANNOT_TEXT: "Text",
    pdfium.FPDF_ANNOT_FREETEXT: "FreeText",
    pdfium.FPDF_ANNOT_STAMP: "Stamp",
    pdfium.FPDF_ANNOT_HIGHLIGHT: "Highlight",
    pdfium.FPDF_ANNOT_WIDGET: "Widget",
}
_PASSED_OVER = frozenset({pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP})

Said = tuple[tuple[str, str], ...]


def said(page: pdfium.FPDF_PAGE) -> Said:
    """Return kind and text of each annotation of the page that says anything: its contents, or the value of its field."""
    found = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        item = pdfium.FPDFPage_GetAnnot(page, index)
        if not item:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(item)
        text = "" if kind in _PASSED_OVER else _string(item, b"Contents") or _string(item, b"V")
        pdfium.FPDFPage_CloseAnnot(item)
        if text:
            found.append((_KINDS.get(kind, "Annotation"), text))
    return tuple(found)


def _string(item: pdfium.FPDF_ANNOTATION, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(item, key, None, 0)
    if size <= 2:
        return ""
    room = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(item, key, room, size)
    return clean(bytes(room).decode("utf-16-le", "replace").partition("\0")[0])[:_LONGEST].strip()
