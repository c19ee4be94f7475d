"""A test whose Debian package is absent is skipped and counted; in CI it fails."""

import pytest

from tests.support import needs


class Item:
    """What the hook looks at of a test."""

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [pytest.mark.needs("no-such-package").mark] if name == "needs" else []


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_an_absent_package(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(needs, "_absent", needs.Counter())
    with pytest.raises(outcome, match="no-such-package"):
        needs.pytest_runtest_setup(Item())
    assert needs._absent == {"no-such-package": 1}


def test_a_program_of_its_name_is_a_package_too() -> None:
    assert needs.is_present("sh")
    assert not needs.is_present("no-such-package")


@pytest.mark.needs("postgresql")
def test_a_server_of_our_own_starts_and_goes() -> None:
    import psycopg

    from tests.support import postgres

    with postgres.cluster() as url, psycopg.connect(url) as server:
        row = server.execute("SHOW server_version_num").fetchone()
    assert row is not None
    assert int(row[0]) >= 150000
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
