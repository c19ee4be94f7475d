"""Drawing pages: what a page is, what is none, and that the guard outlives whatever is drawn."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bench.corpus import many_page_pdf
from lantai.adapters.readers import DirectReader, GuardedReader
from lantai.ports.reader import Limits, Reader


@pytest.fixture(params=[DirectReader, GuardedReader])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    made = request.param(Limits(seconds=20, pixels=4_000_000))
    yield made
    made.close()


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "三页.pdf"
    path.write_bytes(many_page_pdf(3, 1))
    return path


@pytest.mark.parametrize("page", [1, 3])
def test_a_page_of_a_pdf_is_as_wide_as_asked(reader: Reader, paper: Path, page: int) -> None:
    image = reader.render(paper, paper.name, page=page, width=600)
    assert image is not None
    with Image.open(BytesIO(image)) as drawn:
        assert drawn.format == "PNG"
        assert abs(drawn.width - 600) <= 1
        assert drawn.height > drawn.width


@pytest.mark.parametrize("page", [0, -1, 4, 10**9])
def test_a_page_that_is_not_there_is_no_picture(reader: Reader, paper: Path, page: int) -> None:
    assert reader.render(paper, paper.name, page=page, width=600) is None


def test_frames_of_a_tiff_are_pages(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "扫描.tif"
    frames = [Image.new("L", (300, 400), shade) for shade in (0, 255)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    second = reader.render(path, path.name, page=2, width=150)
    assert second is not None
    with Image.open(BytesIO(second)) as drawn:
        assert drawn.convert("L").getpixel((5, 5)) == 255
    assert reader.render(path, path.name, page=3, width=150) is None


def test_too_many_pixels_and_text_and_nonsense_have_no_picture(reader: Reader, tmp_path: Path, paper: Path) -> None:
    Image.new("1", (3000, 3000)).save(tmp_path / "大.png")
    (tmp_path / "字.txt").write_text("没有图")
    (tmp_path / "坏.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 500)
    for name in ("大.png", "字.txt", "坏.pdf"):
        assert reader.render(tmp_path / name, name, page=1, width=100) is None
    assert reader.render(paper, paper.name, page=1, width=100) is not None


def test_an_absurd_width_is_bounded(reader: Reader, paper: Path) -> None:
    image = reader.render(paper, paper.name, page=1, width=10**6)
    assert image is not None
    with Image.open(BytesIO(image)) as drawn:
        assert max(drawn.size) <= 4001
