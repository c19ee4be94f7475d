"""What a signature covers, what is altered, what nothing covers."""

import base64
import os
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.ofd import covered, signatures, uncovered
from lantai.formats.ofd.model_signature import Coverage, State
from lantai.formats.ofd.signatures import judge, message, signed_value
from tests.formats.ofd.opened import codes, content, opened
from tests.support import ofd_writer as w

_METHODS = ["SM3", "1.2.156.10197.1.401", "MD5", "SHA-1", "1.3.14.3.2.26", "SHA256", "2.16.840.1.101.3.4.2.1", ""]


def _members() -> w.Parts:
    """Two pages with a template, a font of both and an image of the second, an annotation of the first, an attachment."""
    image = w.tag("ImageObject", ID=20, ResourceID=5, Boundary="0 0 9 9", CTM="9 0 0 9 0 0")
    first = w.page(w.text("一"), before=w.tag("Template", TemplateID=7))
    common = w.tag("PublicRes", "Res.xml") + w.tag("TemplatePage", ID=7, BaseLoc="T.xml")
    media = w.tag("MultiMedias", w.tag("MultiMedia", w.tag("MediaFile", "a.png"), ID=5, Type="Image"))
    fonts = w.tag("Fonts", w.tag("Font", w.tag("FontFile", "f.ttf"), ID=3, FontName="宋体"))
    after = w.tag("Annotations", "Annotations.xml") + w.tag("Attachments", "Attachments.xml")
    return w.parts(first, w.page(w.text("二"), image), common=common, after=after) | {
        "Doc_0/Res.xml": w.root("Res", fonts + media, BaseLoc="Res"),
        "Doc_0/T.xml": w.page(w.tag("PathObject", w.tag("AbbreviatedData", "M 0 0"), ID=8, Boundary="0 0 1 1")),
        "Doc_0/Res/a.png": b"png",
        "Doc_0/Res/f.ttf": b"ttf",
        "Doc_0/Annotations.xml": w.root("Annotations", w.tag("Page", w.tag("FileLoc", "A.xml"), PageID=100)),
        "Doc_0/A.xml": w.root("PageAnnot", ""),
        "Doc_0/Attachments.xml": w.root("Attachments", w.tag("Attachment", w.tag("FileLoc", "b.txt"), ID=1, Name="附")),
        "Doc_0/b.txt": b"text",
    }


_WHERE = {
    "Doc_0/Pages/Page_0/Content.xml": ("page", (1,)),
    "Doc_0/Pages/Page_1/Content.xml": ("page", (2,)),
    "Doc_0/T.xml": ("template", (1,)),
    "Doc_0/Res/a.png": ("", (2,)),
    "Doc_0/Res/f.ttf": ("", (1, 2)),
    "Doc_0/Res.xml": ("resources", (1, 2)),
    "Doc_0/A.xml": ("annotation", (1,)),
    "Doc_0/b.txt": ("attachment", ()),
    "Doc_0/Document.xml": ("document", ()),
    "OFD.xml": ("root", ()),
}


def _coverage(members: w.Parts | bytes) -> Coverage:
    with opened(members) as package:
        (signature,) = signatures(package)
        return covered(package, signature)


@pytest.mark.parametrize("method", _METHODS)
def test_everything_listed_is_right(method: str) -> None:
    members = w.signed(_members(), method=method)
    coverage = _coverage(members)
    assert coverage.digests_valid is True
    assert {entry.name for entry in coverage.of(State.RIGHT)} == set(_members())
    rest = {entry.name: entry.part for entry in coverage.of(State.NOT_LISTED)}
    assert rest == {
        "Doc_0/Signs/Signatures.xml": "signatures",
        w.SIGNATURE: "signature",
        "Doc_0/Signs/Sign_0/SignedValue.dat": "signature_value",
    }
    assert uncovered((coverage,)) == ()


@pytest.mark.parametrize("name", sorted(_WHERE))
def test_what_is_altered_is_named_with_its_pages(name: str) -> None:
    members = w.signed(_members())
    before = members[name]
    members[name] = (before if isinstance(before, bytes) else before.encode()) + b" "
    coverage = _coverage(members)
    assert coverage.digests_valid is False
    (entry,) = coverage.altered
    assert (entry.name, entry.state, (entry.part, entry.pages)) == (name, State.WRONG, _WHERE[name])
    assert coverage.altered_pages == _WHERE[name][1]
    found = content(members)
    (row,) = found.signatures
    assert (row["digests_valid"], row["altered"], row["altered_pages"]) == (False, [name], list(_WHERE[name][1]))
    assert "OFD-SIGNATURE-ALTERED" in codes(found)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(sorted(_members()))), st.sets(st.sampled_from(sorted(_members()))))
def test_states_follow_the_list_and_the_bytes(listed: set[str], altered: set[str]) -> None:
    members = w.signed(_members(), sorted(listed))
    for name in altered - {"OFD.xml", "Doc_0/Document.xml"}:
        content_ = members[name]
        members[name] = (content_ if isinstance(content_, bytes) else content_.encode()) + b"\n"
    coverage = _coverage(members)
    states = {entry.name: entry.state for entry in coverage.entries}
    for name in _members():
        is_changed = name in altered - {"OFD.xml", "Doc_0/Document.xml"}
        expected = State.NOT_LISTED if name not in listed else State.WRONG if is_changed else State.RIGHT
        assert states[name] is expected
    assert set(uncovered((coverage,))) == set(_members()) - listed
    wrong = listed & altered - {"OFD.xml", "Doc_0/Document.xml"}
    assert coverage.digests_valid is (False if wrong else True if listed else None)


def test_a_listed_file_that_is_gone_is_altered() -> None:
    members = w.signed(_members())
    del members["Doc_0/b.txt"]
    (entry,) = _coverage(members).altered
    assert (entry.name, entry.state) == ("/Doc_0/b.txt", State.MISSING)


def test_an_unknown_digest_is_not_checked_and_says_so() -> None:
    members = w.signed(_members())
    members[w.SIGNATURE] = str(members[w.SIGNATURE]).replace('CheckMethod="SM3"', 'CheckMethod="ROT13"')
    found = content(members)
    (row,) = found.signatures
    assert row["digests_valid"] is None
    assert "digests_valid：摘要算法 ROT13 无法识别" in row["not_checked"]  # type: ignore[operator]
    assert "OFD-SIGNATURE-UNCHECKED" in codes(found)


def test_a_signature_that_lists_nothing_proves_nothing() -> None:
    found = content(w.signed(_members(), []))
    (row,) = found.signatures
    assert row["digests_valid"] is None
    assert set(codes(found)) >= {"OFD-SIGNATURE-UNCHECKED", "OFD-UNCOVERED"}
    assert set(row["uncovered"]) == set(_members())  # type: ignore[call-overload]


@pytest.mark.parametrize("method", ["MD5", "SHA1"])
def test_weak_digests_are_remarked_on(method: str) -> None:
    (row,) = content(w.signed(_members(), method=method)).signatures
    assert row["remarks"] == [f"文件摘要使用已不安全的 {method}"]


def test_digests_in_hexadecimal_are_understood() -> None:
    members = w.signed(w.parts(w.page(w.text("文"))), ["OFD.xml"], "SHA256")
    declared = w.digest(members["OFD.xml"], "SHA256")
    members[w.SIGNATURE] = str(members[w.SIGNATURE]).replace(declared, base64.b64decode(declared).hex())
    assert _coverage(members).digests_valid is True


def test_a_second_entry_of_the_same_name_is_an_error_and_the_last_one_counts() -> None:
    members = w.signed(_members())
    name = "Doc_0/Pages/Page_0/Content.xml"
    rows = [*members.items(), (name, w.page(w.text("换")))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        data = w.zipped(rows)
    found = content(data)
    assert found.pages[0].text == "换"
    assert {"OFD-ENTRY-DOUBLED", "OFD-SIGNATURE-ALTERED"} <= set(codes(found))
    assert found.signatures[0]["altered_pages"] == [1]


def test_an_earlier_signature_that_listed_the_list_of_signatures_is_told_apart() -> None:
    members = w.signed(_members())
    first = w.signature(members, [*_members(), "Doc_0/Signs/Signatures.xml"])
    second = "Doc_0/Signs/Sign_1/Signature.xml"
    rows = "".join(w.tag("Signature", ID=index, Type="Seal", BaseLoc=f"/{name}") for index, name in enumerate((w.SIGNATURE, second)))
    members |= {w.SIGNATURE: first, "Doc_0/Signs/Signatures.xml": w.root("Signatures", rows)}
    members[second] = w.signature(members, [*_members(), "Doc_0/Signs/Signatures.xml", w.SIGNATURE])
    found = content(members)
    assert [row["digests_valid"] for row in found.signatures] == [False, True]
    assert "OFD-SIGNATURE-LIST-GREW" in codes(found)
    assert "OFD-SIGNATURE-ALTERED" not in codes(found)


def test_a_signature_as_declared() -> None:
    stamps = w.tag("StampAnnot", ID="s1", PageRef=101, Boundary="10 20 40 40", Clip="0 0 8 40")
    members = w.signed(_members(), stamps=stamps)
    with opened(members) as package:
        (signature,) = signatures(package)
        assert (signature.provider.name, signature.provider.company, signature.kind) == ("测试", "云汀", "Seal")
        assert (signature.method, signature.signed_at) == ("1.2.156.10197.1.501", "20260102030405Z")
        (stamp,) = signature.stamps
        assert package.documents[0].page_number(stamp.page_id) == 2
        assert stamp.boundary is not None
        assert (stamp.boundary.width, stamp.clip and stamp.clip.width) == (40.0, 8.0)
        assert message(package, signature) == str(members[w.SIGNATURE]).encode()
        assert signed_value(package, signature) == b"\x30\x00"
        verdict = judge(package, signature, covered(package, signature))
        assert (verdict.digests_valid, verdict.signature_valid, verdict.chain_valid) == (True, None, None)
        assert any(line.startswith("signature_valid：") for line in verdict.complete().not_checked)


@pytest.mark.parametrize("gone", [w.SIGNATURE, "Doc_0/Signs/Sign_0/SignedValue.dat"])
def test_a_signature_with_parts_missing_is_still_listed(gone: str) -> None:
    members = w.signed(_members())
    del members[gone]
    found = content(members)
    (row,) = found.signatures
    assert row["signature_valid"] is None
    assert row["name"] in (w.SIGNATURE, "/" + w.SIGNATURE)
    assert "OFD-PART-MISSING" in codes(found)


def test_a_budget_that_ends_leaves_digests_unchecked() -> None:
    members = w.parts(w.page(w.text("文"))) | {"Doc_0/Res/big.bin": os.urandom(3_000_000)}
    found = content(w.signed(members), unpacked_bytes=1_500_000)
    (row,) = found.signatures
    assert row["digests_valid"] is None
    assert "READ-TOO-LARGE" in codes(found)
    assert found.pages[0].text == "文"
