"""Rows of signatures turned into findings, the same for every format."""

from collections.abc import Iterator, Mapping, Sequence

from lantai.core.findings import Finding, finding
from lantai.formats.signing.verdict import LEVELS

_CODES = {
    "digests_valid": "SIGNATURE-CONTENT-CHANGED",
    "signature_valid": "SIGNATURE-VALUE-INVALID",
    "seal_valid": "SIGNATURE-SEAL-INVALID",
    "chain_valid": "SIGNATURE-CHAIN-INVALID",
    "time_valid": "SIGNATURE-TIME-INVALID",
}
_LIST = "Signatures.xml"  # grows with every further signature of an OFD; its reader says so
_MOST_NAMED = 5


def findings(rows: Sequence[Mapping[str, object]], where: str) -> Iterator[Finding]:
    """Yield what is wrong with the signatures *rows* of the file *where*; nothing for what was not checked."""
    for row in rows:
        name, altered = row.get("name", ""), _words(row, "altered")
        is_only_list = bool(altered) and all(item.endswith(_LIST) for item in altered)
        for level in LEVELS:
            if row.get(level) is False and not (level == "digests_valid" and is_only_list):
                yield finding(_CODES[level], where, name=name)
        if row.get("revocation") is False:
            yield finding("SIGNATURE-REVOKED", where, name=name)
        if altered and not is_only_list:
            yield finding("SIGNATURE-NOT-COVERED", where, name=name, what="；".join(altered[:_MOST_NAMED]))
        for remark in _words(row, "remarks"):
            if "不安全" in remark or "密钥只有" in remark:
                yield finding("SIGNATURE-WEAK", where, name=name, what=remark)


def _words(row: Mapping[str, object], key: str) -> list[str]:
    value = row.get(key)
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
