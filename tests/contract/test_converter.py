"""What every converter promises (``lantai.ports.converter``): it says whether it is there, leaves the source alone, raises for no file."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.adapters.converters.libreoffice import LibreOffice
from lantai.ports.converter import Converter, NoConverter
from tests.support.office import rtf

KINDS = ["none", "absent", pytest.param("libreoffice", marks=pytest.mark.needs("libreoffice"))]
FILES = {
    "稿.rtf": rtf("云汀市发展和改革委员会关于印发工作要点的通知", "各处室：请认真贯彻执行。"),
    "坏.doc": bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600,
    "空.docx": b"",
    "乱.wps": bytes(range(256)) * 40,
    "图.png": b"\x89PNG",
    "无后缀": b"text",
}


@pytest.fixture(scope="module", params=KINDS)
def converter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Converter]:
    scratch = tmp_path_factory.mktemp("scratch")
    programs = {"absent": "soffice-that-is-not-there", "libreoffice": "soffice"}
    one: Converter = NoConverter() if request.param == "none" else LibreOffice(scratch, program=programs[request.param])
    yield one
    one.close()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("name", FILES)
def test_an_answer_for_every_file_and_the_source_untouched(converter: Converter, tmp_path: Path, name: str) -> None:
    source, into = tmp_path / name, tmp_path / "into"
    source.write_bytes(FILES[name])
    into.mkdir()
    made_pdf = converter.to_pdf(source, name, into)
    assert hashlib.sha256(source.read_bytes()).digest() == hashlib.sha256(FILES[name]).digest()
    assert list(into.iterdir()) == ([] if made_pdf is None else [made_pdf])
    if made_pdf is not None:
        assert made_pdf.read_bytes().startswith(b"%PDF-")
        assert converter.converts(name)


def test_what_is_not_there_says_so_and_takes_nothing(converter: Converter, tmp_path: Path) -> None:
    engine = converter.engine()
    source = tmp_path / "稿.rtf"
    source.write_bytes(FILES["稿.rtf"])
    assert (converter.to_pdf(source, source.name, tmp_path) is not None) == engine.is_ready
    assert bool(engine.name) == engine.is_ready


def test_closing_twice_and_using_it_again(converter: Converter, tmp_path: Path) -> None:
    converter.close()
    converter.close()
    source = tmp_path / "稿.rtf"
    source.write_bytes(FILES["稿.rtf"])
    assert (converter.to_pdf(source, source.name, tmp_path) is not None) == converter.engine().is_ready
