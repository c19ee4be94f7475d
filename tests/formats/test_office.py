"""DOCX, XLSX, PPTX, OpenDocument and their elders: text, properties, remarks."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.formats import ole_text, read
from lantai.ports.reader import Limits, Reading
from tests.formats import made
from tests.fuzz.seeds import compound


def _read(tmp_path: Path, data: bytes, name: str, **limits: int) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, name, Limits(**limits))  # type: ignore[arg-type]


def _codes(reading: Reading) -> list[str]:
    return [item.code for item in reading.findings]


def test_docx_text_and_properties(tmp_path: Path) -> None:
    reading = _read(tmp_path, made.docx(made.paragraph(made.TITLE) + made.paragraph(made.BODY)), "a.docx")
    assert reading.text == f"{made.TITLE}\n{made.BODY}"
    assert reading.metadata == {"title": made.TITLE, "author": "张文"}
    assert reading.page_count is None
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>", "甲\t乙\n丙"),
        ("<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>", "甲"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>1</w:t></w:r></w:p>", "1"),
        (
            f"<w:tbl><w:tr><w:tc>{made.paragraph('甲')}</w:tc><w:tc>{made.paragraph('乙')}</w:tc></w:tr></w:tbl>{made.paragraph('后')}",
            "甲\t乙\n后",
        ),
        ("<w:p><w:del><w:r><w:t>旧</w:t></w:r></w:del><w:r><w:t>新</w:t></w:r></w:p>", "新"),
    ],
    ids=["breaks", "tab_stops", "field", "table", "deleted"],
)
def test_docx_marks(tmp_path: Path, body: str, text: str) -> None:
    assert _read(tmp_path, made.docx(body), "a.docx").text == text


def test_docx_headers_come_before_and_footers_after(tmp_path: Path) -> None:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {f"word/{kind}1.xml": f"<w:hdr {w}>{made.paragraph(text)}</w:hdr>" for kind, text in (("footer", "末"), ("header", "首"))}
    assert _read(tmp_path, made.docx(made.paragraph("中"), **parts), "a.docx").text == "首\n中\n末"


def test_docx_takes_in_a_web_page(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    rels = f'<Relationships xmlns="{space}"><Relationship Id="c1" Target="/word/a.htm"/></Relationships>'
    body = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="c1"/>'
    data = made.docx(body, **{"word/_rels/document.xml.rels": rels, "word/a.htm": f"<html><body><p>{made.BODY}</p></body></html>"})
    assert _read(tmp_path, data, "a.docx").text == made.BODY


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"word/vbaProject.bin": b"x"}, "OFFICE-MACRO"),
        ({"word/embeddings/a.bin": b"x"}, "OFFICE-EMBEDDED"),
        ({"word/comments.xml": "<a/>"}, "OFFICE-COMMENTS"),
        ({"word/document.xml": "<broken"}, "OFFICE-DAMAGED"),
        ({"word/document.xml": "<!DOCTYPE a><a/>"}, "XML-DTD"),
        (
            {
                "word/_rels/settings.xml.rels": '<r><Relationship TargetMode="External" Type="x/attachedTemplate" Target="http://a.test"/></r>'
            },
            "OFFICE-EXTERNAL",
        ),
    ],
)
def test_docx_remarks(tmp_path: Path, parts: dict[str, str | bytes], code: str) -> None:
    assert code in _codes(_read(tmp_path, made.docx(made.paragraph("文"), **parts), "a.docx"))


def test_xlsx_cells(tmp_path: Path) -> None:
    rows = (
        '<row><c t="s"><v>0</v></c><c><v>12.5</v></c></row><row/><row><c t="inlineStr"><is><t>乙</t></is></c><c t="s"><v>99</v></c></row>'
    )
    reading = _read(tmp_path, made.xlsx(rows, "<si><t>甲</t><rPh><t>jia</t></rPh></si>"), "a.xlsx")
    assert (reading.page_count, reading.text) == (1, "甲\t12.5\n乙\t")


def test_xlsx_strings_multiplied_stay_within_the_budget(tmp_path: Path) -> None:
    rows = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 20_000
    reading = _read(tmp_path, made.xlsx(rows, f"<si><t>{'长' * 30_000}</t></si>"), "a.xlsx", text_characters=100_000)
    assert len(reading.text) == 100_000
    assert _codes(reading) == ["READ-TEXT-CUT"]


def test_pptx_slides(tmp_path: Path) -> None:
    reading = _read(tmp_path, made.pptx("甲", "乙"), "a.pptx")
    assert [page.text for page in reading.pages] == ["甲", "乙"]
    assert (reading.page_count, reading.pages[0].width, reading.pages[0].height) == (2, 720, 360)


def test_opendocument(tmp_path: Path) -> None:
    assert (
        _read(tmp_path, made.odt('甲<text:span xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">乙</text:span>丙'), "a.odt").text
        == "甲乙丙"
    )


@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]), max_size=20), st.text("关于印发通知的报告，。", max_size=50))
def test_word_pieces_come_back_whole(narrow: str, wide: str) -> None:
    narrow = narrow.encode("ascii", "ignore").decode()
    main, table = made.word_stream(narrow + wide)
    assert ole_text.word(main, {"1Table": table}) == (narrow + wide).strip("\n")


def test_word_fields_marks_and_locks() -> None:
    main, table = made.word_stream("甲\x13 PAGE \x141\x15乙\r丙\x07\x07")
    assert ole_text.word(main, {"1Table": table}) == "甲1乙\n丙\t\t"
    assert ole_text.is_encrypted(made.word_stream("x", is_encrypted=True)[0])
    with pytest.raises((ValueError, struct.error)):
        ole_text.word(main, {})
    with pytest.raises((ValueError, struct.error)):
        ole_text.word(b"\0" * 40, {})


def test_slides_of_the_old_kind() -> None:
    atom = "甲乙".encode("utf-16-le")
    stream = struct.pack("<HHI", 0xF, 1000, 8 + len(atom)) + struct.pack("<HHI", 0, 4000, len(atom)) + atom
    assert ole_text.slides(stream + struct.pack("<HHI", 0, 4008, 2) + b"ab") == "甲乙\nab"


@given(st.binary(max_size=300))
def test_slides_of_anything_end(data: bytes) -> None:
    assert isinstance(ole_text.slides(data), str)


def test_a_workbook_whose_chain_of_sectors_is_a_circle(tmp_path: Path) -> None:
    """The reader of sheets followed it until memory ended."""
    path = tmp_path / "x.xls"
    path.write_bytes(compound({"Workbook": b"\x09\x08\x10\x00\x00\x06\x05\x00".ljust(6000, b"\0")}, is_endless=True))
    reading = read(path, path.name)
    assert "OFFICE-DAMAGED" in [item.code for item in reading.findings]


def test_a_workbook_with_a_cell_beyond_its_sheet(tmp_path: Path) -> None:
    """The reader of sheets made room for every empty cell before it, several gigabytes."""
    start = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0010, 0, 0, 0, 0)
    number = struct.pack("<HHHHHd", 0x0203, 14, 65_447, 1_535, 0, 1.0)
    path = tmp_path / "x.xls"
    path.write_bytes(compound({"Workbook": (start + number + struct.pack("<HH", 0x000A, 0)).ljust(6000, b"\0")}))
    reading = read(path, path.name)
    assert [item.code for item in reading.findings] == ["OFFICE-DAMAGED"]
    assert "256" in reading.findings[0].message


@pytest.mark.parametrize(
    "extent",
    [
        struct.pack("<IIHH", 0, 65_537, 0, 1),
        struct.pack("<IIHH", 0, 1, 0, 257),
        struct.pack("<HHHH", 0, 1, 0, 65_535),
        struct.pack("<IIHH", 131_072, 3, 0, 9),
        struct.pack("<IIHH", 0, 3, 9, 2),
    ],
    ids=["too_many_rows", "too_many_columns", "too_many_columns_of_old", "begins_after_its_last_row", "begins_after_its_last_column"],
)
def test_a_workbook_that_says_it_is_larger_than_a_sheet(tmp_path: Path, extent: bytes) -> None:
    """The reader of sheets asked for the room of all cells at once and was ended."""
    start = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0010, 0, 0, 0, 0)
    extent = extent.ljust(14 if len(extent) > 8 else 10, b"\0")
    path = tmp_path / "x.xls"
    path.write_bytes(compound({"Workbook": (start + struct.pack("<HH", 0x0200, len(extent)) + extent + bytes(4)).ljust(6000, b"\0")}))
    assert [item.code for item in read(path, path.name).findings] == ["OFFICE-DAMAGED"]


def test_properties_that_claim_four_thousand_million_values(tmp_path: Path) -> None:
    """The library counted to the number; the text and the other properties are read all the same."""
    main, table = made.word_stream("Plan 通知")
    head = b"\xfe\xff\0\0" + bytes(20) + struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 48)
    section = struct.pack("<IIII", 64, 1, 12, 16) + struct.pack("<III", 0x1003, 0xFFFFFFF0, 1)
    file = compound({"\x05DocumentSummaryInformation": head + section, "WordDocument": main, "1Table": table})
    assert "通知" in _read(tmp_path, file, "a.doc").text
