"""Revocation data out of a folder: lists (CRL) and answers (OCSP) that somebody brought into a house without a way to the authority.

Only what is about the certificates of a stamp is taken, the newest first; files of any other kind are passed over. Whether a list or an
answer is genuine is judged where the stamp is judged, not here.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import crl, ocsp, pem, x509

from lantai.formats.signing.certificates import MALFORMED

LARGEST_BYTES = 8 * 1024**2
MOST = 8
_LEAST = datetime.min.replace(tzinfo=UTC)
_Dated = tuple[datetime, bytes]


def brought(folder: str, certificates: Sequence[x509.Certificate]) -> tuple[list[bytes], list[bytes]]:
    """Return the lists and the answers (DER) in *folder* that are about *certificates*; nothing where the folder is not there."""
    lists: list[_Dated] = []
    answers: list[_Dated] = []
    issuers = {item.issuer.hashable for item in certificates}
    serials = {item.serial_number for item in certificates}
    for content in _files(folder):
        if (found := _list(content, issuers)) is not None:
            lists.append(found)
        elif (found := _answer(content, serials)) is not None:
            answers.append(found)
    return _newest(lists), _newest(answers)


def _newest(found: list[_Dated]) -> list[bytes]:
    return [content for _, content in sorted(found, key=lambda item: item[0], reverse=True)[:MOST]]


def _files(folder: str) -> Iterator[bytes]:
    """Yield what lies in the folder, as DER."""
    if not folder or not Path(folder).is_dir():
        return
    for path in sorted(Path(folder).iterdir()):
        try:
            content = path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST_BYTES else b""
            yield pem.unarmor(content)[2] if pem.detect(content) else content
        except (OSError, ValueError):
            continue


def _list(content: bytes, issuers: set[str]) -> _Dated | None:
    try:
        told = crl.CertificateList.load(content, strict=True)["tbs_cert_list"]
        is_about = told["issuer"].hashable in issuers
        return (told["this_update"].native or _LEAST, content) if is_about else None
    except MALFORMED:
        return None


def _answer(content: bytes, serials: set[int]) -> _Dated | None:
    try:
        told = ocsp.OCSPResponse.load(content, strict=True).response_data["responses"]
        about = [item for item in told if item["cert_id"]["serial_number"].native in serials]
        return (about[0]["this_update"].native or _LEAST, content) if about else None
    except MALFORMED:
        return None
