"""Opening the picture of a page: any kind of image that a scanner writes, as pixels with their resolution, under a budget."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lantai.core.errors import Fault

Pixels = NDArray[np.uint8]
#: Pillow decodes these; a scan is nothing else.
KINDS = ("TIFF", "JPEG", "JPEG2000", "PNG", "BMP", "DIB")
MOST_PIXELS = 200_000_000
# Pillow's codecs raise whatever their parsing stumbles over.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    ZeroDivisionError, NotImplementedError, SystemError, MemoryError, struct.error,
)  # fmt: skip
_A4_INCHES = (8.27, 11.69)
_TURNED = 0x0112  # orientation, in EXIF
_END, _TAIL = b"\xff\xd9", 64


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels of one page, rows of grey (2 axes) or of red, green, blue (3 axes), and its resolution.

    ``dpi`` is 0 where the file does not say; ``mode`` is what the file holds: ``bilevel``, ``grey`` or ``colour``.
    """

    pixels: Pixels
    dpi: float
    mode: str

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return int(self.pixels.shape[1])

    @property
    def likely_dpi(self) -> float:
        """The resolution stated, or the one at which this would be a sheet of A4."""
        return self.dpi or max(1, round(max(self.width, self.height) / _A4_INCHES[1]))


def count(path: Path) -> int:
    """Return how many pictures the file holds. Raises Fault SCAN-UNREADABLE."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=KINDS) as image:
            return int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        return 1  # its size is judged when it is opened
    except _DAMAGE as problem:
        raise _unreadable(path, problem) from None


def opened(path: Path, *, frame: int = 0, most_pixels: int = MOST_PIXELS) -> Picture:
    """Decode one picture of the file. Raises Fault SCAN-UNREADABLE, or SCAN-TOO-LARGE before a pixel of it is decoded."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=KINDS) as image:
            if frame:
                image.seek(frame)
            _budget(image, path, most_pixels)
            if (plain := _plain_jpeg(image, path)) is not None:
                return Picture(plain, _dpi(image), _mode(image))
            return Picture(_pixels(image), _dpi(image), _mode(image))
    except Image.DecompressionBombError:
        raise Fault("SCAN-TOO-LARGE", str(path), size="", limit=most_pixels) from None
    except _DAMAGE as problem:
        raise _unreadable(path, problem) from None


def _unreadable(path: Path, problem: BaseException) -> Fault:
    if isinstance(problem, FileNotFoundError):
        detail = "文件不存在"
    elif isinstance(problem, UnidentifiedImageError):
        detail = "不是认得的图像，或文件是空的"
    else:
        detail = str(problem)[:200] or type(problem).__name__
    return Fault("SCAN-UNREADABLE", str(path), detail=detail)


def _budget(image: Image.Image, path: Path, most_pixels: int) -> None:
    if image.width * image.height > most_pixels:
        raise Fault("SCAN-TOO-LARGE", str(path), size=f"{image.width}×{image.height}", limit=most_pixels)


def _plain_jpeg(image: Image.Image, path: Path) -> Pixels | None:
    """Decode an upright JPEG that is whole with OpenCV, in a fifth of the time; None where Pillow must look at it."""
    if image.format != "JPEG" or image.mode not in ("L", "RGB") or image.getexif().get(_TURNED, 1) != 1:
        return None
    packed = path.read_bytes()
    if _END not in packed[-_TAIL:]:
        return None
    done = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_GRAYSCALE if image.mode == "L" else cv2.IMREAD_COLOR_RGB)
    return None if done is None or done.shape[:2] != (image.height, image.width) else done.astype(np.uint8, copy=False)


def _pixels(image: Image.Image) -> Pixels:
    image.load()
    upright: Any = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I;16", "I", "F")):
        deep = np.asarray(upright, dtype=np.float32)
        top = 65535.0 if deep.max(initial=0) > 255 else 255.0
        return np.clip(deep * (255.0 / top), 0, 255).astype(np.uint8, copy=False)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        flat = upright.convert("RGBA")
        sheet = Image.new("RGBA", flat.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(sheet, flat).convert("RGB")
    is_grey = upright.mode in ("1", "L")
    return np.array(upright.convert("L" if is_grey else "RGB"))


def _mode(image: Image.Image) -> str:
    if image.mode == "1":
        return "bilevel"
    return "grey" if image.mode in ("L", "LA") or image.mode.startswith(("I", "F")) else "colour"


def _dpi(image: Image.Image) -> float:
    raw = image.info.get("dpi")
    try:
        across, down = (float(value) for value in raw) if raw else (0.0, 0.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return round(min(across, down), 2) if 30 <= min(across, down) <= max(across, down) <= 5000 else 0.0
