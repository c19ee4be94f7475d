"""The counts of classes, kept by triggers of the database, so that a tree over a million records costs a few hundred rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps.config import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Sum

from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import ClassCount

KEY = ("phase", "year", "department", "retention")
FOLD_ABOVE = 2000
_COLUMNS = "phase, year, department, retention, records, pages, size_bytes, version"
_TABLE = "holdings_classcount"


@dataclass(frozen=True, slots=True)
class Counted:
    """A class and how much stands in it: ``phase`` open or fixed; records, pages, bytes."""

    phase: str
    year: str
    department: str
    retention: str
    records: int
    pages: int
    size_bytes: int


def classes(**narrowed: str) -> list[Counted]:
    """Return the classes that hold anything, narrowed by phase, year, department or retention."""
    summed = ClassCount.objects.filter(**narrowed).values_list(*KEY).order_by(*KEY)
    found = summed.annotate(records_=Sum("records"), pages_=Sum("pages"), size_=Sum("size_bytes"))
    return [Counted(*row) for row in found if row[4]]


def fold() -> int:
    """Fold the rows of each class into one, where many have gathered; return how many rows that took away."""
    last = ClassCount.objects.aggregate(last=Max("id"))["last"] or 0
    if ClassCount.objects.count() < FOLD_ABOVE:
        return 0
    with transaction.atomic():
        lock("class counts")
        parts = ClassCount.objects.filter(id__lte=last)
        rows = list(parts.values(*KEY).order_by().annotate(a=Sum("records"), b=Sum("pages"), c=Sum("size_bytes")))
        gone, _ = parts.delete()
        ClassCount.objects.bulk_create(
            ClassCount(**{name: row[name] for name in KEY}, records=row["a"], pages=row["b"], size_bytes=row["c"])
            for row in rows
            if row["a"]
        )
    return gone


def install(sender: AppConfig, using: str, **_: Any) -> None:  # noqa: ANN401 - Django's hook
    """Put the triggers in place where they are missing, as after a migration that made the table anew, and count once."""
    connection = connections[using]
    if using != "default" or not _is_ready(connection) or _has_triggers(connection):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)
        cursor.execute(f"DELETE FROM {_TABLE}")  # noqa: S608 - names of our own
        cursor.execute(_RECOUNT)


def _is_ready(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if _TABLE not in tables:
            return False
        columns: Iterable[Any] = connection.introspection.get_table_description(cursor, "holdings_record")
        return connection.vendor == "sqlite" or "phase" in {column.name for column in columns}


def _has_triggers(connection: BaseDatabaseWrapper) -> bool:
    asked = "SELECT COUNT(*) FROM pg_trigger WHERE tgname LIKE 'record_counted_%%'"
    if connection.vendor == "sqlite":
        asked = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'record_counted_%%'"
    with connection.cursor() as cursor:
        cursor.execute(asked.replace("%%", "%"))
        return bool(cursor.fetchone()[0] == _TRIGGERS)


_TRIGGERS = 3
_RECOUNT = f"""INSERT INTO {_TABLE} ({_COLUMNS})
SELECT phase, year, department, retention, COUNT(*), COALESCE(SUM(page_count), 0), COALESCE(SUM(size_bytes), 0), 1
FROM holdings_record WHERE phase <> '' GROUP BY phase, year, department, retention"""  # noqa: S608 - names of our own


def _part(side: str, sign: str) -> str:
    values = f"{side}.phase, {side}.year, {side}.department, {side}.retention, {sign}1, {sign}COALESCE({side}.page_count, 0)"
    insertion = f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {values}, {sign}{side}.size_bytes, 1"
    return f"{insertion} WHERE {side}.phase <> ''"


_WHAT = ("phase", "year", "department", "retention", "page_count", "size_bytes")
_MOVED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _WHAT)
_OF = "state, quarantined, year, department, retention, page_count, size_bytes"
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS record_counted_in AFTER INSERT ON holdings_record BEGIN {_part('NEW', '')}; END",
    f"CREATE TRIGGER IF NOT EXISTS record_counted_out AFTER DELETE ON holdings_record BEGIN {_part('OLD', '-')}; END",
    f"CREATE TRIGGER IF NOT EXISTS record_counted_on AFTER UPDATE OF {_OF} ON holdings_record WHEN {_MOVED} "
    f"BEGIN {_part('OLD', '-')}; {_part('NEW', '')}; END",
)


def _sum(side: str, sign: str) -> str:
    return (
        f"SELECT phase, year, department, retention, {sign}COUNT(*) AS a, {sign}COALESCE(SUM(page_count), 0) AS b, "  # noqa: S608
        f"{sign}COALESCE(SUM(size_bytes), 0) AS c FROM {side} WHERE phase <> '' GROUP BY 1, 2, 3, 4"
    )


def _function(name: str, *parts: str) -> str:
    whole = " UNION ALL ".join(parts)
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - names of our own
        f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT phase, year, department, retention, SUM(a), SUM(b), SUM(c), 1 FROM ({whole}) AS parts "
        "GROUP BY 1, 2, 3, 4 HAVING SUM(a) <> 0 OR SUM(b) <> 0 OR SUM(c) <> 0; RETURN NULL; END $$"
    )


def _trigger(name: str, when: str, tables: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {name} AFTER {when} ON holdings_record REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


_POSTGRESQL = (
    _function("record_counted_in", _sum("fresh", "")),
    _function("record_counted_out", _sum("gone", "-")),
    _function("record_counted_on", _sum("gone", "-"), _sum("fresh", "")),
    _trigger("record_counted_in", "INSERT", "NEW TABLE AS fresh"),
    _trigger("record_counted_out", "DELETE", "OLD TABLE AS gone"),
    _trigger("record_counted_on", "UPDATE", "OLD TABLE AS gone NEW TABLE AS fresh"),
)
