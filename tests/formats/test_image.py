"""Images: size, resolution, frames; damage shows only when pixels are decoded."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from lantai.formats import read
from lantai.ports.reader import Limits, Reading
from tests.formats import made

FORMATS = {"TIFF": "tif", "JPEG": "jpg", "JPEG2000": "jp2", "PNG": "png", "BMP": "bmp", "GIF": "gif"}


def _image(kind: str, size: tuple[int, int] = (200, 100), frames: int = 1) -> bytes:
    room = io.BytesIO()
    first = Image.effect_noise(size, 80).convert("RGB")
    more = {"save_all": True, "append_images": [first.rotate(3 * n) for n in range(1, frames)]} if frames > 1 else {}
    first.save(room, kind, dpi=(200, 200), **more)
    return room.getvalue()


def _read(tmp_path: Path, data: bytes, name: str, **limits: int) -> Reading:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return read(path, name, Limits(**limits))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FORMATS)
def test_size_and_pages(tmp_path: Path, kind: str) -> None:
    reading = _read(tmp_path, _image(kind), f"扫描.{FORMATS[kind]}")
    assert reading.findings == ()
    assert reading.page_count == 1
    assert (reading.metadata["width_pixels"], reading.metadata["height_pixels"]) == ("200", "100")
    assert reading.format.mime.startswith("image/")


def test_resolution_gives_the_size_in_points(tmp_path: Path) -> None:
    reading = _read(tmp_path, _image("TIFF"), "a.tif")
    assert (reading.pages[0].width, reading.pages[0].height) == (72, 36)
    assert reading.metadata["dpi"] == "200×200"


def test_frames_are_pages(tmp_path: Path) -> None:
    reading = _read(tmp_path, _image("TIFF", frames=3), "a.tif")
    assert (reading.page_count, len(reading.pages)) == (3, 3)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "JPEG2000", "PNG", "BMP"])
def test_a_truncated_image_is_damaged(tmp_path: Path, kind: str) -> None:
    data = _image(kind)
    reading = _read(tmp_path, data[: len(data) * 2 // 3], f"a.{FORMATS[kind]}")
    assert [item.code for item in reading.findings] == ["IMAGE-DAMAGED"]
    assert not re.search("[a-z]{4}", reading.findings[0].message.replace("“a.", ""))  # what Pillow says is told in our words


def test_pixels_have_a_budget_that_is_one_files_alone(tmp_path: Path) -> None:
    usual = Image.MAX_IMAGE_PIXELS
    for pixels, code in ((19_999, "IMAGE-TOO-LARGE"), (9_000, "IMAGE-TOO-LARGE"), (20_000, None)):
        codes = [item.code for item in _read(tmp_path, _image("PNG"), "a.png", pixels=pixels).findings]
        assert codes == ([code] if code else [])
        assert usual == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("side", [15_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    reading = _read(tmp_path, made.tiff(side, side), "a.tif")
    assert [item.code for item in reading.findings] == ["IMAGE-TOO-LARGE"]
