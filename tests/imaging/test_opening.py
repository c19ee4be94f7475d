"""Pictures of pages: every kind a scanner writes is opened; what is damaged or too large is a Fault, before memory is spent."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lantai.core.errors import Fault
from lantai.imaging import opening


def _bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    room = io.BytesIO()
    image.save(room, kind, **options)
    return room.getvalue()


GREY = Image.fromarray(np.tile(np.arange(0, 200, dtype=np.uint8), (120, 1)))


@pytest.mark.parametrize(
    ("image", "kind", "options", "mode"),
    [
        (GREY, "PNG", {"dpi": (300, 300)}, "grey"),
        (GREY.convert("1"), "TIFF", {"dpi": (300, 300), "compression": "group4"}, "bilevel"),
        (GREY.convert("RGB"), "JPEG", {"dpi": (300, 300)}, "colour"),
        (GREY.convert("RGBA"), "PNG", {"dpi": (300, 300)}, "colour"),
        (GREY.convert("CMYK"), "TIFF", {"dpi": (300, 300)}, "colour"),
    ],
)
def test_kinds_of_scanners(tmp_path: Path, image: Image.Image, kind: str, options: dict[str, object], mode: str) -> None:
    path = tmp_path / "页"
    path.write_bytes(_bytes(image, kind, **options))
    picture = opening.opened(path)
    assert (picture.width, picture.height, picture.mode) == (200, 120, mode)
    assert picture.dpi == pytest.approx(300, abs=0.1)


def test_a_page_among_many(tmp_path: Path) -> None:
    path = tmp_path / "many.tif"
    GREY.save(path, save_all=True, append_images=[GREY.resize((50, 60)), GREY.resize((70, 80))])
    assert opening.count(path) == 3
    assert opening.opened(path, frame=2).width == 70


def test_a_sheet_that_does_not_say_its_resolution(tmp_path: Path) -> None:
    path = tmp_path / "a4.png"
    Image.new("L", (1654, 2339), 255).save(path)
    picture = opening.opened(path)
    assert picture.dpi == 0
    assert picture.likely_dpi == 200


def _huge_tiff() -> bytes:
    rows = [(256, 4, 1, 250_000), (257, 4, 1, 200_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 9)]
    entries = b"".join(struct.pack("<HHII", *row) for row in rows)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(rows)) + entries + b"\0\0\0\0"


NOISE = Image.fromarray(np.random.default_rng(1).integers(0, 255, (120, 200), dtype=np.uint8))
BAD = {
    "empty": b"",
    "no_image": "这不是图像".encode(),
    "truncated_png": _bytes(NOISE, "PNG")[:9000],
    "truncated_jpeg": _bytes(GREY.convert("RGB"), "JPEG")[:300],
    "truncated_tiff": _bytes(GREY, "TIFF")[:9000],
}


@pytest.mark.parametrize("fault", BAD)
def test_damaged(tmp_path: Path, fault: str) -> None:
    path = tmp_path / fault
    path.write_bytes(BAD[fault])
    with pytest.raises(Fault) as told:
        opening.opened(path)
    assert told.value.code == "SCAN-UNREADABLE"


def test_fifty_thousand_megapixels_are_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    path.write_bytes(_huge_tiff())
    with pytest.raises(Fault) as told:
        opening.opened(path)
    assert told.value.code == "SCAN-TOO-LARGE"


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="文件不存在"):
        opening.opened(tmp_path / "none.png")
