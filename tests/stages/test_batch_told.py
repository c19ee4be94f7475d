"""What a batch says of itself: whom it waits for, and that what nobody could check is not what failed."""

from pathlib import Path

import pytest

from lantai.core.checks import Property
from lantai.stages import capture
from lantai.stages.capture import receiving
from lantai.stages.report import batches, verdicts
from lantai.stages.report.verdicts import Line
from lantai.work import steps
from tests.support.line_house import ARCHIVIST, line_house


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


def test_it_says_how_far_a_long_catalogue_has_come(fresh_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "CATALOGUE_SLICE", 3)
    monkeypatch.setattr(steps, "WRITE_EVERY_SECONDS", 0)
    (tmp_path / "目录.csv").write_text("题名,日期\n" + "".join(f"关于第{at}件事的通知,20240312\n" for at in range(7)), "utf-8")
    seen: list[tuple[int, int] | None] = []
    enter = receiving._enter_slice

    def look(reception: receiving.Reception, items: list[receiving.Item]) -> bool:
        view = batches.batch(ARCHIVIST, reception.batch.id)
        seen.append((view.going.done, view.going.total) if view.going and view.going.step == "接收" else None)
        return enter(reception, items)

    monkeypatch.setattr(receiving, "_enter_slice", look)
    with line_house(fresh_data) as house:
        batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "目录.csv"], channel="catalogue", department="BGS")
        capture.receive(house, batch_id)
        assert seen == [(0, 8), (3, 8), (6, 8)]
        assert batches.batch(ARCHIVIST, batch_id).going is None
