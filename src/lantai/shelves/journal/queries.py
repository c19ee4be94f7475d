"""Questions to the journal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from lantai.shelves.bulk import insert_values
from lantai.shelves.journal.models import Act, Trace

#: sealed: done and not to be taken back; spent: no longer to be taken back, since codes were fixed.
#: seen: its person knows that it failed; returning: what it did is being put back.
QUEUED, DONE, UNDONE, FAILED, SEALED, SEEN, RETURNING = "queued", "done", "undone", "failed", "sealed", "seen", "returning"
SPENT = "spent"
#: Of a fixing: its codes are sealed, and its records take them up.
NUMBERING = "numbering"
#: Of a sheet before it is applied: it is looked through, it waits for its person, it was called off.
TRYING, TRIED, DROPPED = "trying", "tried", "dropped"
#: Not over yet.
LIVE = (TRYING, TRIED, QUEUED, RETURNING, NUMBERING)


#: What an act did to one record: its id, the values as they were, and as the act left them.
Told = tuple[str, dict[str, Any], dict[str, Any]]


def note(act: Act, traces: Iterable[Told]) -> None:
    """Write traces of an act, in the transaction of the change."""
    insert_values(Trace, ("act", "record_id", "before", "after", "version"), [(act.id, *trace, 1) for trace in traces])


def last(actor_id: str, since: datetime) -> Act | None:
    """Return the last act of a person since then that can still be taken back."""
    return Act.objects.filter(actor=actor_id, state=DONE, made_at__gte=since, done__gt=0).order_by("-id").first()


def failed(actor_id: str, since: datetime) -> list[Act]:
    """Return the acts of a person that failed since then and that they have not put away."""
    return list(Act.objects.filter(actor=actor_id, state=FAILED, made_at__gte=since).order_by("-id")[:3])


def is_numbering(of: Mapping[str, str]) -> bool:
    """Tell whether the records of a class are taking up codes that are sealed."""
    return any(act.asked.get("class") == of for act in Act.objects.filter(kind="fix", state=NUMBERING))


def put_away(actor_id: str, act_id: str) -> None:
    """Note that a person has seen that an act of theirs failed."""
    Act.objects.filter(id=act_id, actor=actor_id, state=FAILED).update(state=SEEN)


def fail(act_id: str, reason: str) -> None:
    """Let an act that waits end, with the code of why."""
    Act.objects.filter(id=act_id, state__in=(QUEUED, RETURNING)).update(state=FAILED, reason=reason)


def prune(before: datetime) -> int:
    """Forget acts that are over and older than that; the ledger keeps what was done. Return how many went."""
    over = Act.objects.filter(made_at__lt=before).exclude(state__in=LIVE)
    _, by_model = over.delete()
    return by_model.get("journal.Act", 0)
