"""Small laws of values that all items share: what a remark may show, and what counts as a number."""

import re

from lantai.core.findings import Finding, finding

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_SHOWN_CHARACTERS = 60
_NUMBER_DIGITS = 15


def remark(code: str, where: str = "", **values: object) -> Finding:
    """Make a finding whose texts can be stored and shown: unprintable characters become ``<U+0000>``, long values are cut."""
    return finding(code, visible(where), **{name: _shown(value) for name, value in values.items()})


def visible(text: str) -> str:
    """Return *text* with control characters and lone surrogates written out; no database or encoding takes those."""
    return UNPRINTABLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text) if UNPRINTABLE.search(text) else text


def whole_number(text: str) -> int | None:
    """Return *text* as a whole number; None where it is anything but at most 15 ASCII digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS else None


def _shown(value: object) -> object:
    if not isinstance(value, str):
        return value
    return visible(value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…")
