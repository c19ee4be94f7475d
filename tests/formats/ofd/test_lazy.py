"""Opening costs what is asked for: late pages no more than early ones, big files no memory."""

import os
import sys
import tracemalloc
import zipfile
from pathlib import Path
from types import FrameType

import pytest

from lantai.formats.ofd import covered, open_ofd, page_text, signatures
from lantai.ports.reader import Limits
from tests.support import ofd_writer as w

_PAGES = 500


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OFD of 500 equal pages."""
    units = [w.text("关于印发工作要点的通知" * 3, f"20 {20 + 6 * row} 170 8", ID=row) for row in range(12)]
    path = tmp_path_factory.mktemp("long") / "long.ofd"
    path.write_bytes(w.zipped(w.parts(*[w.page(*units)] * _PAGES)))
    return path


def _calls(path: Path, number: int) -> int:
    """How many functions are entered to open *path* and read the text of one page."""
    names: list[str] = []

    def seen(_frame: FrameType, event: str, _value: object) -> None:
        if event in ("call", "c_call"):
            names.append(event)

    sys.setprofile(seen)
    try:
        with open_ofd(path) as package:
            page_text(package.documents[0].page(number))
    finally:
        sys.setprofile(None)
    return len(names)


def test_page_400_opens_like_page_1(long_file: Path) -> None:
    _calls(long_file, 1)  # what is imported or compiled the first time only
    assert _calls(long_file, 400) <= 1.05 * _calls(long_file, 1)


def test_pages_are_not_kept(long_file: Path) -> None:
    with open_ofd(long_file, Limits(seconds=600)) as package:
        pages = package.pages()
        for _ in range(300):
            page_text(next(pages))
        tracemalloc.start()
        try:
            for page in pages:
                page_text(page)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 4 * 1024**2


def test_a_large_entry_is_digested_in_pieces(tmp_path: Path) -> None:
    members = w.signed(w.parts(w.page(w.text("文"))))
    path = tmp_path / "large.ofd"
    piece = os.urandom(1024**2)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        with archive.open("Doc_0/Res/scan.tif", "w", force_zip64=True) as stream:
            for _ in range(64):
                stream.write(piece)
    listed = str(members[w.SIGNATURE])
    row = w.tag("Reference", w.tag("CheckValue", "AAAA"), FileRef="/Doc_0/Res/scan.tif")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(w.SIGNATURE, listed.replace("</ofd:References>", row + "</ofd:References>"))
    tracemalloc.start()
    try:
        with open_ofd(path) as package:
            (signature,) = signatures(package)
            coverage = covered(package, signature)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "Doc_0/Res/scan.tif" in [entry.name for entry in coverage.altered]
    assert peak < 16 * 1024**2
