"""Signed PDFs made here: a signature as an incremental update, and further updates of every kind after it."""

import re
from collections.abc import Callable

ROOM = 16_384
_START = re.compile(rb"startxref\s+(\d+)\s")


def update(data: bytes, objects: dict[int, bytes], root: int = 1) -> bytes:
    """Append *objects* as an incremental update (ISO 32000-2 7.5.6)."""
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    before, rows = int(_START.findall(data)[-1]), b""
    for number, body in sorted(objects.items()):
        rows += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(200, *objects) + 1
    return bytes(out) + b"xref\n%btrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (rows, size, root, before, start)


def signed(
    data: bytes,
    sign: Callable[[bytes], bytes],
    *,
    kind: str = "adbe.pkcs7.detached",
    number: int = 100,
    fields: str = "100 0 R",
    page: int = 10,
    gap: int = 0,
) -> bytes:
    """Sign *data*: field *number*, signature *number* + 1; *gap* bytes more than the value are left out of the range."""
    original = re.search(rb"%d 0 obj\n(<<.*?>>)\nendobj" % page, data, re.DOTALL)
    assert original
    sheet = original[1][:-2] + b"/Annots[" + fields.encode() + b"]>>"
    when = b"" if kind == "ETSI.RFC3161" else b"/M(D:20260105093000+08'00')"
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[" + fields.encode() + b"]>>>>",
        page: sheet,
        number: b"<</FT/Sig/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/T(Sig%d)/P %d 0 R/V %d 0 R>>" % (number, page, number + 1),
        number + 1: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%b%b/ByteRange[%b]/Contents<%b>>>"
        % (kind.encode(), when, b" " * 44, b"0" * ROOM),
    }
    out = bytearray(update(data, objects))
    opening = out.rindex(b"/Contents<") + len(b"/Contents")
    closing = opening + ROOM + 2 + gap
    numbers = b"0 %d %d %d" % (opening, closing, len(out) - closing)
    at = out.rindex(b"/ByteRange[") + len(b"/ByteRange[")
    out[at : at + 44] = numbers.ljust(44)
    value = sign(bytes(out[:opening] + out[closing:])).hex().encode()
    out[opening + 1 : opening + 1 + len(value)] = value
    return bytes(out)
