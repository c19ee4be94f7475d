"""CMS and PKCS #7 SignedData (RFC 5652, RFC 2315; with SM2: GM/T 0010-2012), taken apart.

Only the structure is read here; :mod:`lantai.formats.signing.signers` judges it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms

from lantai.formats.signing import algorithms, der
from lantai.formats.signing.algorithms import Scheme
from lantai.formats.signing.certificates import MALFORMED, Certificate, load_all, name_key, scheme_of
from lantai.formats.signing.revocation import NOTHING, Evidence

SIGNED_DATA = ("1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2")
LARGEST_BYTES = 16 * 1024**2
_MOST_SIGNERS = 10
_MOST_CERTIFICATES = 100
_MOST_ATTRIBUTES = 100
_SET_TAG = b"\x31"
_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"
# Attribute -> context tags of its lists and of its OCSP answers.
_REVOCATION = {"1.2.840.113583.1.1.8": (0, 1), "1.2.840.113549.1.9.16.2.24": (0, 1)}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a signer: its identifier and its values."""

    oid: str
    values: tuple[der.Node, ...]


@dataclass(frozen=True, slots=True)
class SignerPart:
    """One SignerInfo. ``attributes`` is None where nothing is signed but the content; ``signed_bytes`` is what was signed else.

    ``digest`` is hashlib's name, empty where it is not known; ``certificate`` None where the signer's is not among those given.
    """

    digest: str
    scheme: Scheme | None
    value: bytes
    attributes: tuple[Attribute, ...] | None
    signed_bytes: bytes
    unsigned: tuple[Attribute, ...]
    certificate: Certificate | None

    def values(self, oid: str) -> list[tuple[der.Node, ...]]:
        """Return the values of every signed attribute *oid*."""
        return [item.values for item in self.attributes or () if item.oid == oid]


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData: type and bytes of the content (None where it is detached), signers and all certificates at hand."""

    content_type: str
    content: bytes | None
    signers: tuple[SignerPart, ...]
    certificates: tuple[Certificate, ...]
    evidence: Evidence = NOTHING


def is_signed_data(value: bytes) -> bool:
    """Tell whether *value* begins as a ContentInfo with SignedData."""
    try:
        return der.node(value).children[0].oid in SIGNED_DATA
    except MALFORMED:
        return False


def parse(value: bytes, extra: Sequence[Certificate] = ()) -> SignedData:
    """Take a ContentInfo with SignedData apart; signers are looked for in *extra* too. Raises ValueError for anything else."""
    if len(value) > LARGEST_BYTES or not is_signed_data(value):
        raise ValueError("not a signed data")
    try:
        return _parse(value, extra)
    except MALFORMED as problem:
        raise ValueError("not a signed data") from problem


def _parse(value: bytes, extra: Sequence[Certificate]) -> SignedData:
    data = cms.SignedData.load(der.node(value).children[1].children[0].raw)
    raw = [item.dump() for item in list(data["certificates"] or ())[:_MOST_CERTIFICATES]]
    known = (*load_all(raw), *extra)
    signers = tuple(_signer(item, known) for item in list(data["signer_infos"])[:_MOST_SIGNERS])
    inside = data["encap_content_info"]
    return SignedData(inside["content_type"].dotted, _content(inside.dump()), signers, known, _evidence(data["crls"]))


def _evidence(choices: cms.RevocationInfoChoices) -> Evidence:
    """Return the lists and OCSP answers (RFC 5940) among the revocation values of the SignedData."""
    items = [der.node(item.dump()) for item in list(choices or ())[:_MOST_CERTIFICATES]]
    others = [item.children for item in items if (item.kind, item.number) == (der.CONTEXT, 1)]
    answers = tuple(parts[1].raw for parts in others if len(parts) > 1 and parts[0].oid == _OCSP_RESPONSE)
    return Evidence(answers, tuple(item.raw for item in items if item.kind == der.UNIVERSAL))


def attribute_evidence(part: SignerPart) -> Evidence:
    """Return what a signer's attributes carry: Adobe's archived revocation information, revocation values of CAdES (RFC 5126 6.3.4)."""
    found = NOTHING
    for item in (*(part.attributes or ()), *part.unsigned):
        if item.oid in _REVOCATION:
            lists, answers = _REVOCATION[item.oid]
            for value in item.values:
                found += Evidence(_tagged(value, answers), _tagged(value, lists))
    return found


def _tagged(value: der.Node, number: int) -> tuple[bytes, ...]:
    inner = (part for part in value.children if (part.kind, part.number) == (der.CONTEXT, number))
    return tuple(item.raw for part in inner for each in part.children[:1] for item in each.children)


def _content(raw: bytes) -> bytes | None:
    """Return the content: of CMS an octet string, whole or in pieces; of PKCS #7 the contents of any value."""
    parts = der.node(raw).children
    if len(parts) < 2:
        return None
    inner = parts[1].children[0]
    if inner.number == der.OCTET_STRING and inner.is_constructed:
        return b"".join(piece.octets for piece in inner.children)
    return inner.contents


def _signer(item: cms.SignerInfo, known: Sequence[Certificate]) -> SignerPart:
    digest = algorithms.DIGESTS.get(item["digest_algorithm"]["algorithm"].dotted, "")
    signed = item["signed_attrs"].dump() if item["signed_attrs"] else b""
    unsigned = item["unsigned_attrs"].dump() if item["unsigned_attrs"] else b""
    return SignerPart(
        digest=digest,
        scheme=scheme_of(item["signature_algorithm"], digest),
        value=item["signature"].native,
        attributes=_attributes(signed) if signed else None,
        signed_bytes=_SET_TAG + signed[1:],
        unsigned=_attributes(unsigned) if unsigned else (),
        certificate=_whose(item["sid"], known),
    )


def _attributes(raw: bytes) -> tuple[Attribute, ...]:
    pairs = [item.children for item in der.node(raw).children[:_MOST_ATTRIBUTES]]
    return tuple(Attribute(pair[0].oid, tuple(pair[1].children)) for pair in pairs)


def _whose(identifier: cms.SignerIdentifier, known: Sequence[Certificate]) -> Certificate | None:
    chosen = identifier.chosen
    if identifier.name == "subject_key_identifier":
        return next((one for one in known if one.key_id == chosen.native), None)
    serial, issuer = chosen["serial_number"].native, name_key(chosen["issuer"].dump())
    return next((one for one in known if one.serial == serial and one.issuer == issuer), None)
