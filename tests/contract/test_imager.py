"""Obligations of every imager: answers in order, scans untouched, the same picture again, a bad page set aside alone."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lantai.adapters.imagers import DirectImager
from lantai.adapters.recognisers import PooledRecogniser
from lantai.core.errors import Fault
from lantai.ports.imager import Imager, Job, NoImager
from tests.support import scans

MOST_PIXELS = 2_000_000


@pytest.fixture(params=["direct", "pooled"], scope="module")
def imager(request: pytest.FixtureRequest) -> Iterator[Imager]:
    made: Imager = DirectImager(MOST_PIXELS) if request.param == "direct" else PooledRecogniser(workers=1, most_pixels=MOST_PIXELS)
    yield made
    made.close()


def test_pages_are_looked_at_in_order_and_bad_ones_set_aside(imager: Imager, tmp_path: Path) -> None:
    good, two = scans.write(tmp_path / "好.jpg", 5), scans.write(tmp_path / "两页.tif", 7, frames=2)
    before = good.read_bytes()
    (tmp_path / "空.png").write_bytes(b"")
    (tmp_path / "断.jpg").write_bytes(before[:3000])
    jobs = [Job(good, tmp_path / "a"), Job(tmp_path / "空.png", tmp_path / "b"), Job(two, tmp_path / "c", frame=1)]
    jobs += [Job(tmp_path / "断.jpg", tmp_path / "d"), Job(tmp_path / "无.jpg", tmp_path / "e"), Job(good, tmp_path / "f")]
    answers, told = imager.look(jobs), []
    for _ in jobs:
        try:
            told.append(next(answers).picture.stem)
        except Fault as problem:
            told.append(problem.code)
    assert told == ["a", "SCAN-UNREADABLE", "c", "SCAN-UNREADABLE", "SCAN-UNREADABLE", "f"]
    assert next(answers, None) is None
    assert good.read_bytes() == before
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "f.jpg").read_bytes()


@pytest.mark.parametrize(("size", "is_page"), [((1, 1), False), ((3000, 2), False), ((7, 40), False), ((8, 8), True), ((65, 11), True)])
def test_what_is_too_small_for_a_page_is_set_aside_with_its_size(
    imager: Imager, tmp_path: Path, size: tuple[int, int], *, is_page: bool
) -> None:
    Image.new("RGB", size, "#FDFCF8").save(tmp_path / "点.png")
    answers = imager.look([Job(tmp_path / "点.png", tmp_path / "点")])
    if is_page:
        assert (next(answers).width, next(answers, None)) == (size[0], None)
        return
    with pytest.raises(Fault, match="SCAN-UNREADABLE") as refused:
        next(answers)
    assert f"{size[0]}×{size[1]} 像素" in refused.value.message


def test_what_a_person_turned_is_turned_and_told(imager: Imager, tmp_path: Path) -> None:
    page = scans.write(tmp_path / "页.jpg", 5)
    (seen,) = imager.look([Job(page, tmp_path / "倒", quarter_turns=1)])
    assert (seen.width, seen.height, seen.dpi) == (scans.WIDTH, scans.HEIGHT, scans.DPI)
    assert seen.measured.turn == 1
    assert "turn" in [step["name"] for step in seen.recipe["steps"]]
    assert seen.picture == tmp_path / "倒.jpg"


def test_a_page_beyond_the_limit_is_not_decoded(imager: Imager, tmp_path: Path) -> None:
    size = b"IHDR" + struct.pack(">IIBBBBB", 250_000, 200_000, 8, 2, 0, 0, 0)
    body = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + size + struct.pack(">I", zlib.crc32(size))
    (tmp_path / "大.png").write_bytes(body + struct.pack(">I", 4) + b"IDAT" + b"\0" * 8)
    with pytest.raises(Fault) as refused:
        next(imager.look([Job(tmp_path / "大.png", tmp_path / "x")]))
    assert refused.value.code == "SCAN-TOO-LARGE"


def test_without_an_imager_asking_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as refused:
        NoImager().look([Job(tmp_path, tmp_path)])
    assert refused.value.code == "RECOGNISER-NOT-STARTED"
    assert list(NoImager().look([])) == []
