"""Renditions for viewing: PDF made of office documents by the converter, kept in a bounded cache outside the vault.

A rendition is a picture for reading, never part of a record: it may be thrown away at any time and is thrown away when its record
is discarded or destroyed. The cache is keyed by the SHA-256 of the original, so nothing old is ever shown for new bytes.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile

#: How long it is remembered that a file could not be converted.
_VAIN_SECONDS = 24 * 3600.0
#: Share of the document's characters that a rendition must hold; field codes and hidden text account for some.
_LEAST_TEXT = 0.2
Lender = Callable[[], AbstractContextManager[Path]]


def pdf(house: House, item: ComputerFile, lend: Lender) -> Path | None:
    """Return the PDF rendition of a file, made now where there is none yet; None where it cannot be had.

    *lend* gives the original bytes as a path for as long as they are needed; it is not called where the cache holds the answer.
    """
    if not house.converter.converts(item.name):
        return None
    folder = _folder(house)
    kept, vain = folder / f"{item.sha256}.pdf", folder / f"{item.sha256}.none"
    if kept.is_file():
        os.utime(kept)
        return kept
    if not house.converter.engine().is_ready or _is_recent(vain, house.clock.now().timestamp()):
        return None
    with TemporaryDirectory(prefix="convert-", dir=folder.parent) as work, lend() as source:
        made = house.converter.to_pdf(source, item.name, Path(work))
        if made is None or not _holds_text(house, source, item.name, made):
            vain.touch()
            return None
        made.replace(kept)
    _shrink(folder, house.settings.rendition_bytes, spare=kept)
    return kept


def _holds_text(house: House, source: Path, name: str, made: Path) -> bool:
    """Tell whether a rendition holds what our own reader finds in the document: a converter that passes over a part it does not know
    (text embedded as another format, say) shows an empty page, which must not be taken for the document."""
    ours, theirs = (len("".join(house.reader.read(path, called).text.split())) for path, called in ((source, name), (made, made.name)))
    return theirs >= _LEAST_TEXT * ours


def forget(house: House, record_ids: Sequence[str]) -> int:
    """Remove the renditions of the files of these records; return how many there were."""
    digests = ComputerFile.objects.filter(record_id__in=record_ids).values_list("sha256", flat=True)
    gone = 0
    for digest in set(digests):
        for suffix in ("pdf", "none"):
            path = _folder(house) / f"{digest}.{suffix}"
            gone += path.is_file() and suffix == "pdf"
            path.unlink(missing_ok=True)
    return gone


def _folder(house: House) -> Path:
    folder = house.data / "scratch" / "renditions"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_recent(vain: Path, now: float) -> bool:
    """Tell whether the file was tried in vain within the last day; a failure is not for ever, programs get better."""
    return vain.is_file() and now - vain.stat().st_mtime < _VAIN_SECONDS


def _shrink(folder: Path, limit: int, *, spare: Path) -> None:
    """Remove what was not looked at for longest until the cache is within its bound; what was just made stays."""
    files = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir()), key=lambda item: item[0])
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= limit:
            return
        if path != spare:
            path.unlink(missing_ok=True)
            total -= size
