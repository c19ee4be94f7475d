"""Where finished documents stand, derived from the holdings in one statement: pairs by every sign, the best sign, one record or many.

Signs from the surest: 0 a person confirmed it · 1 the office system's number is the record's M7 · 2 a file has the digest · 3 document
number and title · 4 title, date and author · 5 only the number, or all but the number: for a person to see. A record that several
documents of one year claim by signs 2–4 is nobody's until a person says so. 9 nothing. Joins go from documents to records over
indexed columns (CROSS JOIN keeps SQLite to that order); the same statement on SQLite and PostgreSQL.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connections, router
from django.db.models import Q

from lantai.core.finished import WRITING, Standing
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Record
from lantai.shelves.register.models import FinishedDocument

_THERE = f"r.state NOT IN ('{State.DISCARDED.value}', '{State.RETURNED.value}') AND NOT r.quarantined"

_COLUMNS = (
    "SELECT id, oa_number, document_number, number_key, title, plain_title, identity_key, document_date, finished_on, year, department, "
    "sha256, exclusion, record_id FROM register_finisheddocument"
)
_STATEMENT = """
WITH doc AS MATERIALIZED ({documents}),
live AS MATERIALIZED (
  SELECT d.id AS doc, '' AS rec, 9 AS sign, '' AS state FROM doc d
  UNION ALL
  SELECT d.id, r.id, 0, r.state FROM doc d CROSS JOIN holdings_record r
    WHERE d.record_id <> '' AND r.id = d.record_id AND {there}
  UNION ALL
  SELECT d.id, r.id, 1, r.state FROM doc d CROSS JOIN holdings_record r
    WHERE d.oa_number <> '' AND r.electronic_record_code = d.oa_number AND {there}
  UNION ALL
  SELECT d.id, r.id, 2, r.state FROM doc d CROSS JOIN holdings_computerfile f CROSS JOIN holdings_record r
    WHERE d.sha256 <> '' AND f.sha256 = d.sha256 AND r.id = f.record_id AND {there}
  UNION ALL
  SELECT d.id, r.id,
    CASE WHEN r.title = d.title OR (r.identity_key <> '' AND r.identity_key = d.identity_key) OR {plain} = d.plain_title THEN 3 ELSE 5 END,
    r.state FROM doc d CROSS JOIN holdings_record r WHERE d.number_key <> '' AND r.number_key = d.number_key AND {there}
  UNION ALL
  SELECT d.id, r.id, CASE WHEN d.number_key = '' OR r.number_key = '' THEN 4 ELSE 5 END, r.state FROM doc d CROSS JOIN holdings_record r
    WHERE d.identity_key <> '' AND r.identity_key = d.identity_key AND (d.number_key = '' OR r.number_key <> d.number_key) AND {there}
),
signs AS (
  SELECT doc, sign, MIN(rec) AS rec, CASE WHEN MIN(rec) = MAX(rec) THEN 1 ELSE 2 END AS many, MIN(state) AS state,
    ROW_NUMBER() OVER (PARTITION BY doc ORDER BY sign) AS place
  FROM live GROUP BY doc, sign
),
found AS (
  SELECT doc, sign, rec, many, state, CASE WHEN many = 1 AND sign < 5
    AND (sign < 2 OR COUNT(*) OVER (PARTITION BY CASE WHEN many = 1 AND sign < 5 THEN rec ELSE doc END) = 1) THEN 1 ELSE 0 END AS sure
  FROM signs WHERE place = 1
),
standing AS (
  SELECT d.id, d.year, d.department, d.document_number, d.title, d.finished_on, d.document_date, f.sign,
    CASE WHEN f.sign = 9 THEN 0 ELSE f.many END AS many, CASE WHEN f.sure = 1 THEN f.rec ELSE '' END AS rec,
    CASE
      WHEN f.sure = 1 AND f.state = 'archived' THEN 'filed'
      WHEN d.exclusion <> '' THEN 'excluded'
      WHEN f.sure = 1 THEN 'under_way'
      WHEN f.sign < 9 THEN 'ambiguous'
      ELSE 'unfiled'
    END AS standing
  FROM found f CROSS JOIN register_finisheddocument d WHERE d.id = f.doc
)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which documents are asked about: year and department codes (None for all), standings, words in title or number."""

    year: str = ""
    departments: tuple[str, ...] | None = None
    standings: tuple[str, ...] = ()
    words: str = ""
    keys: tuple[str, ...] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Stood:
    """One document: its id, standing, the record that it is (empty where none is sure), the sign that told (9: none).

    ``many`` is 0 for no record, 1 for one, 2 for several that it may be.
    """

    id: str
    standing: Standing
    record_id: str
    sign: int
    many: int


def counts(asked: Asked) -> dict[tuple[str, str, str], int]:
    """Return (year, department, standing) → documents."""
    rows = _run(asked, "SELECT year, department, standing, COUNT(*) FROM standing{where} GROUP BY year, department, standing")
    return {(str(year), str(department), str(standing)): int(count) for year, department, standing, count in rows}


def stood(asked: Asked, *, limit: int, offset: int = 0) -> list[Stood]:
    """Return documents in order of department, day and number, with their standing."""
    order = "ORDER BY department, finished_on, document_date, document_number, id"
    rows = _run(asked, f"SELECT id, standing, rec, sign, many FROM standing{{where}} {order} LIMIT {int(limit)} OFFSET {int(offset)}")  # noqa: S608
    return [Stood(str(key), Standing(name), str(rec or ""), sign, int(many or 0)) for key, name, rec, sign, many in rows]


def one(key: str) -> Stood | None:
    """Return where one document stands, reckoned with the documents of its year that might claim the same record."""
    row = FinishedDocument.objects.filter(id=key).first()
    if row is None:
        return None
    records = Record.objects.filter(id__in=[record_id for record_id, _ in candidates(key)])
    alike = Q(id=key)
    for record in records:
        alike |= Q(number_key=record.number_key) & ~Q(number_key="") | Q(identity_key=record.identity_key) & ~Q(identity_key="")
        alike |= Q(oa_number=record.electronic_record_code) | Q(record_id=record.id)
    keys = tuple(FinishedDocument.objects.filter(alike, year=row.year).values_list("id", flat=True)[:500])
    return next((each for each in stood(Asked(keys=(key, *keys)), limit=len(keys) + 1) if each.id == key), None)


def candidates(key: str, limit: int = 20) -> list[tuple[str, int]]:
    """Return (record id, sign) of the live records that a document may be, the surest first."""
    statement = "SELECT rec, MIN(sign) FROM live WHERE sign < 9 GROUP BY rec ORDER BY MIN(sign), rec"
    return [(str(rec), int(sign)) for rec, sign in _run(Asked(keys=(key,)), statement)[:limit]]


def _run(asked: Asked, ending: str) -> list[tuple[Any, ...]]:
    connection = connections[router.db_for_read(FinishedDocument)]
    inner, values = _documents(asked)
    where, after = _narrowed(asked)
    statement = _STATEMENT.format(documents=inner, plain=_plain("r.title"), there=_THERE)
    with connection.cursor() as cursor:
        cursor.execute(statement + ending.format(where=where), (*values, *_writing(), *after))
        return list(cursor.fetchall())


def _documents(asked: Asked) -> tuple[str, list[str]]:
    """Return the statement that draws the documents, with its values; claims are reckoned among the documents of the same year."""
    conditions: list[str] = []
    values: list[str] = []
    if asked.year:
        conditions.append("year = %s")
        values.append(asked.year)
    if asked.keys is not None:
        conditions.append(f"id IN ({', '.join(['%s'] * len(asked.keys))})")
        values += asked.keys
    return _COLUMNS + (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _narrowed(asked: Asked) -> tuple[str, list[str]]:
    """Return the conditions on the outcome: departments, standings, words."""
    conditions: list[str] = []
    values: list[str] = []
    for column, wanted in (("department", asked.departments), ("standing", asked.standings or None)):
        if wanted is not None:
            conditions.append(f"{column} IN ({', '.join(['%s'] * len(wanted))})" if wanted else "1 = 0")
            values += wanted
    if asked.words:
        pattern = "%" + asked.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append("(title LIKE %s ESCAPE '\\' OR document_number LIKE %s ESCAPE '\\')")
        values += [pattern, pattern]
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _plain(column: str) -> str:
    """Return the expression that leaves out of a title what is only writing, as ``core.finished.plain_title`` does."""
    expression = column
    for _ in WRITING:
        expression = f"REPLACE({expression}, %s, %s)"
    return expression


def _writing() -> list[str]:
    return [part for pair in WRITING for part in pair]
