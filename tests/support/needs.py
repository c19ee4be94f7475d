"""Debian packages that tests need: a test whose package is absent is skipped and counted; in CI (CI=true) it fails.

Mark a test with ``@pytest.mark.needs("postgresql")``. tests/conftest.py takes the two hooks from here.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import buckets, postgres

PROBES: dict[str, Callable[[], bool]] = {
    "postgresql": postgres.is_present,
    "clamav-daemon": lambda: shutil.which("clamd") is not None,
    "clamav": lambda: shutil.which("clamscan") is not None,
    "chromium": lambda: shutil.which("chromium") is not None or any(Path("/opt").glob("*/chrome")),
    "radosgw": buckets.is_ceph_present,
    "libreoffice": lambda: shutil.which("soffice") is not None,
}
_absent: Counter[str] = Counter()


def is_present(package: str) -> bool:
    """Tell whether what the tests use of a Debian package is there: its probe, else a program of its name."""
    return PROBES.get(package, lambda: shutil.which(package) is not None)()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose package is absent."""
    for mark in item.iter_markers("needs"):
        for package in mark.args:
            if not is_present(package):
                _absent[package] += 1
                outcome = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
                outcome(f"needs the Debian package {package}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what could not run for want of which package."""
    for package, count in sorted(_absent.items()):
        terminalreporter.write_line(f"NOT RUN: {count} tests need the Debian package {package}")
