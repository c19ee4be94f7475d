"""Which databases there are, and how they are opened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections, transaction

from lantai.shelves import databases
from lantai.shelves.edge.models import Progress
from lantai.shelves.intake.models import Batch
from tests.support.databases import IS_POSTGRESQL
from tests.support.rows import NOW

ROOT = Path(__file__).resolve().parents[2]


def pragma(alias: str, name: str) -> object:
    with connections[alias].cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.skipif(IS_POSTGRESQL, reason="SQLite's own")
@pytest.mark.parametrize(("alias", "synchronous"), [("default", 2), ("edge", 1)])
def test_sqlite_is_opened_for_keeps(fresh_data: Path, alias: str, synchronous: int) -> None:
    assert pragma(alias, "journal_mode") == "wal"
    assert pragma(alias, "synchronous") == synchronous
    assert pragma(alias, "foreign_keys") == 1
    assert pragma(alias, "busy_timeout") == 30_000
    assert pragma(alias, "recursive_triggers") == 1


@pytest.mark.skipif(IS_POSTGRESQL, reason="SQLite's own")
def test_progress_and_sessions_rest_at_the_edge(fresh_data: Path) -> None:
    Progress.objects.create(key="k", verb="v", object_id="o", updated_at=NOW)
    tables = {alias: set(connections[alias].introspection.table_names()) for alias in ("default", "edge")}
    assert {"edge_progress", "django_session"} <= tables["edge"]
    assert not {"edge_progress", "django_session"} & tables["default"]
    assert not {"holdings_record", "ledger_event", "django_ox_oxtask"} & tables["edge"]


@pytest.mark.skipif(not IS_POSTGRESQL, reason="PostgreSQL's own")
def test_postgresql_holds_everything_in_one(fresh_data: Path) -> None:
    assert list(connections) == ["default"]
    assert databases.is_postgresql()
    tables = set(connections["default"].introspection.table_names())
    assert {"edge_progress", "django_session", "holdings_record", "ledger_event", "django_ox_oxtask"} <= tables


@pytest.mark.skipif(not IS_POSTGRESQL, reason="PostgreSQL's own")
def test_tables_that_grow_are_kept_for_changes_and_searched_by_nobody_by_beginnings(fresh_data: Path) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(r"SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%\_pattern\_ops%'")
        searched = {name.partition("_")[0] for (name,) in cursor.fetchall()}
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'holdings_record'")
        kept = cursor.fetchone()[0]
    assert "people" in searched
    assert not searched & {"holdings", "intake", "journal", "ledger"}
    assert kept == ["fillfactor=85"]


def test_preparing_again_keeps_what_is_there(fresh_data: Path) -> None:
    Batch.objects.create(id="B", code="B", channel="oa", title="", source="", submitter="a", created_at=NOW)
    databases.prepare(fresh_data)
    assert Batch.objects.count() == 1


def test_a_lock_needs_a_transaction(fresh_data: Path) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        databases.lock("x")
    with transaction.atomic():
        databases.lock("x")


def test_an_address_becomes_a_postgresql_database() -> None:
    one = databases.databases("postgresql://li%40si:pw@db.example:5433/lan?sslmode=require", Path("x"))["default"]
    assert (one["USER"], one["PASSWORD"], one["HOST"], one["PORT"], one["NAME"]) == ("li@si", "pw", "db.example", "5433", "lan")
    assert one["OPTIONS"] == {"sslmode": "require"}
    socket = databases.databases("postgresql:///lan?host=/run/pg&port=5444", Path("x"))["default"]
    assert (socket["HOST"], socket["PORT"], socket["USER"]) == ("/run/pg", "5444", "")


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        databases.databases("mysql://x/y", Path("x"))


def test_the_check_passes_before_there_is_a_data_folder(tmp_path: Path) -> None:
    given = os.environ | {
        "LANTAI_DATA": str(tmp_path / "absent"),
        "LANTAI_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "lantai.server.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-W", "error", "-m", "django", "check", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "absent").exists()
