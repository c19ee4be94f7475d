"""The outline of a PDF (ISO 32000-2 12.3.3): titles, depth and page, as far as one would read it."""

import ctypes
from collections.abc import Iterator

import pypdfium2.raw as pdfium

from lantai.formats.content import clean
from lantai.ports.reader import OutlineEntry

ENTRIES = 500
DEPTH = 12
LONGEST = 200
_ROOM = 2 * LONGEST + 2


def outline(document: pdfium.FPDF_DOCUMENT) -> tuple[OutlineEntry, ...]:
    """Return the first 500 entries in reading order; a forged outline that turns in a circle ends there too."""
    found: list[OutlineEntry] = []
    for entry in _below(document, None, 0):
        found.append(entry)
        if len(found) >= ENTRIES:
            break
    return tuple(found)


def _below(document: pdfium.FPDF_DOCUMENT, above: pdfium.FPDF_BOOKMARK | None, level: int) -> Iterator[OutlineEntry]:
    item, count = pdfium.FPDFBookmark_GetFirstChild(document, above), 0
    while item and level <= DEPTH and count < ENTRIES:
        yield OutlineEntry(level, _title(item), _page(document, item))
        yield from _below(document, item, level + 1)
        item, count = pdfium.FPDFBookmark_GetNextSibling(document, item), count + 1


def _title(item: pdfium.FPDF_BOOKMARK) -> str:
    size = pdfium.FPDFBookmark_GetTitle(item, None, 0)
    room = ctypes.create_string_buffer(max(2, size))
    pdfium.FPDFBookmark_GetTitle(item, room, size)
    text = room.raw[:_ROOM].decode("utf-16-le", "replace").partition("\0")[0]
    return " ".join(clean(text).split())[:LONGEST] or "（无标题）"


def _page(document: pdfium.FPDF_DOCUMENT, item: pdfium.FPDF_BOOKMARK) -> int | None:
    goal = pdfium.FPDFBookmark_GetDest(document, item)
    if not goal:
        action = pdfium.FPDFBookmark_GetAction(item)
        is_inside = action and pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_GOTO
        goal = pdfium.FPDFAction_GetDest(document, action) if is_inside else None
    index = pdfium.FPDFDest_GetDestPageIndex(document, goal) if goal else -1
    return index + 1 if index >= 0 else None
