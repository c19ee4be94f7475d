"""What went back and what came in its place, as the screen 接收 shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from lantai.core.access import Actor
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.reports.models import GivenBack
from lantai.stages.report import scope


@dataclass(frozen=True, slots=True)
class Linked:
    """A batch that this one follows, or that follows it, with how many records link them."""

    id: str
    code: str
    records: int


@dataclass(frozen=True, slots=True)
class Returned:
    """A return that a record was part of: from which batch, why, by when, and what of the one that came again is otherwise.

    ``is_earlier`` tells that the record at hand came in place of the returned one. ``other`` is the record on the other side, empty
    where the actor may not see it or none has come yet.
    """

    batch: str
    reasons: str
    message: str
    deadline: date | None
    returned_at: datetime
    is_earlier: bool
    other: str
    other_batch: str
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    still: tuple[str, ...] = ()


def story(actor: Actor, record: Record) -> tuple[Returned, ...]:
    """Return every return that tells of *record*, the newest first."""
    rows = list(GivenBack.objects.filter(Q(record_id=record.id) | Q(successor_id=record.id)).order_by("-returned_at"))
    codes = dict(
        Batch.objects.filter(id__in={key for row in rows for key in (row.batch_id, row.successor_batch_id)}).values_list("id", "code")
    )
    seen = set(
        scope.records(actor).filter(id__in={key for row in rows for key in (row.record_id, row.successor_id)}).values_list("id", flat=True)
    )
    return tuple(_told(row, record.id, codes, seen) for row in rows)


def _told(row: GivenBack, record_id: str, codes: Mapping[str, str], seen: set[str]) -> Returned:
    is_earlier = row.successor_id == record_id != row.record_id
    other = row.record_id if is_earlier else row.successor_id if row.successor_id != record_id else ""
    mended: Mapping[str, Any] = row.mended
    parts = {name: tuple(mended.get(name, ())) for name in ("changed", "added", "gone", "mended", "still")}
    return Returned(
        batch=codes.get(row.batch_id, ""),
        reasons="；".join(row.reasons),
        message=row.message,
        deadline=date.fromisoformat(row.deadline) if row.deadline else None,
        returned_at=row.returned_at,
        is_earlier=is_earlier,
        other=other if other in seen else "",
        other_batch=codes.get(row.batch_id if is_earlier else row.successor_batch_id, ""),
        **parts,
    )


def linked(batch_id: str) -> tuple[tuple[Linked, ...], tuple[Linked, ...]]:
    """Return the batches whose returned records came again in this one, and those in which records of this one came again."""
    before = GivenBack.objects.filter(successor_batch_id=batch_id).exclude(batch_id=batch_id).values_list("batch_id", flat=True)
    after = (
        GivenBack.objects.filter(batch_id=batch_id)
        .exclude(successor_batch_id__in=("", batch_id))
        .values_list("successor_batch_id", flat=True)
    )
    return _batches(list(before)), _batches(list(after))


def _batches(ids: list[str]) -> tuple[Linked, ...]:
    rows = Batch.objects.filter(id__in=set(ids)).order_by("code").values_list("id", "code")
    return tuple(Linked(key, code, ids.count(key)) for key, code in rows)
