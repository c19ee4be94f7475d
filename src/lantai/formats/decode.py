"""Bytes of plain text to characters: byte order marks, UTF-8, then GB18030 (GB 18030-2022), as Chinese offices send them."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FEW = 16
_UNMARKED = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"), (b"<\x00!\x00", "utf-16-le"), (b"\x00<\x00!", "utf-16-be"))


def decode(data: bytes, *, is_partial: bool = False) -> tuple[str, str]:
    """Return (text, encoding name); the name is empty where no encoding fits and characters were replaced.

    With *is_partial* a character cut off at the end is forgiven.
    """
    doubtful = ""
    for encoding in _candidates(data):
        text = _fits(data, encoding, is_partial=is_partial)
        if text is not None and encoding == "utf-8" and _is_doubtful(text, len(data)):
            doubtful = text
        elif text is not None:
            return text, encoding
    return (doubtful, "utf-8") if doubtful else (data.decode("utf-8", "replace"), "")


def _fits(data: bytes, encoding: str, *, is_partial: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not is_partial)
    except UnicodeDecodeError:
        return None


def _is_doubtful(text: str, size: int) -> bool:
    """Tell whether *text*, decoded as UTF-8, is more likely a few GBK characters whose bytes happen to be UTF-8 (印 reads ӡ)."""
    if text.isascii() or size - len(text) > _FEW:
        return False
    odd = [character for character in text if character > "\x7f"]
    return all("\u0180" <= character <= "\u07ff" for character in odd)


def looks_like_text(head: bytes, *, is_whole: bool) -> bool:
    """Tell whether *head* can be text: some encoding fits and control characters are absent."""
    text, encoding = decode(head, is_partial=not is_whole)
    return bool(encoding) and not any(character < " " and character not in "\t\n\r\f\x1a\x1b" for character in text)


def _candidates(data: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS + _UNMARKED:
        if data.startswith(mark):
            return (encoding,)
    return ("utf-8", "gb18030")
