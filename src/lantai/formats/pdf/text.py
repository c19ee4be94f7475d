"""Text and line boxes of one PDF page, with few calls into PDFium: one for the text, about three a line for its box."""

import ctypes
from collections.abc import Callable

import pypdfium2.raw as pdfium

from lantai.formats.content import clean
from lantai.formats.pdf.notes import Said, said
from lantai.ports.reader import Line

Box = tuple[float, float, float, float]
Page = tuple[str, tuple[float, float], tuple[Line, ...], Said]
_CHARACTERS = 2_000_000


def page(document: pdfium.FPDF_DOCUMENT, index: int) -> Page | None:
    """Return text, (width, height) in points as shown, lines, and what annotations say, of page *index* (from 0).

    None where the page cannot be loaded.
    """
    handle = pdfium.FPDF_LoadPage(document, index)
    if not handle:
        return None
    try:
        size = (round(pdfium.FPDF_GetPageWidthF(handle), 2), round(pdfium.FPDF_GetPageHeightF(handle), 2))
        layer = pdfium.FPDFText_LoadPage(handle)
        if not layer:
            return "", size, (), said(handle)
        try:
            text = _text(layer)
            return text.replace("\r\n", "\n"), size, _lines(layer, text, _turner(handle)), said(handle)
        finally:
            pdfium.FPDFText_ClosePage(layer)
    finally:
        pdfium.FPDF_ClosePage(handle)


def _text(layer: pdfium.FPDF_TEXTPAGE) -> str:
    count = min(pdfium.FPDFText_CountChars(layer), _CHARACTERS)
    if count <= 0:
        return ""
    room = (ctypes.c_ushort * (2 * count + 2))()
    written = pdfium.FPDFText_GetText(layer, 0, count, room)
    return bytes(memoryview(room).cast("B")[: 2 * max(0, written - 1)]).decode("utf-16-le", "replace")


def _lines(layer: pdfium.FPDF_TEXTPAGE, text: str, turn: Callable[[Box], Box]) -> tuple[Line, ...]:
    is_plain = len(text) == pdfium.FPDFText_CountChars(layer)
    ruler = _Ruler(layer)
    lines, at = [], 0
    for part in text.split("\r\n"):
        start, at = at, at + len(part) + 2
        if part.isspace() or not part:
            continue
        first, last = (start, start + len(part) - 1) if is_plain else _indexes(layer, start, len(part))
        box = ruler.box(first, last - first + 1) if last >= first >= 0 else None
        if box is not None:
            lines.append(Line(clean(part), turn(box)))
    return tuple(lines)


def _indexes(layer: pdfium.FPDF_TEXTPAGE, start: int, length: int) -> tuple[int, int]:
    """Turn positions in the text into PDFium's character indexes; they part ways where a glyph has no character."""
    find = pdfium.FPDFText_GetCharIndexFromTextIndex
    return find(layer, start), find(layer, start + length - 1)


class _Ruler:
    """Measures runs of characters of one page; the numbers it measures into are made once, which a page of many lines feels."""

    def __init__(self, layer: pdfium.FPDF_TEXTPAGE) -> None:
        self._layer = layer
        self._sides = tuple(ctypes.c_double() for _ in range(4))
        self._places = tuple(ctypes.byref(side) for side in self._sides)

    def box(self, first: int, count: int) -> Box | None:
        """Return left, bottom, right, top of the characters in page space; None where they have no extent."""
        rects = pdfium.FPDFText_CountRects(self._layer, first, count)
        if rects <= 0:
            return None
        left, bottom, right, top = self._rect(0)
        for index in range(1, rects):
            x0, y0, x1, y1 = self._rect(index)
            left, bottom, right, top = min(left, x0), min(bottom, y0), max(right, x1), max(top, y1)
        return left, bottom, right, top

    def _rect(self, index: int) -> Box:
        pdfium.FPDFText_GetRect(self._layer, index, *self._places)
        left, top, right, bottom = self._sides
        return left.value, bottom.value, right.value, top.value


def _turner(handle: pdfium.FPDF_PAGE) -> Callable[[Box], Box]:
    """Return the turn from page space (origin bottom left of the sheet) to the page as shown (origin top left), to 0.1 point."""
    frame = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(handle, frame)
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    turns: tuple[Callable[[Box], Box], ...] = (
        lambda b: (round(b[0] - left, 1), round(top - b[3], 1), round(b[2] - left, 1), round(top - b[1], 1)),
        lambda b: (round(b[1] - bottom, 1), round(b[0] - left, 1), round(b[3] - bottom, 1), round(b[2] - left, 1)),
        lambda b: (round(right - b[2], 1), round(b[1] - bottom, 1), round(right - b[0], 1), round(b[3] - bottom, 1)),
        lambda b: (round(top - b[3], 1), round(right - b[2], 1), round(top - b[1], 1), round(right - b[0], 1)),
    )
    quarter: int = pdfium.FPDFPage_GetRotation(handle) % 4
    return turns[quarter]
