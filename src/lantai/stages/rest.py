"""Where work that can not go on comes to rest: the batch or its records are flagged with the reason, for a person to see."""

from typing import Any

from lantai.core.lifecycle import State, origins
from lantai.shelves.holdings import queries as holdings
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake import queries as intake


def batch(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let a batch rest whose reception, check, description or arrangement was given up."""
    intake.need_attention(kwargs["batch_id"], reason)


def numbered(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let the numbered records rest that could not be archived; they keep their numbers."""
    waiting = Record.objects.filter(state__in=(*origins("archive"), State.NUMBERED), needs_attention="")
    holdings.need_attention(list(waiting.values_list("id", flat=True)[:5000]), reason)


def nothing(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """The index is drained again at the next change or sweep; nothing is lost by waiting."""
