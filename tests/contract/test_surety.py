"""How sure a place of a page is follows from its lines and their letters."""

from lantai.ports.recogniser import ReadLine, ReadPage

_BOX = (100.0, 100.0, 500.0, 140.0)


def _page(*lines: ReadLine) -> ReadPage:
    return ReadPage(1000, 1400, 300.0, lines)


def _line(*sure: float, box: tuple[float, float, float, float] = _BOX) -> ReadLine:
    chars = tuple(("字", (0.0, 0.0, 1.0, 1.0), one) for one in sure)
    return ReadLine("字" * len(sure), box, round(sum(sure) / len(sure), 3), chars)


def test_a_line_is_as_sure_as_its_letters_together() -> None:
    assert _page(_line(1.0, 0.99, 0.95)).surety([_BOX]) == 0.98


def test_what_is_shown_as_sure_holds_no_letter_that_is_less() -> None:
    assert _page(_line(*[1.0] * 19, 0.944)).surety([_BOX]) == 0.944


def test_one_doubtful_letter_makes_the_line_doubtful() -> None:
    assert _page(_line(*[1.0] * 19, 0.4)).surety([_BOX]) == 0.4


def test_the_least_line_counts_and_lines_elsewhere_do_not() -> None:
    other = _line(0.1, box=(100.0, 800.0, 500.0, 840.0))
    below = _line(0.7, box=(100.0, 150.0, 500.0, 190.0))
    assert _page(_line(0.9), below, other).surety([_BOX, (90.0, 145.0, 510.0, 195.0)]) == 0.7
    assert _page(other).surety([_BOX]) == 1.0


def test_a_part_of_a_line_is_no_surer_than_the_line() -> None:
    assert _page(_line(0.7)).surety([(110.0, 105.0, 180.0, 135.0)]) == 0.7


def test_lines_that_overlap_may_say_something_twice() -> None:
    behind = _line(1.0, 1.0, box=(460.0, 101.0, 600.0, 139.0))
    assert _page(_line(1.0), behind).surety([_BOX, behind.box]) == 0.9
    assert _page(_line(1.0), _line(1.0, box=(490.0, 101.0, 600.0, 139.0))).surety([_BOX, (490.0, 101.0, 600.0, 139.0)]) == 1.0
