"""A house on a temporary folder and the small agency in it, rolled back after each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.ports import House
from tests.support.line_house import line_house
from tests.web import town as rows
from tests.web.town import Town


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path) as built:
        yield built


@pytest.fixture
def town(house: House) -> Town:
    """Departments and one account a role."""
    return rows.found(house)
