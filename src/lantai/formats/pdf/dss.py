"""The material for long-term validation a PDF carries (DSS, ISO 32000-2 12.8.4.3): OCSP answers, revocation lists, certificates.

Collected wherever an array of that name leads; what a file claims to be material is worth nothing until it verifies, so that it is
not asked whether the catalogue leads to it. Streams of encrypted files come out as noise and are left aside by who reads them.
"""

import re

from lantai.formats.content import Source
from lantai.formats.pdf import objects
from lantai.formats.pdf.raw import data_of, inflate, is_held, names
from lantai.formats.signing.revocation import Evidence

_ARRAYS = re.compile(rb"/(CRLs?|OCSPs?|Certs?) ?(\[[^\]]{0,20000}\]|\d{1,10} \d{1,5} R)")
_STREAM = re.compile(rb"stream\r?\n")
_LARGEST = 16 * 1024**2
_MOST = 200


def evidence(source: Source) -> Evidence:
    """Return the material; nothing where there is none or the file is too large to be held."""
    if b"/DSS" not in names(source) or not is_held(source):
        return Evidence()
    found = objects.read(data_of(source))
    kinds: dict[bytes, list[int]] = {b"C": [], b"O": [], b"X": []}
    for bodies in list(found.bodies.values()):
        for name, target in _ARRAYS.findall(bodies[-1].text):
            kinds[b"O" if name.startswith(b"O") else b"C" if name.startswith(b"CRL") else b"X"] += _numbers(target, found)
    return Evidence(*(tuple(_streams(kinds[kind], found)) for kind in (b"O", b"C", b"X")))


def _numbers(target: bytes, found: objects.Objects) -> list[int]:
    """Return the objects an array names; the array may be an object itself."""
    listed = objects.references(target)
    if target.startswith(b"["):
        return listed
    body = found.last(listed[0])
    return objects.references(body.text) if body else []


def _streams(numbers: list[int], found: objects.Objects) -> list[bytes]:
    bodies = [body for number in dict.fromkeys(numbers) if (body := found.last(number)) is not None]
    return [data for body in bodies[:_MOST] if (data := _stream(body))]


def _stream(body: objects.Body) -> bytes:
    opening = _STREAM.search(body.whole)
    if opening is None:
        return b""
    data = body.whole[opening.end() :]
    if b"/FlateDecode" in body.text:
        return inflate(data, _LARGEST)
    end = data.rfind(b"endstream")
    return data[: end if end >= 0 else len(data)][:_LARGEST]
