"""A house whose engine reads what it is told, and a box of two items."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.ports import House
from tests.support import scans
from tests.support.line_house import line_house


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, recogniser=scans.Told(), scan_settle_seconds=0, sample_least=1) as built:
        yield built


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Two items: a folder of single pages, and a file of two pages."""
    folder = tmp_path / "盒"
    scans.write(folder / "件一" / "0001.tif", 11)
    scans.write(folder / "件一" / "0002.jpg", 12)
    scans.write(folder / "件二.tif", 21, frames=2)
    return folder
