"""Signs that look alike, page numbers, and what two places hold of one line."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.papers import font
from lantai.adapters.recognisers import footing
from lantai.adapters.recognisers.likely import likely, once
from lantai.ports.recogniser import ReadLine

_EM = 40.0


def _line(text: str, *, sure: float = 0.99, at: float = 0.0, step: dict[int, float] | None = None) -> ReadLine:
    """A line whose characters stand an em apart, but those of *step*, which take that much room."""
    chars, x = [], at
    for index, char in enumerate(text):
        room = (step or {}).get(index, 1.0 if ord(char) > 0x2000 else 0.5) * _EM
        chars.append((char, (x, 0.0, x + room, _EM * 1.4), sure))
        x += room
    return ReadLine(text, (at, 0.0, x, _EM * 1.4), sure, tuple(chars))


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("防止—哄而上", "防止一哄而上"),
        ("2021一2030年", "2021—2030年"),
        ("统筹——这是关键", "统筹——这是关键"),
        ("共1.892.50万元", "共1,892.50万元"),
        ("东经102°43'、北纬", "东经102°43′、北纬"),
        ("第3.125号", "第3.125号"),
        ("云政发(2017)6号", "云政发(2017)6号"),
        ("乡(镇）人民政府、(二)条", "乡（镇）人民政府、（二）条"),
        (")(", ")("),
    ],
)
def test_the_likelier_sign_stands(read: str, said: str) -> None:
    assert likely(_line(read)).text == said


def test_brackets_of_a_number_are_set_where_they_were_hard_to_read() -> None:
    assert likely(_line("云政发（2017]6号", sure=0.8)).text == "云政发〔2017〕6号"
    assert likely(_line("云国用（2017）第6号", sure=0.8)).text == "云国用（2017）第6号"
    assert likely(_line("[1984]:白工字第130号", sure=0.8)).text == "〔1984〕白工字第130号"
    assert likely(_line("（87]白工字第130号", sure=0.8)).text == "（87）白工字第130号"
    assert likely(_line("地税发(98〕95号", sure=0.8)).text in {"地税发（98）95号", "地税发〔98〕95号"}
    assert likely(_line("[2017)6号", sure=0.8)).text == "〔2017〕6号"
    assert likely(_line("石林发[〔2025〕154号和石林函(2024）〕2号", sure=0.8)).text == "石林发〔2025〕154号和石林函〔2024〕2号"


def test_two_dashes_that_have_the_room_of_one_are_one() -> None:
    assert likely(_line("编号GF——2019", step={4: 0.5, 5: 0.5})).text == "编号GF—2019"
    assert likely(_line("资产标签——物", step={4: 0.5, 5: 0.5})).text == "资产标签一物"


def test_two_same_letters_that_have_the_room_of_one_are_one() -> None:
    assert likely(_line("关于周川川、韩远等同志任职的通知", step={3: 0.6, 4: 0.4})).text == "关于周川、韩远等同志任职的通知"
    assert likely(_line("一九九八年三月二十六日二二三")).text == "一九九八年三月二十六日二二三"


def test_what_two_places_hold_is_told_once() -> None:
    left = _line("云国用（")
    right = _line("（1990）第7号", at=3.2 * _EM)
    assert [line.text for line in once([left, right])] == ["云国用（", "1990）第7号"]
    assert [line.text for line in once([left, _line("（1990", at=9 * _EM)])] == ["云国用（", "（1990"]
    number = _line("云政发〔2016〕14")
    assert [line.text for line in once([number, _line("141号", at=7.1 * _EM)])] == [number.text, "1号"]
    assert [line.text for line in once([number, _line("181号", at=7.1 * _EM)])] == [number.text, "181号"]


@pytest.mark.parametrize(
    ("drawn", "read", "said"), [("— 12 —", "12", "—12—"), ("12", "12", "12"), ("— 7 —", "—7", "—7—"), ("— 7 —", "—7—-", "—7—")]
)
def test_strokes_beside_a_page_number_are_found_in_the_picture(drawn: str, read: str, said: str) -> None:
    picture = Image.new("RGB", (600, 90), (250, 250, 250))
    written = font("serif", 58)
    ImageDraw.Draw(picture).text((300, 45), drawn, font=written, fill=(20, 20, 20), anchor="mm")
    wide = written.getlength(drawn.strip("— "))
    chars = tuple((char, (300 - wide / 2 + at * wide / 3, 5.0, 300 + wide / 2, 85.0), 0.9) for at, char in enumerate(read))
    line = ReadLine(read, (300 - wide / 2, 5.0, 300 + wide / 2, 85.0), 0.9, chars)
    assert footing.with_strokes(line, np.asarray(picture), 300).text == said
