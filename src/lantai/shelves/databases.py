"""Which databases there are and what rests in which.

SQLite: ``lantai.db`` holds what must never be lost (synchronous FULL); ``edge.db`` holds sessions and progress, written often and
worth little (synchronous NORMAL). PostgreSQL: one database holds everything.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.apps import apps
from django.core.management import call_command
from django.db import connections, models
from django.db.migrations.recorder import MigrationRecorder

from lantai.core.errors import Fault

EDGE = "edge"
EDGE_APPS = frozenset({"sessions", "edge"})

# wal_autocheckpoint: pages go back into the file every 40 MB of the log, not every 4: a job of many slices changes the same pages of the
# indexes over and over, and waited for the disk a fifth of its time.
# recursive_triggers: without it INSERT OR REPLACE would remove rows past the ledger's triggers.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; "
    "PRAGMA recursive_triggers=ON; PRAGMA wal_autocheckpoint=10000;"
)
_BUSY_SECONDS = 30


def databases(url: str, data: Path) -> dict[str, Any]:
    """Return Django's DATABASES for the setting ``database`` (*url*, or empty for SQLite in the *data* folder).

    Raises ValueError for an address that is not PostgreSQL's.
    """
    if url:
        return {"default": _postgresql(url)}
    return {"default": _sqlite(data / "lantai.db", "FULL"), EDGE: _sqlite(data / "edge.db", "NORMAL")}


class EdgeRouter:
    """Sends sessions and progress to ``edge`` where there is such a database, everything else to ``default``."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:  # noqa: ANN401 - Django's hook
        """Return the database a model is read from."""
        return _home(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:  # noqa: ANN401 - Django's hook
        """Allow relations inside one database only."""
        return _home(one._meta.app_label) == _home(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:  # noqa: ANN401 - Django's hook
        """Let every app's tables be made in its own database only."""
        return db == _home(app_label)


def prepare(data: Path) -> None:
    """Make the data folder and bring every database up to date. May be run again; an up-to-date database is left alone."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def bring_up(data: Path) -> bool:
    """Bring databases of an older edition up to this one; return whether anything was to be done. One process does it at a time.

    Raises Fault DATABASE-EMPTY where there is no table of ours at all: a lost database is not silently begun anew.
    """
    if _is_current():
        return False
    with (data / "schema.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not _is_current():
            prepare(data)
    return True


def _is_current() -> bool:
    """Tell whether every database has every migration of ours and of the queue."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith(("lantai.", "django_ox"))]
    wanted = {(config.label, path.stem) for config in ours for path in (Path(config.path) / "migrations").glob("[0-9]*.py")}
    applied = [set(MigrationRecorder(connections[alias]).applied_migrations()) for alias in connections]
    if not all(applied):
        raise Fault("DATABASE-EMPTY")
    return all(wanted <= rows for rows in applied)


def is_postgresql(alias: str = "default") -> bool:
    """Tell whether the database behind *alias* is PostgreSQL."""
    return connections[alias].vendor == "postgresql"


def lock(name: str) -> None:
    """Hold the lock *name* until the transaction on ``default`` ends.

    On SQLite the transaction itself is the lock (IMMEDIATE). Raises RuntimeError outside a transaction.
    """
    connection = connections["default"]
    if not connection.in_atomic_block:
        raise RuntimeError(f"lock {name} outside a transaction")
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"lantai:{name}"])


@contextmanager
def alone(name: str, folder: Path) -> Iterator[bool]:
    """Try to be the only one who does *name* while the block runs, and say whether we are; no transaction is needed or held.

    PostgreSQL: an advisory lock of this connection, so hosts exclude one another. SQLite: a lock of the kernel on a file in *folder*.
    Either goes with its holder, however that ends.
    """
    if is_postgresql():
        is_ours = _advisory("pg_try_advisory_lock", name)
        try:
            yield is_ours
        finally:
            if is_ours:
                _advisory("pg_advisory_unlock", name)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _advisory(function: str, name: str) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"lantai:{name}"])
        return bool(cursor.fetchone()[0])


def _home(app_label: str) -> str:
    return EDGE if app_label in EDGE_APPS and EDGE in connections.settings else "default"


def _sqlite(path: Path, synchronous: str) -> dict[str, Any]:
    return {
        "ENGINE": "lantai.shelves.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": _BUSY_SECONDS,
            "init_command": _PRAGMAS.format(synchronous=synchronous),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"database: {parts.scheme or url}")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
