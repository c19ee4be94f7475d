"""Closing a batch: when none of its records is on its way any more, the batch is done, or returned where nothing stayed here."""

from collections.abc import Iterable

from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch

ENDED = frozenset({State.ARCHIVED.value, State.RETURNED.value, State.DISCARDED.value, State.MERGED.value})


def close_if_done(batch_ids: Iterable[str]) -> None:
    """Close those of the batches that have no record on its way; in the transaction of the move that may have been the last."""
    for batch_id in sorted(set(batch_ids)):
        states = set(Record.objects.filter(batch_id=batch_id).values_list("state", flat=True).distinct())
        if states <= ENDED:
            is_returned = State.RETURNED in states and State.ARCHIVED not in states
            Batch.objects.filter(id=batch_id).update(state="returned" if is_returned else "done")
