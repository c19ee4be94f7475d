"""A batch in numbers, for the command line: in = out, states, findings; and the check reports that exist."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db.models import Count

from lantai.core import access, checks
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch, Report
from lantai.shelves.intake.queries import outcomes
from lantai.shelves.reports.queries import body

SEVERITIES = ("error", "warning", "info")
OUTCOME_NAMES = {
    "record": "成为档案的文件",
    "metadata": "说明与目录文件",
    "container": "已解开的压缩包",
    "duplicate": "重复",
    "quarantined": "隔离",
    "refused": "未接收",
}


def summary(house: House, batch_id: str) -> dict[str, Any]:
    """Return what arrived in a batch and what became of it, all as JSON; findings are counted by code, commonest first."""
    batch = Batch.objects.get(id=batch_id)
    counted = outcomes(batch_id)
    states = Record.objects.filter(batch_id=batch_id).values("state").annotate(count=Count("id")).order_by("state")
    return {
        "batch": batch.id,
        "code": batch.code,
        "title": batch.title,
        "state": batch.state,
        "conclusion": batch.conclusion,
        "needs_attention": batch.needs_attention,
        "files": batch.file_count,
        "bytes": batch.size_bytes,
        "outcomes": [{"outcome": row.outcome, "name": OUTCOME_NAMES[row.outcome], "count": row.count} for row in counted],
        "outcome_total": sum(row.count for row in counted),
        "records": batch.record_count,
        "errors": _errors(batch),
        "refused": sum(row.count for row in counted if row.outcome == "refused"),
        "states": [{"state": row["state"], "name": STATE_NAMES[State(row["state"])], "count": row["count"]} for row in states],
        "findings": _findings(batch),
        "rejected": _rejected(batch),
    }


def _findings(batch: Batch) -> list[dict[str, Any]]:
    """Count the findings of a batch by code, worst and commonest first, with one example of each; nothing is counted twice for a record."""
    counts: Counter[str] = Counter()
    examples: dict[str, dict[str, str]] = {}
    for item in _remarks(batch):
        counts[item["code"]] += 1
        examples.setdefault(item["code"], item)
    ordered = sorted(counts, key=lambda code: (SEVERITIES.index(examples[code]["severity"]), -counts[code]))
    return [examples[code] | {"count": counts[code]} for code in ordered]


def _remarks(batch: Batch) -> Iterator[dict[str, str]]:
    """Yield what was remarked on the delivery, on paths that arrived, and on records as they came, were described and were checked."""
    yield from batch.facts.get("remarks", ())
    arrived = Arrival.objects.filter(batch=batch, finding__isnull=False).values_list("finding", flat=True)
    yield from (item for item in arrived if item)
    told: dict[str, set[tuple[str, str]]] = defaultdict(set)
    of_records = Record.objects.filter(batch_id=batch.id).values_list("id", "arrival")
    of_checks = Report.objects.filter(batch_id=batch.id, gate="arrival", subject_kind="record").values_list("subject_id", "packed")
    remarks = chain(
        ((key, arrival.get("findings", ())) for key, arrival in of_records.iterator(chunk_size=1000)),
        ((key, checks.findings(kept)) for key, kept in of_checks.iterator(chunk_size=1000)),
    )
    for key, found in remarks:
        for item in found:
            if (item["code"], item["message"]) not in told[key]:
                told[key].add((item["code"], item["message"]))
                yield item


def _errors(batch: Batch) -> int:
    """Count what a person must look at: paths refused for an error, what was sealed away, records that did not pass their check."""
    refused = Arrival.objects.filter(batch=batch, outcome="refused", finding__severity="error").count()
    sealed = Arrival.objects.filter(batch=batch, outcome="quarantined").count()
    return refused + sealed + Record.objects.filter(batch_id=batch.id).exclude(conclusion__in=("", "pass", "trial")).count()


def _rejected(batch: Batch) -> list[dict[str, str]]:
    rows = Arrival.objects.filter(batch=batch, outcome="refused").values_list("path", "finding")[:200]
    return [{"path": path, "code": (said or {}).get("code", ""), "message": (said or {}).get("message", "")} for path, said in rows]


def report_of(house: House, actor: Actor, key: str, *, gate: str) -> dict[str, Any]:
    """Return the newest check report of a batch or record at a gate. Raises Refusal where there is none or the actor may not see it."""
    batch = Batch.objects.filter(code=key).first() or Batch.objects.filter(id=key).first()
    if batch is not None:
        access.require(actor, "intake:batch:read", {"department": batch.department}, where=batch.code)
        subject = batch.id
    else:
        row = queries.by_key(key)
        if row is None:
            raise Refusal("BATCH-UNKNOWN", key)
        access.require(actor, "holdings:record:read", queries.access_facts(row), where=row.code or row.id)
        subject = row.id
    report = Report.objects.filter(subject_id=subject, gate=gate).order_by("-created_at", "-id").first()
    if report is None:
        raise Refusal("CHECK-NOT-DONE", key)
    return body(report)
