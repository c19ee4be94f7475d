"""A folder's name tells nothing of what was sealed out of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import line
from lantai.ports import House
from lantai.shelves.intake.models import Batch
from lantai.stages import capture
from tests.support.line_house import ARCHIVIST, line_house

MARKED = "机密★10年\n\n关于某项工作安排的通知\n各科室：按要求办理。\n"
PLAIN = "关于值班安排的通知\n各科室：按要求办理。"


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.mark.parametrize(
    ("name", "files", "title"),
    [
        ("某项工作", [MARKED], "1 个文件夹"),
        ("绝密某项工作", [MARKED, PLAIN], "1 个文件夹"),
        ("三月来文", [MARKED, PLAIN], "三月来文"),
    ],
)
def test_a_batch_is_called_by_its_folder_only_where_that_tells_nothing(
    house: House, tmp_path: Path, name: str, files: list[str], title: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for place, text in enumerate(files):
        (folder / f"{place}.txt").write_text(text, encoding="utf-8")
    key = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    line.finish(house)
    assert Batch.objects.get(id=key).title == title
