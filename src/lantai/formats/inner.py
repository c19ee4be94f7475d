"""Files inside a file: taken out one at a time, within bounds, and told apart from what runs."""

from collections.abc import Callable
from pathlib import Path

from lantai.formats import ofd, office, pdf, textual
from lantai.formats.content import Source, Unreadable
from lantai.formats.identify import identify
from lantai.ports.reader import Limits

LARGEST_BYTES = 128 * 1024**2
_WAYS: dict[str, Callable[[Source, int, int], bytes | None]] = {
    "pdf": pdf.attachment,
    "ofd": ofd.attachment,
    "eml": textual.attachment,
    **dict.fromkeys(("docx", "xlsx", "pptx"), office.embedded),
}


def attachment(path: Path, name: str, *, index: int, limits: Limits) -> bytes | None:
    """Return the bytes of the file inside at *index*, as the reading listed it; None where there is none, where it is larger than
    128 MiB or cannot be unpacked within *limits*. What the file holds never raises."""
    source = Source.of(path, name, limits)
    try:
        kind, _, _ = identify(source)
        way = _WAYS.get(kind.key)
        return way(source, index, min(LARGEST_BYTES, limits.unpacked_bytes)) if way and index >= 0 else None
    except (Unreadable, OSError, MemoryError, RecursionError):
        return None
