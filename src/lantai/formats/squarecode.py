"""Square codes (QR): a text as the fields of a code, and the text of the code on a page of a scan."""

import io
import warnings
from pathlib import Path

from PIL import Image

from lantai.formats.frames import is_pdf
from lantai.formats.image import DAMAGE, OPENED
from lantai.ports.reader import Reader

_WIDTH = 600  # a fourth of A4 at 300 dpi and a little less, so that a JPEG need not be decoded any larger


def encode(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the fields of the code of *text*, row by row, True where black, with a light margin."""
    import cv2  # noqa: PLC0415 - 60 MB that a process which serves screens seldom needs

    fields = cv2.QRCodeEncoder.create().encode(text)
    return tuple(tuple(bool(value < 128) for value in row) for row in fields)


def decode(reader: Reader, path: Path, frame: int, *, pixels: int) -> str | None:
    """Return the text of the code on frame *frame* (from 1) of a scan; empty where there is none, None where the frame cannot be drawn.

    A page of a PDF is drawn behind the guard of *reader*.
    """
    import cv2  # noqa: PLC0415 - as above
    import numpy as np  # noqa: PLC0415 - as above

    try:
        grey = _drawn(reader, path, frame) if is_pdf(path) else _opened(path, frame, pixels)
    except (MemoryError, *DAMAGE):
        return None
    try:
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.asarray(grey))
    except cv2.error:
        return ""
    return str(text)


def _opened(path: Path, frame: int, pixels: int) -> Image.Image:
    with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
        image.seek(frame - 1)
        if image.width * image.height > pixels:
            raise ValueError("too large")
        image.draft("L", (_WIDTH, _WIDTH))
        grey = image.convert("L")
    grey.thumbnail((_WIDTH, _WIDTH * 4))
    return grey


def _drawn(reader: Reader, path: Path, frame: int) -> Image.Image:
    drawn = reader.render(path, path.name, page=frame, width=_WIDTH)
    if drawn is None:
        raise ValueError("not drawn")
    return Image.open(io.BytesIO(drawn), formats=("PNG",)).convert("L")
