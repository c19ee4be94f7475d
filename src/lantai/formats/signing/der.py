"""A bounded walk over BER and DER, for structures that makers write a little differently from their standard.

Nothing is interpreted until it is asked for, so that a field of an unexpected type is told by who reads it. Indefinite lengths
are followed; nesting is only entered as deep as somebody asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from asn1crypto import parser

UNIVERSAL, CONTEXT = 0, 2
BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME = 1, 2, 3, 4, 6, 16, 17, 23, 24
_STRINGS = {12: "utf-8", 19: "ascii", 22: "ascii", 30: "utf-16-be", 20: "latin-1", 26: "ascii"}
_MOST_CHILDREN = 2000
_INDEFINITE = 0x80
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Node:
    """One value: its class, number, contents and all its bytes."""

    kind: int
    number: int
    is_constructed: bool
    contents: bytes
    raw: bytes

    @property
    def children(self) -> list["Node"]:
        """Values inside. Raises ValueError where there is anything but whole values, or too many of them."""
        return nodes(self.contents)

    def expect(self, number: int) -> "Node":
        """Return this value. Raises ValueError where it is not universal *number*."""
        if (self.kind, self.number) != (UNIVERSAL, number):
            raise ValueError(f"type {self.number} where {number} was expected")
        return self

    @property
    def octets(self) -> bytes:
        """Bytes of an octet string. Raises ValueError for anything else."""
        return self.expect(OCTET_STRING).contents

    @property
    def bits(self) -> bytes:
        """Whole bytes of a bit string. Raises ValueError for anything else."""
        contents = self.expect(BIT_STRING).contents
        if not contents or contents[0] > 7:
            raise ValueError("bit string without a length")
        return contents[1:]

    @property
    def integer(self) -> int:
        """Value of an integer. Raises ValueError for anything else."""
        return int.from_bytes(self.expect(INTEGER).contents[:64], signed=True)

    @property
    def text(self) -> str:
        """Text of a string of any type. Raises ValueError for anything else."""
        if self.kind != UNIVERSAL or self.number not in _STRINGS:
            raise ValueError("not a string")
        return self.contents[:10_000].decode(_STRINGS[self.number], "replace")

    @property
    def oid(self) -> str:
        """Object identifier, dotted. Raises ValueError for anything else."""
        return _dotted(self.expect(OBJECT_IDENTIFIER).contents)

    @property
    def instant(self) -> datetime:
        """Instant of a UTCTime or GeneralizedTime. Raises ValueError for anything else.

        Makers of seals leave the zone out and mean Chinese time; the standard wants it there.
        """
        if self.kind != UNIVERSAL or self.number not in (UTC_TIME, GENERALIZED_TIME):
            raise ValueError("not a time")
        return instant(self.contents.decode("ascii"), is_short=self.number == UTC_TIME)


def node(data: bytes) -> Node:
    """Return the first value of *data*; what follows is left. Raises ValueError where there is none."""
    return _node(data, 0)[0]


def nodes(data: bytes) -> list[Node]:
    """Return the values that *data* consists of. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        item, at = _node(data, at)
        found.append(item)
        if len(found) > _MOST_CHILDREN:
            raise ValueError("too many values")
    return found


def _node(data: bytes, at: int) -> tuple[Node, int]:
    if at + 2 > len(data):
        raise ValueError("cut short")
    first, length, start = data[at], data[at + 1], at + 2
    if first & 31 == 31 or length == _INDEFINITE:
        return _unusual(data, at)
    if length > _INDEFINITE:
        start, length = start + (length & 0x7F), int.from_bytes(data[start : start + (length & 0x7F)])
    end = start + length
    if end > len(data):
        raise ValueError("cut short")
    return Node(first >> 6, first & 31, bool(first & 32), data[start:end], data[at:end]), end


def _unusual(data: bytes, at: int) -> tuple[Node, int]:
    """Read a value with a long tag or an indefinite length."""
    kind, method, number, header, contents, trailer = parser.parse(data[at:])
    raw = header + contents + trailer
    return Node(kind, number, bool(method), contents, raw), at + len(raw)


def sequence(*items: bytes) -> bytes:
    """Return the DER of a sequence of encoded values."""
    return bytes(parser.emit(UNIVERSAL, 1, SEQUENCE, b"".join(items)))


def instant(raw: str, *, is_short: bool) -> datetime:
    """Return the instant of the text of a time: ``YYMMDDhhmm[ss]`` where short, else ``YYYYMMDDhhmmss[.f]``, then the zone.

    Raises ValueError for anything else. Years of two digits are 1950 to 2049 (RFC 5280 4.1.2.5.1).
    """
    digits = raw.rstrip("Z")
    for sign in "+-":
        digits = digits.partition(sign)[0]
    zone = raw[len(digits) :]
    digits = digits.partition(".")[0]
    if is_short:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if not digits.isascii() or not digits.isdigit():
        raise ValueError("not a time")
    parsed = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=_zone(zone))
    return parsed.astimezone(UTC)


def _zone(raw: str) -> timezone:
    if raw == "Z":
        return UTC
    if raw[:1] in ("+", "-") and raw[1:5].isdigit():
        away = timedelta(hours=int(raw[1:3]), minutes=int(raw[3:5]))
        return timezone(away if raw[0] == "+" else -away)
    return _CHINA


def _dotted(contents: bytes) -> str:
    if not contents or len(contents) > 100:
        raise ValueError("not an object identifier")
    parts, value = [], 0
    for byte in contents:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(value)
            value = 0
    if not parts:
        raise ValueError("not an object identifier")
    first = min(parts[0] // 40, 2)
    return ".".join(map(str, (first, parts[0] - 40 * first, *parts[1:])))
