"""PDF: text with boxes as the page is shown, and remarks on what is locked, broken or alive."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats import read
from lantai.formats.pdf import iso_date, unverified
from lantai.ports.reader import Limits, Reading
from tests.formats import made


def _read(tmp_path: Path, data: bytes, **limits: float) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, "通知.pdf", Limits(**limits))  # type: ignore[arg-type]


def _codes(reading: Reading) -> list[str]:
    return [item.code for item in reading.findings]


def test_text_pages_size_and_metadata(tmp_path: Path) -> None:
    reading = _read(tmp_path, made.pdf(made.TITLE, made.BODY, info="/Title (plan)/Author (Zhang)/CreationDate (D:20260105093000+08'00')"))
    assert reading.page_count == 2
    assert [page.text for page in reading.pages] == [made.TITLE, made.BODY]
    assert [page.number for page in reading.pages] == [1, 2]
    assert (reading.pages[0].width, reading.pages[0].height) == (400, 600)
    assert reading.metadata == {"title": "plan", "author": "Zhang", "created": "2026-01-05T09:30:00+08:00", "pdf_version": "1.7"}
    assert _codes(reading) == []


@pytest.mark.parametrize(
    ("rotate", "size", "corner"),
    [(0, (400, 600), (50, 100)), (90, (600, 400), (500, 50)), (180, (400, 600), (350, 500)), (270, (600, 400), (100, 350))],
)
def test_boxes_are_where_the_reader_sees_the_line(tmp_path: Path, rotate: int, size: tuple[int, int], corner: tuple[int, int]) -> None:
    """The baseline starts at (50, 500) of the sheet; *corner* is that point on the page as shown, from the top left."""
    page = _read(tmp_path, made.pdf("公文", rotate=rotate)).pages[0]
    assert (page.width, page.height) == size
    (line,) = page.lines
    x0, y0, x1, y1 = line.box
    assert x0 - 25 <= corner[0] <= x1 + 25
    assert y0 - 25 <= corner[1] <= y1 + 25
    assert (x1 - x0 > y1 - y0) is (rotate in (0, 180))


def test_boxes_count_from_the_corner_of_a_sheet_that_starts_elsewhere(tmp_path: Path) -> None:
    plain = _read(tmp_path, made.pdf("公文", box="0 0 400 600")).pages[0].lines[0].box
    moved = _read(tmp_path, made.pdf("公文", box="-100 -50 300 600")).pages[0].lines[0].box
    assert moved == pytest.approx((plain[0] + 100, plain[1], plain[2] + 100, plain[3]), abs=0.2)


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("/OpenAction<</S/JavaScript/JS (app.alert\\(1\\))>>", "PDF-JAVASCRIPT"),
        ("/OpenAction<</S/Launch/F (calc.exe)>>", "PDF-LAUNCH"),
        ("/Names<</EmbeddedFiles<</Names[(a) <</Type/Filespec/F (a)>>]>>>>", "PDF-EMBEDDED-FILE"),
        ("/AcroForm<</Fields[]/XFA (x)>>", "PDF-XFA"),
    ],
)
def test_active_content_is_remarked_on(tmp_path: Path, extra: str, code: str) -> None:
    assert code in _codes(_read(tmp_path, made.pdf("a", extra=extra)))


def test_active_content_in_an_object_stream_is_found(tmp_path: Path) -> None:
    hidden = made._stream(b"30 0 <</S/JavaScript/JS (x)>>").replace(b"<</Length", b"<</Type/ObjStm/N 1/First 5/Length")
    data = made.pdf("a").replace(b"xref\n", b"40 0 obj\n" + hidden + b"\nendobj\nxref\n", 1)
    assert b"JavaScript" not in data
    assert "PDF-JAVASCRIPT" in _codes(_read(tmp_path, data))


def test_a_page_without_text_says_so(tmp_path: Path) -> None:
    assert _codes(_read(tmp_path, made.pdf(""))) == ["PDF-NO-TEXT"]


def test_damage(tmp_path: Path) -> None:
    data = made.pdf(made.TITLE)
    assert _codes(_read(tmp_path, data[:200])) == ["PDF-DAMAGED"]
    repaired = _read(tmp_path, data.replace(b"startxref\n", b"startxref\n9", 1))
    assert "PDF-XREF-REPAIRED" in _codes(repaired)
    assert repaired.text == made.TITLE


def test_budgets_of_pages_characters_and_time(tmp_path: Path) -> None:
    data = made.pdf(*["甲乙丙丁"] * 5)
    cut = _read(tmp_path, data, pages=2)
    assert (cut.page_count, len(cut.pages), _codes(cut)) == (5, 2, ["READ-PAGES-CUT"])
    short = _read(tmp_path, data, text_characters=6)
    assert (len("".join(page.text for page in short.pages)), _codes(short)) == (6, ["READ-TEXT-CUT"])
    late = _read(tmp_path, data, seconds=0.0)
    assert (late.page_count, late.pages, _codes(late)) == (5, (), ["READ-TIMEOUT"])


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("D:20260105093000+08'00'", "2026-01-05T09:30:00+08:00"),
        ("D:20260105093000Z", "2026-01-05T09:30:00Z"),
        ("D:202601", "2026-01"),
        ("20260105", "2026-01-05"),
        ("二〇二六年", "二〇二六年"),
        ("", ""),
    ],
)
def test_dates(raw: str, iso: str) -> None:
    assert iso_date(raw) == iso


def test_an_unverified_signature_claims_nothing() -> None:
    row = unverified("Signature1", "adbe.pkcs7.detached")
    assert {row[key] for key in ("digests_valid", "signature_valid", "seal_valid", "chain_valid", "time_valid")} == {None}
    assert len(row["not_checked"]) == 6  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_mutation_of_a_pdf_ends_in_a_raise(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = bytearray(made.pdf(made.TITLE, extra="/OpenAction<</S/JavaScript/JS (x)>>"))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    reading = _read(tmp_path_factory.mktemp("mutant"), bytes(good[:cut] if data.draw(st.booleans()) else good))
    assert reading.page_count is not None or reading.findings
