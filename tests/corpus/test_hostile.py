"""Real hostile, broken and odd files: never a raise, always a coded result, always within the budget."""

import base64
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.adapters.readers import GuardedReader
from lantai.core.codes import CODES
from lantai.formats import read
from lantai.packages.container import ContainerLimits, unpack
from lantai.ports.reader import Limits, Reading

pytestmark = pytest.mark.corpus
FOLDERS = ("archives-hostile", "xml-hostile", "pdf-unusual", "images-unusual", "office", "ofd", "format-id", "official-documents", "scans")
LIMITS = Limits(seconds=20.0)


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader(LIMITS) as one:
        yield one


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SOURCES.md")


def _is_sound(reading: Reading) -> bool:
    has_result = bool(reading.format.puid or reading.format.name or reading.findings)
    return has_result and all(item.code in CODES and item.where for item in reading.findings)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_gives_a_coded_result_in_time(corpus: Path, reader: GuardedReader, folder: str) -> None:
    files = _files(corpus / folder)
    started = time.monotonic()
    readings = list(reader.read_many([(path, path.name) for path in files]))
    assert time.monotonic() - started < len(files) * 0.5 + 10
    unsound = [path.name for path, reading in zip(files, readings, strict=True) if not _is_sound(reading)]
    lost = {
        path.name
        for path, reading in zip(files, readings, strict=True)
        if {"READ-CRASHED", "READ-TIMEOUT"} & {f.code for f in reading.findings}
    }
    assert (unsound, lost) == ([], set())


def test_hostile_xml_gives_no_text(corpus: Path) -> None:
    for path in _files(corpus / "xml-hostile"):
        reading = read(path, path.name, LIMITS)
        has_doctype = b"<!DOCTYPE" in path.read_bytes()
        assert ([item.code for item in reading.findings] == ["XML-DTD"], reading.text == "") == (has_doctype, has_doctype), path.name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("pdf-unusual/openpreserve__format-corpus/javascript.pdf", "PDF-JAVASCRIPT"),
        ("pdf-unusual/openpreserve__format-corpus/fileAttachment.pdf", "PDF-EMBEDDED-FILE"),
        ("pdf-unusual/openpreserve__format-corpus/encryption_nocopy.pdf", "PDF-ENCRYPTED-RESTRICTED"),
        ("pdf-unusual/openpreserve__format-corpus/corruptionOneByteMissing.pdf", "PDF-XREF-REPAIRED"),
        ("pdf-unusual/mozilla__pdf.js/pr6531_1.pdf", "PDF-ENCRYPTED"),
        ("images-unusual/openpreserve__jhove/truncated_at_byte_5000.jp2", "IMAGE-DAMAGED"),
        ("office/apache__tika/protect.xlsx", "OFFICE-ENCRYPTED"),
        ("archives-hostile/apache__tika/testWORD_protected_passtika.docx", "OFFICE-ENCRYPTED"),
    ],
)
def test_known_faults_are_named(corpus: Path, name: str, code: str) -> None:
    assert code in {item.code for item in read(corpus / name, Path(name).name, LIMITS).findings}


def test_containers_write_only_where_they_may(corpus: Path, tmp_path: Path) -> None:
    for number, path in enumerate(_files(corpus / "archives-hostile")):
        home = tmp_path / str(number)
        into = home / "deep" / "into"
        started = time.process_time()
        unpacked = unpack(path, into, ContainerLimits(bytes=64 * 1024**2, entries=1000, seconds=10.0))
        assert time.process_time() - started < 11
        written = {item for item in home.rglob("*") if not item.is_dir()} if home.exists() else set()
        assert written == {into / entry.path for entry in unpacked.entries}, path.name
        assert not any(item.is_symlink() for item in written)
        assert unpacked.entries or unpacked.findings, path.name
        if path.name.startswith("zip-slip"):
            assert [item.code for item in unpacked.findings] == ["CONTAINER-PATH-ESCAPES"]


def test_eicar_is_text_to_a_reader(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "eicar.com"
    path.write_bytes(base64.b64decode((corpus / "eicar" / "eicar.com.b64").read_bytes()))
    assert read(path, path.name, LIMITS).format.mime == "text/plain"


def test_the_same_text_as_docx_pdf_and_doc_reads_the_same(corpus: Path) -> None:
    compared = 0
    for path in _files(corpus / "official-documents"):
        for other in (path.with_suffix(suffix) for suffix in (".pdf", ".doc", ".wps")):
            if path.suffix == ".docx" and other.exists():
                compared += 1
                assert _likeness(read(path, path.name, LIMITS).text, read(other, other.name, LIMITS).text) > 0.97, other.name
    assert compared > 10


def _likeness(one: str, other: str) -> float:
    """Share of four-character sequences in common, white space and width aside."""
    grams = [Counter(text[at : at + 4] for at in range(len(text) - 3)) for text in map(_plain, (one, other))]
    return sum((grams[0] & grams[1]).values()) / max(1, *(sum(counted.values()) for counted in grams))


def _plain(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text) if not character.isspace())
