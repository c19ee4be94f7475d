"""A new version of one record among a million: proposed by one person, approved by another, written, entered and told of.

``python -m bench.versions --records 1000000``: a few documents go through the line; the rows of the others, records and their archiving
events, are multiplied in the database alone, so that every table the verb asks is as long as it would be. CPU-seconds are those of this
process, of half of the documents each: their mean, and their median, to which a busy machine adds less.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from bench.corpus import AGENCY, one_page_pdfs

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House

REAL = 60
_PART = 100_000


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench versions")
    parser.add_argument("--records", type=int, default=1_000_000)
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder, chosen.records)
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, records: int) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data = folder / "data"
    found(data, agency=AGENCY, fonds="Z109", kind="trial")
    start(data)
    from lantai import line, wiring
    from lantai.demo import run
    from lantai.stages import capture

    wiring.provide()
    house = wiring.house()
    archivist = run.install(house, "Bench-versions-1")
    one_page_pdfs(folder / "in", REAL, 7)
    line.archive(house, archivist, [capture.open_batch(house, archivist, [folder / "in"], channel="manual", department="BGS")])
    house.reader.close()
    small = _measured(house, archivist, 1)
    began = time.monotonic()
    rows = _multiply(records)
    told = {"records": rows, "multiplied_s": round(time.monotonic() - began)}
    return told | {f"{name}_among_{REAL}": value for name, value in small.items()} | _measured(house, archivist, 2)


def _measured(house: "House", archivist: "Actor", half: int) -> dict[str, float]:
    """Correct half of the real records, one after the other."""
    from lantai.shelves.holdings.models import Record
    from lantai.stages import amend

    other = replace(archivist, id="01BENCHSECONDARCHIVIST0000", login="lu", name="陆一帆")
    ids = list(Record.objects.filter(id__startswith="01", state="archived", content_version=1).order_by("id").values_list("id", flat=True))
    ids = ids[: REAL // 2] if half == 1 else ids
    spent: dict[str, list[float]] = {"propose": [], "approve_and_write": []}
    for key in ids:
        began = time.process_time()
        made = amend.correct(house, archivist, key, {"title": f"{key} 更正后的题名"}, reason="依原件改正")
        between = time.process_time()
        amend.decide(house, other, made.id, is_approved=True, words="同意")
        spent["propose"].append(between - began)
        spent["approve_and_write"].append(time.process_time() - between)
    mean = {f"{name}_ms_cpu": round(1000 * fmean(seconds), 2) for name, seconds in spent.items()}
    return mean | {f"{name}_ms_cpu_median": round(1000 * median(seconds), 2) for name, seconds in spent.items()}


def _multiply(wanted: int) -> int:
    """Multiply the rows of records and of their archiving events until there are *wanted* records; return how many there are."""
    from django.db import connection, transaction

    from lantai.shelves.holdings.models import Record
    from lantai.shelves.ledger.models import Event

    there = Record.objects.count()
    record = {"id": "printf('Z1%024d', n)", "electronic_record_code": "printf('E%d', n)", "code": "printf('Z109-X·%d', n)"}
    event = {"id": "printf('Z2%024d', n)", "object_id": "printf('Z1%024d', n)", "position": "NULL"}
    for start in range(there, wanted, _PART):
        numbers = (start, min(start + _PART, wanted) - 1)
        with transaction.atomic(), connection.cursor() as cursor:
            for model, own, where in ((Record, record, "state = 'archived'"), (Event, event, "type = 'record:archived'")):
                cursor.execute(_insertion(model, own, where), numbers)
    return Record.objects.count()


def _insertion(model: Any, own: dict[str, str], where: str) -> str:
    fields = [field.column for field in model._meta.concrete_fields if not field.generated]
    columns, table = ", ".join(f'"{name}"' for name in fields), model._meta.db_table
    values = ", ".join(own.get(name, f'"{name}"') for name in fields)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
    first = f"SELECT * FROM {table} WHERE {where} LIMIT 1"
    return f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM numbers, ({first})"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1) + "\n")
