"""The report of one run of a gate, as a document (docs/design/checks.md, "The report").

Edition 2: each item carries what was expected, what was found, the tool with its version and the version of the rule; the files that
were judged are named with their digests, so that the run can be repeated and compared. Reports of edition 1 have none of these.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from lantai.core.checks.edition import Grounds, Tool
from lantai.core.checks.engine import conclude
from lantai.core.checks.facts import EngineFacts
from lantai.core.checks.outcomes import OUTCOME_NAMES, Gate, ItemResult, Outcome, Property, Reason
from lantai.core.checks.values import visible

FORMAT = "lantai-report"
EDITION = 2
AUTOMATIC = "A"
_CARRIED_OUT = frozenset((Outcome.PASS, Outcome.WARN, Outcome.FAIL))
_MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked: kind (record, batch, path), its id or path, its archival code and title where known."""

    kind: str
    id: str
    code: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: report id, edition of the scheme, start and end (ISO 8601 with offset), edition of the system, who or what ran it.

    Without ``grounds`` the report is one of edition 1.
    """

    id: str = ""
    scheme: str = ""
    started: str = ""
    finished: str = ""
    system: str = ""
    operator: str = ""
    grounds: Grounds | None = None


def as_report(
    gate: Gate,
    results: Sequence[ItemResult],
    *,
    subject: Subject,
    run: Run | None = None,
    engine: EngineFacts | None = None,
    is_trial: bool = False,
) -> dict[str, object]:
    """Return the report as a JSON document: stage, conclusion, items, summary by property, coverage, and the circumstances."""
    grounds = run.grounds if run else None
    return head(gate, results, subject=subject, run=run, engine=engine, is_trial=is_trial) | lines(results, grounds)


def lines(results: Sequence[ItemResult], grounds: Grounds | None = None) -> dict[str, object]:
    """Return the part of a report that tells of the items."""
    items = [_line(item) | (_grounded(item, grounds) if grounds else {}) for item in results]
    return {"items": items, "summary": summary(results), "coverage": coverage(results)}


def head(
    gate: Gate,
    results: Sequence[ItemResult],
    *,
    subject: Subject,
    run: Run | None = None,
    engine: EngineFacts | None = None,
    is_trial: bool = False,
) -> dict[str, object]:
    """Return the part of a report that does not tell of the items one by one."""
    run, engine = run or Run(), engine or EngineFacts()
    told: dict[str, object] = {
        "id": run.id,
        "stage": gate.value,
        "conclusion": conclude(results, is_trial).value,
        "subject": {"kind": subject.kind, "id": visible(subject.id), "code": visible(subject.code), "title": visible(subject.title)},
        "scheme": run.scheme,
        "started": run.started,
        "finished": run.finished,
        "system": run.system,
        "operator": run.operator,
        "is_trial": is_trial,
        "engine": {"ready": engine.is_ready, "name": engine.name, "signatures": engine.signatures, "date": engine.signatures_date},
    }
    return told | _stands_on(run.grounds) if run.grounds else told


def _stands_on(grounds: Grounds) -> dict[str, object]:
    told: dict[str, object] = {
        "format": FORMAT,
        "edition": EDITION,
        "rules": grounds.edition.digest,
        "tools": {kind: asdict(tool) for kind, tool in grounds.tools.items()},
    }
    if grounds.material is not None:
        told["material"] = [asdict(piece) | {"path": visible(piece.path)} for piece in grounds.material]
    return told


def report_bytes(report: Mapping[str, object]) -> bytes:
    """Return *report* as canonical JSON: keys sorted, no spaces, UTF-8, one line feed at the end.

    A lone surrogate, which UTF-8 cannot hold, is written as its JSON escape.
    """
    return (
        json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode(errors="backslashreplace")
        + b"\n"
    )


def summary(results: Sequence[ItemResult]) -> dict[str, dict[str, int]]:
    """Return, for each of the four properties, how many items came to which outcome (zero counts left out)."""
    counts = Counter((item.property, item.outcome) for item in results)
    table: dict[str, dict[str, int]] = {name.value: {} for name in Property}
    for (name, outcome), count in counts.items():
        table[name.value][outcome.value] = count
    return table


def coverage(results: Sequence[ItemResult]) -> dict[str, int]:
    """Return how many items there are, how many were carried out, and how many rest because their row is to be verified 待核."""
    return {
        "total": len(results),
        "carried_out": sum(item.outcome in _CARRIED_OUT for item in results),
        "unverified": sum(item.reason == Reason.UNVERIFIED.value for item in results),
    }


def _line(item: ItemResult) -> dict[str, object]:
    """Return one line; ``method`` is left out where it is automatic, ``reason`` where there is none: a report is kept for ever."""
    line: dict[str, object] = {
        "id": item.id,
        "code": item.code,
        "name": item.name,
        "property": item.property.value,
        "outcome": item.outcome.value,
        "severity": item.severity.value,
        "findings": [remark.as_json() for remark in item.findings],
    }
    if item.method != AUTOMATIC:
        line["method"] = item.method
    if item.reason:
        line["reason"] = item.reason
    return line


def _grounded(item: ItemResult, grounds: Grounds) -> dict[str, object]:
    """Return what an item stands on; an item that was not carried out used no tool and found nothing."""
    asked = grounds.edition.by_id[item.id]
    line: dict[str, object] = {"expected": asked.expected, "rule": asked.rule}
    if item.outcome is not Outcome.NOT_APPLICABLE:
        line["actual"] = grounds.measured.get(asked.number) or said(item)
        line["tool"] = asdict(grounds.tools.get(asked.tool, Tool(asked.tool, "")))
    return line


def said(item: ItemResult) -> str:
    """Return what an item found in words, where nothing was measured."""
    return words(item.outcome.value, [remark.message for remark in item.findings])


def words(outcome: str, messages: Sequence[str]) -> str:
    """Return :func:`said` by what a report tells of an item."""
    if not messages:
        return "没有发现不符" if outcome == Outcome.PASS.value else OUTCOME_NAMES[Outcome(outcome)]
    return "".join(messages[:_MOST_SAID])
