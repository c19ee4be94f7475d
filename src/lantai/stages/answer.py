"""answer 人工判定: a person answers what a machine could not judge, with name and words; the gate is then run again.

Only items whose outcome is ``manual`` are answered. What failed stays failed: it is returned, or put right by the sender.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import Outcome
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger import entries
from lantai.shelves.reports.queries import body, keep
from lantai.stages import judging

WAITING = "CHECK-MANUAL"
FLAGS = {"manual": WAITING, "fail": "CHECK-FAILED", "error": "CHECK-NOT-RUN"}


def answer(house: House, actor: Actor, record_ids: Sequence[str], *, opinion: str) -> int:
    """Answer every manual item of the records with *opinion*; return how many records may go on after it.

    The answers, who gave them and why go into the ledger and into the reports of both gates. Raises Refusal where the actor may
    not, the opinion is empty, or none of the records waits for an answer.
    """
    if not opinion.strip():
        raise Refusal("ANSWER-OPINION-MISSING", "、".join(record_ids[:3]))
    rows = list(Record.objects.filter(id__in=record_ids, state=State.DESCRIBED, needs_attention=WAITING, hold=False))
    for row in rows:
        access.require(actor, "intake:batch:accept", queries.access_facts(row), where=row.title or row.id)
    if not rows:
        raise Refusal("ANSWER-NOTHING", "、".join(record_ids[:3]))
    given = {row.id: _answers(house, actor, row, opinion.strip()) for row in rows}
    for row in rows:
        row.arrival = row.arrival | {"answers": [*row.arrival.get("answers", ()), *given[row.id]]}
    reports = judging.records(house, rows)
    for row in rows:
        row.needs_attention = FLAGS.get(row.conclusion, "")
    with transaction.atomic():
        written = set(queries.save_unmoved(rows, ("arrival", "conclusion", "needs_attention")))
        keep([report for report in reports if report.subject_id in written])
        told = [entries.Entry("record:answered", actor.id, key, {"answers": given[key]}) for key in sorted(written)]
        entries.append(house.clock.now(), told, ids=house.ids)
        queries.mark_for_index(sorted(written))
        work.enqueue("index")
        for batch_id in {row.batch_id for row in rows if row.id in written}:
            own = latest_report(batch_id, "arrival")
            Batch.objects.filter(id=batch_id).update(conclusion=judging.overall(batch_id, own.conclusion if own else "error"))
        for batch_id in {row.batch_id for row in rows if row.id in written}:
            work.enqueue("seal_reports", batch_id=batch_id)
        _go_on({row.batch_id for row in rows if row.id in written and not row.needs_attention})
    return sum(1 for row in rows if row.id in written and not row.needs_attention)


def _answers(house: House, actor: Actor, row: Record, opinion: str) -> list[dict[str, Any]]:
    """Return an answer to each item of the record's newest report that waits for a person."""
    report = latest_report(row.id, "arrival")
    items = body(report)["items"] if report else []
    instant = instant_text(house.clock.now())
    return [
        {"item": item["id"].partition(".")[2], "outcome": "pass", "operator": actor.name, "instant": instant, "opinion": opinion}
        for item in items
        if item["outcome"] == Outcome.MANUAL
    ]


def _go_on(batch_ids: set[str]) -> None:
    """Records of a batch that was accepted already are arranged at once; of any other they wait for its acceptance."""
    for key in Batch.objects.filter(id__in=batch_ids, state__in=("accepted", "done")).values_list("id", flat=True):
        Batch.objects.filter(id=key).update(state="accepted")
        work.enqueue("arrange", batch_id=key)
