"""What passes between the dispatcher and the readers of single formats, and the budget they share."""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from lantai.core.findings import Finding, finding
from lantai.ports.reader import Attachment, Limits, Line, Note, OutlineEntry, PageText

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SHARE_OF_SECONDS = 0.9  # a reader that stops by itself keeps what it has; the guard kills at the whole budget


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: where it lies, what people call it, its budget and the monotonic instant to stop at."""

    path: Path
    name: str
    limits: Limits
    deadline: float
    memo: dict[str, bytes] = field(default_factory=dict, compare=False)  # bytes that identification and reading share

    @classmethod
    def of(cls, path: Path, name: str, limits: Limits) -> "Source":
        """Start the clock for *path*."""
        return cls(path, name, limits, time.monotonic() + limits.seconds * _SHARE_OF_SECONDS)

    @property
    def is_late(self) -> bool:
        """True once the time of this file is used up."""
        return time.monotonic() > self.deadline

    @property
    def extension(self) -> str:
        """The extension of the name, lower case, without the dot."""
        return self.name.rpartition(".")[2].lower() if "." in self.name else ""


@dataclass(frozen=True, slots=True)
class Content:
    """What one reader found; the dispatcher adds format and its own findings."""

    page_count: int | None = None
    pages: tuple[PageText, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    signatures: tuple[dict[str, object], ...] = ()
    findings: tuple[Finding, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outline: tuple[OutlineEntry, ...] = ()
    notes: tuple[Note, ...] = ()


class Unreadable(Exception):
    """A reader cannot go on; the finding says why. Never leaves this package."""

    def __init__(self, code: str, where: str, **values: object) -> None:
        self.finding = finding(code, where, **values)
        super().__init__(code)


class Pages:
    """Gathers page texts until the budget of pages, characters or time is used up, and says so in a finding."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: list[PageText] = []
        self._characters = 0
        self.findings: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """True where no further page may be read; the reason is in ``findings``."""
        if self.findings:
            return True
        limits = self._source.limits
        if len(self._kept) >= limits.pages:
            self.findings.append(finding("READ-PAGES-CUT", self._source.name, pages=limits.pages))
        elif self._source.is_late:
            self.findings.append(finding("READ-TIMEOUT", self._source.name, seconds=limits.seconds))
        return bool(self.findings)

    def add(self, text: str, *, size: tuple[float, float] = (0.0, 0.0), lines: tuple[Line, ...] = ()) -> None:
        """Keep one page: cleaned text, size and boxes in points; cut where the characters run out."""
        room = self._source.limits.text_characters - self._characters
        text = clean(text)
        if len(text) > room:
            text, lines = text[:room], ()
            self.findings.append(finding("READ-TEXT-CUT", self._source.name, characters=self._source.limits.text_characters))
        self._characters += len(text)
        self._kept.append(PageText(len(self._kept) + 1, text, *size, lines))

    @property
    def kept(self) -> tuple[PageText, ...]:
        """The pages so far, numbered from 1."""
        return tuple(self._kept)

    @property
    def has_text(self) -> bool:
        """True where any page holds more than white space."""
        return any(not page.text.isspace() and page.text for page in self._kept)


def clean(text: str) -> str:
    """Return *text* without control characters, lone surrogates and non-characters, which neither XML nor databases take."""
    return _UNWANTED.sub("", text) if _UNWANTED.search(text) else text


def described(values: dict[str, str | None]) -> dict[str, str]:
    """Return the metadata that says something: cleaned, stripped, at most 2,000 characters a value."""
    tidy = {key: clean(value).strip()[:2000] for key, value in values.items() if value}
    return {key: value for key, value in tidy.items() if value}
