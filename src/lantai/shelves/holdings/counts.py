"""The counts of records, kept by triggers of the database, so that a tree or a desk over a million records costs a few hundred rows."""

from collections.abc import Iterable
from itertools import batched
from typing import Any, NamedTuple

from django.apps.config import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, Sum

from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import ClassCount
from lantai.shelves.once import once

KEY = ("phase", "state", "custody", "opening", "quarantined", "is_kept", "category", "year", "department", "retention")
FOLD_ABOVE, FOLDED_AT_ONCE = 2000, 4000
_TAKEN = f"{', '.join(KEY)}, records, pages, size_bytes"
_COLUMNS = f"{_TAKEN}, version"
_TABLE = "holdings_classcount"
_BY = "category, phase, year, department, retention"
_WHOLE = ", ".join(f"CAST(SUM({name}) AS bigint)" for name in ("records", "pages", "size_bytes"))
_SUMS = f"""SELECT {_BY}, {_WHOLE} FROM {_TABLE} WHERE phase <> '' GROUP BY {_BY} HAVING SUM(records) <> 0
ORDER BY phase, year, department, retention, category"""  # noqa: S608 - names of our own


class Counted(NamedTuple):
    """A class and how much stands in it: ``phase`` open or fixed; records, pages, bytes. A page makes hundreds."""

    phase: str
    year: str
    department: str
    retention: str
    records: int
    pages: int
    size_bytes: int


def classes(**narrowed: str) -> list[Counted]:
    """Return the classes of arranged records that hold anything, narrowed by phase, category, year, department or retention."""
    found: dict[tuple[Any, ...], Counted] = {}
    for category, item in by_category():
        if all((category if name == "category" else getattr(item, name)) == value for name, value in narrowed.items()):
            found[item[:4]] = _together(found[item[:4]], item) if item[:4] in found else item
    return list(found.values())


def _together(one: Counted, other: Counted) -> Counted:
    return Counted(*one[:4], one.records + other.records, one.pages + other.pages, one.size_bytes + other.size_bytes)


@once
def by_category() -> tuple[tuple[str, Counted], ...]:
    """Return the classes of arranged records that hold anything, each with its category, in the order of the database.

    Every page of the workbench waits for it: the statement is our own, and asked once a page.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(_SUMS)
        return tuple((category, Counted(*row)) for category, *row in cursor.fetchall())


def categories(**narrowed: str) -> frozenset[str]:
    """Return the categories of which anything stands in a class that is still open, narrowed by year, department or retention."""
    wanted = {"phase": "open", **narrowed}.items()
    return frozenset(category for category, item in by_category() if all(getattr(item, name) == value for name, value in wanted))


def sums(which: Q, *by: str) -> list[tuple[Any, ...]]:
    """Return (a value of each of *by*, records, bytes) of the records that match *which*, a condition on columns of the counts."""
    found = ClassCount.objects.filter(which).values_list(*by).order_by(*by)
    return [row for row in found.annotate(records_=Sum("records"), size_=Sum("size_bytes")) if row[-2]]


def total(which: Q) -> int:
    """Return how many records match *which*, a condition on columns of the counts."""
    return ClassCount.objects.filter(which).aggregate(records=Sum("records"))["records"] or 0


def fold() -> int:
    """Fold the rows of each class into one, where many have gathered; return how many rows fewer there are.

    Some thousands a transaction, so that nobody waits for long, and class by class, so that one pass leaves of each class a row or two.
    """
    if ClassCount.objects.count() < FOLD_ABOVE:
        return 0
    ids = list(ClassCount.objects.order_by(*KEY).values_list("id", flat=True))
    return sum(_fold(part) for part in batched(ids, FOLDED_AT_ONCE))


def _fold(part: tuple[int, ...]) -> int:
    """Fold some rows; return how many fewer they are. What is summed is what was taken away, whatever others commit meanwhile."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    taking = f"DELETE FROM {_TABLE} WHERE id IN ({', '.join(['%s'] * len(part))}) RETURNING {_TAKEN}"  # noqa: S608 - our own
    with transaction.atomic():
        lock("class counts")
        with connections["default"].cursor() as cursor:
            cursor.execute(taking, part)
            gone = cursor.fetchall()
        for row in gone:
            whole = sums.setdefault(row[: len(KEY)], [0, 0, 0])
            whole[:] = [one + other for one, other in zip(whole, row[len(KEY) :], strict=True)]
        left = ClassCount.objects.bulk_create(
            ClassCount(**dict(zip(KEY, key, strict=True)), records=records, pages=pages, size_bytes=size_bytes)
            for key, (records, pages, size_bytes) in sums.items()
            if records or pages or size_bytes
        )
    return len(gone) - len(left)


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
        columns: Iterable[Any] = connection.introspection.get_table_description(cursor, _TABLE)
        return "category" in {column.name for column in columns}


def _has_triggers(connection: BaseDatabaseWrapper) -> bool:
    asked = "SELECT COUNT(*) FROM pg_trigger WHERE tgname LIKE 'record_sorted_%%'"
    if connection.vendor == "sqlite":
        asked = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'record_sorted_%%'"
    with connection.cursor() as cursor:
        cursor.execute(asked.replace("%%", "%"))
        return bool(cursor.fetchone()[0] == _TRIGGERS)


_TRIGGERS = 3


def _key(side: str = "") -> str:
    """The columns that a record is counted by; ``is_kept`` is asked of its version."""
    return ", ".join(f"{side}content_version > 0" if name == "is_kept" else f"{side}{name}" for name in KEY)


_GROUPS = ", ".join(str(at) for at in range(1, len(KEY) + 1))
_RECOUNT = f"""INSERT INTO {_TABLE} ({_COLUMNS})
SELECT {_key()}, COUNT(*), COALESCE(SUM(page_count), 0), COALESCE(SUM(size_bytes), 0), 1
FROM holdings_record GROUP BY {_GROUPS}"""  # noqa: S608 - names of our own


def _part(side: str, sign: str) -> str:
    values = f"{_key(f'{side}.')}, {sign}1, {sign}COALESCE({side}.page_count, 0)"
    return f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {values}, {sign}{side}.size_bytes, 1"


_WHAT = (*(name for name in KEY if name != "is_kept"), "page_count", "size_bytes")
_MOVED = " OR ".join((*(f"OLD.{name} IS NOT NEW.{name}" for name in _WHAT), "(OLD.content_version > 0) <> (NEW.content_version > 0)"))
_OF = ", ".join((*(name for name in _WHAT if name != "phase"), "content_version"))
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS record_sorted_in AFTER INSERT ON holdings_record BEGIN {_part('NEW', '')}; END",
    f"CREATE TRIGGER IF NOT EXISTS record_sorted_out AFTER DELETE ON holdings_record BEGIN {_part('OLD', '-')}; END",
    f"CREATE TRIGGER IF NOT EXISTS record_sorted_on AFTER UPDATE OF {_OF} ON holdings_record WHEN {_MOVED} "
    f"BEGIN {_part('OLD', '-')}; {_part('NEW', '')}; END",
)


def _sum(side: str, sign: str) -> str:
    named = ", ".join(f"content_version > 0 AS {name}" if name == "is_kept" else name for name in KEY)
    return (
        f"SELECT {named}, {sign}COUNT(*) AS a, {sign}COALESCE(SUM(page_count), 0) AS b, "  # noqa: S608 - names of our own
        f"{sign}COALESCE(SUM(size_bytes), 0) AS c FROM {side} GROUP BY {_GROUPS}"
    )


def _function(name: str, *parts: str) -> str:
    whole = " UNION ALL ".join(parts)
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - names of our own
        f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {', '.join(KEY)}, SUM(a), SUM(b), SUM(c), 1 FROM ({whole}) AS parts "
        f"GROUP BY {_GROUPS} HAVING SUM(a) <> 0 OR SUM(b) <> 0 OR SUM(c) <> 0; RETURN NULL; END $$"
    )


def _trigger(name: str, when: str, tables: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {name} AFTER {when} ON holdings_record REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


_POSTGRESQL = (
    _function("record_sorted_in", _sum("fresh", "")),
    _function("record_sorted_out", _sum("gone", "-")),
    _function("record_sorted_on", _sum("gone", "-"), _sum("fresh", "")),
    _trigger("record_sorted_in", "INSERT", "NEW TABLE AS fresh"),
    _trigger("record_sorted_out", "DELETE", "OLD TABLE AS gone"),
    _trigger("record_sorted_on", "UPDATE", "OLD TABLE AS gone NEW TABLE AS fresh"),
)
