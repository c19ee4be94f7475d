"""A batch in numbers, for the command line: in = out, states, findings; and the check reports that exist."""

from collections import Counter
from typing import Any

from django.db.models import Count

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch, Report
from lantai.shelves.intake.queries import outcomes

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
        "refused": sum(row.count for row in counted if row.outcome == "refused"),
        "states": [{"state": row["state"], "name": STATE_NAMES[State(row["state"])], "count": row["count"]} for row in states],
        "findings": _findings(batch),
        "rejected": _rejected(batch),
    }


def _findings(batch: Batch) -> list[dict[str, Any]]:
    """Count the findings of arrivals and records by code, with one example of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, dict[str, str]] = {}
    remarks = list(Arrival.objects.filter(batch=batch, finding__isnull=False).values_list("finding", flat=True))
    for arrival in Record.objects.filter(batch_id=batch.id).values_list("arrival", flat=True).iterator(chunk_size=1000):
        remarks.extend(arrival.get("findings", ()))
    for item in remarks:
        counts[item["code"]] += 1
        examples.setdefault(item["code"], item)
    return [examples[code] | {"count": count} for code, count in counts.most_common()]


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
    body: dict[str, Any] = report.body
    return body
