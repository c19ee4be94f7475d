"""Keys, certificates, seals and signatures made here: RSA and EC by ``cryptography``, SM2 by our own engine, structures by hand.

Everything takes its faults as arguments, so that a bad fixture says in one word what is wrong with it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from asn1crypto import core, parser, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lantai.formats.signing import sm2
from lantai.formats.signing.algorithms import digest

SM2_SM3, RSA_SHA256, RSA_SHA1, ECDSA_SHA256 = (
    "1.2.156.10197.1.501", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.5", "1.2.840.10045.4.3.2",
)  # fmt: skip
SM3, SHA256, SHA1 = "1.2.156.10197.1.401", "2.16.840.1.101.3.4.2.1", "1.3.14.3.2.26"
DATA, TST_INFO, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
SIGNED_AT = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
PICTURE = b"\x89PNG made here"


def tlv(tag: int, body: bytes) -> bytes:
    """One value with a tag of one byte."""
    return parser.emit(tag >> 6, tag >> 5 & 1, tag & 31, body)


def seq(*items: bytes) -> bytes:
    return tlv(0x30, b"".join(items))


def a_set(*items: bytes) -> bytes:
    return tlv(0x31, b"".join(items))


def integer(number: int) -> bytes:
    return core.Integer(number).dump()


def octets(raw: bytes) -> bytes:
    return tlv(0x04, raw)


def bits(raw: bytes) -> bytes:
    return tlv(0x03, b"\0" + raw)


def oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()


def ia5(text: str) -> bytes:
    return tlv(0x16, text.encode())


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def utc(instant: datetime) -> bytes:
    return tlv(0x17, f"{instant:%y%m%d%H%M%SZ}".encode())


def general(instant: datetime) -> bytes:
    return tlv(0x18, f"{instant:%Y%m%d%H%M%SZ}".encode())


@dataclass(frozen=True)
class Key:
    """A key of any family, able to sign."""

    kind: str
    private: object
    spki: bytes

    def sign(self, message: bytes, algorithm: str) -> bytes:
        if self.kind == "sm2":
            private, public = self.private  # type: ignore[misc]
            return sm2.sign(private, public, message)
        maker = hashes.SHA1() if algorithm == RSA_SHA1 else hashes.SHA256()
        if self.kind == "rsa":
            return self.private.sign(message, padding.PKCS1v15(), maker)  # type: ignore[attr-defined]
        return self.private.sign(message, ec.ECDSA(maker))  # type: ignore[attr-defined]

    @property
    def algorithm(self) -> str:
        return {"sm2": SM2_SM3, "rsa": RSA_SHA256, "ec": ECDSA_SHA256}[self.kind]

    @property
    def digest(self) -> tuple[str, str]:
        return (SM3, "sm3") if self.kind == "sm2" else (SHA256, "sha256")


@cache
def key(kind: str, number: int = 0) -> Key:
    """The key *number* of a family, made once: number tells keys apart."""
    assert number >= 0
    if kind == "sm2":
        private, public = sm2.engine().generate()
        head = seq(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301"))
        return Key(kind, (private, public), seq(head, bits(b"\x04" + public)))
    made = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    return Key(kind, made, made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@dataclass(frozen=True)
class Paper:
    """What goes into a certificate."""

    subject: str
    issuer: str
    key: Key
    issuer_key: Key
    serial: int = 7
    first: datetime = FROM
    last: datetime = UNTIL
    is_authority: bool = False
    usage: frozenset[str] = frozenset({"digital_signature", "non_repudiation"})
    purposes: tuple[str, ...] = ()
    length: int | None = None
    critical: str = ""


def certificate(paper: Paper) -> bytes:
    """A certificate, signed with the issuer's key."""
    algorithm = seq(oid(paper.issuer_key.algorithm))
    body = seq(
        tlv(0xA0, integer(2)),
        integer(paper.serial),
        algorithm,
        _name(paper.issuer),
        seq(general(paper.first), general(paper.last)),
        _name(paper.subject),
        paper.key.spki,
        tlv(0xA3, seq(*_extensions(paper))),
    )
    return seq(body, algorithm, bits(paper.issuer_key.sign(body, paper.issuer_key.algorithm)))


def _name(text: str) -> bytes:
    return seq(a_set(seq(oid("2.5.4.3"), utf8(text))))


def _extensions(paper: Paper) -> list[bytes]:
    usage = paper.usage | ({"key_cert_sign"} if paper.is_authority else set())
    rows = [seq(oid("2.5.29.15"), tlv(0x01, b"\xff"), octets(x509.KeyUsage(set(usage)).dump()))]
    if paper.is_authority:
        length = b"" if paper.length is None else integer(paper.length)
        rows.append(seq(oid("2.5.29.19"), tlv(0x01, b"\xff"), octets(seq(tlv(0x01, b"\xff"), length))))
    if paper.purposes:
        rows.append(seq(oid("2.5.29.37"), tlv(0x01, b"\xff"), octets(seq(*map(oid, paper.purposes)))))
    if paper.critical:
        rows.append(seq(oid(paper.critical), tlv(0x01, b"\xff"), octets(octets(b"x"))))
    return rows


@dataclass(frozen=True)
class Line:
    """A root, the authority under it and the signer, each with its key; and a root nobody has heard of."""

    root: bytes
    middle: bytes
    leaf: bytes
    key: Key
    root_key: Key
    middle_key: Key


@cache
def line(kind: str, **changes: object) -> Line:
    """A chain of three; *changes* go into the signer's certificate."""
    root_key, middle_key, own = key(kind, 1), key(kind, 2), key(kind, 3)
    root = certificate(Paper("云汀根", "云汀根", root_key, root_key, is_authority=True))
    middle = certificate(Paper("云汀签发", "云汀根", middle_key, root_key, is_authority=True))
    leaf = certificate(replace(Paper("云汀市发展和改革委员会", "云汀签发", own, middle_key), **changes))  # type: ignore[arg-type]
    return Line(root, middle, leaf, own, root_key, middle_key)


@dataclass(frozen=True)
class Cms:
    """What goes into a SignedData; everything that may be wrong with it has a field."""

    has_attributes: bool = True
    has_certificates: bool = True
    is_detached: bool = True
    signed_at: datetime | None = SIGNED_AT
    content_type: str = DATA
    claimed_type: str = DATA
    digest_of: bytes | None = None
    algorithm: str = ""
    digest_name: tuple[str, str] = ("", "")
    named: bytes | None = None
    twice: str = ""
    token: bytes = b""
    unsigned_time: bool = False


def cms(message: bytes, who: Line, how: Cms = Cms()) -> bytes:
    """A SignedData over *message*, as *how* says."""
    digest_oid, digest_name = how.digest_name if how.digest_name[0] else who.key.digest
    algorithm = how.algorithm or who.key.algorithm
    attributes = _attributes(message, digest_name, who, how)
    signed = tlv(0x31, attributes) if how.has_attributes else message
    value = who.key.sign(signed, algorithm)
    parsed = x509.Certificate.load(who.leaf)
    identifier = seq(parsed.issuer.dump(), integer(parsed.serial_number))
    signer = seq(
        integer(1),
        identifier,
        seq(oid(digest_oid)),
        tlv(0xA0, attributes) if how.has_attributes else b"",
        seq(oid(algorithm)),
        octets(value),
        _unsigned(how),
    )
    inside = seq(oid(how.content_type), b"" if how.is_detached else tlv(0xA0, octets(message)))
    papers = tlv(0xA0, who.leaf + who.middle) if how.has_certificates else b""
    return seq(oid(SIGNED_DATA), tlv(0xA0, seq(integer(3), a_set(seq(oid(digest_oid))), inside, papers, a_set(signer))))


def _attribute(kind: str, *values: bytes) -> bytes:
    return seq(oid(kind), a_set(*values))


def _attributes(message: bytes, digest_name: str, who: Line, how: Cms) -> bytes:
    claimed = digest(digest_name, [message if how.digest_of is None else how.digest_of]) or b""
    rows = [_attribute("1.2.840.113549.1.9.3", oid(how.claimed_type)), _attribute("1.2.840.113549.1.9.4", octets(claimed))]
    if how.signed_at and not how.unsigned_time:
        rows.append(_attribute("1.2.840.113549.1.9.5", utc(how.signed_at)))
    if how.named is not None:
        rows.append(_attribute("1.2.840.113549.1.9.16.2.47", seq(seq(seq(octets(digest("sha256", [how.named]) or b""))))))
    if how.twice:
        rows += [row for row in rows if oid(how.twice) in row]
    return b"".join(rows)


def _unsigned(how: Cms) -> bytes:
    rows = b""
    if how.token:
        rows += _attribute("1.2.840.113549.1.9.16.2.14", how.token)
    if how.unsigned_time:
        rows += _attribute("1.2.840.113549.1.9.5", utc(SIGNED_AT))
    return tlv(0xA1, rows) if rows else b""


def token(message: bytes, who: Line, instant: datetime = SIGNED_AT) -> bytes:
    """A time stamp over *message*, given by *who* at *instant*."""
    digest_oid, name = who.key.digest
    imprint = seq(seq(oid(digest_oid)), octets(digest(name, [message]) or b""))
    info = seq(integer(1), oid("1.2.3.4"), imprint, integer(99), general(instant))
    return cms(info, who, Cms(is_detached=False, content_type=TST_INFO, claimed_type=TST_INFO, signed_at=instant))


def authority(kind: str = "rsa", **changes: object) -> Line:
    """A chain whose last certificate is for time stamping."""
    return line(kind, **({"purposes": ("1.3.6.1.5.5.7.3.8",), "subject": "云汀时间戳"} | changes))


@dataclass(frozen=True)
class Ses:
    """What goes into a seal and a signature made with it; everything that may be wrong with it has a field."""

    edition: int = 4
    signed_at: datetime = SIGNED_AT
    created: datetime = datetime(2025, 6, 1, tzinfo=UTC)
    first: datetime = datetime(2025, 6, 1, tzinfo=UTC)
    last: datetime = datetime(2028, 6, 1, tzinfo=UTC)
    maker: Line | None = None
    maker_key: Key | None = None
    holder: bytes | None = None
    is_list_of_digests: bool = False
    algorithm: str = ""
    digest_of: bytes | None = None
    is_bare: bool = False
    is_zoneless: bool = False
    token_from: Line | None = None
    seal_patch: tuple[bytes, bytes] = (b"", b"")


def seal(who: Line, how: Ses = Ses()) -> bytes:
    """A seal that *who* may use."""
    maker = how.maker or line(who.key.kind, subject="云汀制章中心", serial=8)
    info = _seal_info(who, how)
    algorithm = oid(maker.key.algorithm)
    paper = octets(maker.leaf)
    signed = seq(info, paper, algorithm) if how.edition == 1 else info
    value = bits((how.maker_key or maker.key).sign(signed, maker.key.algorithm))
    info = info.replace(*how.seal_patch) if how.seal_patch[0] else info
    return seq(info, seq(paper, algorithm, value)) if how.edition == 1 else seq(info, paper, algorithm, value)


def _seal_info(who: Line, how: Ses) -> bytes:
    write = utc if how.edition == 1 else general
    holder = who.leaf if how.holder is None else how.holder
    listed = seq(octets(holder))
    kind = b""
    if how.edition == 4:
        kind = integer(2 if how.is_list_of_digests else 1)
        listed = seq(seq(tlv(0x13, b"SM3"), octets(digest("sm3", [holder]) or b""))) if how.is_list_of_digests else listed
    properties = seq(integer(1), utf8("云汀市发展和改革委员会公章"), kind, listed, write(how.created), write(how.first), write(how.last))
    header = seq(ia5("ES"), integer(how.edition), ia5("YUNTING"))
    return seq(header, ia5("3301000001"), properties, seq(ia5("png"), octets(PICTURE), integer(40), integer(40)))


def ses(message: bytes, who: Line, how: Ses = Ses()) -> bytes:
    """A signature over *message* with a seal that *who* may use."""
    name = who.key.digest[1]
    algorithm = oid(how.algorithm or who.key.algorithm)
    hashed = bits(digest(name, [message if how.digest_of is None else how.digest_of]) or b"")
    place, paper = ia5("/Doc_0/Signs/Sign_0/Signature.xml"), octets(who.leaf)
    if how.edition == 1:
        signed = seq(integer(1), seal(who, how), bits(utc(how.signed_at)), hashed, place, paper, algorithm)
        return seq(signed, bits(_value(who, signed, how)))
    time = tlv(0x18, f"{how.signed_at:%Y%m%d%H%M%S}".encode()) if how.is_zoneless else general(how.signed_at)
    signed = seq(integer(4), seal(who, how), time, hashed, place)
    value = _value(who, signed, how)
    stamp = tlv(0xA0, bits(token(value, how.token_from))) if how.token_from else b""
    return seq(signed, paper, algorithm, bits(value), stamp)


def _value(who: Line, signed: bytes, how: Ses) -> bytes:
    value = who.key.sign(signed, who.key.algorithm)
    if not how.is_bare:
        return value
    parts = core.SequenceOf.load(value, spec=core.Integer)
    return b"".join(int(part.native).to_bytes(32) for part in parts)
