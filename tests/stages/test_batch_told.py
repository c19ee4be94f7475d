"""What a batch says of itself: whom it waits for, and that what nobody could check is not what failed."""

import pytest

from lantai.core.checks import Property
from lantai.stages.report import batches, verdicts
from lantai.stages.report.verdicts import Line


@pytest.mark.parametrize(
    ("undecided", "untested", "is_judge", "said"),
    [
        (0, 0, True, ""),
        (6, 6, True, "等补检 6 件"),
        (6, 2, True, "等您处理 6 件"),
        (6, 0, False, "等档案室判定 6 件"),
    ],
)
def test_it_says_whom_it_waits_for(undecided: int, untested: int, *, is_judge: bool, said: str) -> None:
    assert batches._judgement(undecided, untested, is_judge=is_judge) == said


def line(outcome: str) -> Line:
    return Line(f"4.01@{outcome}", outcome, Property.SECURITY.value, "4.01", "GD-4-1", "病毒检测", "6 件", "", "", 6)


def test_what_could_not_be_run_is_counted_apart_from_what_failed() -> None:
    row = {"property": Property.SECURITY.value}
    items = [verdicts._Item(row, lines=[line("error")]), verdicts._Item(row, lines=[line("fail"), line("error")])]
    card = next(card for card in verdicts._cards(items) if card.aspect == Property.SECURITY.value)
    assert (card.failed, card.untested, card.broken, card.total) == (2, 1, 1, 2)
