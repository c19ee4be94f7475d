"""Images: size, resolution and frames as pages; damage is found by decoding every frame under a pixel budget."""

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from lantai.core.findings import Finding, finding
from lantai.formats.content import Content, Pages, Source, Unreadable, described

OPENED = ("TIFF", "JPEG", "JPEG2000", "PNG", "BMP", "DIB", "GIF")
_TOLD_PIXELS = re.compile(r"\(([0-9]+) pixels\)")
_TAGS = {"title": 270, "software": 305, "created": 306, "author": 315}
_MODES = {"1": "1", "L": "8", "P": "8 palette", "RGB": "24", "RGBA": "32", "CMYK": "32 CMYK"}
#: What Pillow says of damaged files, and what that means.
_SAID = {
    "truncated": "数据到一半就没有了",
    "data stream": "压缩的数据坏了",
    "broken PNG": "压缩的数据坏了",
    "decoder error": "压缩的数据坏了",
    "Missing dimensions": "没有写明尺寸",
}
# Pillow's codecs raise whatever their parsing stumbles over; each of these was seen on a damaged file or stands in its source.
DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    ZeroDivisionError, NotImplementedError, SystemError, struct.error, Image.DecompressionBombError,
)  # fmt: skip


def read(source: Source) -> Content:
    """Read the image of *source*. Raises Unreadable: IMAGE-DAMAGED, IMAGE-TOO-LARGE."""
    with _refusing(source.limits.pixels), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(source.path, formats=OPENED) as image:
                return _content(image, source)
        except UnidentifiedImageError:
            raise Unreadable("IMAGE-DAMAGED", source.name, detail="无法识别图像结构") from None
        except Image.DecompressionBombError as problem:
            told = _TOLD_PIXELS.search(str(problem))
            raise Unreadable("IMAGE-TOO-LARGE", source.name, size=told[1] if told else "", limit=source.limits.pixels) from None
        except DAMAGE as problem:
            raise Unreadable("IMAGE-DAMAGED", source.name, detail=_reason(problem)) from None


@contextmanager
def _refusing(pixels: int) -> Iterator[None]:
    """Let Pillow refuse twice as many pixels by itself, before we can count; its limit is the whole process's, so it is put back."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = pixels
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _content(image: Image.Image, source: Source) -> Content:
    pages = Pages(source)
    metadata = _metadata(image)
    count = int(getattr(image, "n_frames", 1))
    broken = list(_frames(image, count, pages, source))
    return Content(count, pages.kept, metadata, (), (*broken, *pages.findings))


def _frames(image: Image.Image, count: int, pages: Pages, source: Source) -> Iterator[Finding]:
    """Decode frame after frame; stop at the first that is damaged, or when pixels or time run out."""
    left = source.limits.pixels
    for index in range(count):
        if pages.is_full:
            return
        try:
            image.seek(index)
            left -= image.width * image.height
            if left < 0:
                yield finding("IMAGE-TOO-LARGE", source.name, size=f"{image.width}×{image.height}", limit=source.limits.pixels)
                return
            pages.add("", size=_points(image))
            image.load()
        except DAMAGE as problem:
            yield finding("IMAGE-DAMAGED", source.name, detail=f"第 {index + 1} 幅：{_reason(problem)}")
            return


def _reason(problem: Exception) -> str:
    """Return in words what Pillow stumbled over; what it says for itself where that is none of the usual ends."""
    if isinstance(problem, KeyError):
        return f"编码方式 {problem} 不受支持"
    said = str(problem)[:200]
    return next((words for needle, words in _SAID.items() if needle in said), said or type(problem).__name__)


def _points(image: Image.Image) -> tuple[float, float]:
    """Return width and height in points, 0 where the file does not state a resolution."""
    across, down = _dpi(image)
    if across <= 0 or down <= 0:
        return 0.0, 0.0
    return round(image.width * 72 / across, 2), round(image.height * 72 / down, 2)


def _dpi(image: Image.Image) -> tuple[float, float]:
    raw = image.info.get("dpi")
    try:
        across, down = (float(value) for value in raw) if raw else (0.0, 0.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    is_sane = 1 <= across <= 20_000 and 1 <= down <= 20_000
    return (across, down) if is_sane else (0.0, 0.0)


def _metadata(image: Image.Image) -> dict[str, str]:
    across, down = _dpi(image)
    tags = getattr(image, "tag_v2", {}) or {}
    values: dict[str, str | None] = {key: str(tags[tag]) for key, tag in _TAGS.items() if tag in tags}
    values["width_pixels"], values["height_pixels"] = str(image.width), str(image.height)
    values["bits"] = _MODES.get(image.mode, image.mode)
    values["compression"] = str(image.info.get("compression") or "")
    values["dpi"] = f"{across:g}×{down:g}" if across and down else ""
    return described(values)
