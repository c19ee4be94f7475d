"""Bytes of plain text to characters: byte order marks, UTF-8, then GB18030 (GB 18030-2022), as Chinese offices send them."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"), (b"<\x00!\x00", "utf-16-le"), (b"\x00<\x00!", "utf-16-be"))


def decode(data: bytes, *, is_partial: bool = False) -> tuple[str, str]:
    """Return (text, encoding name); the name is empty where no encoding fits and characters were replaced.

    With *is_partial* a character cut off at the end is forgiven.
    """
    for encoding in _candidates(data):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(data, final=not is_partial), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), ""


def looks_like_text(head: bytes, *, is_whole: bool) -> bool:
    """Tell whether *head* can be text: some encoding fits and control characters are absent."""
    text, encoding = decode(head, is_partial=not is_whole)
    return bool(encoding) and not any(character < " " and character not in "\t\n\r\f\x1a\x1b" for character in text)


def _candidates(data: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS + _UNMARKED:
        if data.startswith(mark):
            return (encoding,)
    return ("utf-8", "gb18030")
