"""Findings: coded remarks about material. A finding is a value; whoever looks gathers them all.

Every code stands once in ``lantai.core.codes`` with its Chinese text, what is safe and what to do next.
"""

from dataclasses import dataclass
from enum import StrEnum

from lantai.core.codes import CODES


class Severity(StrEnum):
    """How much a finding weighs; only ``error`` may block."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: stable ``code``, ``severity``, Chinese ``message`` and ``where`` (file, element or path it is about)."""

    code: str
    severity: Severity
    message: str
    where: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the four documented fields: code, severity, message, where."""
        return {"code": self.code, "severity": self.severity.value, "message": self.message, "where": self.where}

    @classmethod
    def from_json(cls, row: dict[str, str]) -> "Finding":
        """Rebuild a finding from what :meth:`as_json` gave."""
        return cls(row["code"], Severity(row["severity"]), row["message"], row.get("where", ""))


def finding(code: str, where: str = "", **values: object) -> Finding:
    """Make the finding *code* about *where*; *values* fill the placeholders of its text.

    Raises KeyError for a code that is not in the table: an unlisted code is a bug.
    """
    row = CODES[code]
    return Finding(code, Severity(row.severity), row.text.format(where=where, **values), where)


def has_error(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    """Tell whether any finding is of error level."""
    return any(item.severity is Severity.ERROR for item in findings)
