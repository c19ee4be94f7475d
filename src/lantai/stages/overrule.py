"""overrule 经说明接受: a failed item is let pass by two different persons with a written reason; the outcome stays failed.

One proposes, another confirms or rejects; neither may be the other's second account. It holds for that record as it is and for what the
report found: a change of content, or other findings, and it holds no more. What is dangerous is never let pass.
"""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import Gate, findings_digest
from lantai.core.errors import Refusal
from lantai.core.findings import Finding
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.gates.models import Overruling
from lantai.shelves.holdings import numbers, queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger import entries
from lantai.shelves.people.queries import are_one_person
from lantai.shelves.reports.queries import body, keep
from lantai.stages import judging
from lantai.stages.accepted import ACCEPTED, content_digest
from lantai.standards import da_t_70

LONGEST = 500
STOPPED = {
    Gate.ARRIVAL: (State.DESCRIBED, ("", "CHECK-FAILED", "CHECK-MANUAL")),
    Gate.ARCHIVING: (State.NUMBERED, ("ARCHIVE-CHECK-FAILED",)),
}
FLAGS = {"manual": "CHECK-MANUAL", "fail": "CHECK-FAILED", "error": "CHECK-NOT-RUN"}
ACTION = "intake:item:overrule"


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed item of a record that a gate stopped: its displayed code and name, what was found, and whether it may be let pass."""

    number: str
    code: str
    name: str
    findings: tuple[Finding, ...]
    is_overrulable: bool


def stopped_at(row: Record) -> Gate | None:
    """Return the gate that stopped a record, None where none did."""
    return next((gate for gate, (state, flags) in STOPPED.items() if row.state == state and row.needs_attention in flags), None)


def failed(row: Record) -> tuple[Failed, ...]:
    """Return the failed items of the newest report of the gate that stopped the record, those already let pass left out."""
    gate = stopped_at(row)
    report = latest_report(row.id, gate) if gate else None
    if gate is None or report is None:
        return ()
    return tuple(_failed(item, gate) for item in body(report)["items"] if _is_open(item))


def _is_open(item: dict[str, Any]) -> bool:
    return item["outcome"] == "fail" and not item.get("reason", "").startswith("accepted:")


def _failed(item: dict[str, Any], gate: Gate) -> Failed:
    """Return a failed item. Which nobody may let pass is the standard's to say: no choice and no scheme of an agency changes it, so what
    is in force today says nothing about a report of yesterday."""
    scheme = da_t_70.scheme(gate)
    number = item["id"].partition(".")[2]
    found = tuple(Finding.from_json(each) for each in item["findings"])
    spec = next((spec for spec in scheme.items if spec.number == number), None)
    is_overrulable = spec is not None and spec.is_overrulable and not scheme.parameters.is_dangerous(found)
    return Failed(number, item["code"], item["name"], found, is_overrulable)


def propose(house: House, actor: Actor, record_id: str, number: str, *, reason: str) -> Overruling:
    """Propose that a failed item of a record be let pass. Refusals: ACCESS-REFUSED, OVERRULE-REASON-MISSING, OVERRULE-NOTHING (the item
    did not fail), OVERRULE-DANGEROUS, OVERRULE-CHANGED (somebody proposed already)."""
    row = _record(actor, record_id)
    said = reason.strip()
    if not said or len(said) > LONGEST or not said.isprintable():
        raise Refusal("OVERRULE-REASON-MISSING", row.title or row.id)
    item = next((item for item in failed(row) if item.number == number), None)
    gate, report = stopped_at(row), latest_report(row.id, stopped_at(row) or Gate.ARRIVAL)
    if item is None or gate is None or report is None:
        raise Refusal("OVERRULE-NOTHING", row.title or row.id)
    if not item.is_overrulable:
        raise Refusal("OVERRULE-DANGEROUS", item.name)
    return _propose(house, actor, row, item, report, reason=said)


def _propose(house: House, actor: Actor, row: Record, item: Failed, report: Report, *, reason: str) -> Overruling:
    now, digest = house.clock.now(), content_digest(row, queries.files_of([row]).get(row.id, []))
    made = Overruling(
        id=house.ids.new(),
        record_id=row.id,
        gate=report.gate,
        number=item.number,
        report_id=report.id,
        findings_digest=findings_digest(item.findings),
        content_digest=digest,
        reason=reason,
        proposed_by=actor.id,
        proposer_name=actor.name,
        proposed_at=now,
    )
    told = {"gate": report.gate, "item": item.number, "report": report.id, "findings": made.findings_digest, "reason": reason}
    try:
        with transaction.atomic():
            stale = Overruling.objects.filter(record_id=row.id, gate=report.gate, number=item.number, state__in=("proposed", ACCEPTED))
            stale.exclude(report_id=report.id).update(state="void")
            made.save(force_insert=True)
            entries.append(now, [entries.Entry("overruling:proposed", actor.id, row.id, told)], ids=house.ids)
    except IntegrityError as problem:
        raise Refusal("OVERRULE-CHANGED", item.name) from problem
    return made


def decide(house: House, actor: Actor, overruling_id: str, *, is_accepted: bool, words: str) -> Overruling:
    """Confirm or reject what another person proposed; confirmed, the gate judges anew. Refusals: ACCESS-REFUSED, OVERRULE-UNKNOWN,
    OVERRULE-SECOND-PERSON (the same natural person), OVERRULE-REASON-MISSING, OVERRULE-VOID (the record or its report changed)."""
    item = Overruling.objects.filter(id=overruling_id, state="proposed").first()
    if item is None:
        raise Refusal("OVERRULE-UNKNOWN", overruling_id)
    row = _record(actor, item.record_id)
    if are_one_person(actor.id, item.proposed_by):
        raise Refusal("OVERRULE-SECOND-PERSON", row.title or row.id)
    if not words.strip() or len(words) > LONGEST or not words.strip().isprintable():
        raise Refusal("OVERRULE-REASON-MISSING", row.title or row.id)
    if is_accepted and not _still_holds(item, row):
        Overruling.objects.filter(id=item.id, state="proposed").update(state="void", version=item.version + 1)
        raise Refusal("OVERRULE-VOID", row.title or row.id)
    return _decide(house, actor, item, row, is_accepted=is_accepted, words=words.strip())


def _decide(house: House, actor: Actor, item: Overruling, row: Record, *, is_accepted: bool, words: str) -> Overruling:
    now, event = house.clock.now(), "overruling:accepted" if is_accepted else "overruling:rejected"
    told = {"gate": item.gate, "item": item.number, "report": item.report_id, "proposed_by": item.proposed_by, "words": words}
    decided: dict[str, Any] = {"state": ACCEPTED if is_accepted else "rejected", "decided_by": actor.id, "decider_name": actor.name}
    decided |= {"decided_at": now, "decision": words, "version": item.version + 1}
    with transaction.atomic():
        if not Overruling.objects.filter(id=item.id, version=item.version, state="proposed").update(**decided):
            raise Refusal("OVERRULE-UNKNOWN", item.id)
        entries.append(now, [entries.Entry(event, actor.id, row.id, told)], ids=house.ids)
        if is_accepted:
            _go_on(house, row, Gate(item.gate))
    return Overruling.objects.get(id=item.id)


def _go_on(house: House, row: Record, gate: Gate) -> None:
    """Let the record go before its gate again, which is told what two persons let pass."""
    if gate is Gate.ARCHIVING:
        row.needs_attention = ""
        queries.save_unmoved([row], ("needs_attention",))
        for range_id in numbers.ranges_of(Record.objects.filter(id=row.id)):
            work.enqueue("archive", range_id=range_id)
        return
    reports = judging.records(house, [row])
    row.needs_attention = FLAGS.get(row.conclusion, "") if row.needs_attention else ""
    if not queries.save_unmoved([row], ("conclusion", "needs_attention")):
        return
    keep(reports)
    own = latest_report(row.batch_id, "arrival")
    Batch.objects.filter(id=row.batch_id).update(conclusion=judging.overall(row.batch_id, own.conclusion if own else "error"))
    queries.mark_for_index([row.id])
    work.enqueue("index")
    if not row.needs_attention and Batch.objects.filter(id=row.batch_id, state__in=("accepted", "done")).update(state="accepted"):
        work.enqueue("arrange", batch_id=row.batch_id)


def _record(actor: Actor, record_id: str) -> Record:
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        raise Refusal("OVERRULE-UNKNOWN", record_id)
    access.require(actor, ACTION, queries.access_facts(row), where=row.id)
    return row


def _still_holds(item: Overruling, row: Record) -> bool:
    """Tell whether the record is as it was and its newest report, where the gate judged anew meanwhile, finds the same at this item."""
    report = latest_report(row.id, item.gate)
    is_same = item.content_digest == content_digest(row, queries.files_of([row]).get(row.id, []))
    if report is None or not is_same or report.id == item.report_id:
        return report is not None and is_same
    found = (each["findings"] for each in body(report)["items"] if each["id"].partition(".")[2] == item.number and _is_open(each))
    return any(findings_digest(tuple(Finding.from_json(row) for row in rows)) == item.findings_digest for rows in found)
