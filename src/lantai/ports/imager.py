"""Pictures of scanned pages: measured as they were scanned, and cleaned by a recipe that makes the same again.

Obligations of an imager: it answers in the order asked; it never changes a scan; the same scan and recipe give the same picture; a
page that cannot be decoded, or is larger than the limit, is a Fault for that page alone, and the next one follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lantai.core.errors import Fault

if TYPE_CHECKING:  # what reads or keeps files needs none of the rules of paper, and should not wait for them
    from lantai.core.digitising import Measured


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make: of which frame (from 0) of which scan, beside which path without suffix it goes.

    ``quarter_turns``, counter-clockwise, are a person's; None lets the machine find what is up.
    """

    source: Path
    target: Path
    frame: int = 0
    quarter_turns: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was looked at: its picture, size in pixels and resolution of the scan (0 where the file does not say), and measures.

    ``ink`` is the share of the page that is written on; ``fingerprint`` 64 bits in hex by which pages that look alike are known;
    ``recipe`` says how the picture was made, its ``matrix`` how a point of the scan comes to the picture.
    """

    picture: Path
    width: int
    height: int
    dpi: float
    fingerprint: str
    measured: "Measured"
    ink: float
    recipe: Mapping[str, Any] = field(default_factory=dict)


class Imager(Protocol):
    """Measures and cleans pages."""

    def look(self, jobs: Iterable[Job]) -> Iterator[Seen]:
        """Measure scans and write their pictures, answers in the order of *jobs*, the next ones always under way.

        Taking the next answer raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE for a page that cannot be decoded: the iterator can be
        asked for the ones after it. Fault RECOGNISER-NOT-STARTED ends it. A picture is written whole, not yet durable.
        """
        ...

    def close(self) -> None:
        """Release worker processes; it may be used again afterwards."""
        ...


class NoImager:
    """Nothing looks at pages: asking is a fault."""

    def look(self, jobs: Iterable[Job]) -> Iterator[Seen]:
        """Raise Fault RECOGNISER-NOT-STARTED where there is anything to look at."""
        for _ in jobs:
            raise Fault("RECOGNISER-NOT-STARTED")
        return iter(())

    def close(self) -> None:
        """Do nothing."""
