"""answer 人工判定: a person answers what a machine could not judge, with name and words; the gate is then run again.

Only items whose outcome is ``manual`` are answered. What failed stays failed: it is returned, or put right by the sender. Items about a
batch as a whole, such as the look of its medium, are answered one by one, either way.
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
        access.require(actor, "intake:batch:accept", queries.access_facts(row), where=row.id)
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


def answer_batch(house: House, actor: Actor, batch_id: str, number: str, *, is_good: bool, opinion: str) -> str:
    """Answer a manual item (``4.05``) about a batch as a whole, good or not; return what the batch comes to then.

    Raises Refusal where the actor may not, the opinion is empty, the item of the newest report waits for nobody, or somebody answered
    meanwhile.
    """
    batch = Batch.objects.filter(id=batch_id).first()
    if batch is None:
        raise Refusal("BATCH-UNKNOWN", batch_id)
    access.require(actor, "intake:batch:accept", {"department": batch.department}, where=batch.code)
    if not opinion.strip():
        raise Refusal("ANSWER-OPINION-MISSING", batch.code)
    report = latest_report(batch.id, "arrival")
    items = {item["id"].partition(".")[2]: item["outcome"] for item in body(report)["items"]} if report else {}
    if items.get(number) != Outcome.MANUAL:
        raise Refusal("ANSWER-NOTHING", batch.code)
    outcome = Outcome.PASS if is_good else Outcome.FAIL
    given = _answer(house, actor, number, outcome, opinion.strip())
    batch.facts = batch.facts | {"answers": [*batch.facts.get("answers", ()), given]}
    made = judging.batch(house, batch)
    with transaction.atomic():
        changed = {"facts": batch.facts, "conclusion": judging.overall(batch.id, made.conclusion), "version": batch.version + 1}
        if not Batch.objects.filter(id=batch.id, version=batch.version).update(**changed):
            raise Refusal("ANSWER-NOTHING", batch.code)
        keep([made])
        entries.append(house.clock.now(), [entries.Entry("batch:answered", actor.id, batch.id, {"answers": [given]})], ids=house.ids)
        work.enqueue("seal_reports", batch_id=batch.id)
    return str(changed["conclusion"])


def _answer(house: House, actor: Actor, number: str, outcome: Outcome, opinion: str) -> dict[str, Any]:
    instant = instant_text(house.clock.now())
    return {"item": number, "outcome": outcome.value, "operator": actor.name, "instant": instant, "opinion": opinion}


def _answers(house: House, actor: Actor, row: Record, opinion: str) -> list[dict[str, Any]]:
    """Return an answer to each item of the record's newest report that waits for a person."""
    report = latest_report(row.id, "arrival")
    items = body(report)["items"] if report else []
    asked = [item["id"].partition(".")[2] for item in items if item["outcome"] == Outcome.MANUAL]
    return [_answer(house, actor, number, Outcome.PASS, opinion) for number in asked]


def _go_on(batch_ids: set[str]) -> None:
    """Records of a batch that was accepted already are arranged at once; of any other they wait for its acceptance."""
    for key in Batch.objects.filter(id__in=batch_ids, state__in=("accepted", "done")).values_list("id", flat=True):
        Batch.objects.filter(id=key).update(state="accepted")
        work.enqueue("arrange", batch_id=key)
