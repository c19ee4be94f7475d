"""Regular expressions of this room, compiled when they are first used.

Python reckons every range of Chinese characters in a pattern out letter by letter, so that all of them together take longer than most
commands; and most commands ask this room for a date alone.
"""

import re
from typing import Any, cast


class _Pattern:
    """Stands in for a compiled pattern: what is asked of it once is its own from then on, and costs nothing more."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a compiled pattern has
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return the pattern that *text* says. Raises re.error where it is first used, not here."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
