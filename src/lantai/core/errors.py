"""Refusals and faults: the two ways a verb may end other than well. Anything else is a bug.

A refusal is a rule saying no, with its reasons; a fault is the world failing, retryable or not.
Both take their words, HTTP status and exit code from ``lantai.core.codes``.
"""

from lantai.core.codes import CODES, Code
from lantai.core.findings import Finding


class Coded(Exception):
    """An end that a person will read: code, message, what is safe, what to do next."""

    def __init__(self, code: str, where: str = "", **values: object) -> None:
        self.row: Code = CODES[code]
        self.code = code
        self.where = where
        self.values = values
        self.message, self.safe, self.next = (text.format(where=where, **values) for text in (self.row.text, self.row.safe, self.row.next))
        super().__init__(f"{code}: {self.message}")

    def as_json(self) -> dict[str, object]:
        """Return the documented error document."""
        return {"code": self.code, "message": self.message, "where": self.where, "safe": self.safe, "next": self.next}


class Refusal(Coded):
    """A rule said no. ``reasons`` are findings that say why, each about one thing."""

    def __init__(self, code: str, where: str = "", reasons: tuple[Finding, ...] = (), **values: object) -> None:
        super().__init__(code, where, **values)
        self.reasons = reasons

    def as_json(self) -> dict[str, object]:
        """Return the documented error document with the reasons."""
        return super().as_json() | {"reasons": [item.as_json() for item in self.reasons]}


class Fault(Coded):
    """The world failed: disk, engine, network. ``is_retryable`` says whether trying again can help."""

    @property
    def is_retryable(self) -> bool:
        """True where the same act may succeed later."""
        return self.row.exit == 5
