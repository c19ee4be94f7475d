"""Obligations of every recogniser: answers in order, a bad page set aside alone, and the real one's reading of made pages."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench import papers
from lantai.adapters.recognisers import PooledRecogniser
from lantai.core import officialdoc
from lantai.core.errors import Fault
from lantai.core.officialdoc.stamp import stamp
from lantai.ports.recogniser import NoRecogniser, ReadPage

DPI = 200


@pytest.fixture(scope="module")
def engine() -> Iterator[PooledRecogniser]:
    pool = PooledRecogniser(workers=1, seconds=300)
    yield pool
    pool.close()


def _saved(path: Path, pixels: papers.Pixels) -> Path:
    Image.fromarray(pixels).save(path, dpi=(DPI, DPI), **({} if path.suffix == ".png" else {"quality": 85}))
    return path


def _wrong(read: ReadPage, page: papers.Paper) -> float:
    """The share of lines that were not read exactly, spaces and the width of signs aside."""
    seen = "".join(officialdoc.document_number(line.text) for line in read.lines)
    missed = [line.text for line in page.lines if officialdoc.document_number(line.text) not in seen]
    return len(missed) / len(page.lines)


def test_without_an_engine_pages_come_back_as_not_read() -> None:
    pages = list(NoRecogniser().read([Path("一.png"), Path("二.png")]))
    assert len(pages) == 2
    assert {page.engine for page in pages} == {""}
    assert pages[0].text == ""


def test_bad_pages_are_set_aside_and_the_others_go_on(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.letter(11, dpi=DPI, is_sealed=True)
    good = _saved(tmp_path / "好.jpg", page.pixels)
    (tmp_path / "空.png").write_bytes(b"")
    (tmp_path / "断.jpg").write_bytes(good.read_bytes()[:9000])
    answers = engine.read([tmp_path / "空.png", good, tmp_path / "断.jpg", tmp_path / "无.png", good])
    told: list[str] = []
    for _ in range(5):
        try:
            read = next(answers)
        except Fault as problem:
            told.append(problem.code)
        else:
            told.append("read")
            assert _wrong(read, page) <= 0.1
            assert "onnx" in read.engine
    assert told == ["SCAN-UNREADABLE", "read", "SCAN-UNREADABLE", "SCAN-UNREADABLE", "read"]
    assert next(answers, None) is None


def test_what_lies_under_a_seal_is_read_and_every_character_has_its_place(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.letter(12, dpi=DPI, is_sealed=True)
    (read,) = engine.read([_saved(tmp_path / "页.png", page.pixels)])
    assert page.fields["author"] in [line.text for line in read.lines]
    assert officialdoc.elements([read.sheet()], "页").value("date") == page.fields["date"]
    for line in read.lines:
        assert "".join(text for text, _, _ in line.chars) == line.text
        lefts = [box[0] for _, box, _ in line.chars]
        assert lefts == sorted(lefts)
        assert all(line.box[0] - 1 <= box[0] <= box[2] <= line.box[2] + 1 for _, box, _ in line.chars)


def test_columns_are_read_from_the_right(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.upright(3, dpi=DPI)
    (read,) = engine.read([_saved(tmp_path / "竖.png", page.pixels)])
    upright = [line for line in read.lines if line.is_vertical]
    assert [line.text[:4] for line in upright][:3] == [line.text[:4] for line in page.lines][:3]


def test_a_short_line_stands_where_its_letters_do(engine: PooledRecogniser, tmp_path: Path) -> None:
    """It is given more room to be read in, and does not seem to stand in the margin for that."""
    pen = papers.Pen(7, dpi=DPI)
    for at, text in enumerate(("值班人员须坚守岗位，保持通信畅通，遇有险情如实上", "报。", "巡护人员每周至少巡查两次。")):
        pen.text(28, 60 + 14 * at, text)
    (read,) = engine.read([_saved(tmp_path / "短.png", pen.paper.pixels)])
    true, (short,) = pen.paper.lines[1].box, [line for line in read.lines if line.text == "报。"]
    high = true[3] - true[1]
    assert abs(short.box[0] - true[0]) < high / 3
    assert short.box[2] - true[2] < high / 2


def test_figures_alone_in_the_cells_of_a_table_are_lines(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.table(60_000, dpi=DPI)
    (read,) = engine.read([_saved(tmp_path / "表.png", page.pixels)])
    assert [line.text for line in read.lines if line.is_vertical] == []
    numbers = {line.text for line in page.lines if line.text.isdecimal()}
    assert {"1", "11"} <= numbers
    assert len(numbers - {line.text for line in read.lines}) <= 1


def test_scrawl_is_marked_as_not_read(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.letter(13, dpi=DPI).pixels.copy()
    page[1500:1850] = 255
    chance = np.random.default_rng(2)
    for start in range(260, 1200, 120):
        steps = np.cumsum(chance.integers(-26, 27, (14, 2)), axis=0) + np.array([start, 1660])
        cv2.polylines(page, [steps.astype(np.int32)], isClosed=False, color=(40, 40, 70), thickness=4)
    (read,) = engine.read([_saved(tmp_path / "批.png", page)])
    between = [line for line in read.lines if 1560 < line.box[1] < 1790 and line.confidence > 0.9]
    assert between == []


def test_a_reader_that_is_killed_is_replaced(engine: PooledRecogniser, tmp_path: Path) -> None:
    path = _saved(tmp_path / "页.png", papers.letter(14, dpi=DPI).pixels[:700])
    first = next(engine.read([path]))
    for process in engine.idle:
        os.kill(process, signal.SIGKILL)
    assert next(engine.read([path])) == first


@pytest.mark.parametrize("size", [(1, 1), (11, 65), (40, 400), (700, 3)])
def test_a_piece_of_any_size_is_read_or_is_empty(engine: PooledRecogniser, tmp_path: Path, size: tuple[int, int]) -> None:
    (read,) = engine.read([_saved(tmp_path / "块.png", np.full((*size, 3), 250, np.uint8))])
    assert (read.height_px, read.width_px, read.text) == (*size, "")


def test_a_line_cut_out_of_a_page_is_read_alone(engine: PooledRecogniser, tmp_path: Path) -> None:
    page = papers.letter(12, dpi=DPI)
    line = next(line for line in page.lines if line.text == page.fields["document_number"])
    x0, y0, x1, y1 = (round(side) for side in line.box)
    (read,) = engine.read([_saved(tmp_path / "行.png", page.pixels[y0 - 4 : y1 + 4, x0 - 6 : x1 + 6])])
    assert read.text == line.text


def test_an_archival_stamp_is_read_box_by_box(engine: PooledRecogniser, tmp_path: Path) -> None:
    paper, said = papers.stamped(21, has_labels=True, dpi=DPI)
    read = next(iter(engine.read([_saved(tmp_path / "章.png", paper.pixels[: paper.image.height // 3])])))
    found = stamp(replace(read.sheet(), height=read.sheet().height * 3))
    assert found is not None
    assert {item.name: item.value for item in found.cells} == said
