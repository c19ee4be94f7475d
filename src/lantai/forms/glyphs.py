"""Which characters a font can print: PDF/A allows none that cannot be drawn, so the rest are printed as 〓."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ABSENT = "〓"


def printable(text: str, fonts: tuple[Path, ...]) -> str:
    """Return *text* with what none of the fonts can draw as 〓; line feeds and tabs stay as spaces of their kind."""
    known = _known(fonts)
    return "".join(char if char in known or char == "\n" else " " if char.isspace() else ABSENT for char in text)


@cache
def _known(fonts: tuple[Path, ...]) -> frozenset[str]:
    return frozenset(chr(point) for font in fonts for point in _points(font.read_bytes())) | {" "}


def _points(font: bytes) -> Iterator[int]:
    """Yield the code points of a font's ``cmap`` in format 12 (full Unicode), the one that pan-CJK fonts have."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    start = tables[b"cmap"]
    for index in range(struct.unpack_from(">H", font, start + 2)[0]):
        subtable = start + struct.unpack_from(">I", font, start + 4 + 8 * index + 4)[0]
        if struct.unpack_from(">H", font, subtable)[0] == 12:
            yield from _groups(font, subtable)
            return


def _groups(font: bytes, subtable: int) -> Iterator[int]:
    for index in range(struct.unpack_from(">I", font, subtable + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, subtable + 16 + 12 * index)
        for point in range(max(first, 0x20), last + 1):
            if glyph or point > first:
                yield point
