"""The shape of a row of the code table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its weight, what happened, what is safe, what to do next, and how the edges report it.

    ``kind`` is finding, refusal or fault; ``severity`` error, warning or info; ``text`` a format string that may name
    ``where`` and the values given where it is raised. ``exit`` follows the command line: 3 refused, 4 findings of error
    level, 5 fault to retry, 6 fault not to retry; ``http`` is the status of the web edge.
    """

    code: str
    kind: str
    severity: str
    text: str
    safe: str = ""
    next: str = ""
    http: int = 422
    exit: int = 4


def error(code: str, text: str, next: str = "") -> Code:
    """Return a finding row of error level."""
    return Code(code, "finding", "error", text, next=next)


def warning(code: str, text: str, next: str = "") -> Code:
    """Return a finding row of warning level."""
    return Code(code, "finding", "warning", text, next=next, http=200, exit=0)


def info(code: str, text: str, next: str = "") -> Code:
    """Return a finding row of information level."""
    return Code(code, "finding", "info", text, next=next, http=200, exit=0)


def refusal(code: str, text: str, safe: str = "", next: str = "", http: int = 409) -> Code:
    """Return a refusal row (exit code 3)."""
    return Code(code, "refusal", "error", text, safe, next, http, 3)


def fault(code: str, text: str, safe: str = "", next: str = "", is_retryable: bool = True) -> Code:  # noqa: FBT001, FBT002 - a table row
    """Return a fault row (exit code 5 where trying again can help, else 6)."""
    return Code(code, "fault", "error", text, safe, next, 503 if is_retryable else 500, 5 if is_retryable else 6)
