"""What format a file has: our own look at the bytes decides the kind, PRONOM signatures (Siegfried) make it precise.

Siegfried costs 1 to 4 ms a file, so it is not asked where our own look is as exact: plain PDF 1.x, whose PRONOM signature is
its header and end mark, OFD, which PRONOM does not know, and plain text, which has no signature. Nor is it asked about large
files whose kind is known: it looks through the whole of a file (500 MB: 11 s and 500 MiB of memory), to say no more.
"""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from lantai.core.findings import Finding, finding
from lantai.formats.content import Source
from lantai.formats.kinds import KINDS, KNOWN_EXTENSIONS, TEXTS, Kind
from lantai.formats.pdf.raw import data_of, readable
from lantai.formats.pdf.xmp import claimed_pdfa
from lantai.formats.sniff import sniff
from lantai.ports.reader import Format

_GENERIC = frozenset({"UNKNOWN", "", "x-fmt/263", "fmt/189", "fmt/111", "fmt/101"})
_UNSIGNED = frozenset({"ofd", "eep", "text", "csv", "markdown", "html", "eml"})
# A PDF with none of these bytes can be no PDF/A, PDF/X, PDF/E, portfolio or Illustrator file for PRONOM, whose signatures are bytes.
_SPECIAL_PDF = re.compile(rb"pdf(?:aid|xid|e)|GTS_PDF|PDF/X-|AIPrivate|Illustrator|/Collection")
_HEADER = re.compile(rb"%PDF-([0-9]\.[0-9])")
# PRONOM tells the versions of PNG apart by their chunks and goes through every byte for them; these are those of version 1.0.
_PNG_FIRST = frozenset(b"IHDR PLTE IDAT tRNS gAMA cHRM bKGD hIST pHYs tIME tEXt zTXt sBIT".split())
_PNG_HEAD, _PNG_CHUNKS, _PNG_END = 8, 10_000, b"\xaeB`\x82"
_LARGEST_ASKED = 64 * 1024**2
_CLAIMED = {
    f"PDF/A-{level}": Format(puid, "application/pdf", f"Acrobat PDF/A - Portable Document Format ({level})")
    for level, puid in (
        ("1a", "fmt/95"), ("1b", "fmt/354"), ("2a", "fmt/476"), ("2b", "fmt/477"), ("2u", "fmt/478"), ("3a", "fmt/479"),
        ("3b", "fmt/480"), ("3u", "fmt/481"), ("4", "fmt/1910"), ("4e", "fmt/1911"), ("4f", "fmt/1912"),
    )
}  # fmt: skip


def identify(source: Source) -> tuple[Kind, Format, tuple[Finding, ...]]:
    """Return the kind (which reader), the format to report, and findings about the name. Raises OSError where unreadable."""
    kind = KINDS[sniff(source.path, source.name)]
    format_ = _precise(kind, source)
    return kind, format_, _about_name(kind, source)


def warm_up() -> None:
    """Load the signatures now (some 80 MiB and 0.1 s), so that the first file does not pay for it.

    A file is really asked about: the Go runtime reserves its address space only then, in a thread of its own.
    """
    _by_signature(Path(__file__))


def _precise(kind: Kind, source: Source) -> Format:
    if kind.key == "empty" or kind.key in _UNSIGNED:
        return kind.format
    if kind.key == "pdf" and (quick := _plain_pdf(source)):
        return quick
    if kind.key == "png" and _is_first_png(source.path):
        return kind.format
    if kind.key != "unknown" and source.path.stat().st_size > _LARGEST_ASKED:
        return kind.format
    found = _by_signature(source.path)
    if kind.key == "pdf" and not any(word in f"{found.mime} {found.name}" for word in ("pdf", "PDF", "Illustrator")):
        found = Format()  # something stands before the PDF; the PDF is what can be read
    if found.puid not in _GENERIC:
        return found
    return _by_header(source) if kind.key == "pdf" else kind.format


def _plain_pdf(source: Source) -> Format | None:
    """Return the format of a PDF 1.x that is nothing more special; None where PRONOM must be asked."""
    data = data_of(source)
    version = data[5:8].decode("ascii", "replace")
    is_ended = data[:5] == b"%PDF-" and b"%%EOF" in data[-1024:]
    kind = KINDS.get(f"pdf-{version}") if is_ended else None
    if kind is None:
        return None
    if source.path.stat().st_size > _LARGEST_ASKED:
        return _CLAIMED.get(claimed_pdfa(source), kind.format)
    return None if _SPECIAL_PDF.search(readable(source)) else kind.format


def _is_first_png(path: Path) -> bool:
    """Tell whether a PNG has no chunk that came after version 1.0, by which PRONOM tells the versions apart."""
    with path.open("rb") as stream:
        stream.seek(_PNG_HEAD)
        for _ in range(_PNG_CHUNKS):
            head = stream.read(8)
            if head[4:] == b"IEND":
                return stream.read() == _PNG_END
            if head[4:] not in _PNG_FIRST:
                return False
            stream.seek(int.from_bytes(head[:4]) + 4, 1)
    return False


def _by_header(source: Source) -> Format:
    """Return the format that the header of a PDF states, where PRONOM wants an end mark that the file has lost."""
    version = _HEADER.search(data_of(source)[:1024])
    return KINDS.get(f"pdf-{version[1].decode('ascii')}" if version else "", KINDS["pdf"]).format


@cache
def _siegfried() -> Any:  # noqa: ANN401 - a compiled module without types, loaded late because it takes 80 MiB
    return importlib.import_module("pygfried")


def _by_signature(path: Path) -> Format:
    """Ask PRONOM; matches on the extension alone do not count, for the path in staging is not the file's own name."""
    siegfried = _siegfried()
    try:
        answer = siegfried.identify(str(path), detailed=True)
    except (siegfried.GoError, siegfried.EmptySourceError, ValueError, OSError):
        return Format()
    for match in answer["files"][0]["matches"]:
        if any(word in match["basis"] for word in ("byte match", "container", "xml match")):
            return Format(match["id"], match["mime"] or "application/octet-stream", match["format"])
    return Format()


def _about_name(kind: Kind, source: Source) -> tuple[Finding, ...]:
    if kind.key == "empty":
        return ()
    extension = source.extension
    if not extension or extension in kind.extensions or not kind.extensions or _is_free_text(kind, extension):
        return ()
    return (finding("FORMAT-EXTENSION-MISMATCH", source.name, extension=extension, format=kind.format.name),)


def _is_free_text(kind: Kind, extension: str) -> bool:
    """Text goes by many names; it is out of place only under a name that some binary format or markup owns."""
    if kind.key not in TEXTS:
        return False
    owners = {owner.key for owner in KINDS.values() if extension in owner.extensions}
    return extension not in KNOWN_EXTENSIONS or owners <= TEXTS - {"eml", "eep"}
