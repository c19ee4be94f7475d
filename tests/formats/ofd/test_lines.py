"""Lines in reading order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.ofd.geometry import IDENTITY, Box
from lantai.formats.ofd.lines import lines
from lantai.formats.ofd.text import Run

_SHEET = Box(0, 0, 210, 297)
_PLACE = st.floats(0, 200).map(lambda value: round(value, 1))


def _run(text: str, x: float, y: float, *, size: float = 5.0, step: float | None = None) -> Run:
    step = size if step is None else step
    xs = tuple(x + step * at for at in range(len(text)))
    return Run(text, xs, (y,) * len(text), (size,) * len(text), size, IDENTITY)


def _down(text: str, x: float, y: float) -> Run:
    return Run(text, (x,) * len(text), tuple(y + 6.0 * at for at in range(len(text))), (5.0,) * len(text), 5.0, IDENTITY)


def _text(*runs: Run) -> str:
    return lines(runs, _SHEET)[0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("公文甲乙 a", min_size=1, max_size=6), _PLACE, _PLACE), max_size=8, unique=True))
def test_no_character_is_lost_and_boxes_enclose(rows: list[tuple[str, float, float]]) -> None:
    runs = [_run(text, x, y) for text, x, y in rows]
    text, found = lines(runs, _SHEET)
    kept = {(run.text, round(run.xs[0] * 4), round(run.ys[0] * 4)): run for run in runs}
    expected = sorted("".join("".join(run.text.split()) for run in kept.values()))
    assert sorted("".join(text.split())) == expected
    assert sorted("".join("".join(line.text.split()) for line in found)) == expected
    assert all(line.box[0] <= line.box[2] and line.box[1] <= line.box[3] for line in found)


@given(st.permutations([_run("标题", 80, 20), _run("正文一", 20, 40), _run("正文二", 20, 50), _run("落款", 150, 80)]))
def test_rows_go_down_whatever_the_order_of_drawing(runs: list[Run]) -> None:
    assert _text(*runs) == "标题\n正文一\n正文二\n落款"


def test_pieces_of_a_row_are_lines_of_their_own_in_one_row_of_text() -> None:
    text, found = lines([_run("签发人：张文", 130, 40), _run("云发改〔2026〕1号", 20, 40.4)], _SHEET)
    assert text == "云发改〔2026〕1号   签发人：张文"
    assert [line.text for line in found] == ["云发改〔2026〕1号", "签发人：张文"]


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.0, "关于印发"), (2.0, "关于印发"), (4.0, "关于 印发"), (9.0, "关于   印发")],
    ids=["near", "spread", "apart", "cell"],
)
def test_gaps(gap: float, text: str) -> None:
    assert _text(_run("关于", 20, 40), _run("印发", 30 + gap, 40)) == text


def test_latin_words_are_parted_sooner() -> None:
    assert _text(_run("ab", 20, 40), _run("cd", 32, 40)) == "ab cd"


def test_type_drawn_twice_counts_once() -> None:
    assert _text(_run("加粗", 20, 40), _run("加粗", 20.05, 40)) == "加粗"


def test_a_word_spread_over_its_cell_stays_whole_but_a_row_of_cells_is_cut() -> None:
    assert _text(_run("合计", 20, 40, step=20)) == "合计"
    xs = (20.0, 25.0, 80.0, 85.0)
    assert _text(Run("姓名张文", xs, (40.0,) * 4, (5.0,) * 4, 5.0, IDENTITY)) == "姓名   张文"


def test_a_string_that_goes_on_below_is_read_on_before_the_next_cell() -> None:
    xs, ys = (50.0, 55.0, 60.0, 50.0, 55.0), (40.0, 40.0, 40.0, 47.0, 47.0)
    wrapped = Run("云汀市发改", xs, ys, (5.0,) * 5, 5.0, IDENTITY)
    text, found = lines([_run("单位", 20, 40), wrapped, _run("编号", 20, 47)], _SHEET)
    assert text == "单位   云汀市\n发改\n编号"
    assert [line.text for line in found] == ["单位", "云汀市", "发改", "编号"]


def test_columns_of_downward_text_go_from_right_to_left() -> None:
    assert _text(_down("左列文字", 20, 40), _down("右列文字", 60, 41), _run("题", 30, 20)) == "题\n右列文字\n左列文字"


def test_a_stacked_label_is_one_word() -> None:
    label = [_run(character, 20, 40 + 8 * at) for at, character in enumerate("购买方")]
    assert _text(*label, _run("名称：张文", 40, 40)) == "购买方   名称：张文"


def test_a_column_of_units_is_no_label() -> None:
    cells = [_run(character, 20, 40 + 8 * at) for at, character in enumerate("次个件")]
    numbers = [_run("12", 60, 40 + 8 * at) for at in range(3)]
    assert _text(*cells, *numbers) == "次   12\n个   12\n件   12"


def test_control_characters_and_breaks_do_not_reach_the_text() -> None:
    assert _text(_run("公\n文\x00", 20, 40)) == "公 文"
