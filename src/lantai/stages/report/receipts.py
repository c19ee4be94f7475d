"""The receipt 回执 for the sender: what was accepted, with its codes as they are given, and what went back, why, and what came again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Q

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import GATE_NAMES
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.packages import receipt as packages
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.reports.models import GivenBack
from lantai.shelves.reports.queries import body
from lantai.stages import fonds, transferred
from lantai.stages.report import scope

ACCEPTED = (State.ARRANGED, State.NUMBERED, State.ARCHIVED, State.ACCESSIONED)
MOST_REFUSED = 2000


def receipt(house: House, actor: Actor, key: str) -> dict[str, Any]:
    """Return the receipt of a batch (by id or number), signed. Raises Refusal BATCH-UNKNOWN, BATCH-NOT-READY or ACCESS-REFUSED."""
    batch = Batch.objects.filter(Q(id=key) | Q(code=key)).first()
    if batch is None:
        raise Refusal("BATCH-UNKNOWN", key)
    access.require(actor, "intake:batch:read", {"department": batch.department}, where=batch.code)
    if batch.state in ("receiving", "checking"):
        raise Refusal("BATCH-NOT-READY", batch.code)
    document = _document(house, batch)
    return document | {"signatures": [asdict(item) for item in house.signer.sign(packages.message(document))]}


def _document(house: House, batch: Batch) -> dict[str, Any]:
    rows = list(Record.objects.filter(batch_id=batch.id).order_by("id"))
    given = {row.record_id: row for row in GivenBack.objects.filter(batch_id=batch.id).order_by("returned_at")}
    names = scope.persons([batch.submitter, batch.accepted_by])
    accepted = [_record(row) for row in rows if row.state in ACCEPTED]
    returned = [_returned(row, given.get(row.id)) for row in rows if row.state == State.RETURNED]
    refused = Arrival.objects.filter(batch=batch, outcome="refused").order_by("path")[:MOST_REFUSED]
    return {
        "format": packages.FORMAT,
        "edition": packages.EDITION,
        "issued": instant_text(house.clock.now()),
        "agency": fonds.name_of(house),
        "batch": {
            "code": batch.code,
            "title": batch.title,
            "department": batch.department,
            "department_name": scope.departments().get(batch.department, batch.department),
            "submitter": names.get(batch.submitter, ""),
            "received": instant_text(batch.created_at),
            "accepted": instant_text(batch.accepted_at) if batch.accepted_at else "",
            "accepted_by": names.get(batch.accepted_by, "") if batch.accepted_by else "",
            "predecessors": predecessors(batch.id),
        },
        "checked": checked(batch),
        "accepted": accepted,
        "returned": returned,
        "waiting": [_record(row) for row in rows if row.state == State.DESCRIBED],
        "refused": [{"path": row.path, "message": (row.finding or {}).get("message", "")} for row in refused],
        "quarantined": Quarantine.objects.filter(batch=batch).count(),
    }


def checked(batch: Batch) -> dict[str, str]:
    """Return by which gate's items the batch was judged on arrival, the edition of the scheme, and what it came to."""
    report = latest_report(batch.id, "arrival")
    told = body(report) if report else {}
    gate = transferred.gate_of(batch.channel)
    return {"gate": gate.value, "gate_name": GATE_NAMES[gate], "scheme": str(told.get("scheme", "")), "conclusion": batch.conclusion}


def predecessors(batch_id: str) -> list[str]:
    """Return the numbers of the batches from which records were given back that came again in this one."""
    ids = GivenBack.objects.filter(successor_batch_id=batch_id).exclude(batch_id=batch_id).values("batch_id")
    return list(Batch.objects.filter(id__in=ids).order_by("code").values_list("code", flat=True))


def _record(row: Record) -> dict[str, Any]:
    return {
        "record": row.id,
        "electronic_record_code": row.electronic_record_code,
        "title": row.title,
        "document_number": row.document_number,
        "state": row.state,
        "state_name": STATE_NAMES[State(row.state)],
        "code": row.code,
    }


def _returned(row: Record, given: GivenBack | None) -> dict[str, Any]:
    told: Mapping[str, Any] = (
        {"reasons": [], "message": "", "deadline": "", "findings": [], "returned": "", "successor_batch": ""}
        if given is None
        else {
            "reasons": given.reasons,
            "message": given.message,
            "deadline": given.deadline,
            "findings": given.findings,
            "returned": instant_text(given.returned_at),
            "successor_batch": _code(given.successor_batch_id),
        }
    )
    return _record(row) | dict(told)


def _code(batch_id: str) -> str:
    return (Batch.objects.filter(id=batch_id).values_list("code", flat=True).first() or "") if batch_id else ""
