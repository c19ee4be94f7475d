"""What tests of background work share."""

from pathlib import Path

import pytest


@pytest.fixture
def fresh_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the test's own for the marks that chores leave."""
    monkeypatch.setenv("LANTAI_DATA", str(tmp_path))
