"""What lies in a folder of scans: its files in order, which of them are still being written, and how they fall into items."""

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lantai.packages.filing_read import natural
from lantai.stages.capture import names

SUFFIXES = frozenset({".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2", ".bmp", ".pdf"})
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_JUNK = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
#: ``{code}-{page}``: a page number of three or four digits after the last hyphen or underline (DA/T 31-2017, naming).
_PAGE = re.compile(r"^(?P<key>.+)[-_](?P<page>\d{3,4})$")

#: How long an empty file is held to be one that is about to be written.
_EMPTY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a delivery: where it is, its path for people, its size and the instant it was last written (seconds since 1970)."""

    source: Path
    path: str
    size_bytes: int
    written: float

    @property
    def is_unfinished(self) -> bool:
        """True where its name says that a program is still writing it."""
        return self.source.name.lower().endswith(_UNFINISHED)

    @property
    def is_scan(self) -> bool:
        """True where its name is that of an image or PDF."""
        return self.source.suffix.lower() in SUFFIXES


def listed(source: Path) -> list[Listed]:
    """Return every plain file in the folder *source* (or that file), in the order in which people would lay them: numbers by value."""
    if source.is_file():
        return [_listed(source, names.shown(source.name))]
    found = [_listed(path, _shown(path, source)) for path in _files(source)]
    return sorted((item for item in found if item.source.name.lower() not in _JUNK), key=lambda item: natural(item.path))


def _files(folder: Path) -> Iterator[Path]:
    for place, below, files in os.walk(folder):
        below[:] = [name for name in below if not Path(place, name).is_symlink()]
        for name in files:
            path = Path(place, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _shown(path: Path, root: Path) -> str:
    return "/".join(names.shown(part) for part in path.relative_to(root).parts)


def _listed(path: Path, shown: str) -> Listed:
    status = path.lstat()
    return Listed(path, shown, status.st_size, status.st_mtime)


def settled(
    items: Iterable[Listed], *, seconds: float, now: Callable[[], float] = time.time, sleep: Callable[[float], object] = time.sleep
) -> tuple[list[Listed], list[Listed]]:
    """Part files that have been left alone for *seconds* from those that are still being written; files just written are waited for.

    A file that has grown while it was waited for is one that is being written; so is an empty one, until nobody has written it for long.
    """
    done: list[Listed] = []
    young: list[Listed] = []
    for item in items:
        needed = seconds if item.size_bytes else max(seconds, _EMPTY_SECONDS)
        (young if item.is_unfinished or now() - item.written < needed else done).append(item)
    waited = [item for item in young if not item.is_unfinished and item.size_bytes]
    if waited:
        sleep(max(0.0, min(seconds, seconds - (now() - max(item.written for item in waited)))))
    calm = [item for item in waited if _is_same(item)]
    growing = [item for item in young if item not in calm]
    return sorted([*done, *calm], key=lambda item: natural(item.path)), growing


def _is_same(item: Listed) -> bool:
    try:
        status = item.source.lstat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime) == (item.size_bytes, item.written)


def key_of(item: Listed) -> str:
    """Return the key of the item that a file belongs to: its folder, or its name without the number of the page."""
    folder, _, name = item.path.rpartition("/")
    if folder:
        return folder
    stem = name.rpartition(".")[0] or name
    numbered = _PAGE.match(stem)
    return numbered["key"] if numbered else stem


def grouped(items: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Return the files by item, both in order."""
    found: dict[str, list[Listed]] = {}
    for item in items:
        found.setdefault(key_of(item), []).append(item)
    return found
