"""The formats Lantai knows by their bytes, as a table: ``kinds.csv``.

A kind is coarser than a PRONOM identifier: it says which reader takes the file. ``puid`` is what we answer when PRONOM
signatures say nothing more precise; ``extensions`` are the names people may rightly give such a file.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

from lantai.ports.reader import Format

CONTAINERS = frozenset({"zip", "tar", "gzip", "7z", "rar", "bzip2", "xz"})
TEXTS = frozenset({"text", "csv", "markdown", "html", "eml", "xml", "eep"})
#: Media types whose pages ``render`` can draw, for those who only know what was read before.
DRAWN = frozenset({"application/pdf", *(f"image/{name}" for name in ("jpeg", "png", "tiff", "jp2", "x-jp2-codestream", "bmp", "gif"))})


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: key, the format to report, and the extensions (lower case, no dot) that fit it."""

    key: str
    format: Format
    extensions: frozenset[str]


def _rows() -> dict[str, Kind]:
    text = files("lantai.formats").joinpath("kinds.csv").read_text(encoding="utf-8")
    return {
        row["key"]: Kind(row["key"], Format(row["puid"], row["mime"], row["name"]), frozenset(row["extensions"].split()))
        for row in csv.DictReader(text.splitlines())
    }


KINDS: dict[str, Kind] = _rows()
KNOWN_EXTENSIONS: frozenset[str] = frozenset().union(*(kind.extensions for kind in KINDS.values()))
