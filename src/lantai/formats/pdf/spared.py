"""A large PDF shown to PDFium without its largest images, which it would copy into memory whole as soon as it meets their page.

Text, links and signatures need no pixels. In what PDFium sees, the object of such an image is ``null`` and spaces; nothing moves.
"""

import ctypes
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2.raw as pdfium

from lantai.formats.pdf.raw import stretch

LARGE = 32 * 1024**2
_PIECE = 4 * 1024**2
_REACH = 1024
_LENGTH = re.compile(rb"/Length\s+(\d{8,12})\b")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_OPENING = re.compile(rb"\d+\s+\d+\s+obj\b")
_NOTHING = b" null endobj "


@dataclass(slots=True)
class SparedFile:
    """The file as PDFium may read it. Must live, open, as long as the document."""

    path: Path
    access: Any = field(init=False)
    _stream: BinaryIO = field(init=False)
    _patches: list[tuple[int, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self._patches = list(_patches(self.path))
        self._stream = self.path.open("rb")
        self.access = pdfium.FPDF_FILEACCESS()
        self.access.m_FileLen = self.path.stat().st_size
        self.access.m_GetBlock = type(self.access.m_GetBlock)(self._block)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _block(self, _: object, position: int, room: Any, size: int) -> int:  # noqa: ANN401 - a pointer
        self._stream.seek(position)
        data = self._patched(self._stream.read(size), position)
        ctypes.memmove(room, data, len(data))
        return int(len(data) == size)

    def _patched(self, data: bytes, position: int) -> bytes:
        first = max(0, bisect_right(self._patches, (position, b"")) - 1)
        for start, patch in self._patches[first:]:
            if start >= position + len(data):
                break
            low, high = max(start, position), min(start + len(patch), position + len(data))
            if low < high:
                data = data[: low - position] + patch[low - start : high - start] + data[high - position :]
        return data


def _patches(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield where the dictionaries of large images lie, and what to show instead; lengths written elsewhere are not followed."""
    for at in _lengths(path):
        start = max(0, at - _REACH)
        near = stretch(path, start, 2 * _REACH)
        end = near.find(b"stream", at - start)
        heads = [match.end() for match in _OPENING.finditer(near, 0, at - start)]
        if end >= 0 and heads and _IMAGE.search(near, heads[-1], end) and end - heads[-1] > len(_NOTHING):
            yield start + heads[-1], _NOTHING.ljust(end + len(b"stream") - heads[-1])


def _lengths(path: Path) -> Iterator[int]:
    """Yield where a large length is written, in the order of the file."""
    size, at = path.stat().st_size, 0
    while at < size:
        piece = stretch(path, at, _PIECE + 64)
        yield from (at + match.start() for match in _LENGTH.finditer(piece) if int(match[1]) >= LARGE and match.start() < _PIECE)
        at += _PIECE
