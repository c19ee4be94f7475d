"""Text out of the binary streams of old office files. Pure: bytes in, text out; damage raises ValueError or struct.error."""

import re
import struct
from collections.abc import Iterator

_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14?|\x15")
_MARKS = str.maketrans(
    {"\x07": "\t", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\x01": "", "\x08": "", "\x02": "", "\x05": ""}
)
_WORD_97 = 0xC1
_CLX = 0x1A2
_TEXT_UTF16, _TEXT_BYTES, _CONTAINER = 4000, 4008, 0xF
_RECORDS = 500_000
# Records of a workbook that begin with row and column: blank, number, label, boolean, formula, RK and their rows ([MS-XLS] 2.3.2).
_CELLS = frozenset({0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E})
_ROWS, _COLUMNS = 65_536, 256
_DIMENSIONS, _EXTENTS = 0x0200, {14: "<IIHH", 10: "<HHHH"}
_ENCRYPTED_FROM_HERE = 0x002F


def is_encrypted(main: bytes) -> bool:
    """Tell whether the flags of the file information block say that the text is encrypted or obfuscated."""
    return len(main) > 12 and bool(struct.unpack_from("<H", main, 10)[0] & 0x0100)


def word(main: bytes, tables: dict[str, bytes]) -> str:
    """Return the text of the stream WordDocument with the table stream it names: body, then notes, headers and the rest."""
    magic, version = struct.unpack_from("<HH", main, 0)
    if magic not in (0xA5EC, 0xA5DC, 0xA697, 0xA699):
        raise ValueError("WordDocument 流没有文件信息块")
    if version < _WORD_97:
        return _tidy(_word_95(main))
    table = tables.get("1Table" if struct.unpack_from("<H", main, 10)[0] & 0x0200 else "0Table", b"")
    offset, length = struct.unpack_from("<II", main, _CLX)
    return _tidy("".join(_pieces(main, table[offset : offset + length])))


def _word_95(main: bytes) -> str:
    first, last = struct.unpack_from("<II", main, 0x18)
    data = main[first:last]
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _pieces(main: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise ValueError("没有文字分段表")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    count = (min(size, len(clx) - at - 5) - 4) // 12
    left = len(main)
    for index in range(max(0, count)):
        start, end = struct.unpack_from("<II", clx, at + 5 + 4 * index)
        place = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * index + 2)[0]
        data, encoding = _piece(main, place, end - start)
        left -= len(data)
        if left < 0:
            raise ValueError("文字分段相互重叠")
        yield data.decode(encoding, "replace")


def _piece(main: bytes, place: int, length: int) -> tuple[bytes, str]:
    if length <= 0:
        return b"", "ascii"
    if place & 0x40000000:
        start = (place & 0x3FFFFFFF) // 2
        return main[start : start + length], "cp1252"
    return main[place : place + 2 * length], "utf-16-le"


def _tidy(text: str) -> str:
    """Drop field instructions, keep field results, and turn Word's marks into line ends and tabs."""
    return _FIELD.sub("", text).translate(_MARKS).replace("\t\t\n", "\n").strip("\n")


def slides(stream: bytes) -> str:
    """Return the text atoms of a PowerPoint stream, one a line."""
    return "\n".join(text for text in _atoms(stream) if text.strip())


def _atoms(stream: bytes) -> Iterator[str]:
    at = 0
    for _ in range(_RECORDS):
        if at + 8 > len(stream):
            return
        kind, name, length = struct.unpack_from("<HHI", stream, at)
        at += 8
        if kind & 0xF == _CONTAINER:
            continue
        if name == _TEXT_UTF16:
            yield stream[at : at + length].decode("utf-16-le", "replace").translate(_MARKS)
        elif name == _TEXT_BYTES:
            yield stream[at : at + length].decode("cp1252", "replace").translate(_MARKS)
        at += length


def has_far_cells(stream: bytes) -> bool:
    """Tell whether a workbook stream speaks of cells beyond 65,536 rows or 256 columns: damage that asks for gigabytes of empty cells."""
    at, end = 0, len(stream) - 8
    while at <= end:
        kind, length, _, column = struct.unpack_from("<HHHH", stream, at)
        if kind == _ENCRYPTED_FROM_HERE:
            return False
        if column >= _COLUMNS and length >= 4 and kind in _CELLS:
            return True
        if kind == _DIMENSIONS and _is_too_large(stream[at + 4 : at + 4 + length]):
            return True
        at += 4 + length
    return False


def _is_too_large(extent: bytes) -> bool:
    """Tell whether a DIMENSIONS record names an end beyond the largest sheet or before its beginning, which wraps round to as much.

    [MS-XLS] 2.4.90; rows of two bytes before BIFF8.
    """
    if len(extent) not in _EXTENTS:
        return False
    row, rows, column, columns = struct.unpack_from(_EXTENTS[len(extent)], extent)
    return bool(rows > _ROWS or columns > _COLUMNS or row > rows or column > columns)
