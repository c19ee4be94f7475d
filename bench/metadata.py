"""The metadata items over a catalogue: records a CPU second on one core, memory, and what each item remarked on.

``python -m bench.metadata [FILE] --rows N``: without a file, N rows are generated, the same ones each time. Each row is described as the
line describes it, compared with the others by number and identity, and judged by the items of metadata at the archiving gate, asked
for no more than a row has before it is arranged; no database, no file is opened.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.catalogue import generate
from bench.tables import Table
from lantai.core import identity, officialdoc
from lantai.core.checks import Gate, Outcome, RecordFacts, Scheme
from lantai.core.checks.outcomes import Verdict
from lantai.core.checks.registry import RECORD_CHECKS
from lantai.core.describing import Terms, describe
from lantai.core.findings import Finding
from lantai.core.record import ContentBasis
from lantai.packages import catalogue
from lantai.standards import da_t_46, da_t_70

ITEMS = ("1.02", "1.03", "1.04", "1.05", "1.06", "1.08", "2.03", "2.04", "2.05")
DEFAULTS = {"aggregation_level": "文件", "security_classification": "无", "document_aggregation_type": "单件"}
_TODAY = "20260301"
_NOTHING = officialdoc.Elements((), officialdoc.Fields())
_AIM_RECORDS_A_SECOND = 5000
_AIM_RSS_MB = 400


@dataclass
class Judged:
    """What came of a catalogue: how many rows, seconds of the two parts, outcomes by item, remarks by code."""

    rows: int = 0
    describing_seconds: float = 0.0
    judging_seconds: float = 0.0
    outcomes: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Run the benchmark and return its figures; ``is_reached`` tells whether rate and memory keep to the aim."""
    parser = argparse.ArgumentParser(prog="lantai bench metadata")
    parser.add_argument("file", nargs="?", type=Path, help="a catalogue, .csv or .xlsx; otherwise one is generated")
    parser.add_argument("--rows", type=int, default=100_000, help="how many rows to generate")
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        path = chosen.file.resolve() if chosen.file else generate(folder / "catalogue.csv", chosen.rows)
        judged = judge(path)
    finally:
        shutil.rmtree(folder)
    return figures(judged)


def figures(judged: Judged) -> dict[str, Any]:
    """Return the figures of a run."""
    rate = judged.rows / max(judged.judging_seconds, 1e-9)
    whole = judged.rows / max(judged.judging_seconds + judged.describing_seconds, 1e-9)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rows": judged.rows,
        "items_records_per_cpu_s": round(rate),
        "described_and_judged_per_cpu_s": round(whole),
        "peak_rss_mb": round(memory, 1),
        "is_reached": rate >= _AIM_RECORDS_A_SECOND and memory <= _AIM_RSS_MB,
        "items": Table(_rows(judged)),
        "remarks": Table({"code": code, "rows": count} for code, count in sorted(judged.remarks.items())),
    }


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    names = {item.number: item for item in da_t_70.items()}
    for number in ITEMS:
        counts = {outcome.value: judged.outcomes[number, outcome] for outcome in Outcome}
        yield {"item": names[number].code, "name": names[number].name} | counts


def judge(path: Path) -> Judged:
    """Judge every row of the catalogue at *path*."""
    rows = catalogue.read(path).rows
    scheme, terms = da_t_70.scheme_for_path(Gate.ARCHIVING), _terms()
    judged, known = Judged(rows=len(rows)), _Known()
    for row in rows:
        known.take(row.elements)
    for row in rows:
        began = time.process_time()
        facts, doubts = _facts(row, known, terms)
        described = time.process_time()
        results = _run(facts, scheme)
        judged.judging_seconds += time.process_time() - described
        judged.describing_seconds += described - began
        judged.outcomes.update((number, verdict.outcome) for number, verdict in results)
        judged.remarks.update({item.code for item in doubts} | {_key(item) for _, verdict in results for item in verdict.findings})
    return judged


def _key(item: Finding) -> str:
    """Return what a remark is counted under: its code, with the element where one is missing."""
    return f"{item.code} {item.where}" if item.code in ("GD-2-3", "GD-2-4") else item.code


def _terms() -> Terms:
    lengths = {item.code: item.max_length for item in da_t_46.elements() if item.max_length}
    return Terms(today=_TODAY, lengths=lengths)


class _Known:
    """How often each number and each identity stands in the catalogue."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {"document_number": Counter(), "identity": Counter()}

    def take(self, elements: dict[str, Any]) -> None:
        for kind, key in self._keys(elements):
            self._counts[kind][key] += 1

    def duplicates(self, elements: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return {kind: ("目录中的另一行",) for kind, key in self._keys(elements) if self._counts[kind][key] > 1}

    @staticmethod
    def _keys(elements: dict[str, Any]) -> Iterator[tuple[str, str]]:
        number = identity.number_key(str(elements.get("document_number", "")))
        date = officialdoc.civil_date(str(elements.get("date", "")), earliest_year=1)[0]
        whole = identity.identity_key(str(elements.get("title", "")), date, str(elements.get("author", "")))
        yield from ((kind, key) for kind, key in (("document_number", number), ("identity", whole)) if key)


def _facts(row: catalogue.Row, known: _Known, terms: Terms) -> tuple[RecordFacts, tuple[Finding, ...]]:
    described = describe(row.elements, _NOTHING, terms)
    facts = RecordFacts(
        record_id=str(row.number),
        today=_TODAY,
        content_basis=ContentBasis.PHYSICAL_ONLY,
        electronic_record_code=str(row.number),
        elements=DEFAULTS | described.elements,
        duplicates=known.duplicates(row.elements),
    )
    return facts, (*row.findings, *described.findings)


def _run(facts: RecordFacts, scheme: Scheme) -> list[tuple[str, Verdict]]:
    checks: list[tuple[str, Callable[..., Verdict]]] = [(number, RECORD_CHECKS[number]) for number in ITEMS]
    return [(number, check(facts, scheme.parameters)) for number, check in checks]


if __name__ == "__main__":
    for name, value in main(sys.argv[1:]).items():
        sys.stdout.write(f"{name}: {value}\n")
