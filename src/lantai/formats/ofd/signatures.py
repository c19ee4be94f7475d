"""Signatures of an OFD (GB/T 33190-2016 clause 18): read, their digests checked, and the verdicts that are known put together.

The bytes an electronic seal signs are those of Signature.xml as stored (:func:`message`); the signed value is the entry named
in it. Verifying that value is the work of :mod:`lantai.formats.signing`; what nobody looked at is null and named in
``not_checked``, never taken as good.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats import trust
from lantai.formats.content import Unreadable
from lantai.formats.ofd.coverage import Ledger, covered, uncovered
from lantai.formats.ofd.digests import WEAK
from lantai.formats.ofd.model_signature import Coverage, Provider, Reference, Signature, StampAnnot
from lantai.formats.ofd.package import OfdDocument, OfdPackage
from lantai.formats.ofd.values import box, child, children, text_of
from lantai.formats.signing.seals import verify_signed_value
from lantai.formats.signing.verdict import Verdict, unreadable

_LISTS = ("signatures", "root")
_VALUE_BYTES = 16 * 1024**2
_MESSAGE_BYTES = 64 * 1024**2
_UNCOVERED_NAMED = 100


def signatures(package: OfdPackage) -> tuple[Signature, ...]:
    """Read all signatures of all documents in the order listed; one that cannot be read is a finding of the package."""
    return tuple(item for document in package.documents for item in _signatures(document))


def message(package: OfdPackage, signature: Signature) -> bytes:
    """Return exactly the bytes that are signed: Signature.xml as stored. Raises Unreadable where they cannot be read."""
    return package.parts.read(signature.place, most=_MESSAGE_BYTES)


def signed_value(package: OfdPackage, signature: Signature) -> bytes:
    """Return the signed value as stored, empty where there is none. Raises Unreadable where it cannot be read."""
    return package.parts.read(signature.value_place, most=_VALUE_BYTES) if signature.value_place else b""


def verdicts(package: OfdPackage) -> tuple[tuple[dict[str, object], ...], tuple[Finding, ...]]:
    """Return one row a signature for ``Reading.signatures``, and findings about them. Raises Unreadable where a budget ends."""
    found = signatures(package)
    ledger = Ledger(package)
    coverages = tuple(covered(package, item, ledger) for item in found)
    nowhere = uncovered(coverages) if found else ()
    anchors = trust.anchors(package.parts.source.limits)
    judged = [judge(package, item, coverage, anchors=anchors) for item, coverage in zip(found, coverages, strict=True)]
    rows = tuple(_row(*each, nowhere) for each in zip(found, coverages, judged, strict=True))
    remarks = [remark for pair in zip(found, coverages, strict=True) for remark in _remarks(package, *pair, coverages)]
    if ledger.ended is not None:
        remarks.append(ledger.ended)
    if nowhere:
        remarks.append(finding("OFD-UNCOVERED", package.parts.source.name, count=len(nowhere), member=nowhere[0]))
    return rows, tuple(remarks)


def judge(package: OfdPackage, signature: Signature, coverage: Coverage, *, anchors: Sequence[bytes] = ()) -> Verdict:
    """Return the levelled verdict: the digests of all files listed and of Signature.xml itself, the value, seal, chain and time.

    *anchors* are certificates that are trusted, DER or PEM. Never raises for what the package holds.
    """
    verdict = _value(package, signature, anchors)
    verdict = replace(
        verdict,
        kind=verdict.kind or signature.kind,
        signed_at=verdict.signed_at or signature.signed_at,
        altered=tuple(dict.fromkeys((*verdict.altered, *(entry.name for entry in coverage.altered)))),
    )
    if coverage.algorithm in WEAK:
        verdict = verdict.remarking(f"文件摘要使用已不安全的 {coverage.algorithm.upper()}")
    if coverage.digests_valid is None:
        known = verdict.digests_valid if verdict.digests_valid is False else None
        return replace(verdict, digests_valid=known) if known is False else verdict.without("digests_valid", _why(signature, coverage))
    # Files that agree are no proof that their list was signed: that the value says, and where it cannot be read that level stays null.
    return replace(verdict, digests_valid=coverage.digests_valid and verdict.digests_valid is not False)


def _why(signature: Signature, coverage: Coverage) -> str:
    if not signature.references:
        return "没有列出受保护的文件"
    return "读取超过了限额" if coverage.is_known else f"摘要算法 {signature.check_method} 无法识别"


def _value(package: OfdPackage, signature: Signature, anchors: Sequence[bytes]) -> Verdict:
    try:
        value, signed = signed_value(package, signature), message(package, signature)
        seal = package.parts.read(signature.seal_place, most=_VALUE_BYTES) if signature.seal_place else b""
    except Unreadable:
        return unreadable(signature.kind, "签名值或签名文件无法读取")
    if not value:
        return unreadable(signature.kind, "没有签名值")
    verdict = verify_signed_value(value, signed, anchors=anchors)
    # The digest of Signature.xml is part of what was compared; the files it lists are added by the caller.
    verdict = replace(verdict, not_checked=tuple(line for line in verdict.not_checked if not line.startswith("digests_valid：")))
    return verdict.remarking("印章文件与签名值中的印章不同") if seal and seal not in value else verdict


def _row(signature: Signature, coverage: Coverage, verdict: Verdict, nowhere: tuple[str, ...]) -> dict[str, object]:
    more: dict[str, object] = {
        "altered_pages": list(coverage.altered_pages),
        "uncovered": list(nowhere[:_UNCOVERED_NAMED]),
        "declared_at": signature.signed_at,
        "provider": signature.provider.name,
        "check_method": coverage.algorithm,
    }
    return verdict.as_row(signature.place) | more


def _signatures(document: OfdDocument) -> Iterator[Signature]:
    for place in document.signature_lists:
        for item in children(document.parts.xml(place), "Signature"):
            own = document.parts.resolve(item.get("BaseLoc"), place)
            root = document.parts.xml(own) if own else None
            yield _signature(item, own, root, document) if root is not None else _unread(item, own, place)


def _unread(item: etree._Element, own: str, place: str) -> Signature:
    return Signature(item.get("ID", ""), item.get("Type", "Seal"), own or item.get("BaseLoc", "") or item.get("ID", ""), list_place=place)


def _signature(item: etree._Element, place: str, root: etree._Element, document: OfdDocument) -> Signature:
    info = child(root, "SignedInfo")
    provider, listed = child(info, "Provider"), child(info, "References")
    parts = document.parts
    return Signature(
        id=item.get("ID", ""),
        kind=item.get("Type", "Seal"),
        place=place,
        provider=Provider() if provider is None else Provider(*(provider.get(name, "") for name in ("ProviderName", "Version", "Company"))),
        method=text_of(info, "SignatureMethod"),
        signed_at=text_of(info, "SignatureDateTime"),
        check_method="" if listed is None else listed.get("CheckMethod", ""),
        references=tuple(_reference(entry, place, document) for entry in children(listed, "Reference")),
        stamps=tuple(_stamp(entry) for entry in children(info, "StampAnnot")),
        value_place=parts.resolve(text_of(root, "SignedValue"), place),
        seal_place=parts.resolve(text_of(child(info, "Seal"), "BaseLoc"), place),
        relative=item.get("Relative", ""),
        list_place=document.signature_lists[0],
        document=document.index,
    )


def _reference(element: etree._Element, place: str, document: OfdDocument) -> Reference:
    raw = element.get("FileRef", "")
    return Reference(raw, document.parts.resolve(raw, place), text_of(element, "CheckValue"))


def _stamp(element: etree._Element) -> StampAnnot:
    get = element.get
    return StampAnnot(get("ID", ""), get("PageRef", ""), box(get("Boundary")), box(get("Clip")))


def _remarks(package: OfdPackage, signature: Signature, coverage: Coverage, all_: tuple[Coverage, ...]) -> Iterator[Finding]:
    name = package.parts.source.name
    if coverage.digests_valid is False:
        yield _altered(package, signature, coverage, all_)
    elif coverage.digests_valid is None:
        yield finding("OFD-SIGNATURE-UNCHECKED", name, member=signature.place, method=signature.check_method or "未注明")


def _altered(package: OfdPackage, signature: Signature, coverage: Coverage, all_: tuple[Coverage, ...]) -> Finding:
    """A later signature has to change the list of signatures, which an earlier one may have listed; that is told apart."""
    name, altered = package.parts.source.name, coverage.altered
    if all(entry.part in _LISTS for entry in altered) and len(all_) > 1 and coverage is not all_[-1]:
        return finding("OFD-SIGNATURE-LIST-GREW", name, member=signature.place, altered=altered[0].name)
    pages = "、".join(str(number) for number in coverage.altered_pages[:20])
    where = f"，涉及第 {pages} 页" if pages else ""
    return finding("OFD-SIGNATURE-ALTERED", name, member=signature.place, count=len(altered), altered=altered[0].name, pages=where)
