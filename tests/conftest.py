"""What every test may ask for: the public corpus, and the counting of what could not run."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real public files; the test is skipped, and counted, where it is absent."""
    folder = Path(os.environ.get("LANTAI_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("corpus absent: set LANTAI_CORPUS")
    return folder
