"""Where a request came from, as the ledger keeps it."""

_LONGEST = 45


def sender(forwarded: str, remote: str) -> str:
    """Return the address of who sent: the last that a trusted proxy wrote down (*forwarded*, empty without one), else the *remote* end."""
    return (forwarded.rpartition(",")[2].strip() or remote)[:_LONGEST]
