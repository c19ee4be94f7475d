"""The clock and the maker of identifiers."""

import os
import threading
from datetime import UTC, datetime
from typing import Protocol

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Clock(Protocol):
    """Tells the instant. Obligation: aware, UTC."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


class Ids(Protocol):
    """Makes ULIDs. Obligation: 26 characters, never the same twice, rising within one process."""

    def new(self) -> str:
        """Return a fresh ULID."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until told otherwise; for reproducible runs."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the set instant."""
        return self.instant


def encode_ulid(milliseconds: int, randomness: int) -> str:
    """Write 48 bits of time and 80 bits of randomness as the 26 characters of a ULID (Crockford base 32)."""
    value = (milliseconds << 80) | randomness
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


class UlidIds:
    """Monotonic ULIDs: within one millisecond the random part counts up. Safe between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self) -> str:
        """Return a fresh ULID."""
        with self._lock:
            milliseconds = int(self._clock.now().timestamp() * 1000)
            last_milliseconds, last_random = self._last
            if milliseconds <= last_milliseconds:
                self._last = (last_milliseconds, last_random + 1)
            else:
                self._last = (milliseconds, int.from_bytes(os.urandom(10)) >> 1)
            return encode_ulid(*self._last)


class CountingIds:
    """ULIDs that count up from a seed: the same seed gives the same identifiers (demo, tests)."""

    def __init__(self, seed: int = 0, milliseconds: int = 1_700_000_000_000) -> None:
        self._milliseconds = milliseconds
        self._next = seed << 40

    def new(self) -> str:
        """Return the next ULID."""
        self._next += 1
        return encode_ulid(self._milliseconds, self._next)
