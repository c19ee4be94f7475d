"""Signatures in a PDF (ISO 32000-2 12.8, PAdES): what each covers, whether it holds, and what came after it.

The value is taken from the gap that the byte range leaves, not from the parsed dictionary, so that what is verified is what lies
in the file. A range that does not begin at the first byte, or whose gap holds anything but the value, covers the document badly,
and says so in ``altered`` even where its digest agrees.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pypdfium2.raw as pdfium

from lantai.formats import trust
from lantai.formats.content import Source, clean
from lantai.formats.pdf import dss, updates
from lantai.formats.pdf.raw import Ranges, readable, stretch
from lantai.formats.pdf.values import iso_date
from lantai.formats.signing.algorithms import digest
from lantai.formats.signing.certificates import load_all
from lantai.formats.signing.cms import is_signed_data, parse
from lantai.formats.signing.judging import Material
from lantai.formats.signing.seals import verify_pieces
from lantai.formats.signing.signers import verify_material
from lantai.formats.signing.timestamps import verify_token
from lantai.formats.signing.verdict import Verdict, all_of, unreadable

TIME_STAMP, SHA1_INSIDE, BARE = "ETSI.RFC3161", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"
_MOST = 100
_LARGEST_VALUE = 16 * 1024**2
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_HEX = re.compile(rb"<[0-9A-Fa-f\s]*>")
_WITH_HOURS = len("2026-01-05T09")
_CHINA = timezone(timedelta(hours=8))
_MAY_CHANGE = {1: "不允许任何修改", 2: "只允许填写表单和签名", 3: "只允许填写表单、签名和批注"}


@dataclass(frozen=True, slots=True)
class Field:
    """One signature as the file has it: kind (SubFilter), byte range, value, claimed time (ISO 8601), permission (DocMDP)."""

    name: str
    kind: str
    range: tuple[int, ...]
    value: bytes
    signed_at: str = ""
    permission: int = 0

    @property
    def end(self) -> int:
        """Where the covered part of the file ends."""
        return self.range[2] + self.range[3] if len(self.range) == 4 else 0


def signatures(document: pdfium.FPDF_DOCUMENT, source: Source) -> tuple[dict[str, object], ...]:
    """Return a row for each signature of the document, and for each that lies in the file without a form field naming it."""
    count = min(max(0, pdfium.FPDF_GetSignatureCount(document)), _MOST)
    fields = [_field(pdfium.FPDF_GetSignatureObject(document, index), index) for index in range(count)]
    fields += _unlisted(source, {field.range for field in fields})
    if not fields:
        return ()
    base = Material(None, tuple(load_all(trust.anchors(source.limits))), evidence=dss.evidence(source))
    proven: datetime | None = None
    rows = {}
    for field in sorted(fields, key=lambda item: -item.end):  # the last first: its time stamp speaks for those before it
        verdict = _verdict(field, source, replace(base, proven=proven))
        if field.kind == TIME_STAMP and verdict.digests_valid and verdict.signature_valid and verdict.chain_valid is not False:
            proven = datetime.fromisoformat(verdict.signed_at)
        rows[field.name] = verdict.as_row(field.name) | {"kind": field.kind or verdict.kind}
    return tuple(rows[field.name] for field in fields)


def _field(item: pdfium.FPDF_SIGNATURE, index: int) -> Field:
    count = pdfium.FPDFSignatureObj_GetByteRange(item, None, 0)
    numbers = (ctypes.c_int * max(1, count))()
    pdfium.FPDFSignatureObj_GetByteRange(item, numbers, count)
    size = min(pdfium.FPDFSignatureObj_GetContents(item, None, 0), _LARGEST_VALUE)
    value = ctypes.create_string_buffer(max(1, size))
    pdfium.FPDFSignatureObj_GetContents(item, value, size)
    return Field(
        name=f"Signature{index + 1}",
        kind=_text(pdfium.FPDFSignatureObj_GetSubFilter, item),
        range=tuple(numbers[: min(count, 20)]),
        value=value.raw[:size],
        signed_at=iso_date(_text(pdfium.FPDFSignatureObj_GetTime, item)),
        permission=pdfium.FPDFSignatureObj_GetDocMDPPermission(item),
    )


def _text(ask: object, item: pdfium.FPDF_SIGNATURE) -> str:
    room = ctypes.create_string_buffer(256)
    ask(item, room, len(room))  # type: ignore[operator]
    return clean(room.value.decode("ascii", "replace"))


def _unlisted(source: Source, known: set[tuple[int, ...]]) -> list[Field]:
    """Return signatures that lie in the file but that no form field leads to."""
    ranges = {tuple(map(int, match.groups())) for match in _RANGE.finditer(readable(source))} - known
    whole = [item for item in sorted(ranges)[:_MOST] if _gap(source, item) is not None]
    return [Field(f"Unlisted{index + 1}", "", item, b"") for index, item in enumerate(whole)]


def _gap(source: Source, numbers: tuple[int, ...]) -> bytes | None:
    """Return the value that fills the gap of a byte range as a hexadecimal string; None where anything else lies there."""
    start, length, again, _ = numbers
    if start or not 0 < again - length <= 2 * _LARGEST_VALUE:
        return None
    raw = stretch(source.path, length, again - length)
    if not _HEX.fullmatch(raw):
        return None
    digits = b"".join(raw[1:-1].split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _verdict(field: Field, source: Source, base: Material) -> Verdict:
    if len(field.range) != 4 or min(field.range) < 0:
        return replace(unreadable("CMS", "签名范围（ByteRange）有误"), altered=("签名范围有误，不能说明覆盖了什么",))
    start, length, again, rest = field.range
    gap = _gap(source, field.range)
    covered = Ranges(source.path, ((start, length), (again, rest)))
    material = replace(base, pieces=covered, claimed=_instant(field.signed_at))
    verdict = _checked(field.kind, field.value if gap is None else gap, material)
    verdict = replace(verdict, altered=tuple(_uncovered(field, source, has_exact_gap=gap is not None)))
    return _surroundings(_updated(verdict, field, source), field, source)


def _checked(kind: str, value: bytes, material: Material) -> Verdict:
    if kind == TIME_STAMP:
        return verify_token(value, material)
    if kind == BARE:
        return unreadable("PKCS#1", "签名种类 adbe.x509.rsa_sha1 已废止，没有验证")
    if kind == SHA1_INSIDE:
        return _by_sha1(value, material)
    if is_signed_data(value):
        return verify_material(value, material)
    return verify_pieces(value, material)


def _by_sha1(value: bytes, material: Material) -> Verdict:
    """Check adbe.pkcs7.sha1: what is signed is the SHA-1 digest of the ranges, which lies inside the value."""
    verdict = verify_material(value, replace(material, pieces=None))
    try:
        inside = parse(value).content
    except ValueError:
        return verdict
    is_same = inside == digest("sha1", material.pieces or ())
    return replace(verdict, digests_valid=all_of(verdict.digests_valid, is_same)).remarking("使用已不安全的摘要算法 SHA-1")


def _surroundings(verdict: Verdict, field: Field, source: Source) -> Verdict:
    """Say what the document adds to the signature: permissions."""
    if field.permission in _MAY_CHANGE:
        verdict = verdict.remarking(f"认证签名：签名后{_MAY_CHANGE[field.permission]}")
    return verdict


def _uncovered(field: Field, source: Source, *, has_exact_gap: bool) -> Iterator[str]:
    """Name what of the signed revision the signature does not protect."""
    size = source.path.stat().st_size
    if field.range[0]:
        yield f"文件开头 {field.range[0]} 字节不在签名范围内"
    if not has_exact_gap:
        yield f"签名值所在的位置还有别的内容（第 {field.range[1]} 至 {field.range[2]} 字节）不在签名范围内"
    if field.end > size:
        yield "签名范围超出文件末尾"


def _updated(verdict: Verdict, field: Field, source: Source) -> Verdict:
    """Name what was added after the signed revision."""
    if field.end >= source.path.stat().st_size:
        return verdict
    found = updates.changes(source, field.end)
    return replace(verdict, altered=(*verdict.altered, *found.altered)).remarking(*found.remarks)


def _instant(iso: str) -> datetime | None:
    """Return the instant of a PDF date that is precise enough; without a zone it is Chinese time."""
    try:
        parsed = datetime.fromisoformat(iso)
    except ValueError:
        return None
    if len(iso) < _WITH_HOURS:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=_CHINA)).astimezone(UTC)
