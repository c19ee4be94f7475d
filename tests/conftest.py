"""What every test may ask for: databases, the public corpus, and the counting of what could not run.

Databases are real: SQLite files, or PostgreSQL where LANTAI_DATABASE says so (see tests/support/postgres.py).
``@pytest.mark.django_db`` gives a test all databases in transactions that are rolled back. A test of several processes asks
for ``fresh_data`` instead: a data folder with databases of its own, which may be committed to. Django's transactional tests
(``transaction=True``, ``live_server``) cannot be used: they empty tables, which the ledger refuses.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests.support import buckets
from tests.support.databases import Template
from tests.support.needs import pytest_runtest_setup, pytest_terminal_summary

__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]

ROOT = Path(__file__).resolve().parents[1]
# A test proves what is so, never how long it takes: machines are shared.
settings.register_profile("lantai", deadline=None)
settings.load_profile("lantai")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real public files; the test is skipped, and counted, where it is absent."""
    folder = Path(os.environ.get("LANTAI_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("corpus absent: set LANTAI_CORPUS")
    return folder


# Folders whose files take longest: they go first, so that no processor idles while another ends the last of them.
LONGEST_FIRST = ("journeys", "faults", "corpus", "cli", "adapters", "demo", "stages")


def _turn(item: pytest.Item) -> int:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; open all databases to a test that asks for one, and keep those that would empty the ledger out."""
    items.sort(key=_turn)
    for item in items:
        mark = item.get_closest_marker("django_db")
        asked = {"db", "client", "admin_client", "live_server", "transactional_db"} & set(getattr(item, "fixturenames", ()))
        if mark is not None or asked:
            given = {} if mark is None else dict(mark.kwargs)
            item.add_marker(pytest.mark.django_db(**({"databases": "__all__"} | given)), append=False)


@pytest.fixture(scope="session")
def database_template(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    """The migrated, empty databases that all others of the session are copied from."""
    template = Template(tmp_path_factory.mktemp("template"))
    with django_db_blocker.unblock():
        template.make()
    yield template
    with django_db_blocker.unblock():
        template.remove()


@pytest.fixture(scope="session")
def django_db_setup(
    database_template: Template, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Put real databases in the place of Django's own test databases, for every test that is rolled back."""
    with django_db_blocker.unblock():
        copied = database_template.copy(tmp_path_factory.mktemp("session"))
        with copied:
            yield


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[buckets.Service]:
    """An S3 service in this process."""
    with buckets.moto(tmp_path_factory.mktemp("moto")) as service:
        yield service


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[buckets.Service]:
    """A Ceph radosgw of this session; ask for it only with ``needs("radosgw")``."""
    if os.environ.get("LANTAI_DATABASE"):
        pytest.skip("no table is touched: it runs beside SQLite")
    with buckets.ceph(tmp_path_factory.mktemp("ceph")) as service:
        yield service


@pytest.fixture
def fresh_data(database_template: Template, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Path]:
    """A data folder with databases of its own; this process and those it starts work in it and may commit."""
    with django_db_blocker.unblock(), database_template.copy(tmp_path / "data") as folder:
        yield folder
