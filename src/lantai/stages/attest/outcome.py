"""What verifying the ledger came to."""

from dataclasses import dataclass

from lantai.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Attested:
    """Outcome: entries and checkpoints looked at, what is wrong, what nobody could check, and how many events wait to be sealed.

    ``fingerprint`` is that of the latest checkpoint, to be held against a printed one; ``expired`` counts payloads that went when their
    period was over, ``witnesses`` the witnesses that were asked.
    """

    size: int
    checkpoints: int
    problems: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    unsealed: int
    fingerprint: str = ""
    expired: int = 0
    witnesses: int = 0

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """Return ``{ok, size, checkpoints, fingerprint, problems[], not_checked[], unsealed, expired}``."""
        return {
            "ok": self.ok,
            "size": self.size,
            "checkpoints": self.checkpoints,
            "fingerprint": self.fingerprint,
            "problems": [item.as_json() for item in self.problems],
            "not_checked": list(self.not_checked),
            "unsealed": self.unsealed,
            "expired": self.expired,
        }
