"""resume 恢复处理: what rests because its processing broke down goes on: by itself where the world failed, else when a person says so.

Nothing is decided here about material: a record that a gate stopped for what it holds stays where it is.
"""

from collections.abc import Collection

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger import entries

WORKER = "worker"
BROKEN = frozenset({"WORK-LOST", "WORK-FAILED"})
FAULTS = frozenset(code for code, row in CODES.items() if row.kind == "fault")
PASSING = frozenset(code for code, row in CODES.items() if row.kind == "fault" and row.exit == 5)
GATE = frozenset({"ARCHIVE-CHECK-NOT-RUN", "ARCHIVE-CHECK-FAILED"})
CODE = frozenset({"ACCESSION-CODE-TAKEN", "ACCESSION-CODE-UNREADABLE"})
A_PASS = 500


def resume(house: House, actor: Actor, key: str) -> int:
    """Let a batch (code or ULID) and its resting records, or one record (any key), go on; return how many pieces that were.

    A numbered record that the archiving gate stopped goes before the gate again, and a code that a record brought is read again
    when it is next archived, as after a template was added to the settings. Raises Refusal where the actor may not, the key
    is unknown, or nothing of it rests for such a reason.
    """
    batch = Batch.objects.filter(code=key).first() or Batch.objects.filter(id=key).first()
    row = None if batch else queries.by_key(key)
    if batch is None and row is None:
        raise Refusal("BATCH-UNKNOWN", key)
    department = batch.department if batch else row.department if row else ""
    access.require(actor, "intake:work:resume", {"department": department}, where=key)
    rows = Record.objects.filter(batch_id=batch.id) if batch else Record.objects.filter(id=row.id if row else "")
    count = _batches(house, actor.id, [batch.id] if batch else [], BROKEN | FAULTS)
    count += _records(house, actor.id, list(rows.filter(needs_attention__in=BROKEN | FAULTS | GATE | CODE)))
    if not count:
        raise Refusal("RESUME-NOTHING", key)
    work.sweep(house)
    return count


def resume_faults(house: House) -> int:
    """Let go on what rests because the world failed in a way that passes, as a full disk does; return how many pieces that were.

    Part of the hourly upkeep. What broke down over and over for no known reason waits for a person.
    """
    batches = Batch.objects.filter(needs_attention__in=PASSING).values_list("id", flat=True)[:A_PASS]
    count = _batches(house, WORKER, list(batches), PASSING)
    return count + _records(house, WORKER, list(Record.objects.filter(needs_attention__in=PASSING).order_by("id")[:A_PASS]))


def _batches(house: House, actor_id: str, batch_ids: list[str], reasons: Collection[str]) -> int:
    count = 0
    for row in Batch.objects.filter(id__in=batch_ids, needs_attention__in=reasons):
        with transaction.atomic():
            if Batch.objects.filter(id=row.id, needs_attention=row.needs_attention).update(needs_attention=""):
                told = entries.Entry("work:resumed", actor_id, row.id, {"reason": row.needs_attention})
                entries.append(house.clock.now(), [told], ids=house.ids)
                count += 1
    return count


def _records(house: House, actor_id: str, rows: list[Record]) -> int:
    reasons = {row.id: row.needs_attention for row in rows}
    for row in rows:
        row.needs_attention, row.attempts = "", 0
    with transaction.atomic():
        written = queries.save_unmoved(rows, ("needs_attention", "attempts"))
        told = [entries.Entry("work:resumed", actor_id, key, {"reason": reasons[key]}, "record") for key in written]
        entries.append(house.clock.now(), told, ids=house.ids)
    return len(written)
