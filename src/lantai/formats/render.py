"""Drawing one page as PNG, for the reading room: PDF through PDFium, images through Pillow. Other formats have no picture yet."""

import warnings
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image

from lantai.formats.content import Source
from lantai.formats.identify import identify
from lantai.formats.image import DAMAGE, OPENED
from lantai.formats.pdf.engine import LOCK
from lantai.ports.reader import AS_SCANNED, SCAN_DPI, Limits

MOST_PIXELS_A_SIDE = 4000
_POINTS = 72
IMAGES = frozenset({"jpeg", "png", "tiff", "jp2", "j2k", "bmp", "gif"})


def render(path: Path, name: str, *, page: int, width: int, limits: Limits) -> bytes | None:
    """Return page *page* (from 1) as PNG, *width* pixels wide or a page of a PDF AS_SCANNED; None where there is no such page or no way
    to draw it.

    What the file contains never raises; memory and time are bounded by *limits* and by the process that calls.
    """
    kind, _, _ = identify(Source.of(path, name, limits))
    try:
        if kind.key == "pdf":
            return _pdf(path, page, width, limits)
        if kind.key in IMAGES:
            return _image(path, page, _bounded(width), limits)
    except (pypdfium2.PdfiumError, MemoryError, *DAMAGE):
        return None
    return None


def _bounded(width: int) -> int:
    return max(16, min(width, MOST_PIXELS_A_SIDE))


def _pdf(path: Path, page: int, width: int, limits: Limits) -> bytes | None:
    with LOCK:
        return _pdf_alone(path, page, width, limits)


def _pdf_alone(path: Path, page: int, width: int, limits: Limits) -> bytes | None:
    document = pypdfium2.PdfDocument(path)
    try:
        if not 1 <= page <= len(document):
            return None
        sheet = document[page - 1]
        wide, high = sheet.get_size()
        if wide <= 0 or high <= 0:
            return None
        if width == AS_SCANNED:
            return _scanned(sheet, limits)
        scale = min(_bounded(width) / wide, MOST_PIXELS_A_SIDE / high)
        return _png(sheet.render(scale=scale).to_pil())
    finally:
        document.close()


def _scanned(sheet: pypdfium2.PdfPage, limits: Limits) -> bytes | None:
    """Draw a page at the resolution of a scan, which its file then states; None where that is more pixels than the limit."""
    scale = SCAN_DPI / _POINTS
    wide, high = sheet.get_size()
    if wide * high * scale**2 > limits.pixels:
        return None
    out = BytesIO()
    sheet.render(scale=scale).to_pil().convert("RGB").save(out, "PNG", dpi=(SCAN_DPI, SCAN_DPI), compress_level=1)
    return out.getvalue()


def _image(path: Path, page: int, width: int, limits: Limits) -> bytes | None:
    with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as picture:
        if not 1 <= page <= getattr(picture, "n_frames", 1):
            return None
        picture.seek(page - 1)
        if picture.width * picture.height > limits.pixels:
            return None
        picture.draft("RGB", (width, width * 2))
        shown = picture.convert("RGB")
    shown.thumbnail((width, MOST_PIXELS_A_SIDE))
    return _png(shown)


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()
