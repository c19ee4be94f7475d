"""著录 without a person at each item: what is sure throughout is submitted in one act, and what only a person can say is told item by item.

Somebody still answers for it: the act is that of whoever gives it, and the one thing no page says, how long a record is kept, is given
with it, for the batch as a whole or as the agency's schedule has it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import ItemState, settled, unsure
from lantai.core.errors import Refusal
from lantai.core.findings import Severity
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item
from lantai.stages import people
from lantai.stages.digitise import describing, form
from lantai.stages.digitise.describing import Entered
from lantai.stages.digitise.form import FormField

#: How many items are looked through while the person waits; more go on as a job.
AT_ONCE = 60
_PERIOD = "retention_period"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that a person must look at: its name and label, what stands in it, how sure that is (0 to 1), and why it is asked."""

    name: str
    label: str
    value: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Left:
    """An item with what would be submitted of it, the fields that only a person can say, and what is remarked on it besides."""

    row: Item
    values: dict[str, str]
    asked: tuple[Asked, ...]
    remarks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the documented object of what is left of an item."""
        return {
            "item": self.row.sequence, "key": self.row.key, "title": self.row.title, "fields": [asdict(one) for one in self.asked],
            "remarks": list(self.remarks),
        }  # fmt: skip


def counted(left: Iterable[Left]) -> list[tuple[str, int]]:
    """Return how many items each field is asked for on, by its label, the most asked first."""
    return Counter(one.label for item in left for one in item.asked).most_common()


def left(house: House, batch_id: str, *, period: str = "") -> Iterator[Left]:
    """Yield every proposed item of a batch with what keeps it from being submitted unseen; nothing keeps one that is sure throughout.

    *period* as for :func:`confirm_sure`. Raises Refusal RETENTION-UNKNOWN.
    """
    fields = form.fields()
    for row in queries.waiting(batch_id, ItemState.PROPOSED):
        yield Left(row, _values(row, fields, period), tuple(_asked(house, row, fields, period)), tuple(_remarks(row)))


def begin_sure(house: House, actor: Actor, batch_id: str, *, period: str = "") -> tuple[int, tuple[Left, ...]] | None:
    """Do as :func:`confirm_sure` where there are few items; of many only begin it as a job, and return None."""
    if queries.waiting(batch_id, ItemState.PROPOSED).count() <= AT_ONCE:
        return confirm_sure(house, actor, batch_id, period=period)
    access.require(actor, "digitise:item:describe")
    settled(period, {})
    with transaction.atomic():
        work.enqueue("confirm_sure", batch_id=batch_id, actor_id=actor.id, period=period)
    return None


def confirm_sure(house: House, actor: Actor, batch_id: str, *, period: str = "") -> tuple[int, tuple[Left, ...]]:
    """Submit every item of a batch in which nothing is left to be looked at; return how many that were, and what is left.

    *period* is a retention period that the person gives for all of them, or ``schedule``: each as the schedule's own line has it.

    Refusals: ACCESS-REFUSED, RETENTION-UNKNOWN.
    """
    access.require(actor, "digitise:item:describe")
    done, rest = 0, []
    items = list(left(house, batch_id, period=period))
    with work.progress("confirm_sure", batch_id, step="提交拿得准的", total=len(items)) as progress:
        for item in items:
            told = _submitted(house, actor, item, period)
            done += told is None
            rest += [told] if told else []
            progress.advance()
    return done, tuple(rest)


def _submitted(house: House, actor: Actor, item: Left, period: str) -> Left | None:
    """Submit an item where nothing of it is left; else return it, with why it was refused where somebody had it meanwhile."""
    if item.asked or item.remarks:
        return item
    seen = (_PERIOD,) if _given(item.row, period) else ()
    try:
        describing.confirm(house, actor, item.row.id, Entered(item.values, seen, item.row.version))
    except Refusal as refused:
        if refused.code == "ACCESS-REFUSED":
            raise
        return replace(item, remarks=(refused.message,))
    return None


def _asked(house: House, row: Item, fields: tuple[FormField, ...], period: str) -> Iterator[Asked]:
    labels = {item.name: item.label for item in fields}
    values = _values(row, fields, period)
    sure = {name: float(field["confidence"]) for name, field in row.read.items() if name in labels}
    sure |= {_PERIOD: 1.0} if _given(row, period) else {}
    required = [item.name for item in fields if item.is_required]
    for name, why in unsure(sure, values, required, describing.marks(house)):
        field = row.read.get(name, {})
        reason, against = str(field.get("reason", "")), str(field.get("against", ""))
        told = reason if not against or against in reason else f"{reason}。但{against}"
        yield Asked(name, labels[name], values.get(name, ""), sure.get(name, 0.0), told or why)


def _values(row: Item, fields: tuple[FormField, ...], period: str) -> dict[str, str]:
    """Return what would be submitted: what was read, in the fields of the form, with the period that was given."""
    values = {item.name: str(row.read.get(item.name, {}).get("value", "")) or item.default for item in fields}
    given = _given(row, period)
    return {name: value for name, value in values.items() if value} | ({_PERIOD: given} if given else {})


def _given(row: Item, period: str) -> str:
    return settled(period, row.read.get(_PERIOD, {})) if period else ""


def _remarks(row: Item) -> Iterator[str]:
    """Yield what is remarked on an item that a person should know before it is submitted."""
    yield from [f"存疑：{row.doubt}"] if row.doubt else []
    yield from ["有人正在著录，草稿还没有提交"] if row.draft else []
    yield from (item["message"] for item in row.findings if item["severity"] != Severity.INFO)


@work.task("confirm_sure")
def confirm_sure_task(batch_id: str, actor_id: str, period: str) -> None:
    """Submit what is sure of a batch for the person who asked for it; what is left shows on its page."""
    confirm_sure(work.house(), people.actor_of_account(actor_id), batch_id, period=period)
