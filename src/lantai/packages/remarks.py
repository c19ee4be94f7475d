"""Findings of the tables of foreign packages (BAGIT-…, OCFL-…, CSIP…): a place, and in brackets what exactly was seen there."""

from lantai.core.findings import Finding, finding

_CHARACTERS = 200


def remark(code: str, where: str, reason: str = "") -> Finding:
    """Return the finding *code* about *where*; control characters are written out, long texts cut. Raises KeyError for an unlisted code."""
    return finding(code, shown(where), reason=f"（{shown(reason)}）" if reason else "")


def shown(text: str) -> str:
    """Return *text* as a finding may show it."""
    text = text[:_CHARACTERS]
    return text if text.isprintable() else "".join(one if one.isprintable() else f"<{ord(one):02X}>" for one in text)[:_CHARACTERS]
