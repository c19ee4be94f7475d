"""Text and line boxes of one PDF page, with few calls into PDFium: one for the text, about three a line for its box."""

import ctypes
from collections.abc import Callable

import pypdfium2.raw as pdfium

from lantai.formats.content import clean
from lantai.ports.reader import Line

Box = tuple[float, float, float, float]
_CHARACTERS = 2_000_000


def page(document: pdfium.FPDF_DOCUMENT, index: int) -> tuple[str, tuple[float, float], tuple[Line, ...]] | None:
    """Return text, (width, height) in points as shown, and lines of page *index* (from 0); None where it cannot be loaded."""
    handle = pdfium.FPDF_LoadPage(document, index)
    if not handle:
        return None
    try:
        size = (round(pdfium.FPDF_GetPageWidthF(handle), 2), round(pdfium.FPDF_GetPageHeightF(handle), 2))
        layer = pdfium.FPDFText_LoadPage(handle)
        if not layer:
            return "", size, ()
        try:
            text = _text(layer)
            return text.replace("\r\n", "\n"), size, _lines(layer, text, _turner(handle))
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
    lines, at = [], 0
    for part in text.split("\r\n"):
        start, at = at, at + len(part) + 2
        if part.isspace() or not part:
            continue
        first, last = (start, start + len(part) - 1) if is_plain else _indexes(layer, start, len(part))
        box = _box(layer, first, last - first + 1) if last >= first >= 0 else None
        if box is not None:
            lines.append(Line(clean(part), turn(box)))
    return tuple(lines)


def _indexes(layer: pdfium.FPDF_TEXTPAGE, start: int, length: int) -> tuple[int, int]:
    """Turn positions in the text into PDFium's character indexes; they part ways where a glyph has no character."""
    find = pdfium.FPDFText_GetCharIndexFromTextIndex
    return find(layer, start), find(layer, start + length - 1)


def _box(layer: pdfium.FPDF_TEXTPAGE, first: int, count: int) -> Box | None:
    """Return left, bottom, right, top of the characters in page space; None where they have no extent."""
    rects = [_rect(layer, index) for index in range(pdfium.FPDFText_CountRects(layer, first, count))]
    if not rects:
        return None
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _rect(layer: pdfium.FPDF_TEXTPAGE, index: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetRect(layer, index, left, top, right, bottom)
    return left.value, top.value, right.value, bottom.value


def _turner(handle: pdfium.FPDF_PAGE) -> Callable[[Box], Box]:
    """Return the turn from page space (origin bottom left of the sheet) to the page as shown (origin top left)."""
    frame = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(handle, frame)
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    turns: tuple[Callable[[Box], Box], ...] = (
        lambda b: (b[0] - left, top - b[3], b[2] - left, top - b[1]),
        lambda b: (b[1] - bottom, b[0] - left, b[3] - bottom, b[2] - left),
        lambda b: (right - b[2], b[1] - bottom, right - b[0], b[3] - bottom),
        lambda b: (top - b[3], right - b[2], top - b[1], right - b[0]),
    )
    turn = turns[pdfium.FPDFPage_GetRotation(handle) % 4]

    def rounded(box: Box) -> Box:
        x0, y0, x1, y1 = turn(box)
        return round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)

    return rounded
