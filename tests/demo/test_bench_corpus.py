"""The benchmark corpus: distinct files, exact text, quick."""

import time
from pathlib import Path

import pypdfium2
import pytest

from bench import corpus


def read(content: bytes | Path) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return corpus.one_page_pdfs(tmp_path_factory.mktemp("corpus"), 60, 11)


def test_the_text_comes_out_exactly(paths: list[Path]) -> None:
    for index in (0, 7, 59):
        assert read(paths[index]) == ["\r\n".join(corpus.text(index, 11).lines())]


def test_every_file_differs(paths: list[Path]) -> None:
    assert len({path.read_bytes() for path in paths}) == len(paths)
    assert len({corpus.text(index, 11).body for index in range(60)}) == len(paths)


def test_size_and_length_are_those_of_a_usual_document(paths: list[Path]) -> None:
    for path in paths:
        assert 43 * 1024 < path.stat().st_size < 48 * 1024
    assert all(430 < len(corpus.text(index).body) < 560 for index in range(60))


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    assert corpus.one_page_pdf(3, 1) == corpus.one_page_pdf(3, 1)
    assert corpus.one_page_pdf(3, 1) != corpus.one_page_pdf(3, 2)


def test_many_pages_have_their_own_text() -> None:
    pages = read(corpus.many_page_pdf(40, 2))
    assert pages == ["\r\n".join(corpus.text(index, 2).lines()) for index in range(40)]


def test_a_file_takes_less_than_two_milliseconds(tmp_path: Path) -> None:
    corpus.face()
    began = time.process_time()
    corpus.one_page_pdfs(tmp_path, 100)
    assert time.process_time() - began < 0.2 * 2  # twice the promise: the machine is shared
