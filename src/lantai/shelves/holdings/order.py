"""The order of a class: which records stand in it, what place each has, and how one is put elsewhere. Set-wise, whatever the size."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from django.db import connections
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from lantai.shelves.holdings.models import UNPLACED, Record

#: How records of a class follow one another: placed by hand, then by date and document number (its key sorts 9号 before 10号).
HAND = ("position", "document_date", "number_key", "id")
#: Stands for every department, in a class whose scheme has no level for it.
ANY = "*"
#: The room left between two places, so that one move writes one row.
ROOM = 1024


def waiting(year: str, department: str, retention: str, *, without: Collection[str] = ()) -> "QuerySet[Record]":
    """Return the records of a class whose code is not fixed yet, but for those of the categories *without*."""
    rows = Record.objects.filter(phase="open", year=year, retention=retention, quarantined=False)
    rows = rows if department == ANY else rows.filter(department=department)
    return rows.exclude(category__in=without) if without else rows


def free_ids(year: str, department: str, retention: str, *, without: Collection[str] = ()) -> list[str]:
    """Return the records of a class that can be numbered, in their order; read from the index alone where no category is left out."""
    return [key for key, is_impeded in _flagged(waiting(year, department, retention, without=without)) if not is_impeded]


def ranks(of: Mapping[str, str], record_ids: Sequence[str], *, without: Collection[str] = ()) -> dict[str, int]:
    """Return the rank, from 1, of some records (a few hundred at most) among the free ones of a class; those that are not free have none.

    What stands before each is counted in the index alone; what is impeded is few, and known one by one. Where categories are left out, the
    class is gone through.
    """
    if without:
        wanted = set(record_ids)
        return {key: rank for rank, key in enumerate(free_ids(**of, without=without), 1) if key in wanted}
    blocked = set(waiting(**of).filter(is_impeded=True).values_list("id", flat=True))
    asked = Record.objects.filter(id__in=record_ids).values("id", "phase", "is_impeded", *of)
    place = {"phase": "open", "is_impeded": False, **{name: value for name, value in of.items() if value != ANY}}
    wanted = {row["id"] for row in asked if place.items() <= row.items()}
    keys = list(Record.objects.filter(id__in=wanted | blocked).order_by(*HAND).values_list(*HAND))
    before = _before(of, [key for key in keys if key[-1] in wanted])
    found, impeded = {}, 0
    for *_, record_id in keys:
        impeded += record_id in blocked
        if record_id in wanted:
            found[record_id] = before[record_id] - impeded + 1
    return found


def _before(of: Mapping[str, str], keys: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """Return how many records of the class stand before each of some that are given in order: from one to the next, each passed once."""
    if not keys:
        return {}
    parts, values = [], list[Any]()
    named, parameters = in_class(of)
    named = f"state = 'arranged' AND quarantined = FALSE AND {named}"
    for at, key in enumerate(keys):
        since = f"AND {_KEY} >= (%s, %s, %s, %s)" if at else ""
        parts.append(f"SELECT {at} AS at, COUNT(*) FROM holdings_record WHERE {named} {since} AND {_KEY} < (%s, %s, %s, %s)")  # noqa: S608
        values += [*parameters, *(keys[at - 1] if at else ()), *key]
    with connections["default"].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        between = dict(cursor.fetchall())
    return dict(zip([key[-1] for key in keys], accumulate(between[at] for at in range(len(keys))), strict=True))


_KEY = f"({', '.join(HAND)})"


def in_class(of: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the condition under which a record stands in a class, as SQL with its parameters."""
    parts = [(name, value) for name, value in of.items() if value != ANY]
    return " AND ".join(f"holdings_record.{name} = %s" for name, _ in parts), [value for _, value in parts]


def _flagged(rows: "QuerySet[Record]") -> Iterable[tuple[str, bool]]:
    """Yield (id, whether it is impeded) in order. Asked for without a condition on the flag, so that the index of the order serves."""
    return rows.order_by(*HAND).values_list("id", "is_impeded").iterator(chunk_size=5000)


def free_before(rows: "QuerySet[Record]", first: Record, offset: int) -> int:
    """Return how many of the *offset* records that stand before *first* in a class can be numbered."""
    blocked = rows.filter(is_impeded=True).values_list(*HAND)
    here = tuple(getattr(first, name) for name in HAND)
    return offset - sum(tuple(key) < here for key in blocked) if offset else 0


def spread(rows: "QuerySet[Record]") -> int:
    """Give every record of a class a place of its own with room between, in the order it has; return how many got another."""
    ranked = rows.annotate(rank=Window(RowNumber(), order_by=HAND)).values("id", "rank")
    sql, values = ranked.query.sql_with_params()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"UPDATE holdings_record SET position = ranked.col2 * {ROOM} FROM ({_named(sql)}) AS ranked "  # noqa: S608 - a query of ours
            f"WHERE holdings_record.id = ranked.col1 AND holdings_record.position <> ranked.col2 * {ROOM}",
            values,
        )
        moved: int = cursor.rowcount
    return moved


def _named(sql: str) -> str:
    """Name the two columns of a query, whatever Django calls them."""
    return f"SELECT t.id AS col1, t.rank AS col2 FROM ({sql}) AS t"  # noqa: S608 - a query of ours


def room(rows: "QuerySet[Record]", after: str, count: int) -> list[int]:
    """Return *count* places behind the record *after* (in front of all where empty) and before the next; none where there is no room."""
    low = rows.filter(id=after).values_list("position", flat=True).get() if after else 0
    high = rows.filter(position__gt=low).order_by("position").values_list("position", flat=True).first()
    if low == UNPLACED or (after and rows.filter(position=low).count() > 1):
        return []
    step = min(ROOM, (UNPLACED if high is None else high - low) // (count + 1))
    return [low + step * at for at in range(1, count + 1)] if step else []
