"""What all readers stand on: the budget of zip members, the pages kept, the table of kinds, lines of an OFD page."""

import struct
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lantai.formats import office_text
from lantai.formats.content import Pages, Source, Unreadable
from lantai.formats.kinds import CONTAINERS, KINDS, TEXTS
from lantai.formats.pdf.raw import has_sound_xref, object_streams, readable
from lantai.formats.xmlsafe import parse
from lantai.formats.zipped import Members, directory_bytes, members, open_zip, plain, zip_damage
from lantai.ports.reader import Limits
from tests.formats import made


def _source(tmp_path: Path, data: bytes, **limits: float) -> Source:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return Source.of(path, "a.bin", Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Members]:
    with members(
        _source(tmp_path, made.zipped({"Dir/A.xml": "1", "\\dir\\b.xml": "2", "big": bytes(4_000_000)}), unpacked_bytes=3_000_000)
    ) as opened:
        yield opened


@pytest.mark.parametrize("name", ["Dir/A.xml", "dir/a.XML", "/Dir/A.xml", "./Dir/A.xml", "Dir\\A.xml"])
def test_members_are_found_whatever_the_spelling(parts: Members, name: str) -> None:
    assert parts.has(name)
    assert parts.read(name) == b"1"


def test_a_member_that_is_not_there(parts: Members) -> None:
    with pytest.raises(Unreadable, match="ZIP-MEMBER-MISSING"):
        parts.read("c.xml")


def test_bytes_are_counted_over_all_members_as_they_come(parts: Members) -> None:
    assert parts.read("dir/b.xml") == b"2"
    with pytest.raises(Unreadable, match="READ-TOO-LARGE"):
        parts.read("big")


def test_a_late_source_reads_no_more(tmp_path: Path) -> None:
    with members(_source(tmp_path, made.zipped({"a": "1"}), seconds=0.0)) as parts:
        time.sleep(0.01)
        with pytest.raises(Unreadable, match="READ-TIMEOUT"):
            parts.read("a")


@pytest.mark.parametrize(("flag", "code"), [(1, "ZIP-MEMBER-ENCRYPTED"), (0, "ZIP-MEMBER-DAMAGED")])
def test_members_locked_or_broken(tmp_path: Path, flag: int, code: str) -> None:
    data = bytearray(made.zipped({"a": "x" * 100}, method=zipfile.ZIP_STORED))
    data[data.find(b"PK\x01\x02") + 8] |= flag
    data[60] ^= 0xFF
    with members(_source(tmp_path, bytes(data))) as parts:
        assert parts.is_encrypted is bool(flag)
        with pytest.raises(Unreadable, match=code):
            parts.read("a")


def test_a_directory_too_large_is_not_read(tmp_path: Path) -> None:
    data = bytearray(made.zipped({"a": "1"}))
    struct.pack_into("<I", data, data.rfind(b"PK\x05\x06") + 12, 2**31)
    path = tmp_path / "a"
    path.write_bytes(data)
    with path.open("rb") as stream:
        assert directory_bytes(stream) == 2**31
    with pytest.raises(zipfile.BadZipFile):
        open_zip(path)
    assert zip_damage(path)


def test_what_is_no_zip_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="ZIP-DAMAGED"), members(_source(tmp_path, b"PK\x03\x04")):
        pass


@given(st.text(st.sampled_from("aA/\\."), max_size=12))
def test_plain_names_are_stable(name: str) -> None:
    assert plain(name) == plain(name.upper()) == plain("/" + name)


@given(st.lists(st.text(max_size=8), max_size=8), st.integers(0, 4), st.integers(0, 30))
def test_pages_never_exceed_their_budget(texts: list[str], most: int, characters: int) -> None:
    pages = Pages(Source.of(Path("x"), "x", Limits(pages=most, text_characters=characters)))
    for text in texts:
        if pages.is_full:
            break
        pages.add(text)
    assert len(pages.kept) <= most
    assert sum(len(page.text) for page in pages.kept) <= characters
    assert [page.number for page in pages.kept] == list(range(1, len(pages.kept) + 1))
    assert pages.findings or len(pages.kept) == len(texts)


def test_the_table_of_kinds() -> None:
    assert set(KINDS) >= CONTAINERS | TEXTS | {"pdf", "ofd", "docx", "empty", "unknown"}
    assert all("/" in kind.format.mime for kind in KINDS.values())
    assert all(kind.extensions == {item.lower() for item in kind.extensions} for kind in KINDS.values())


@pytest.mark.parametrize(
    "data", [b"<a>", b"", b"<a/><b/>", b"\xff\xfe<", b'<a x="&b;"/>'], ids=["open", "empty", "two_roots", "half", "entity"]
)
def test_broken_xml_is_one_finding(data: bytes) -> None:
    with pytest.raises(Unreadable, match="XML-DAMAGED"):
        parse(data, "a.xml")


def test_the_readable_part_of_a_pdf_leaves_out_what_is_packed(tmp_path: Path) -> None:
    source = _source(tmp_path, made.pdf(made.TITLE * 20))
    assert b"/Catalog" in readable(source)
    assert b"/Contents" in readable(source)
    assert len(readable(source)) < len(source.memo["data"])
    assert list(object_streams(source)) == []
    assert has_sound_xref(source.memo["data"])
    assert not has_sound_xref(source.memo["data"][:-6])


@given(st.lists(st.text("甲乙", min_size=1, max_size=4), min_size=1, max_size=5))
def test_paragraphs_are_lines(texts: list[str]) -> None:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
    assert office_text.flow(etree.fromstring(f'<w:body xmlns:w="u">{body}</w:body>')) == "\n".join(texts)
