"""Many rows at once: the one place that writes model rows past the ORM's per-row machinery."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections, models, router

_ROWS_A_STATEMENT = 200


def insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert *rows* of *model* in the current transaction; primary keys must be set.

    The same result as ``bulk_create`` for models without inheritance, at about half the CPU: one prepared statement,
    columns converted once a row. Raises Django's IntegrityError like the ORM does.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    statement, fields = _statement(model, connection.alias)
    values = [tuple([field.get_db_prep_save(getattr(row, name), connection) for field, name in fields]) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


@cache
def _statement(model: type[models.Model], alias: str) -> tuple[str, "tuple[tuple[models.Field[Any, Any], str], ...]"]:
    quote = connections[alias].ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", tuple((field, field.attname) for field in fields)  # noqa: S608
