"""Questions to plans, runs and results. No rules."""

from collections.abc import Iterator, Sequence

from django.db.models import Max, QuerySet

from lantai.core.lifecycle import State
from lantai.core.preservation import slot_of
from lantai.shelves.holdings.models import Record
from lantai.shelves.upkeep.models import Plan, Result, Run

DAMAGED = "PRESERVE-DAMAGED"
_IDS_A_QUERY = 5000


def plans() -> "QuerySet[Plan]":
    """Return the plans in force."""
    return Plan.objects.filter(retired_at=None).order_by("id")


def holdings(run: Run) -> "QuerySet[Record]":
    """Return the records that *run* may draw from: in the vault, ours, and archived by its start."""
    rows = Record.objects.filter(state=State.ARCHIVED, content_version__gt=0, archived_at__lte=run.started_at).exclude(custody="destroyed")
    if run.category:
        rows = rows.filter(category=run.category)
    return rows.filter(retention=run.retention) if run.retention else rows


def sample(run: Run, after: str = "") -> Iterator[str]:
    """Yield the ids of the run's sample that follow *after*, in order, a few thousand rows a query."""
    rows, last = holdings(run).order_by("id"), after
    while keys := list(rows.filter(id__gt=last).values_list("id", flat=True)[:_IDS_A_QUERY]):
        yield from (key for key in keys if slot_of(run.seed, key, run.slots) == run.slot)
        last = keys[-1]


def last_results(record_ids: Sequence[str]) -> dict[str, Result]:
    """Return the newest result of each record that has one; two queries."""
    newest = Result.objects.filter(record_id__in=record_ids).values("record_id").annotate(last=Max("id")).values_list("last", flat=True)
    return {row.record_id: row for row in Result.objects.filter(id__in=list(newest))}


def damaged() -> int:
    """Return how many records are flagged because their bytes in the vault are wrong."""
    return Record.objects.filter(needs_attention=DAMAGED).count()


def waiting() -> int:
    """Return how many things wait for a person: records flagged as damaged and runs that stopped for a fault."""
    return damaged() + Run.objects.filter(state="failed").count()
