"""What a file is: bytes decide, names are compared with them."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from lantai.core.codes import CODES
from lantai.formats import read
from lantai.formats.content import Source
from lantai.formats.dispatch import READERS
from lantai.formats.identify import _by_signature, _is_first_png, _plain_pdf
from lantai.formats.kinds import CONTAINERS, KINDS
from lantai.formats.sniff import sniff
from lantai.ports.reader import Limits
from tests.formats import made

SAMPLES = {
    "pdf": made.pdf("ab"),
    "ofd": made.ofd("文"),
    "docx": made.docx(made.paragraph("文")),
    "xlsx": made.xlsx(""),
    "pptx": made.pptx("文"),
    "odt": made.odt("文"),
    "epub": made.zipped({"mimetype": "application/epub+zip"}, method=0),
    "zip": made.zipped({"a.txt": "x"}),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(60),
    "rar": b"Rar!\x1a\x07\x00" + bytes(60),
    "gzip": b"\x1f\x8b\x08" + bytes(60),
    "rtf": b"{\\rtf1 x}",
    "xml": b'<?xml version="1.0"?><a/>',
    "eep": "<?xml version='1.0'?><电子文件封装包 xmlns='http://www.saac.gov.cn/standards/ERM/encapsulation'/>".encode(),
    "html": b"<!DOCTYPE html><html><body>x</body></html>",
    "eml": b"From: a@example.test\r\nTo: b@example.test\r\nSubject: x\r\n\r\nbody",
    "text": "关于印发的通知".encode("gb18030"),
    "empty": b"",
    "unknown": bytes(range(256)),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_bytes_decide_the_kind_whatever_the_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(SAMPLES[kind])
    assert sniff(path, "misleading.pdf") == kind


@pytest.mark.parametrize(("extension", "kind"), [("csv", "csv"), ("md", "markdown"), ("txt", "text"), ("log", "text")])
def test_only_plain_text_listens_to_the_name(extension: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_text("题名,文号\n甲,乙\n")
    assert sniff(path, f"目录.{extension}") == kind


@pytest.mark.parametrize(
    ("kind", "name", "is_mismatch"),
    [
        ("pdf", "通知.pdf", False),
        ("pdf", "通知.PDF", False),
        ("pdf", "通知.docx", True),
        ("pdf", "通知", False),
        ("pdf", "通知.bak", True),
        ("ofd", "通知.ofd", False),
        ("ofd", "通知.zip", True),
        ("docx", "通知.wps", False),
        ("docx", "通知.doc", True),
        ("rtf", "通知.doc", False),
        ("text", "readme.ini", False),
        ("text", "通知.pdf", True),
        ("html", "通知.doc", True),
        ("eep", "9527.eep", False),
        ("unknown", "数据.dat", False),
    ],
)
def test_a_name_that_claims_another_format_is_remarked_on(kind: str, name: str, is_mismatch: bool, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(SAMPLES[kind])
    codes = {item.code for item in read(path, name).findings}
    assert ("FORMAT-EXTENSION-MISMATCH" in codes) is is_mismatch


@pytest.mark.parametrize(
    ("kind", "code"),
    [("empty", "FILE-EMPTY"), ("unknown", "FORMAT-UNKNOWN"), ("zip", "CONTAINER-NOT-A-DOCUMENT"), ("7z", "CONTAINER-NOT-A-DOCUMENT")],
)
def test_what_no_reader_takes_is_said(kind: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(SAMPLES[kind])
    assert code in {item.code for item in read(path, "x").findings}


def test_a_plain_pdf_is_named_by_its_header_and_a_special_one_by_pronom(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(made.pdf("ab"))
    assert read(path, "a.pdf").format.puid == "fmt/276"
    path.write_bytes(made.pdf("ab", extra="/Note (pdfaid)"))
    assert _plain_pdf(Source.of(path, "a.pdf", Limits())) is None
    assert read(path, "a.pdf").format.puid == "fmt/276"


@pytest.mark.parametrize("kind", ["docx", "ofd", "zip"])
def test_a_zip_cut_short_is_damaged_whatever_it_was(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(SAMPLES[kind][:-30])
    assert "ZIP-DAMAGED" in {item.code for item in read(path, f"a.{kind}").findings}


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        assert [item.code for item in read(path, "x").findings] == ["READ-NOT-OPENED"]


def test_every_kind_has_a_reader_or_is_known_to_have_none() -> None:
    without = CONTAINERS | {"empty", "unknown", "epub"} | {key for key in KINDS if key.startswith("pdf-")}
    assert set(READERS) == set(KINDS) - without
    assert all("{where}" in CODES[code].text for code in ("FORMAT-UNKNOWN", "PDF-DAMAGED"))


@pytest.mark.corpus
def test_our_own_name_for_a_pdf_is_the_one_pronom_gives(corpus: Path) -> None:
    paths = [path for folder in ("pdf-unusual", "pdfa-verapdf", "scans", "official-documents") for path in (corpus / folder).rglob("*.pdf")]
    quick = {path: _plain_pdf(Source.of(path, path.name, Limits())) for path in paths}
    wrong = [path.name for path, ours in quick.items() if ours is not None and ours.puid != _by_signature(path).puid]
    assert sum(ours is not None for ours in quick.values()) > 20
    assert wrong == []


def test_a_pdf_that_lost_its_end_has_the_format_of_its_header(tmp_path: Path) -> None:
    """PRONOM's signatures want the end mark too."""
    path = tmp_path / "staged"
    path.write_bytes(made.pdf("一").replace(b"%%EOF", b""))
    assert read(path, "a.pdf").format.puid == "fmt/276"


@pytest.mark.parametrize(("chunk", "is_first"), [(b"", True), (b"tEXt", True), (b"iTXt", False), (b"sRGB", False), (b"iCCP", False)])
def test_our_own_look_at_a_png_says_what_pronom_says(chunk: bytes, is_first: bool, tmp_path: Path) -> None:
    target = io.BytesIO()
    Image.frombytes("L", (64, 64), bytes(4096)).save(target, "PNG")
    head, rest = target.getvalue()[:33], target.getvalue()[33:]
    more = struct.pack(">I", 1) + chunk + b"x" + struct.pack(">I", zlib.crc32(chunk + b"x")) if chunk else b""
    path = tmp_path / "x.png"
    path.write_bytes(head + more + rest)
    assert _is_first_png(path) is is_first
    if is_first:
        assert _by_signature(path).puid == "fmt/11"
    path.write_bytes((head + more + rest)[:-1])
    assert not _is_first_png(path)
