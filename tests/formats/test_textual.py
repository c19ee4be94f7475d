"""Text formats: encodings, markup, mail, RTF; document types never reach a parser."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.formats import read, rtf
from lantai.formats.content import clean, described
from lantai.formats.decode import decode
from lantai.formats.xmlsafe import has_doctype
from lantai.ports.reader import Reading
from tests.formats import made

HAN = st.text("云汀市发展和改革委员会关于印发通知的，。〔〕", min_size=1, max_size=60)


def _read(tmp_path: Path, data: bytes, name: str) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_encodings_offices_use(tmp_path: Path, encoding: str) -> None:
    reading = _read(tmp_path, made.BODY.encode(encoding), "a.txt")
    assert reading.text == made.BODY
    assert reading.findings == ()


@given(HAN, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_decoding_gives_back_what_was_encoded(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0].removeprefix("\ufeff") == text


@given(HAN, st.integers(1, 3))
def test_a_character_cut_off_at_the_end_is_forgiven(text: str, cut: int) -> None:
    assert text.startswith(decode(text.encode()[:-cut], is_partial=True)[0])


@given(st.text())
def test_cleaned_text_has_nothing_that_xml_or_a_database_refuses(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert not set(cleaned) & set(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
    cleaned.encode()


def test_metadata_keeps_what_says_something() -> None:
    assert described({"a": " x\0 ", "b": "", "c": None, "d": "  ", "e": "长" * 5000}) == {"a": "x", "e": "长" * 2000}


@pytest.mark.parametrize(
    ("prologue", "is_refused"),
    [
        ("<!DOCTYPE a []>", True),
        ("<?xml version='1.0'?><!-- <a> --><?pi?>\n<!doctype a>", True),
        ("\ufeff<!DOCTYPE a>", True),
        ("<?xml version='1.0'?><!-- <!DOCTYPE a> -->", False),
        ("", False),
        ("<!-- unfinished", False),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_document_types_are_seen_in_any_prologue(prologue: str, is_refused: bool, encoding: str) -> None:
    assert has_doctype(f"{prologue}<a/>".encode(encoding)) is is_refused


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize("text", [BOMB, XXE], ids=["entity_bomb", "external_entity"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_never_expand(tmp_path: Path, text: str, encoding: str) -> None:
    reading = _read(tmp_path, text.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding), "a.xml")
    assert [item.code for item in reading.findings] == ["XML-DTD"]
    assert reading.text == ""


def test_xml(tmp_path: Path) -> None:
    reading = _read(tmp_path, f'<?xml version="1.0"?><m xmlns="urn:x"><!-- c --><题名>{made.TITLE}</题名></m>'.encode(), "a.xml")
    assert (reading.text, reading.metadata) == (made.TITLE, {"root": "m", "namespace": "urn:x"})
    assert [item.code for item in _read(tmp_path, b'<?xml version="1.0"?><a>', "a.xml").findings] == ["XML-DAMAGED"]


def test_deep_xml_is_refused_not_a_crash(tmp_path: Path) -> None:
    reading = _read(tmp_path, b'<?xml version="1.0"?>' + b"<a>" * 100_000 + b"</a>" * 100_000, "a.xml")
    assert [item.code for item in reading.findings] == ["XML-DAMAGED"]


def test_html(tmp_path: Path) -> None:
    page = f"<html><head><title>题</title><script>x()</script></head><body><p>{made.TITLE}</p>一 <b>二</b> 三<td>四</td></body></html>"
    reading = _read(tmp_path, page.encode("gb18030"), "a.html")
    assert reading.text.splitlines() == ["题", made.TITLE, "一 二 三\t四"]
    assert reading.metadata["title"] == "题"
    assert [item.code for item in reading.findings] == ["HTML-ACTIVE"]


def test_mail(tmp_path: Path) -> None:
    mail = (
        "From: zhang@example.test\r\nTo: li@example.test\r\nSubject: =?utf-8?B?6YCa55+l?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n正文\r\n'
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--b--\r\n"
    )
    reading = _read(tmp_path, mail.encode(), "a.eml")
    assert reading.text.strip() == "正文"
    assert (reading.metadata["title"], reading.metadata["author"]) == ("通知", "zhang@example.test")
    assert [item.code for item in reading.findings] == ["EML-ATTACHMENT"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"{\rtf1\ansi\ansicpg936 \'d4\'c6\'cd\'a1\par x}", "云汀\nx"),
        (r"{\rtf1\uc1 \u20113?\u27712?}", "云汀"),
        (r"{\rtf1{\fonttbl{\f0 Song;}}{\*\generator W;}{\pict 00ff}a\tab b\{c\}}", "a\tb{c}"),
        (r"{\rtf1 a{\field{\*\fldinst HYPERLINK}{\fldrslt b}}c}", "abc"),
        (r"}}}{\rtf1 a", "a"),
    ],
)
def test_rtf(body: str, text: str) -> None:
    assert rtf.text_of(body.encode()) == text


@given(st.text(string.ascii_letters + "\\{}'*0123456789 \n", max_size=300))
def test_rtf_of_anything_ends(body: str) -> None:
    assert isinstance(rtf.text_of(body.encode()), str)


def test_a_piece_of_a_page_without_html_around_it(tmp_path: Path) -> None:
    reading = _read(tmp_path, "<p>一</p><p>二</p>".encode(), "a.html")
    assert reading.text == "一\n二"


def test_broken_xml_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """What cannot be parsed may bear a mark of secrecy all the same."""
    reading = _read(tmp_path, '<?xml version="1.0"?><甲><乙>机密★1年</乙><丙>'.encode(), "a.xml")
    assert "机密★1年" in reading.text
    assert [item.code for item in reading.findings] == ["XML-DAMAGED"]


def test_broken_xml_whose_root_is_no_name(tmp_path: Path) -> None:
    assert "XML-DAMAGED" in [
        item.code for item in _read(tmp_path, '<?xml version="1.0"?><a:b:c xmlns:a="n">字<'.encode(), "a.xml").findings
    ]
