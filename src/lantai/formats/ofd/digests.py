"""Digest algorithms of signatures by the names and OIDs met in OFD, and digests of entries as they lie in the package."""

import base64
import binascii
from collections.abc import Iterable

from lantai.core.digests import started

_NAMES = {
    "md5": "md5",
    "1.2.840.113549.2.5": "md5",
    "sha1": "sha1",
    "1.3.14.3.2.26": "sha1",
    "sha256": "sha256",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "sha384": "sha384",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "sha512": "sha512",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "sm3": "sm3",
    "1.2.156.10197.1.401": "sm3",
    "1.2.156.10197.1.401.1": "sm3",
}
WEAK = frozenset({"md5", "sha1"})


def algorithm(name: str) -> str:
    """Return the plain name of a digest algorithm given by name or OID in any spelling; empty where it is not known.

    GB/T 33190-2016 18.2.4: the default is MD5 where none is named.
    """
    if not name.strip():
        return "md5"
    folded = name.strip().lower().removeprefix("urn:oid:")
    return _NAMES.get(folded) or _NAMES.get(folded.replace("-", "").replace("_", ""), "")


def digest(chunks: Iterable[bytes], name: str) -> bytes:
    """Return the digest of *chunks* by the plain name of the algorithm."""
    running = started(name)
    for chunk in chunks:
        running.update(chunk)
    return running.digest()


def declared_bytes(text: str, size: int) -> bytes:
    """Return a declared digest of *size* bytes written in base64 (as the standard says) or hexadecimal; empty where it is neither."""
    packed = "".join(text.split())
    if len(packed) == 2 * size:
        try:
            return bytes.fromhex(packed)
        except ValueError:
            pass
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
