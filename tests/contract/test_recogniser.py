"""Obligations of every recogniser, kept by the one without an engine too."""

from pathlib import Path

from lantai.ports.recogniser import NoRecogniser


def test_without_an_engine_pages_come_back_as_not_read() -> None:
    pages = list(NoRecogniser().read([Path("一.png"), Path("二.png")]))
    assert len(pages) == 2
    assert {page.engine for page in pages} == {""}
    assert pages[0].text == ""
