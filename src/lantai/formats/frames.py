"""One frame of a scan as a file of its own: a page of a PDF drawn, a frame of a multi-page TIFF taken out without loss.

Pixels stay what they are; the resolution stays with them. A scan of one frame needs none of this and is used as it is.
"""

import io
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from lantai.formats.image import DAMAGE, OPENED
from lantai.ports.reader import AS_SCANNED, Reader

_NOT_DRAWN = "这一页画不出来：已损坏、大小超过上限，或者没有在限定的时间内画完"


class FrameDamaged(Exception):
    """The frame cannot be decoded, or is larger than the limit; the text says which."""


def count(path: Path) -> int:
    """Return how many pictures the image holds. Raises FrameDamaged."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
            return int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        return 1  # its size is judged when it is decoded
    except (MemoryError, *DAMAGE) as problem:
        raise FrameDamaged(str(problem)[:200]) from problem


def extract(reader: Reader, path: Path, frame: int, target: Path, *, pixels: int) -> None:
    """Write frame *frame* (from 1) of *path* as the image *target* (TIFF without loss; PNG for a page of a PDF, drawn at 300 dpi).

    PDF draws only behind the guard of *reader*, within its time and memory. Raises FrameDamaged; then *target* may hold a part, which
    the caller removes.
    """
    try:
        if is_pdf(path):
            target.write_bytes(_drawn(reader, path, frame))
        else:
            _taken(path, frame, target, pixels)
    except UnidentifiedImageError as problem:
        raise FrameDamaged("认不出是什么图像") from problem
    except (MemoryError, *DAMAGE) as problem:
        raise FrameDamaged(str(problem)[:200]) from problem


def is_pdf(path: Path) -> bool:
    """Tell whether a scan is a PDF by its first bytes."""
    with path.open("rb") as stream:
        return b"%PDF-" in stream.read(1024)


def fingerprint(image: Image.Image) -> str:
    """Return 64 bits in hex by which of 9 × 8 neighbouring fields is the brighter: alike for pages that look alike."""
    small = list(image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes())
    bits = [small[row * 9 + at] > small[row * 9 + at + 1] for row in range(8) for at in range(8)]
    return f"{sum(bit << place for place, bit in enumerate(bits)):016x}"


def thumbnail(path: Path, width: int, *, pixels: int, turned: int = 0) -> bytes | None:
    """Return the image as a JPEG *width* pixels wide (before it is turned), None where it cannot be decoded."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
            _within(image, pixels)
            image.draft("RGB", (width, width * 2))
            shown = image.convert("RGB")
            shown.thumbnail((width, width * 4))
            out = io.BytesIO()
            (shown.rotate(-turned, expand=True) if turned else shown).save(out, "JPEG", quality=82)
            return out.getvalue()
    except DAMAGE:
        return None


def histogram(path: Path, *, pixels: int) -> tuple[int, ...]:
    """Return how many pixels of an image fall into each of 64 tones from black to white; nothing where it cannot be decoded."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
            _within(image, pixels)
            image.draft("L", (320, 320))
            grey = image.convert("L")
            grey.thumbnail((320, 640))
            counts = grey.histogram()
            return tuple(sum(counts[at : at + 4]) for at in range(0, 256, 4))
    except DAMAGE:
        return ()


def crop(path: Path, box: tuple[int, int, int, int], *, pixels: int, width: int = 900) -> bytes | None:
    """Return the part *box* (x0, y0, x1, y1 in pixels) of an image as PNG, at most *width* wide; None where it cannot be decoded."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
            _within(image, pixels)
            x0, y0, x1, y1 = (max(0, value) for value in box)
            part = image.crop((x0, y0, min(max(x1, x0 + 1), image.width), min(max(y1, y0 + 1), image.height))).convert("RGB")
            part.thumbnail((width, width))
            out = io.BytesIO()
            part.save(out, "PNG", compress_level=3)
            return out.getvalue()
    except DAMAGE:
        return None


def _within(image: Image.Image, pixels: int) -> None:
    if image.width * image.height > pixels:
        raise ValueError(f"{image.width}×{image.height} 像素，超过上限")


def _taken(path: Path, frame: int, target: Path, pixels: int) -> None:
    with warnings.catch_warnings(action="ignore"), Image.open(path, formats=OPENED) as image:
        image.seek(frame - 1)
        _within(image, pixels)
        dpi = _dpi(image)
        image.load()
        how = {"compression": "group4" if image.mode == "1" else "tiff_adobe_deflate"}
        kept = image if image.mode in ("1", "L", "RGB", "CMYK") else image.convert("RGB")
        kept.save(target, "TIFF", **how, **({"dpi": (dpi, dpi)} if dpi else {}))


def _drawn(reader: Reader, path: Path, frame: int) -> bytes:
    drawn = reader.render(path, path.name, page=frame, width=AS_SCANNED)
    if drawn is None:
        raise FrameDamaged(_NOT_DRAWN)
    return drawn


def _dpi(image: Image.Image) -> int:
    raw = image.info.get("dpi")
    try:
        value = round(float(raw[0])) if raw else 0
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return 0
    return value if 1 < value <= 20_000 else 0
