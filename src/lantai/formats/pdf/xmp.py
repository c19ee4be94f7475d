"""What a PDF claims to be in its metadata packet: PDF/A part and level (ISO 19005). A claim is not a proof; nothing is validated.

The packet is the one the catalogue names; the last one in the file where the catalogue cannot be found. A namespace may be bound
to any prefix, and the values may be elements or attributes.
"""

import re

from lantai.formats.content import Source
from lantai.formats.pdf.raw import data_of, inflate, names

_NAMESPACE = "http://www.aiim.org/pdfa/ns/id/"
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_METADATA = re.compile(rb"/Metadata\s+(\d{1,10})\s+(\d{1,5})\s+R")
_PACKET = re.compile(rb"<\?xpacket begin")
_BINDING = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=\s*[\"']" + re.escape(_NAMESPACE) + r"[\"']")
_LARGEST_PACKET = 1024**2
_REACH = 4096
_PARTS, _LEVELS = frozenset("1234"), frozenset({"", "a", "b", "u", "e", "f"})


def claimed_pdfa(source: Source) -> str:
    """Return the claim, such as ``PDF/A-2b`` or ``PDF/A-4``; empty where there is none that makes sense."""
    if b"/Metadata" not in names(source):
        return ""
    text = _text(_packet(source))
    binding = _BINDING.search(text)
    if binding is None:
        return ""
    part, level = (_value(text, binding[1], key) for key in ("part", "conformance"))
    level = level.lower()
    return f"PDF/A-{part}{level}" if part in _PARTS and level in _LEVELS and (level or part == "4") else ""


def _value(text: str, prefix: str, key: str) -> str:
    name = re.escape(f"{prefix}:{key}")
    match = re.search(rf"<{name}(?:\s[^>]*)?>([^<]*)<|\s{name}\s*=\s*[\"']([^\"']*)[\"']", text)
    return "" if match is None else (match[1] or match[2] or "").strip()


def _packet(source: Source) -> bytes:
    number = _named_by_catalog(names(source))
    data = data_of(source)
    if number:
        marks = list(re.finditer(rb"(?<![0-9])" + number + rb"\s+\d{1,5}\s+obj\b", data))
        if marks:
            return _stream(data, marks[-1].end())
    starts = [match.start() for match in _PACKET.finditer(data)]
    return data[starts[-1] : starts[-1] + _LARGEST_PACKET] if starts else b""


def _named_by_catalog(text: bytes) -> bytes:
    """Return the number of the metadata stream that the last catalogue names, as digits."""
    for match in reversed(list(_CATALOG.finditer(text))):
        start = max(text.rfind(b" obj", 0, match.start()), match.start() - _REACH)
        end = text.find(b"endobj", match.end(), match.end() + _REACH)
        named = _METADATA.search(text, max(0, start), end if end >= 0 else match.end() + _REACH)
        if named:
            return named[1]
    return b""


def _stream(data: bytes, at: int) -> bytes:
    """Return the stream of the object whose dictionary starts at *at*, inflated where it is deflated."""
    opening = re.compile(rb"stream\r?\n").search(data, at, at + _REACH)
    if opening is None:
        return b""
    end = data.find(b"endstream", opening.end(), opening.end() + _LARGEST_PACKET)
    body = data[opening.end() : end if end >= 0 else opening.end() + _LARGEST_PACKET]
    return inflate(body, _LARGEST_PACKET) if b"/FlateDecode" in data[at : opening.start()] else body


def _text(packet: bytes) -> str:
    """Decode a packet: UTF-8, or UTF-16 and UTF-32 as its noughts give away."""
    head = packet[:64]
    for code in ("utf-32-be", "utf-32-le", "utf-16-be", "utf-16-le"):
        if "<?x".encode(code) in head:
            return packet.decode(code, "ignore")
    return packet.decode("utf-8", "replace")
