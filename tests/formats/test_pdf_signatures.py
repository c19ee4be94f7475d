"""Signatures in PDFs: what they cover, what came after them, and every fault on its own level."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats import read
from lantai.ports.reader import Limits, Reading
from tests.formats import made
from tests.formats.signing import made as keys
from tests.formats.signing.made import Cms
from tests.formats.signing.pdfs import signed, update

STREAM = b"<</Length 19>>stream\n10 10 200 200 re f \nendstream"


@cache
def _plain() -> bytes:
    return made.pdf("公文", "附件")


@cache
def _good(kind: str = "rsa") -> bytes:
    return signed(_plain(), lambda data: keys.cms(data, keys.line(kind)))


def _read(tmp_path: Path, data: bytes, *trusted: bytes) -> Reading:
    path, roots = tmp_path / "staged", tmp_path / "roots"
    path.write_bytes(data)
    roots.mkdir(exist_ok=True)
    for number, root in enumerate(trusted):
        (roots / f"{number}.cer").write_bytes(root)
    return read(path, "通知.pdf", Limits(trusted=str(roots) if trusted else ""))


def _levels(row: dict[str, object]) -> list[object]:
    return [row[key] for key in ("digests_valid", "signature_valid", "seal_valid", "chain_valid", "time_valid")]


def _codes(reading: Reading) -> set[str]:
    return {item.code for item in reading.findings}


@pytest.mark.parametrize("kind", ["rsa", "ec", "sm2"])
def test_a_good_signature(tmp_path: Path, kind: str) -> None:
    reading = _read(tmp_path, _good(kind), keys.line(kind).root)
    (row,) = reading.signatures
    assert _levels(row) == [True, True, None, True, True]
    assert (row["altered"], row["remarks"], row["name"], row["kind"]) == ([], [], "Signature1", "adbe.pkcs7.detached")
    assert (row["signer"], row["signed_at"]) == ("云汀市发展和改革委员会", "2026-01-05T01:30:00Z")
    assert _codes(reading) == set()


def test_without_trusted_certificates_the_chain_is_null_with_its_reason(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, _good()).signatures
    assert row["chain_valid"] is None
    assert "chain_valid：没有设置受信任的根证书" in row["not_checked"]  # type: ignore[operator]


def test_the_claimed_time_of_the_dictionary_counts_where_the_value_has_none(tmp_path: Path) -> None:
    data = signed(_plain(), lambda data: keys.cms(data, keys.line("rsa"), Cms(signed_at=None)))
    (row,) = _read(tmp_path, data).signatures
    assert (row["signed_at"], row["time_valid"]) == ("2026-01-05T01:30:00Z", True)


def test_a_seal_of_gb_t_38540_in_a_pdf(tmp_path: Path) -> None:
    data = signed(_plain(), lambda data: keys.ses(data, keys.line("sm2")), kind="GM.sm2seal")
    (row,) = _read(tmp_path, data, keys.line("sm2").middle).signatures
    assert _levels(row) == [True, True, True, True, True]
    assert row["seal_name"] == "云汀市发展和改革委员会公章"


def test_bad_one_byte_changed_in_what_is_covered(tmp_path: Path) -> None:
    reading = _read(tmp_path, _good().replace(b"/Rotate 0", b"/Rotate 9", 1))
    assert _levels(reading.signatures[0])[:2] == [False, True]
    assert "SIGNATURE-CONTENT-CHANGED" in _codes(reading)


def test_bad_value_of_another_key(tmp_path: Path) -> None:
    who, other = keys.line("rsa"), keys.key("rsa", 8)
    forged = keys.Line(who.root, who.middle, who.leaf, other, who.root_key, who.middle_key)
    reading = _read(tmp_path, signed(_plain(), lambda data: keys.cms(data, forged)))
    assert _levels(reading.signatures[0])[:2] == [True, False]
    assert "SIGNATURE-VALUE-INVALID" in _codes(reading)


def test_bad_gap_too_big(tmp_path: Path) -> None:
    data = signed(_plain(), lambda data: keys.cms(data, keys.line("rsa")), gap=30)
    reading = _read(tmp_path, data)
    assert _levels(reading.signatures[0])[:2] == [True, True]
    assert "签名值所在的位置还有别的内容" in reading.signatures[0]["altered"][0]  # type: ignore[index]
    assert "SIGNATURE-NOT-COVERED" in _codes(reading)


def test_bad_noise_for_a_value(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, signed(_plain(), lambda data: b"noise")).signatures
    assert _levels(row) == [None] * 5
    assert len(row["not_checked"]) >= 5  # type: ignore[arg-type]


AFTER: dict[str, tuple[dict[int, bytes], str]] = {
    "page_content_replaced": ({11: STREAM}, "第 1 页的显示与签名时不同"),
    "page_rewritten": ({12: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]>>"}, "签名后改写了页面（对象 12）"),
    "page_taken_away": ({2: b"<</Type/Pages/Count 1/Kids[10 0 R]>>"}, "签名时 2 页，现在 1 页"),
    "annotation_added": ({150: b"<</Type/Annot/Subtype/FreeText/Rect[0 0 99 99]/Contents(x)>>"}, "签名后新增了批注（对象 150）"),
    "script_added": (
        {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(x)>>/AcroForm<</Fields[100 0 R]>>>>"},
        "签名后改写了文档目录（对象 1）",
    ),
}


@pytest.mark.parametrize("fault", AFTER)
def test_bad_changes_after_signing_are_named(tmp_path: Path, fault: str) -> None:
    objects, expected = AFTER[fault]
    (row,) = _read(tmp_path, update(_good(), objects)).signatures
    assert _levels(row)[:2] == [True, True]
    assert expected in row["altered"]  # type: ignore[operator]


def test_metadata_written_anew_is_only_remarked_on(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, update(_good(), {7: b"<</Title(other)/ModDate(D:2026)>>"})).signatures
    assert (row["altered"], row["remarks"]) == ([], ["签名后改写了元数据（对象 7）"])


def test_material_for_long_term_validation_is_no_change(tmp_path: Path) -> None:
    root = b"<</Type/Catalog/Pages 2 0 R/DSS 150 0 R/AcroForm<</SigFlags 3/Fields[100 0 R]>>>>"
    added = {1: root, 150: b"<</Type/DSS/Certs[151 0 R]>>", 151: b"<</Length 3>>stream\nabc\nendstream"}
    (row,) = _read(tmp_path, update(_good(), added)).signatures
    assert row["altered"] == []
    assert any("没有可用的吊销材料" in line for line in row["not_checked"])  # type: ignore[attr-defined]


def test_a_second_signature_is_no_change_of_the_first(tmp_path: Path) -> None:
    twice = signed(_good(), lambda data: keys.cms(data, keys.line("ec")), number=110, fields="100 0 R 110 0 R")
    first, second = _read(tmp_path, twice).signatures
    assert (_levels(first)[:2], first["altered"]) == ([True, True], [])
    assert (_levels(second)[:2], second["altered"]) == ([True, True], [])


def test_a_document_time_stamp_proves_the_time_of_what_it_covers(tmp_path: Path) -> None:
    stamper = keys.authority()
    data = signed(_good(), lambda data: keys.token(data, stamper), kind="ETSI.RFC3161", number=110, fields="100 0 R 110 0 R")
    first, stamp = _read(tmp_path, data, keys.line("rsa").root, stamper.root).signatures
    assert (stamp["kind"], _levels(stamp)) == ("ETSI.RFC3161", [True, True, None, True, True])
    assert (first["stamped_at"], _levels(first)) == ("2026-01-05T01:30:00Z", [True, True, None, True, True])


def test_a_signature_that_no_field_leads_to_is_found(tmp_path: Path) -> None:
    hidden = update(_good(), {1: b"<</Type/Catalog/Pages 2 0 R>>"})
    (row,) = _read(tmp_path, hidden).signatures
    assert row["name"] == "Unlisted1"
    assert (_levels(row)[:2], row["altered"]) == ([True, True], [])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_mutation_of_a_signed_pdf_ends_in_a_raise(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = bytearray(_good("ec"))
    start = good.index(b"/ByteRange")
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(start, start + 3000))] = data.draw(st.integers(0, 255))
    for row in _read(tmp_path_factory.mktemp("mutant"), bytes(good)).signatures:
        assert set(_levels(row)) <= {True, False, None}
