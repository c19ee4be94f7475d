"""Where work that can not go on comes to rest: the batch or its records are flagged with the reason, for a person to see."""

from typing import Any

from lantai.core.lifecycle import origins
from lantai.shelves.holdings import numbers
from lantai.shelves.holdings import queries as holdings
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake import queries as intake
from lantai.shelves.journal import queries as journal


def batch(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let a batch rest whose reception, check, description or arrangement was given up."""
    intake.need_attention(kwargs["batch_id"], reason)


def numbered(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let the records rest that could not be archived: those of the range, or all that stand ready; they keep their numbers."""
    chosen = numbers.in_range(kwargs["range_id"]) if kwargs.get("range_id") else Record.objects.all()
    waiting = chosen.filter(state__in=origins("archive"), needs_attention="")
    holdings.need_attention(list(waiting.values_list("id", flat=True)), reason)


def act(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let an act that was given up say so to the person who began it; what it did stays done."""
    journal.fail(kwargs["act_id"], reason)


def nothing(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """The index is drained again at the next change or sweep; nothing is lost by waiting."""
