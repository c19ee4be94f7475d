"""Turning office documents into PDF, for the viewer and for text that our own readers cannot get at.

Obligations of a converter: it never changes the source; it never reaches the network and runs no macro; it keeps to its time and
memory, and leaves nothing running or lying about when it is closed; that a file cannot be converted is an answer, not an error;
and it says whether it is there at all, since it is optional. It promises a picture of the content, not a preservation copy: fonts
and page breaks may differ from those of the program that made the document.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Engine:
    """State of a converter: whether it can be asked, its name and edition, and in Chinese what is remarkable about it."""

    is_ready: bool
    name: str = ""
    note: str = ""


class Converter(Protocol):
    """Makes PDF out of office documents, one at a time."""

    def engine(self) -> Engine:
        """Return the converter's state; cheap, and never starts anything."""
        ...

    def converts(self, name: str) -> bool:
        """Tell whether files named like *name* are of a kind it takes."""
        ...

    def to_pdf(self, path: Path, name: str, into: Path) -> Path | None:
        """Convert the file at *path*, known to people as *name*, into a new PDF in the folder *into* and return where it lies.

        None where there is no converter, the kind is not one of its own, or nothing came of it within the limits.
        """
        ...

    def close(self) -> None:
        """End every process and remove every working file. It may be used again afterwards."""
        ...


class NoConverter:
    """No converter: nothing is converted."""

    def engine(self) -> Engine:
        """Return a state that is not ready."""
        return Engine(is_ready=False)

    def converts(self, name: str) -> bool:
        """Take nothing."""
        return False

    def to_pdf(self, path: Path, name: str, into: Path) -> Path | None:
        """Return None."""
        return None

    def close(self) -> None:
        """Do nothing."""
