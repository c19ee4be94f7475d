"""Small values of PDF: dates, and the row of a signature that nobody has looked at."""

import re

_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?|(Z))?")


def iso_date(raw: str) -> str:
    """Return a PDF date (ISO 32000-1 7.9.4) in ISO 8601 as precise as it is; what is no date comes back as it was."""
    match = _DATE.match(raw.strip())
    if not match:
        return raw
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes, zulu = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if not (day and hour):
        return date
    zone = "Z" if zulu else f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def unverified(name: str, kind: str, signed_at: str = "") -> dict[str, object]:
    """Return the row of a signature that nobody has verified: every verdict is null, and all of them are listed as not checked."""
    verdicts = ("digests_valid", "signature_valid", "seal_valid", "chain_valid", "time_valid", "revocation")
    return {"name": name, "kind": kind, "signed_at": signed_at} | dict.fromkeys(verdicts) | {"altered": [], "not_checked": list(verdicts)}
