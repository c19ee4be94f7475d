"""Any text in XML 1.0: what XML cannot say is written ``␛HEX;`` with the code point in hexadecimal, the sign ``␛`` itself likewise."""

import re

_CARE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u241b\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("\u241b([0-9A-F]{1,6});")


def written(text: str) -> str:
    """Return *text* as XML can hold it; :func:`meant` gives it back."""
    return _CARE.sub(lambda match: f"\u241b{ord(match[0]):X};", text) if _CARE.search(text) else text


def meant(text: str) -> str:
    """Return the text that :func:`written` was given. Raises ValueError for a number that is no character."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "\u241b" in text else text
