"""Reading one file: what it is, how many pages, its text with boxes, and everything remarkable about it.

Files come from anywhere and may be hostile. Obligations of a reader: it never raises for what a file contains (that is a
finding), never exceeds its limits (time, memory, pixels, bytes unpacked), never writes, never reaches the network.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lantai.core.findings import Finding

#: What a page of a PDF is drawn at to be measured and read like any other scan, and the width that asks for it.
SCAN_DPI, AS_SCANNED = 300, 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Budget of one file, all settings: seconds of wall time, memory, pages of text kept, pixels decoded, bytes unpacked.

    ``trusted`` is no budget but a setting of reading too: file or folder of certificates that chains of signatures may end at.
    """

    seconds: float = 30.0
    memory_bytes: int = 2 * 1024**3
    pages: int = 5_000
    pixels: int = 200_000_000
    unpacked_bytes: int = 1024**3
    text_characters: int = 5_000_000
    trusted: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its box on the page: x0, y0, x1, y1 in points (1/72 inch) from the top left."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PageText:
    """Text of one page in reading order; ``width`` and ``height`` in points, 0 where the format has no pages."""

    number: int
    text: str
    width: float = 0.0
    height: float = 0.0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """Identified format: PRONOM identifier (empty if unknown), media type and plain name."""

    puid: str = ""
    mime: str = "application/octet-stream"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the file, listed and not unpacked; ``size_bytes`` is None where it is not known, ``mime`` empty likewise.

    ``is_program`` where its first bytes, or a name whose kind has no bytes of its own, are those of something that runs.
    """

    name: str
    size_bytes: int | None = None
    mime: str = ""
    is_program: bool = False


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the outline 大纲: its depth (from 0), title, and the page it leads to; None where it leads to none."""

    level: int
    title: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What lies over or behind the pages: an ``annotation``, or a ``tag`` 标引 with its name; page None where it is not known."""

    kind: str
    name: str
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found. ``page_count`` is None where the format has no pages or they could not be counted.

    ``metadata`` holds what the file says of itself (title, author, created …); ``signatures`` one row a signature found,
    ``{name, kind, digests_valid, signature_valid, seal_valid, chain_valid, time_valid, altered[], not_checked[] …}`` (true, false,
    or null with the reason in ``not_checked``). Findings carry codes of ``codes.reading``.
    """

    format: Format
    page_count: int | None = None
    pages: tuple[PageText, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    signatures: tuple[dict[str, object], ...] = ()
    findings: tuple[Finding, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outline: tuple[OutlineEntry, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        """Text of all pages, pages joined with a line feed."""
        return "\n".join(page.text for page in self.pages)

    @property
    def seen(self) -> tuple[str, ...]:
        """Text of each page with what annotations over it say: everything that a person sees."""
        return tuple("\n".join([page.text, *(note.text for note in self.notes if note.page == page.number)]) for page in self.pages)


class Reader(Protocol):
    """Reads files one at a time under a budget."""

    def read(self, path: Path, name: str) -> Reading:
        """Read the file at *path*, known to people as *name* (its extension is compared with the bytes)."""
        ...

    def read_many(self, items: Sequence[tuple[Path, str]]) -> Iterator[Reading]:
        """Read many files, answers in order; the flow does not wait for each answer."""
        ...

    def render(self, path: Path, name: str, *, page: int, width: int) -> bytes | None:
        """Draw one page (from 1) as PNG, *width* pixels wide; AS_SCANNED draws a page of a PDF at SCAN_DPI, as large as it is.

        None where there is no such page or no way to draw it within the limits.
        """
        ...

    def attachment(self, path: Path, name: str, *, index: int) -> bytes | None:
        """Unpack one file inside the file, by its place in ``Reading.attachments`` (from 0); None where that cannot be done within
        the limits."""
        ...

    def close(self) -> None:
        """Release worker processes."""
        ...
