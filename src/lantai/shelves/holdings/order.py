"""The order of a class: which records stand in it, what place each has, and how one is put elsewhere. Set-wise, whatever the size."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, batched
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet

from lantai.shelves.databases import is_postgresql, lock
from lantai.shelves.holdings.models import UNPLACED, Record

#: How records of a class follow one another: placed by hand, then by date and document number (its key sorts 9号 before 10号).
HAND = ("position", "document_date", "number_key", "id")
#: Stands for every department, in a class whose scheme has no level for it.
ANY = "*"
#: The room left between two places, so that one move writes one row.
ROOM = 1024
#: How many records are given places in one transaction; how many move on first where there is no room behind one.
PLACED_AT_ONCE, WRITTEN_AT_ONCE, NEIGHBOURS = 1000, 500, 16


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
    """Return how many records of the class stand before each of some that are given in order.

    SQLite counts from one to the next, each record passed once. PostgreSQL would look at the rest of the class for each, since no bound
    of several columns ends its search: it numbers the class in one pass, or counts where one is asked for.
    """
    if not keys:
        return {}
    named, values = in_class(of)
    # the leaner index that answers it: SQLite counts in none that holds a derived column
    named = f"{"phase = 'open'" if is_postgresql() else "state = 'arranged'"} AND quarantined = FALSE AND {named}"
    if is_postgresql() and len(keys) > 1:
        numbered = f"SELECT id, ROW_NUMBER() OVER (ORDER BY {', '.join(HAND)}) - 1 AS before FROM holdings_record WHERE {named}"  # noqa: S608
        with connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT id, before FROM ({numbered}) AS o WHERE id = ANY(%s)", [*values, [key[-1] for key in keys]])  # noqa: S608
            return dict(cursor.fetchall())
    return _between(named, values, keys)


def _between(named: str, values: Sequence[str], keys: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """Count from the front to the first key, and from each to the next, in one statement."""
    parts, parameters = [], list[Any]()
    for at, key in enumerate(keys):
        since = f"AND {_KEY} >= (%s, %s, %s, %s)" if at else ""
        parts.append(f"SELECT {at} AS at, COUNT(*) FROM holdings_record WHERE {named} {since} AND {_KEY} < (%s, %s, %s, %s)")  # noqa: S608
        parameters += [*values, *(keys[at - 1] if at else ()), *key]
    with connections["default"].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
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


def place_up_to(rows: "QuerySet[Record]", after: str) -> None:
    """Give a place to every record of a class from its front to *after*, a slice a transaction.

    Those that nobody placed stand behind the others in their natural order, so at every step the order is what it was; what stands
    behind *after* is not touched.
    """
    while _place_some(rows, after):
        pass


def _place_some(rows: "QuerySet[Record]", after: str) -> bool:
    """Place some of what stands up to *after*; tell whether it may still be without a place."""
    with transaction.atomic():
        lock("order")
        if not rows.filter(id=after, position=UNPLACED).exists():
            return False
        ids = list(rows.filter(position=UNPLACED).order_by(*HAND).values_list("id", flat=True)[:PLACED_AT_ONCE])
        ids = ids[: ids.index(after) + 1] if after in ids else ids
        last = rows.filter(position__lt=UNPLACED).order_by("-position").values_list("position", flat=True).first() or 0
        _put([(key, last + ROOM * at) for at, key in enumerate(ids, 1)])
    return ids[-1] != after


def room(rows: "QuerySet[Record]", after: str, count: int) -> list[int]:
    """Return *count* places behind the record *after*, which has one itself (in front of all where empty), and before the next.

    Where the next stands too near, the few that follow move on, as many as it takes. In the transaction of the caller.
    """
    lock("order")
    low = rows.filter(id=after).values_list("position", flat=True).get() if after else 0
    size = 0
    while True:
        behind = _behind(rows, after, low, size + 1)
        near, high = behind[:size], behind[size][1] if len(behind) > size else UNPLACED
        if step := min(ROOM, (high - low) // (count + len(near) + 1)):
            _put([(key, low + step * at) for at, (key, _) in enumerate(near, count + 1)])
            return [low + step * at for at in range(1, count + 1)]
        size = size * 4 or NEIGHBOURS


def _behind(rows: "QuerySet[Record]", after: str, low: int, most: int) -> list[tuple[str, int]]:
    """Return (id, place) of the first *most* placed records that stand behind *after*, whose place is *low*."""
    beside = rows.filter(position=low).count() if after else 0
    placed = rows.filter(position__gte=low, position__lt=UNPLACED).order_by(*HAND).values_list("id", "position")
    found = list(placed[: most + beside])
    return found[next((at for at, (key, _) in enumerate(found, 1) if key == after), 0) :][:most]


def _put(places: Sequence[tuple[str, int]]) -> None:
    """Write the places of some records."""
    with connections["default"].cursor() as cursor:
        for part in batched(places, WRITTEN_AT_ONCE):
            marks = ", ".join(["(%s, %s)"] * len(part))
            cursor.execute(
                f"UPDATE holdings_record SET position = v.column2 FROM (VALUES {marks}) AS v WHERE holdings_record.id = v.column1",  # noqa: S608
                [value for pair in part for value in pair],
            )
