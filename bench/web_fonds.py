"""The fonds that ``bench web`` asks about: its rows, the pages over it, and how long one of them takes.

A tenth of all records stands in one class (``LARGE``), so that what costs with the size of a class is seen.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from bench.ownclock import OwnClock

#: Of the accounts of the installation.
PASSWORD = "Bench-web-1"
YEARS, DEPARTMENTS, RETENTIONS = 25, ("BGS", "ZHK", "GHK", "TZK", "NYK", "JGK", "FGK", "RSK"), ("Y", "D30", "D10")
LARGE = {"year": "2025", "department": "BGS", "retention": "D30"}


def generate(records: int) -> None:
    """Make the rows in the database itself: classes of equal size, a tenth of all in one, the years before 2023 fixed."""
    from django.db import connection, transaction

    from lantai.shelves.holdings import counts

    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})"
        if connection.vendor == "sqlite"
        else f"WITH n(i) AS (SELECT generate_series(1, {records}))"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{numbers} {_insertion(is_typed=connection.vendor != 'sqlite')}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")  # as it does by itself a little later
    counts.fold()


def _pick(values: tuple[str, ...], by: str) -> str:
    return "CASE " + " ".join(f"WHEN {by} = {at} THEN '{value}'" for at, value in enumerate(values)) + " END"


_PARTS = f"""
, parts AS (SELECT i, substr('0000000' || i, length('0000000' || i) - 6) AS seven,
  CASE WHEN i % 10 = 0 THEN '2025' ELSE CAST(2001 + i % {YEARS} AS text) END AS year,
  CASE WHEN i % 10 = 0 THEN 'BGS' ELSE {_pick(DEPARTMENTS, f"(i / {YEARS}) % {len(DEPARTMENTS)}")} END AS department,
  CASE WHEN i % 10 = 0 THEN 'D30' ELSE {_pick(RETENTIONS, f"(i / {YEARS * len(DEPARTMENTS)}) % 3")} END AS retention FROM n)
"""
_COLUMNS: dict[str, str] = {
    "id": "'01BENCHWEB000000000' || seven",
    "electronic_record_code": "'01BENCHWEB000000000' || seven",
    "batch_id": "''", "channel": "'catalogue'", "content_basis": "'physical_only'",
    "state": "CASE WHEN year < '2023' THEN 'archived' ELSE 'arranged' END",
    "custody": "'ours'", "opening": "'closed'", "appraisal": "'none'", "hold": "FALSE", "quarantined": "FALSE",
    "needs_attention": "CASE WHEN i % 5000 = 0 THEN 'CHECK-FAILED' ELSE '' END", "attempts": "0",
    "fonds": "'Z109'", "category": "'WS'",
    "title": "'云汀市发展和改革委员会关于做好第' || i || '号重点项目前期工作的通知'",
    "document_number": "'云发改〔' || year || '〕' || i || '号'", "author": "'云汀市发展和改革委员会'",
    "document_date": "year || CAST(10 + i % 3 AS text) || CAST(10 + i % 19 AS text)",
    "document_type": "'通知'", "year": "year", "department": "department", "retention": "retention",
    "retention_reason": "'按移交单位给定'", "due_date": "''",
    "position": "CASE WHEN year < '2023' THEN i ELSE 2000000000 END",
    "code": "CASE WHEN year < '2023' THEN 'Z109-WS·' || year || '-' || retention || '-' || department || '-' || seven ELSE '' END",
    "page_count": "i % 40 + 1", "size_bytes": "0", "conclusion": "'pass'",
    "elements": "'{\"title\": \"' || i || '\"}'", "agents": "'[]'", "events": "'[]'",
    "relations": "'[]'", "arrival": "'{}'",
    "fingerprint": "''", "number_key": "year || '云发改 ' || i", "identity_key": "'bench' || i",
    "sought": "'云汀市发展和改革委员会关于做好第' || i || '号重点项目前期工作的通知' || chr(10) || "
    "'云发改(' || year || ')' || i || '号' || chr(10) || '云汀市发展和改革委员会'",
    "content_version": "0", "created_at": "'2026-01-05 08:00:00+00:00'", "version": "1",
}  # fmt: skip


def _insertion(*, is_typed: bool) -> str:
    values = [f"CAST({value} AS jsonb)" if is_typed and name in _JSON else value for name, value in _COLUMNS.items()]
    values = [value if is_typed else value.replace("chr(10)", "char(10)") for value in values]
    return f"{_PARTS} INSERT INTO holdings_record ({', '.join(_COLUMNS)}) SELECT {', '.join(values)} FROM parts"


_JSON = frozenset({"elements", "agents", "events", "relations", "arrival"})


def kinds(records: int) -> dict[str, Callable[[Random], tuple[str, dict[str, str]]]]:
    """Return what draws the address and headers of one request of each kind."""
    large = "&".join(f"{name}={value}" for name, value in LARGE.items())
    rows = {"X-Rows": "1", "HX-Request": "true"}
    most = max(1, records // 10 - 200)

    def leaf(rng: Random) -> str:
        return f"year={rng.randrange(2001, 2026)}&department={rng.choice(DEPARTMENTS)}&retention={rng.choice(RETENTIONS)}"

    def one(rng: Random) -> str:
        return f"01BENCHWEB000000000{rng.randrange(1, records):07d}"

    return {
        "class": lambda rng: (f"/arrange/?{leaf(rng)}", {}),
        "year": lambda rng: (f"/arrange/?year={rng.randrange(2001, 2026)}", {}),
        "large class": lambda rng: (f"/arrange/?{large}", {}),
        "fixed, whole fonds": lambda rng: ("/arrange/?fixed=1", {}),
        "rows deep in the large class": lambda rng: (f"/arrange/?{large}&from={rng.randrange(most)}", rows),
        "rows deep in the fonds": lambda rng: (f"/arrange/?fixed=1&from={rng.randrange(max(1, records // 2))}", rows),
        "filter in a class": lambda rng: (f"/arrange/?{leaf(rng)}&words=第{rng.randrange(100, 999)}", {}),
        "filter in the large class": lambda rng: (f"/arrange/?{large}&words=第{rng.randrange(1000, 9999)}", {}),
        "next record": lambda rng: (f"/arrange/?{leaf(rng)}&record={one(rng)}", {"HX-Request": "true", "HX-Target": "form"}),
        "fixing dialog": lambda rng: (f"/arrange/fix/dialog?{large}", {"HX-Request": "true"}),
        "waiting for a person": lambda rng: ("/arrange/?attention=CHECK-FAILED", {}),
        "desk": lambda rng: ("/", {}),
    }


def timed(account: Any, ask: Callable[[Random], tuple[str, dict[str, str]]], requests: int) -> dict[str, Any]:
    """Ask for pages of one kind, one after the other, and return what they took: by the clock, by our own clock, of a processor."""
    from django.test import Client

    client, rng, weight = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_ENCODING="gzip"), Random(7), 0
    took: list[tuple[float, float, float]] = []
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    for at in range(requests + 2):
        address, headers = ask(rng)
        clock = OwnClock()
        answer = client.get(address, headers=headers)
        if at >= 2:
            took.append(clock.milliseconds())
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        weight = max(weight, len(answer.content))
    wall, own, cpu = (sorted(each[side] for each in took) for side in range(3))
    at = int(len(took) * 0.95)
    return {
        "p50_ms": round(wall[len(wall) // 2], 1),
        "p95_ms": round(wall[at], 1),
        "own_p95_ms": round(own[at], 1),
        "cpu_p95_ms": round(cpu[at], 1),
        "kb": round(weight / 1000, 1),
    }
