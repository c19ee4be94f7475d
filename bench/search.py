"""Search: how long it takes to add records, to answer each kind of query at p95, and whether every answer is exact.

``python -m bench.search --records 100000`` makes that many records of about 500 characters, the same ones each time, and prints one
JSON document: ``p95_ms`` (worst kind), ``exact`` and the figures of each kind. Exact means: totals and facet counts equal those of a
brute-force pass over all records.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any

from bench.corpus import AGENCY, text
from lantai.adapters.indexes.tantivy import TantivyIndex
from lantai.core.text import normalise
from lantai.ports.index import Entry, Query

BATCH = 500
VOCABULARY = 20_000
DEPARTMENTS = ("BGS", "FGC", "TZC", "NYC", "JGC", "GHC")
READER = ({"state": "archived", "opening": "open"}, {"state": "archived", "department": "FGC"})


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Return words of two to four characters and their cumulative weights: few common, most rare."""
    rng = Random(1)
    words = [
        "".join(chr(0x4E00 + int(rng.paretovariate(0.6) * 7) % 6000) for _ in range(rng.choice((2, 2, 2, 3, 4)))) for _ in range(VOCABULARY)
    ]
    total, weights = 0.0, []
    for rank in range(1, VOCABULARY + 1):
        total += 1 / rank
        weights.append(total)
    return words, weights


def record(number: int) -> Entry:
    """Return record *number*: half sentences of documents, half words drawn by frequency."""
    rng, paper = Random(number), text(number)
    words, weights = vocabulary()
    body = paper.body[:250] + "".join(rng.choices(words, cum_weights=weights, k=110))
    department, year = rng.choice(DEPARTMENTS), paper.number[4:8]
    facets = {
        "year": year,
        "department": department,
        "retention": rng.choice(("Y", "D30", "D10")),
        "document_type": paper.title[-2:],
        "state": "archived" if rng.random() < 0.9 else "arranged",
        "opening": "open" if rng.random() < 0.3 else "closed",
    }
    code = f"Z109-WS·{year}-{facets['retention']}-{department}-{number:07d}"
    fields = {"title": paper.title, "document_number": paper.number, "author": AGENCY, "code": code, "body": body}
    return Entry(f"01J{number:023d}", fields, facets, f"{year}{number % 12 + 1:02d}")


def words_of(rng: Random, records: int) -> dict[str, Callable[[], tuple[str, ...]]]:
    """Return, for each kind of query, what draws the words of one."""
    words, weights = vocabulary()

    def piece(length: int) -> str:
        body = record(rng.randrange(records)).fields["body"]
        start = rng.randrange(len(body) - length)
        return body[start : start + length]

    return {
        "one character": lambda: (piece(1),),
        "two characters": lambda: (piece(2),),
        "common word": lambda: (words[rng.randrange(30)],),
        "rare word": lambda: (rng.choice(words),),
        "any word": lambda: (rng.choices(words, cum_weights=weights)[0],),
        "five characters": lambda: (piece(5),),
        "twenty characters": lambda: (piece(20),),
        "sentence in all": lambda: ("建设内容包括主体工程和配套管网",),
        "agency": lambda: (AGENCY,),
        "document number": lambda: (record(rng.randrange(records)).fields["document_number"],),
        "code": lambda: (record(rng.randrange(records)).fields["code"],),
        "two words": lambda: (piece(2), piece(3)),
        "three words": lambda: (piece(2), "通知", "2019"),
        "absent": lambda: (piece(2) + "龘" + piece(2),),
        "nothing": lambda: (),
    }


def queries(records: int, each: int) -> Iterator[tuple[str, Query]]:
    """Yield (kind, query): plain ones, and the same kinds under rights, facets and orders."""
    rng = Random(7)
    for kind, draw in words_of(rng, records).items():
        for _ in range(each):
            yield kind, Query(draw())
    forms = {
        "reader's rights": {"visible": READER},
        "facets": {"facets": {"year": ("2019", "2020"), "department": ("FGC",)}},
        "newest first": {"sort": "newest"},
        "by code": {"sort": "code"},
        "title only": {"fields": ("title",)},
        "page 50": {"offset": 980},
    }
    for kind, form in forms.items():
        for _ in range(each):
            yield kind, replace(Query((rng.choice(("项目", "计划", "规", vocabulary()[0][rng.randrange(200)])),)), **form)


@dataclass
class Brute:
    """Counts of one query by looking at every text."""

    query: Query
    words: tuple[str, ...]
    total: int = 0

    def look(self, fields: dict[str, str], facets: dict[str, str]) -> bool:
        """Tell whether the record matches, and count it."""
        texts = [value for name, value in fields.items() if not self.query.fields or name in self.query.fields]
        is_hit = (
            all(any(word in value for value in texts) for word in self.words)
            and all(facets[name] in values for name, values in self.query.facets.items())
            and any(all(facets[name] == value for name, value in row.items()) for row in self.query.visible)
        )
        self.total += is_hit
        return is_hit


def build(index: TantivyIndex, records: int) -> dict[str, float]:
    """Fill the index; return CPU and wall time a record, making the records left out."""
    cpu = wall = 0.0
    for numbers in batched(range(records), BATCH):
        entries = [record(number) for number in numbers]
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        index.add(entries)
        cpu, wall = cpu + time.process_time() - cpu_start, wall + time.perf_counter() - wall_start
    return {"cpu_ms_per_record": round(1000 * cpu / records, 3), "wall_ms_per_record": round(1000 * wall / records, 3)}


def measure(index: TantivyIndex, asked: list[tuple[str, Query]]) -> dict[str, dict[str, float]]:
    """Ask every query twice and keep the second time; return p95 in ms and the mean number of hits by kind."""
    spans: dict[str, list[float]] = {}
    totals: Counter[str] = Counter()
    for kind, query in asked:
        index.search(query)
        start = time.perf_counter()
        totals[kind] += index.search(query).total
        spans.setdefault(kind, []).append(1000 * (time.perf_counter() - start))
    return {kind: {"p95_ms": round(p95(times), 2), "hits": round(totals[kind] / len(times))} for kind, times in spans.items()}


def p95(values: list[float]) -> float:
    """Return the smallest value that 95 in 100 do not exceed."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def exactness(index: TantivyIndex, asked: list[Query], records: int) -> tuple[bool, list[str]]:
    """Compare totals and facet counts with brute force over all records; return what differs."""
    brutes = [Brute(query, tuple(map(normalise, query.words))) for query in asked]
    facets: list[Counter[tuple[str, str]]] = [Counter() for _ in brutes]
    for number in range(records):
        entry = record(number)
        fields = {name: normalise(raw) for name, raw in entry.fields.items()}
        for brute, counter in zip(brutes, facets, strict=True):
            if brute.look(fields, entry.facets):
                counter.update(entry.facets.items())
    wrong = []
    for brute, counter in zip(brutes, facets, strict=True):
        hits = index.search(brute.query)
        counted = {(name, value): count for name, values in hits.facets.items() for value, count in values.items()}
        if (hits.total, counted) != (brute.total, dict(counter)):
            wrong.append(f"{brute.query.words}: {hits.total} for {brute.total}")
    return not wrong, wrong


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench search")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=20, help="of each kind")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return run(TantivyIndex(folder), options.records, options.queries, folder)
    finally:
        shutil.rmtree(folder)


def run(index: TantivyIndex, records: int, each: int, folder: Path) -> dict[str, Any]:
    """Build, measure, compare; return all figures."""
    built = build(index, records)
    asked = list(queries(records, each))
    kinds = measure(index, asked)
    is_exact, wrong = exactness(index, [query for _, query in asked[:: max(1, each // 2)]], records)
    return {
        "records": records,
        "p95_ms": max(kind["p95_ms"] for kind in kinds.values()),
        "exact": is_exact,
        "wrong": wrong,
        "build": built,
        "disk_bytes_per_record": sum(path.stat().st_size for path in folder.iterdir()) // records,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "kinds": kinds,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1))
