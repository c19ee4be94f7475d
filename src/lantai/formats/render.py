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
from lantai.ports.reader import Limits

MOST_PIXELS_A_SIDE = 4000
IMAGES = frozenset({"jpeg", "png", "tiff", "jp2", "j2k", "bmp", "gif"})


def render(path: Path, name: str, *, page: int, width: int, limits: Limits) -> bytes | None:
    """Return page *page* (from 1) as PNG, *width* pixels wide; None where there is no such page or no way to draw it.

    What the file contains never raises; memory and time are bounded by *limits* and by the process that calls.
    """
    width = max(16, min(width, MOST_PIXELS_A_SIDE))
    kind, _, _ = identify(Source.of(path, name, limits))
    try:
        if kind.key == "pdf":
            return _pdf(path, page, width)
        if kind.key in IMAGES:
            return _image(path, page, width, limits)
    except (pypdfium2.PdfiumError, MemoryError, *DAMAGE):
        return None
    return None


def _pdf(path: Path, page: int, width: int) -> bytes | None:
    with LOCK:
        return _pdf_alone(path, page, width)


def _pdf_alone(path: Path, page: int, width: int) -> bytes | None:
    document = pypdfium2.PdfDocument(path)
    try:
        if not 1 <= page <= len(document):
            return None
        sheet = document[page - 1]
        wide, high = sheet.get_size()
        if wide <= 0 or high <= 0:
            return None
        scale = min(width / wide, MOST_PIXELS_A_SIDE / high)
        return _png(sheet.render(scale=scale).to_pil())
    finally:
        document.close()


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
