"""Files of two layers: what was read is what comes back, from PDF and from OFD, and PRONOM knows the PDF/A for what it is."""

import io
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from lantai.adapters.readers import DirectReader
from lantai.formats.layered import JPEG, PNG, About, PageLayer
from lantai.formats.ofd.layering import dual_layer as write_ofd
from lantai.formats.pdf.layering import dual_layer as write_pdf
from lantai.ports.reader import Reading
from lantai.ports.recogniser import ReadLine, ReadPage

ABOUT = About("栖霞市档案局关于清点库房的通知", "栖霞市档案局", "2026-03-04T09:30:00+08:00", "01TEST")
WRITERS = {"pdf": write_pdf, "ofd": write_ofd}
LINES = ("栖霞市档案局文件", "栖档发〔2026〕7号", "Ａ座3层，面积12.5㎡；𠮷字与龘字", "GB/T 9704—2012 abc", "特此通知。")


def _image(kind: str, size: tuple[int, int] = (1240, 1754)) -> bytes:
    room = io.BytesIO()
    colour = Image.new("RGB", size, (250, 248, 240))
    colour.paste((200, 30, 30), (100, 100, 600, 160))
    made = {"colour": colour, "grey": colour.convert("L"), "bilevel": colour.convert("1", dither=Image.Dither.NONE)}[kind]
    made.save(room, "PNG" if kind == "bilevel" else "JPEG", dpi=(150, 150))
    return room.getvalue()


def _layer(texts: tuple[str, ...], kind: str = "colour") -> PageLayer:
    lines = tuple(ReadLine(text, (150, 120 + 60 * at, 150 + 36 * len(text), 160 + 60 * at), 0.99) for at, text in enumerate(texts))
    return PageLayer(_image(kind), PNG if kind == "bilevel" else JPEG, ReadPage(1240, 1754, 150.0, lines, engine="test"))


def _read(tmp_path: Path, content: bytes, kind: str) -> Reading:
    path = tmp_path / f"双层.{kind}"
    path.write_bytes(content)
    return DirectReader().read(path, path.name)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("colours", ["colour", "grey", "bilevel"])
def test_the_text_comes_back_exactly(tmp_path: Path, kind: str, colours: str) -> None:
    layers = [_layer(LINES, colours), _layer(LINES[::-1], colours), _layer((), colours)]
    seen = _read(tmp_path, WRITERS[kind](layers, ABOUT), kind)
    assert [page.text for page in seen.pages] == ["\n".join(LINES), "\n".join(LINES[::-1]), ""]
    assert {item.code for item in seen.findings} <= {"PDF-A-CLAIMED"}
    assert seen.metadata["title"] == ABOUT.title


@pytest.mark.parametrize("kind", WRITERS)
def test_cells_with_room_around_their_figure_keep_their_order(tmp_path: Path, kind: str) -> None:
    rows = (
        ("序号", "单位", "金额（元）"),
        ("1", "东湖水利局", "57,158.95"),
        ("2", "临溪财政局", "46,760.55"),
        ("3", "清源民政局", "83,545.12"),
    )
    lines = []
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            x, y, wide = 150 + 330 * across, 200 + 52 * down, 30 * len(text)
            chars = tuple((char, (x + 30.0 * at, y, x + 30.0 * at + 30, y + 44.0), 0.99) for at, char in enumerate(text))
            more = 90 if text.isdecimal() else 4
            lines.append(ReadLine(text, (x - more, y, x + wide + more, y + 44.0), 0.99, chars, is_vertical=text == "2"))
    layer = PageLayer(_image("colour"), JPEG, ReadPage(1240, 1754, 150.0, tuple(lines), engine="test"))
    (page,) = _read(tmp_path, WRITERS[kind]([layer], ABOUT), kind).pages
    assert "".join(page.text.split()) == "".join(text for row in rows for text in row)


@pytest.mark.parametrize("kind", WRITERS)
def test_lines_stand_where_they_were_read(tmp_path: Path, kind: str) -> None:
    layer = _layer(LINES)
    (page,) = _read(tmp_path, WRITERS[kind]([layer], ABOUT), kind).pages
    assert (page.width, page.height) == pytest.approx((1240 * 72 / 150, 1754 * 72 / 150), abs=0.1)
    for line, read in zip(page.lines, layer.page.lines, strict=True):
        x0, y0, x1, y1 = (side * 72 / 150 for side in read.box)
        assert line.box[0] == pytest.approx(x0, abs=6)
        assert x1 - 20 < line.box[2] < x1 + 6  # the last character of a line may be narrower than its square
        assert y0 - 6 < (line.box[1] + line.box[3]) / 2 < y1 + 6


def test_pronom_and_our_reader_know_the_pdfa(tmp_path: Path) -> None:
    seen = _read(tmp_path, write_pdf([_layer(LINES)], ABOUT), "pdf")
    assert seen.format.puid == "fmt/477"
    assert seen.metadata["pdfa_claimed"] == "PDF/A-2b"


@pytest.mark.parametrize("colours", ["colour", "grey", "bilevel"])
def test_the_page_looks_like_its_image(colours: str) -> None:
    layer = _layer(LINES, colours)
    document = pypdfium2.PdfDocument(write_pdf([layer], ABOUT))
    drawn = document[0].render(scale=150 / 72).to_pil().convert("L")
    document.close()
    with Image.open(io.BytesIO(layer.image)) as image:
        difference = ImageChops.difference(drawn.resize(image.size), image.convert("L"))
    assert sum(count for shade, count in enumerate(difference.histogram()) if shade > 40) < 3000


@pytest.mark.parametrize("kind", WRITERS)
def test_same_pages_same_bytes(kind: str) -> None:
    assert WRITERS[kind]([_layer(LINES)], ABOUT) == WRITERS[kind]([_layer(LINES)], ABOUT)


def test_a_column_that_runs_down_comes_back(tmp_path: Path) -> None:
    text = "各单位要指定专人负责"
    page = ReadPage(1240, 1754, 150.0, (ReadLine(text, (900, 200, 940, 200 + 42 * len(text)), 0.9, is_vertical=True),), engine="test")
    for kind, write in WRITERS.items():
        seen = _read(tmp_path, write([PageLayer(_image("colour"), JPEG, page)], ABOUT), kind)
        assert seen.text.replace("\n", "").replace(" ", "") == text


HAN = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=28)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(HAN, min_size=1, max_size=20))
def test_any_text_comes_back(tmp_path: Path, texts: list[str]) -> None:
    layer = _layer(tuple(texts))
    for kind, write in WRITERS.items():
        assert _read(tmp_path, write([layer]), kind).text == "\n".join(texts)
