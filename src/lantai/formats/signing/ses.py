"""Electronic seals and the signatures made with them: GM/T 0031-2014 (version 1) and GB/T 38540-2020 (version 4), taken apart.

Both are told by their shape, not by the version they claim: makers disagree on the number and agree on the fields. Times
without a zone are Chinese time. Only the structure is read here; :mod:`lantai.formats.signing.seals` judges it.
"""

from dataclasses import dataclass
from datetime import datetime

from lantai.formats.signing import der
from lantai.formats.signing.certificates import MALFORMED, Certificate, load_all

LARGEST_BYTES = 16 * 1024**2
_OLD, _NEW = 1, 4
_DIGEST_LIST = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a seal as it is stored: format as the maker names it (``png``, ``ofd`` …), bytes, size in millimetres."""

    format: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Seal:
    """An electronic seal. ``edition`` is 1 for GM/T 0031-2014 and 4 for GB/T 38540-2020.

    ``holders`` are the certificates that may sign with it, ``holder_digests`` their digests (algorithm as written, value) where
    the seal lists those instead. ``signed_bytes`` lists what the maker may have signed: the standard's way first.
    """

    edition: int
    version: int
    maker: str
    id: str
    name: str
    created: datetime
    not_before: datetime
    not_after: datetime
    holders: tuple[bytes, ...]
    holder_digests: tuple[tuple[str, bytes], ...]
    picture: Picture
    maker_certificate: Certificate | None
    algorithm: str
    value: bytes
    signed_bytes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SealSignature:
    """A signature made with a seal: ``digest`` is that of the signed message, ``place`` where the message lay."""

    seal: Seal
    signed_at: datetime | None
    token: bytes
    digest: bytes
    place: str
    certificate: Certificate | None
    algorithm: str
    value: bytes
    signed_bytes: bytes


def parse_seal(raw: bytes) -> Seal:
    """Take an SESeal apart. Raises ValueError for anything else."""
    if len(raw) > LARGEST_BYTES:
        raise ValueError("too large")
    try:
        return _seal(der.node(raw).expect(der.SEQUENCE))
    except MALFORMED as problem:
        raise ValueError("not a seal") from problem


def parse_signature(raw: bytes) -> SealSignature:
    """Take an SES_Signature apart. Raises ValueError for anything else."""
    if len(raw) > LARGEST_BYTES:
        raise ValueError("too large")
    try:
        outer = der.node(raw).expect(der.SEQUENCE).children
        return _old_signature(outer) if len(outer) == 2 else _new_signature(outer)
    except MALFORMED as problem:
        raise ValueError("not a signature by seal") from problem


def _new_signature(outer: list[der.Node]) -> SealSignature:
    """Read ``{toSign{version, eseal, timeInfo, dataHash, propertyInfo, ext}, cert, algorithm, signature, [0] timeStamp}``."""
    signed, certificate, algorithm, value, *rest = outer
    _, seal, time, digest, place, *_ = signed.children
    stamps = [item.children[0].bits for item in rest if item.kind == der.CONTEXT and item.children]
    return SealSignature(
        seal=_seal(seal),
        signed_at=time.instant,
        token=stamps[0] if stamps else b"",
        digest=digest.bits,
        place=place.text,
        certificate=_certificate(certificate.octets),
        algorithm=algorithm.oid,
        value=value.bits,
        signed_bytes=signed.raw,
    )


def _old_signature(outer: list[der.Node]) -> SealSignature:
    """Read ``{toSign{version, eseal, timeInfo, dataHash, propertyInfo, cert, algorithm}, signature}``."""
    signed, value = outer
    _, seal, time, digest, place, certificate, algorithm, *_ = signed.children
    signed_at, token = _old_time(time)
    return SealSignature(
        seal=_seal(seal),
        signed_at=signed_at,
        token=token,
        digest=digest.bits,
        place=place.text,
        certificate=_certificate(certificate.octets),
        algorithm=algorithm.oid,
        value=value.bits,
        signed_bytes=signed.raw,
    )


def _old_time(time: der.Node) -> tuple[datetime | None, bytes]:
    """Read timeInfo of GM/T 0031: a bit string that holds a time stamp, or the text or value of a time."""
    if time.number != der.BIT_STRING:
        return time.instant, b""
    inside = time.bits
    if inside[:1] == b"\x30":
        return None, inside
    try:
        return (der.node(inside).instant if inside[:1] in (b"\x17", b"\x18") else _written(inside)), b""
    except ValueError:
        return None, b""


def _written(raw: bytes) -> datetime:
    text = raw.decode("ascii").strip()
    return der.instant(text, is_short=len(text.rstrip("Z")) <= 12)


def _seal(node: der.Node) -> Seal:
    parts = node.children
    info = parts[0]
    edition = _OLD if len(parts) == 2 else _NEW
    maker, algorithm, value, *_ = parts[1].children if edition == _OLD else parts[1:]
    whole = der.sequence(info.raw, maker.raw, algorithm.raw)
    header, number, properties, picture, *_ = info.children
    _, version, vendor, *_ = header.children
    names = properties.children
    is_digests, listed = len(names) == 7 and names[2].integer == _DIGEST_LIST, names[-4].children
    return Seal(
        edition=edition,
        version=version.integer,
        maker=vendor.text,
        id=number.text,
        name=names[1].text,
        created=names[-3].instant,
        not_before=names[-2].instant,
        not_after=names[-1].instant,
        holders=() if is_digests else tuple(item.octets for item in listed),
        holder_digests=tuple(_digest(item) for item in listed) if is_digests else (),
        picture=_picture(picture),
        maker_certificate=_certificate(maker.octets),
        algorithm=algorithm.oid,
        value=value.bits,
        signed_bytes=(whole, info.raw) if edition == _OLD else (info.raw, whole),
    )


def _digest(node: der.Node) -> tuple[str, bytes]:
    """Read an entry of the list of signers by digest: algorithm as written, value (GB/T 38540, certListType 2)."""
    kind, value = node.children
    return kind.text, value.octets


def _picture(node: der.Node) -> Picture:
    kind, data, width, height = node.children
    return Picture(kind.text.lower(), data.octets, width.integer, height.integer)


def _certificate(raw: bytes) -> Certificate | None:
    return next(iter(load_all([raw])), None)
