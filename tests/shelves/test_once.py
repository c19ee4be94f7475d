"""Small tables are asked once a page, and every time elsewhere."""

from lantai.shelves import once


@once.once
def _asked(told: "Counter", name: str = "") -> int:
    told.times += 1
    return told.times


class Counter:
    """Counts how often it was asked; two are never the same."""

    def __init__(self) -> None:
        self.times = 0


def test_without_a_page_every_question_is_put() -> None:
    told = Counter()
    assert [_asked(told), _asked(told)] == [1, 2]


def test_a_page_puts_each_question_once_and_the_next_page_again() -> None:
    told = Counter()
    with once.reading():
        assert [_asked(told), _asked(told), _asked(told, name="other"), _asked(told)] == [1, 1, 2, 1]
    with once.reading():
        assert _asked(told) == 3
    assert _asked(told) == 4


def test_a_page_within_a_page_begins_anew_and_leaves_the_outer_one_as_it_was() -> None:
    told = Counter()
    with once.reading():
        assert _asked(told) == 1
        with once.reading():
            assert _asked(told) == 2
        assert _asked(told) == 1
