"""OFD: pages, lines with boxes, odd paths, missing parts."""

from pathlib import Path

import pytest

from lantai.formats import read
from lantai.ports.reader import Limits, Reading
from tests.formats import made

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def _read(tmp_path: Path, data: bytes, **limits: int) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, "通知.ofd", Limits(**limits))  # type: ignore[arg-type]


def _codes(reading: Reading) -> list[str]:
    return [item.code for item in reading.findings]


def test_pages_text_boxes_and_information(tmp_path: Path) -> None:
    reading = _read(tmp_path, made.ofd(made.TITLE, made.BODY))
    assert reading.page_count == 2
    assert [page.text for page in reading.pages] == [made.TITLE, made.BODY]
    page = reading.pages[0]
    assert (page.width, page.height) == (595.28, 841.89)
    assert page.lines[0].text == made.TITLE
    left, top, _, bottom = page.lines[0].box
    assert (left, top, bottom) == (85.0, 125.5, 137.5)
    assert reading.metadata == {"title": made.TITLE, "author": "张文"}
    assert reading.findings == ()


def test_runs_on_one_level_make_one_line(tmp_path: Path) -> None:
    runs = "".join(
        f'<ofd:TextObject Size="5" Boundary="{x} {y} {width} 10"><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject>'
        for x, y, width, text in ((30, 40, 5, "关"), (35, 40, 5, "于"), (44, 40, 10, "印发"), (30, 50, 5, "下"))
    )
    page = f"<ofd:Page {_NS}><ofd:Content><ofd:Layer>{runs}</ofd:Layer></ofd:Content></ofd:Page>"
    reading = _read(tmp_path, made.ofd("", **{"Doc_0/Pages/Page_0/Content.xml": page}))
    assert reading.text == "关于 印发\n下"


@pytest.mark.parametrize(
    "location",
    ["/Doc_0/Document.xml", "Doc_0\\Document.xml", "doc_0/document.XML", "./Doc_0/Document.xml"],
    ids=["absolute", "backslash", "letter_case", "dot"],
)
def test_odd_paths_are_followed(tmp_path: Path, location: str) -> None:
    root = f"<ofd:OFD {_NS}><ofd:DocBody><ofd:DocRoot>{location}</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    assert _read(tmp_path, made.ofd("文", **{"OFD.xml": root})).text == "文"


def test_another_namespace_is_tolerated(tmp_path: Path) -> None:
    page = made.ofd_page("文").replace("http://www.ofdspec.org/2016", "http://www.ofdspec.org")
    assert _read(tmp_path, made.ofd("", **{"Doc_0/Pages/Page_0/Content.xml": page})).text == "文"


def test_a_template_is_read_under_its_page(tmp_path: Path) -> None:
    document = (
        f'<ofd:Document {_NS}><ofd:CommonData><ofd:TemplatePage ID="7" BaseLoc="Tpls/T.xml"/></ofd:CommonData>'
        '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
    )
    page = made.ofd_page("正文").replace("<ofd:Content>", '<ofd:Template TemplateID="7"/><ofd:Content>')
    parts = {
        "Doc_0/Document.xml": document,
        "Doc_0/Pages/Page_0/Content.xml": page,
        "Doc_0/Tpls/T.xml": made.ofd_page("发文稿纸", "30 10 50 5"),
    }
    assert _read(tmp_path, made.ofd("", **parts)).text == "发文稿纸\n正文"


def test_signatures_are_listed_without_verdict(tmp_path: Path) -> None:
    root = (
        f"<ofd:OFD {_NS}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
    )
    listed = f'<ofd:Signatures {_NS}><ofd:Signature ID="1" Type="Seal" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'
    parts = {"OFD.xml": root, "Doc_0/Signs/Signatures.xml": listed, "Doc_0/Signs/Sign_0/Signature.xml": f"<ofd:Signature {_NS}/>"}
    (row,) = _read(tmp_path, made.ofd("文", **parts)).signatures
    assert (row["name"], row["kind"], row["signature_valid"]) == ("Doc_0/Signs/Sign_0/Signature.xml", "Seal", None)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"OFD.xml": "<broken"}, "OFD-DAMAGED"),
        ({"OFD.xml": f"<ofd:OFD {_NS}/>"}, "OFD-DAMAGED"),
        ({"OFD.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "XML-DTD"),
        ({"Doc_0/Pages/Page_0/Content.xml": "<broken"}, "OFD-PART-DAMAGED"),
        ({"Doc_0/Document.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "XML-DTD OFD-NO-PAGES"),
        ({"Encryptions.xml": "<a/>"}, "OFD-ENCRYPTED"),
    ],
)
def test_bad_parts(tmp_path: Path, parts: dict[str, str], code: str) -> None:
    assert _codes(_read(tmp_path, made.ofd("文", **parts))) == code.split()


def test_a_page_that_is_not_there_leaves_its_place_empty(tmp_path: Path) -> None:
    document = (
        f'<ofd:Document {_NS}><ofd:Pages><ofd:Page BaseLoc="Pages/Absent.xml"/><ofd:Page BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
        "</ofd:Document>"
    )
    reading = _read(tmp_path, made.ofd("第二页", **{"Doc_0/Document.xml": document}))
    assert [page.text for page in reading.pages] == ["", "第二页"]
    assert _codes(reading) == ["OFD-PART-MISSING"]


def test_the_budget_of_unpacked_bytes_holds(tmp_path: Path) -> None:
    data = made.ofd("文", **{"Doc_0/Pages/Page_0/Content.xml": made.ofd_page("甲" * 2_000_000)})
    assert len(data) < 100_000
    assert _codes(_read(tmp_path, data, unpacked_bytes=1_000_000)) == ["READ-TOO-LARGE"]


@pytest.mark.corpus
def test_the_same_document_as_ofd_and_docx_reads_the_same(corpus: Path) -> None:
    ours = read(corpus / "ofd/Lawliet-lgtm__copilot-help/master_template.ofd", "a.ofd").text
    other = read(corpus / "official-documents/Lawliet-lgtm__copilot-help/master_template.docx", "a.docx").text
    assert sorted("".join(ours.split())) == sorted("".join(other.split()))
