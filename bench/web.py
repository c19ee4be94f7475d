"""The workbench at size: server time of its pages over a fonds of a million records, and of the acts on ten thousand of them,
a workbook of a hundred thousand rows among them.

``python -m bench.web --records 1000000 --requests 60`` makes that many rows in the database alone (no files), a tenth of them in one
class, and asks for every kind of page through the whole server stack without a socket. ``list_p95_ms`` is the worst kind's p95;
``pages`` holds each kind, by the clock and by our own clock: without the time in which others had the processors, which is what a
machine that does nothing else would take; ``kb`` is what travels, compressed. The setting ``LANTAI_DATABASE`` lets it run on PostgreSQL, in
a database that must be empty.
``--keys`` also serves it to a Chromium and measures from a key to the painted answer (``web_keys``).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from bench.ownclock import OwnClock

PASSWORD = "Bench-web-1"
YEARS, DEPARTMENTS, RETENTIONS = 25, ("BGS", "ZHK", "GHK", "TZK", "NYK", "JGK", "FGK", "RSK"), ("Y", "D30", "D10")
LARGE = {"year": "2025", "department": "BGS", "retention": "D30"}


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench web")
    parser.add_argument("--records", type=int, default=1_000_000, help="how many records the fonds has")
    parser.add_argument("--requests", type=int, default=60, help="how many requests of each kind")
    parser.add_argument("--keep", type=Path, default=None, help="make or use the installation in this folder and leave it there")
    parser.add_argument("--keys", action="store_true", help="measure keys in Chromium too")
    parser.add_argument("--without-acts", action="store_true", help="ask for pages alone, and change nothing")
    chosen = parser.parse_args(arguments)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder / "data", chosen)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder)


def _run(data: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    from bench import web_acts, web_keys
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    is_new = not (data / "lantai.toml").exists()
    if is_new:
        found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    os.environ["LANTAI_CODE_TEMPLATE"] = "{fonds}-{category}·{year}-{retention}-{org}-{item:06d}"
    start(data)
    from lantai import wiring
    from lantai.demo import run
    from lantai.server.readiness import make_ready
    from lantai.shelves import databases
    from lantai.shelves.holdings.models import Record
    from lantai.shelves.people.models import Account

    databases.bring_up(data)
    wiring.provide()
    make_ready()
    house = wiring.house()
    began = time.monotonic()
    if is_new:
        run.install(house, PASSWORD)
        generate(chosen.records)
    made = time.monotonic() - began
    try:
        account = Account.objects.get(login="shen")
        pages = {kind: timed(account, ask, chosen.requests) for kind, ask in kinds(chosen.records).items()}
        worst = {f"list_{name}": max(each[name] for each in pages.values()) for name in ("p95_ms", "own_p95_ms", "cpu_p95_ms")}
        figures = {"records": Record.objects.count(), "generated_s": round(made, 1)} | worst | {"pages": pages}
        figures |= web_keys.measure(data, chosen.requests) if chosen.keys else {}
        return figures if chosen.without_acts else figures | web_acts.measure(house, account)
    finally:
        house.reader.close()


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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=2) + "\n")
