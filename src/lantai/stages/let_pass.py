"""let_pass 整批经说明接受: an item that failed for a batch as a whole, such as one about its medium, is let pass by two persons.

The first says why, the second confirms with words of their own; neither may be the other's second account. It holds for what the report
found: other findings, and it holds no more. The outcome stays failed. Until then nothing of the batch is accepted
(:func:`stops`, which ``accept`` asks).
"""

from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import Gate, Outcome, findings_digest
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.findings import Finding
from lantai.ports import House
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger import entries
from lantai.shelves.people.queries import person_of
from lantai.shelves.reports.queries import body, keep
from lantai.stages import judging, transferred
from lantai.stages.accepted import SAID, is_open
from lantai.stages.overrule import ACTION, LONGEST
from lantai.standards import da_t_70


def let_pass(house: House, actor: Actor, batch_id: str, number: str, *, words: str) -> bool:
    """Let a failed item of a batch pass; return True where this was the second person, upon which the batch is judged anew.

    Refusals: BATCH-UNKNOWN, ACCESS-REFUSED, OVERRULE-REASON-MISSING, OVERRULE-NOTHING (the item did not fail), OVERRULE-DANGEROUS,
    OVERRULE-SECOND-PERSON (the same natural person), OVERRULE-CHANGED.
    """
    batch = Batch.objects.filter(id=batch_id).first()
    if batch is None:
        raise Refusal("BATCH-UNKNOWN", batch_id)
    access.require(actor, ACTION, {"department": batch.department}, where=batch.code)
    said = words.strip()
    if not said or len(said) > LONGEST or not said.isprintable():
        raise Refusal("OVERRULE-REASON-MISSING", batch.code)
    item = _failed(batch, number)
    digest = findings_digest(tuple(Finding.from_json(row) for row in item["findings"]))
    earlier = [row for row in batch.facts.get(SAID, ()) if row["item"] == number and row["findings_digest"] == digest]
    if earlier and person_of(earlier[-1]["actor"]) == person_of(actor.id):
        raise Refusal("OVERRULE-SECOND-PERSON", item["name"])
    now = house.clock.now()
    told = {"item": number, "findings_digest": digest, "actor": actor.id, "operator": actor.name}
    told |= {"instant": instant_text(now), "words": said}
    batch.facts = batch.facts | {SAID: [*batch.facts.get(SAID, ()), told]}
    _write(house, actor, batch, told, is_second=bool(earlier))
    return bool(earlier)


def first_words(batch_id: str, number: str) -> dict[str, Any] | None:
    """Return what was said last of a failed item of a batch, None where nobody said anything."""
    facts = Batch.objects.filter(id=batch_id).values_list("facts", flat=True).first() or {}
    rows = [row for row in facts.get(SAID, ()) if row["item"] == number]
    return rows[-1] if rows else None


def _write(house: House, actor: Actor, batch: Batch, told: dict[str, Any], *, is_second: bool) -> None:
    made = judging.batch(house, batch) if is_second else None
    changed: dict[str, Any] = {"facts": batch.facts, "version": batch.version + 1}
    if made is not None:
        changed["conclusion"] = judging.overall(batch.id, made.conclusion)
    event = "overruling:accepted" if is_second else "overruling:proposed"
    with transaction.atomic():
        if not Batch.objects.filter(id=batch.id, version=batch.version).update(**changed):
            raise Refusal("OVERRULE-CHANGED", batch.code)
        entries.append(house.clock.now(), [entries.Entry(event, actor.id, batch.id, told, "batch")], ids=house.ids)
        if made is not None:
            keep([made])
            work.enqueue("seal_reports", batch_id=batch.id)


def _failed(batch: Batch, number: str) -> dict[str, Any]:
    """Return the failed item of the newest report on the batch. Refusals: OVERRULE-NOTHING, OVERRULE-DANGEROUS."""
    report = latest_report(batch.id, "arrival")
    items = [item for item in body(report)["items"] if item["id"].partition(".")[2] == number] if report else []
    if not items or items[0]["outcome"] != Outcome.FAIL or not is_open(items[0]):
        raise Refusal("OVERRULE-NOTHING", batch.code)
    gate = transferred.gate_of(batch.channel)
    spec = next((spec for spec in da_t_70.scheme(Gate(gate)).items if spec.number == number), None)
    if spec is None or not spec.is_overrulable:
        raise Refusal("OVERRULE-DANGEROUS", items[0]["name"])
    found: dict[str, Any] = items[0]
    return found
