"""The levelled verdict on one electronic signature: what holds, what does not, and what nobody has looked at.

Every level is True, False or None. None means *not checked* and never stands alone: ``not_checked`` says why. What no verifier
here can know (a missing time stamp) is said in ``not_checked`` too, although it has no level of its own.
"""

from dataclasses import dataclass, replace

LEVELS = ("digests_valid", "signature_valid", "seal_valid", "chain_valid", "time_valid")


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a person wants to know of a certificate: names, serial number (hexadecimal), validity (ISO 8601, UTC), SHA-256."""

    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one signature.

    ``digests_valid``: the digests that were signed are those of the material. ``signature_valid``: the value was made with the
    signer's key. ``seal_valid``: the maker signed the seal, the seal was in force, the signer may use it. ``chain_valid``: the
    signer's certificate leads to a trusted root and is fit for signing. ``time_valid``: the instant of signing lies within the
    certificate's validity, and the time stamp, where there is one, holds. ``revocation``: what the file carries proves that the
    certificate was not revoked then (False: that it was). ``altered`` names what differs or is covered by
    nothing; ``remarks`` what a person should weigh (weak algorithms). ``signed_at`` and ``stamped_at`` are ISO 8601: the first
    is the signer's own word, the second that of a time stamping authority.
    """

    kind: str = ""
    digests_valid: bool | None = None
    signature_valid: bool | None = None
    seal_valid: bool | None = None
    chain_valid: bool | None = None
    time_valid: bool | None = None
    revocation: bool | None = None
    altered: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    signer: str = ""
    algorithm: str = ""
    signed_at: str = ""
    stamped_at: str = ""
    seal_name: str = ""
    certificates: tuple[CertificateFacts, ...] = ()

    def without(self, level: str, reason: str) -> "Verdict":
        """Return this verdict with *level* not checked, for *reason* (plain Chinese, no full stop)."""
        return replace(self, **{level: None}).noting(level, reason)  # type: ignore[arg-type]

    def noting(self, subject: str, reason: str) -> "Verdict":
        """Return this verdict with one more thing that was not looked at."""
        line = f"{subject}：{reason}"
        return self if line in self.not_checked else replace(self, not_checked=(*self.not_checked, line))

    def remarking(self, *remarks: str) -> "Verdict":
        """Return this verdict with further remarks, each once."""
        return replace(self, remarks=tuple(dict.fromkeys((*self.remarks, *remarks))))

    def complete(self) -> "Verdict":
        """Return this verdict with a reason for every level that is None; none of them may be left without."""
        verdict = self
        for level in (*LEVELS, "revocation"):
            if getattr(self, level) is None and not any(line.startswith(f"{level}：") for line in self.not_checked):
                verdict = verdict.noting(level, "没有可供检查的内容")
        return verdict

    def as_row(self, name: str) -> dict[str, object]:
        """Return the row of ``inspect`` for the signature *name*: JSON values under stable names."""
        done = self.complete()
        levels: dict[str, object] = {level: getattr(done, level) for level in (*LEVELS, "revocation")}
        lists = {key: list(getattr(done, key)) for key in ("altered", "not_checked", "remarks")}
        facts = {key: getattr(done, key) for key in ("kind", "signer", "algorithm", "signed_at", "stamped_at", "seal_name")}
        certificates = [{key: getattr(item, key) for key in CertificateFacts.__slots__} for item in done.certificates]
        return {"name": name} | facts | levels | lists | {"certificates": certificates}


def unreadable(kind: str, reason: str) -> Verdict:
    """Return the verdict on a signature value that cannot be taken apart: nothing is checked, for *reason*."""
    verdict = Verdict(kind)
    for level in (*LEVELS, "revocation"):
        verdict = verdict.without(level, reason)
    return verdict


def all_of(*levels: bool | None) -> bool | None:
    """Join levels: False where any is False, True where all are True, otherwise None."""
    if any(level is False for level in levels):
        return False
    return True if levels and all(levels) else None
