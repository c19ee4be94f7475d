"""Every table of ours as rows of plain values: read as of one instant, and put into an empty database of the edition they came from.

Reading holds no lock that a writer would wait for: a read transaction of its own on SQLite (WAL), REPEATABLE READ on PostgreSQL.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from lantai.core.errors import Refusal
from lantai.core.recovery import SOURCES
from lantai.shelves.databases import is_postgresql

SNAPSHOT = "snapshot"
_ROWS_A_READ = 1000
_ROWS_A_WRITE = 2000
_AS_THEY_COME = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
_ONE_AT_A_TIME = threading.Lock()
Values = list[Any]


@contextmanager
def snapshot() -> Iterator[None]:
    """Let everything read with :data:`SNAPSHOT` inside the block show one instant; nobody waits for it."""
    with _ONE_AT_A_TIME:
        connections.settings[SNAPSHOT] = _settings()
        try:
            with transaction.atomic(using=SNAPSHOT):
                MigrationRecorder.Migration.objects.using(SNAPSHOT).count()  # the view is taken with the first read
                yield
        finally:
            connections[SNAPSHOT].close()
            del connections[SNAPSHOT], connections.settings[SNAPSHOT]


def _settings() -> dict[str, Any]:
    known = connections.settings["default"]
    if is_postgresql():
        from_pool = known["OPTIONS"] | {"isolation_level": 3}  # psycopg: REPEATABLE READ
        return {**known, "OPTIONS": from_pool}
    return {**known, "OPTIONS": known["OPTIONS"] | {"transaction_mode": "DEFERRED"}}


def written() -> list[type[models.Model]]:
    """Return the models whose rows are carried over, each after those it refers to."""
    known = [model for model in apps.get_models() if (row := SOURCES.get(model._meta.db_table)) is not None and row.is_written]
    ordered: list[type[models.Model]] = []
    while len(ordered) < len(known):
        ordered += [model for model in known if model not in ordered and _needs(model) <= {*ordered, model}]
    return ordered


def _needs(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)}


def columns(model: type[models.Model]) -> list[str]:
    """Return the attribute names of a model's columns, in their order; what the database works out itself is left to it."""
    return [field.attname for field in model._meta.concrete_fields if not field.generated]


def rows(query: "models.QuerySet[Any]", names: Sequence[str]) -> Iterator[Values]:
    """Yield the named columns of *query* as JSON can hold them: instants as ISO text."""
    for values in query.using(SNAPSHOT).values_list(*names).iterator(chunk_size=_ROWS_A_READ):
        yield [value.isoformat() if hasattr(value, "isoformat") else value for value in values]


def migrations() -> list[tuple[str, str]]:
    """Return the migrations applied to the database, as the snapshot shows them."""
    return sorted(MigrationRecorder.Migration.objects.using(SNAPSHOT).values_list("app", "name"))


def make_as_of(applied: Sequence[tuple[str, str]]) -> Apps:
    """Bring the empty databases to the edition in which *applied* were all, and return its models.

    Raises Refusal RECOVER-NEWER where this edition does not know one of them.
    """
    known = {(str(app), str(name)) for app, name in applied}
    state: Apps | None = None
    for alias in [name for name in connections if name != SNAPSHOT]:
        executor = MigrationExecutor(connections[alias])
        if unknown := sorted(known - set(executor.loader.graph.nodes)):
            raise Refusal("RECOVER-NEWER", "、".join(".".join(item) for item in unknown[:3]))
        targets = [node for node in known if not any(child.key in known and child.key[0] == node[0] for child in _children(executor, node))]
        executor.migrate(targets)
        if alias == "default":
            state = executor.loader.project_state(targets).apps
    if state is None:
        raise RuntimeError("no database")
    return state


def _children(executor: MigrationExecutor, node: tuple[str, str]) -> Any:  # noqa: ANN401 - Django's nodes
    return executor.loader.graph.node_map[node].children


def bring_forward() -> None:
    """Bring databases of an older edition up to this one."""
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def put(model: type[models.Model], names: Sequence[str], found: Iterator[Values]) -> int:
    """Insert rows of the named columns as they were, keys included; return how many. Several short transactions."""
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.generated}
    chosen = [fields[name] for name in names if name in fields]
    places = [at for at, name in enumerate(names) if name in fields]
    connection, count = connections["default"], 0
    quote = connection.ops.quote_name
    listed, marks = ", ".join(quote(str(field.column)) for field in chosen), ", ".join(["%s"] * len(chosen))
    table = quote(model._meta.db_table)
    statement = f"INSERT INTO {table} ({listed}) VALUES ({marks})"  # noqa: S608 - names of our own models
    for part in _parts(found):
        told = [_cells(field, [row[at] for row in part], connection) for field, at in zip(chosen, places, strict=True)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, list(zip(*told, strict=True)))
        count += len(part)
    return count


def _cells(field: "models.Field[Any, Any]", values: Values, connection: BaseDatabaseWrapper) -> Values:
    """Return the values of one column as the database takes them; texts and numbers of JSON are so already."""
    if isinstance(field, _AS_THEY_COME):
        return values
    if isinstance(field, models.DateTimeField):
        values = [field.to_python(value) for value in values]
    return [field.get_db_prep_save(value, connection) for value in values]


def _parts(found: Iterator[Values]) -> Iterator[list[Values]]:
    part: list[Values] = []
    for row in found:
        part.append(row)
        if len(part) == _ROWS_A_WRITE:
            yield part
            part = []
    if part:
        yield part


def reset_counters() -> None:
    """Let keys that the database gives go on behind the highest one."""
    connection = connections["default"]
    statements = connection.ops.sequence_reset_sql(no_style(), written())
    with connection.cursor() as cursor:
        _run(cursor, statements)


def _run(cursor: CursorWrapper, statements: Sequence[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def is_empty() -> bool:
    """Tell whether the database has no table of ours at all, or only empty ones."""
    connection = connections["default"]
    there = set(connection.introspection.table_names())
    return not any(model._meta.db_table in there and model._default_manager.exists() for model in written())
