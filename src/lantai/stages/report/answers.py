"""What a client reads back: its deliveries, where the documents of its register stand, batches with their receipts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.finished import EXCLUSIONS, STANDING_NAMES, deadline_of
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.register import standing
from lantai.shelves.register.models import FinishedDocument, Import
from lantai.shelves.register.standing import Asked, Stood
from lantai.shelves.reports.models import GivenBack
from lantai.stages.report import scope
from lantai.stages.report.register import OPEN, departments_of, today

MOST = 500
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are asked for: one number of the office system, or a year with departments and standings; a part of the list."""

    oa_number: str = ""
    year: str = ""
    department: str = ""
    standing: str = ""
    offset: int = 0
    limit: int = 100


def delivery_key(key: str) -> str:
    """Return a key as it may be used. Raises Refusal API-KEY."""
    if not _KEY.fullmatch(key):
        raise Refusal("API-KEY", "".join(one if one.isprintable() else "?" for one in key[:64]))
    return key


def delivery(actor: Actor, key: str) -> dict[str, Any]:
    """Return what a delivery of the client's own was answered. Refusals: ACCESS-REFUSED, REGISTER-DELIVERY-UNKNOWN."""
    departments_of(actor)
    told = Import.objects.filter(imported_by=actor.id, key=delivery_key(key)).first()
    if told is None:
        raise Refusal("REGISTER-DELIVERY-UNKNOWN", key)
    answer: dict[str, Any] = told.answer
    return answer | {
        "key": told.key,
        "import_id": told.id,
        "received": instant_text(told.imported_at),
        "concluded": instant_text(told.concluded_at) if told.concluded_at else "",
    }


def documents(house: House, actor: Actor, wanted: Wanted) -> list[dict[str, Any]]:
    """Return documents of the register with where they stand, of the departments that the client may read."""
    allowed = departments_of(actor)
    if wanted.oa_number:
        rows = FinishedDocument.objects.filter(oa_number=wanted.oa_number)
        keys = list((rows if allowed is None else rows.filter(department__in=allowed)).values_list("id", flat=True)[:1])
        return _told(house, actor, filter(None, map(standing.one, keys)))
    chosen = (wanted.department,) if wanted.department else allowed
    if allowed is not None and wanted.department:
        chosen = tuple(code for code in allowed if code == wanted.department)
    asked = Asked(wanted.year, chosen, (wanted.standing,) if wanted.standing else ())
    return _told(house, actor, standing.stood(asked, limit=min(wanted.limit, MOST), offset=wanted.offset))


def batches(actor: Actor, since: datetime | None, limit: int) -> list[dict[str, Any]]:
    """Return the batches that the client may read, those opened at *since* or later, the oldest first."""
    if not access.rows(actor, "intake:batch:read"):
        access.require(actor, "intake:batch:read", {"department": actor.department})
    rows = scope.batches(actor).order_by("created_at", "id")
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    return [_batch(row) for row in rows[: min(limit, MOST)]]


def package(actor: Actor, key: str) -> dict[str, Any]:
    """Return where what the client handed in under a key stands. Refusals: ACCESS-REFUSED, API-KEY, API-PACKAGE-UNKNOWN."""
    row = Batch.objects.filter(submitter=actor.id, key=delivery_key(key)).first()
    access.require(actor, "intake:batch:open", {"department": row.department if row else actor.department})
    if row is None:
        raise Refusal("API-PACKAGE-UNKNOWN", key)
    return _batch(row) | {"key": row.key, "sha256": row.sha256}


def _batch(row: Batch) -> dict[str, Any]:
    return {
        "code": row.code,
        "title": row.title,
        "department": row.department,
        "channel": row.channel,
        "state": row.state,
        "records": row.record_count,
        "received": instant_text(row.created_at),
        "accepted": instant_text(row.accepted_at) if row.accepted_at else "",
        "has_receipt": row.state not in ("receiving", "checking"),
    }


def _told(house: House, actor: Actor, found: Iterable[Stood]) -> list[dict[str, Any]]:
    stood = list(found)
    rows = FinishedDocument.objects.defer("raw").in_bulk([each.id for each in stood])
    records = Record.objects.in_bulk([each.record_id for each in stood if each.record_id])
    returned = _returned(actor, rows.values())
    batches_of = [record.batch_id for record in records.values()] + [given.batch_id for each in returned.values() for given in each]
    codes = dict(Batch.objects.filter(id__in=batches_of).values_list("id", "code"))
    day = today(house)
    told = []
    for each in stood:
        row, record = rows[each.id], records.get(each.record_id)
        document = {name: getattr(row, name) for name in ("oa_number", "document_number", "title", "document_date", "finished_on", "year")}
        document |= {
            "department": row.department,
            "standing": each.standing.value,
            "standing_name": STANDING_NAMES[each.standing],
            "deadline": deadline_of(row.year).isoformat(),
            "is_late": each.standing in OPEN and day > deadline_of(row.year),
            "code": record.code if record else "",
            "state_name": STATE_NAMES[State(record.state)] if record else "",
            "batch": codes.get(record.batch_id, "") if record else "",
            "excluded": EXCLUSIONS.get(row.exclusion, ""),
            "excluded_words": row.exclusion_words,
            "returned": [_given(given, codes) for given in returned.get(row.oa_number, ())],
        }
        told.append(document)
    return told


def _returned(actor: Actor, rows: Iterable[FinishedDocument]) -> dict[str, list[GivenBack]]:
    """Return what was given back of these documents, by the office system's number, where the client may read receipts."""
    numbers = {row.oa_number for row in rows if row.oa_number and access.may(actor, "intake:batch:read", _facts(row)).allowed}
    ids = dict(Record.objects.filter(electronic_record_code__in=numbers, state=State.RETURNED).values_list("id", "electronic_record_code"))
    found: dict[str, list[GivenBack]] = {}
    for given in GivenBack.objects.filter(record_id__in=ids).order_by("returned_at"):
        found.setdefault(ids[given.record_id], []).append(given)
    return found


def _facts(row: FinishedDocument) -> dict[str, str]:
    return {"department": row.department}


def _given(given: GivenBack, codes: dict[str, str]) -> dict[str, Any]:
    told = {"reasons": given.reasons, "message": given.message, "deadline": given.deadline}
    return told | {"returned": instant_text(given.returned_at), "batch": codes.get(given.batch_id, "")}
