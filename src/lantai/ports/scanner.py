"""Virus scanning. Obligation: an engine that cannot be asked is an outcome of its own, never clean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Engine:
    """State of the engine: whether it answers, its name and the edition and date (YYYY-MM-DD) of its signatures."""

    is_ready: bool
    name: str = ""
    signatures: str = ""
    signatures_date: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """Verdict on one stream: ``clean``, ``infected`` (with the signature's name), ``error`` or ``not_scanned``."""

    outcome: str
    name: str = ""

    def as_text(self) -> str:
        """Return the form stored with a file: ``clean``, ``not_scanned``, ``error`` or ``infected:NAME``."""
        return f"{self.outcome}:{self.name}" if self.name else self.outcome


class Scanner(Protocol):
    """A virus engine."""

    def engine(self) -> Engine:
        """Return the engine's state now."""
        ...

    def scan(self, chunks: Iterable[bytes]) -> Scan:
        """Scan one file given as chunks; every chunk is consumed whatever the verdict."""
        ...


class NoScanner:
    """No engine: every verdict is not_scanned."""

    def engine(self) -> Engine:
        """Return a state that is not ready."""
        return Engine(is_ready=False)

    def scan(self, chunks: Iterable[bytes]) -> Scan:
        """Consume the chunks and say that nothing was scanned."""
        for _ in chunks:
            pass
        return Scan("not_scanned")
