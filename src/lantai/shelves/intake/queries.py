"""Questions to the intake shelf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Sum

from lantai.core import beijing
from lantai.shelves import databases
from lantai.shelves.intake.models import Arrival, Batch, Report

#: A fact of a batch that is an accepted batch of scans: its code. Two persons have taken it over already.
ACCEPTED_SCANS = "accepted_scans"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of how many arrived files, and their size in bytes."""

    outcome: str
    count: int
    size_bytes: int


def next_batch_code(now: datetime) -> str:
    """Return the next free code PC-YYYYMMDD-NN of the day (Beijing time) and hold the sequence until the transaction ends.

    Safe between processes; numbers over 99 take more digits. Raises RuntimeError outside a transaction.
    """
    databases.lock("batch code")
    prefix = f"PC-{beijing.day(now)}-"
    codes = Batch.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    last = max((int(code.removeprefix(prefix)) for code in codes), default=0)
    return f"{prefix}{last + 1:02d}"


def outcomes(batch_id: str) -> list[Outcome]:
    """Return what became of the files of a batch, by outcome: their counts add up to what arrived."""
    rows = Arrival.objects.filter(batch_id=batch_id).values("outcome").order_by("outcome")
    counted = rows.annotate(count=Count("id"), size=Sum("size_bytes"))
    return [Outcome(row["outcome"], row["count"], row["size"] or 0) for row in counted]


def latest_report(subject_id: str, gate: str) -> Report | None:
    """Return the latest report of a gate on a record or batch."""
    return Report.objects.filter(subject_id=subject_id, gate=gate).order_by("-created_at", "-id").first()


def stands_whole(batch_id: str) -> bool:
    """Tell whether nothing stands against a batch as a whole on arrival, by what its latest report concluded; it is not opened."""
    concluded = Report.objects.filter(subject_id=batch_id, gate="arrival").order_by("-created_at", "-id")
    return concluded.values_list("conclusion", flat=True).first() in (None, "pass", "trial")


def move_batch(batch: Batch, origin: str, target: str, values: Mapping[str, Any] | None = None) -> bool:
    """Move a batch from one state to another with further columns, if it did not change since it was read; tell whether it did."""
    unchanged = Batch.objects.filter(id=batch.id, state=origin, version=batch.version)
    return bool(unchanged.update(state=target, version=F("version") + 1, **(values or {})))


def need_attention(batch_id: str, code: str) -> bool:
    """Let a batch rest until a person looks, with the code of why; False where it rests already."""
    return bool(Batch.objects.filter(id=batch_id, needs_attention="").update(needs_attention=code, version=F("version") + 1))
