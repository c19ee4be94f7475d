"""Writing changed descriptions of many records: what the person asked for, the traces that take it back, an event for each record.

Shared by the verbs that change what is described (arrange, sheets); the values are judged by ``revising``.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F

from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import revising

#: How many records one transaction changes: the write lock is held for well under a tenth of a second.
SLICE = 250


class OvertakenError(Exception):
    """A record that was to be written, or the act itself, is not what it was: nothing of the slice is written."""


def write(
    house: House,
    act: Act,
    rows: Sequence[Record],
    changes: Mapping[str, Mapping[str, str]],
    by: revising.Rules,
    *,
    is_whole: bool = False,
) -> int:
    """Change *rows* as *changes* says of each by its id, in one short transaction; return how many were written.

    One that somebody else changed since it was read is left alone; where the slice must be *whole*, and the act be what it was, raises
    OvertakenError instead. Raises Refusal where a value is wrong.
    """
    kept: dict[str, journal.Told] = {}
    said: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        wanted = changes[row.id]
        was, told = revising.snapshot(row), {name: revising.value(row, name) for name in wanted}
        revising.change(row, wanted, by)
        before, after = revising.difference(was, revising.snapshot(row))
        kept[row.id] = row.id, before, after
        said[row.id] = {"before": told, "after": {name: revising.value(row, name) for name in wanted}}
    with transaction.atomic():
        written = save_unchanged(Record, rows, revising.columns(after for _, _, after in kept.values()))
        is_there = Act.objects.filter(id=act.id, **({"state": act.state} if is_whole else {})).update(done=F("done") + len(written))
        if is_whole and not (is_there and len(written) == len(rows)):
            raise OvertakenError
        if not is_there:
            act.done = len(written)
            act.save(force_insert=True)
        journal.note(act, [kept[row.id] for row in written])
        events = [entries.Entry("record:revised", act.actor, row.id, {**said[row.id], "act": act.id}) for row in written]
        entries.append(house.clock.now(), events, ids=house.ids)
        queries.mark_for_index([row.id for row in written])
    return len(written)
