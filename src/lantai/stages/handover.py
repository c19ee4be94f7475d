"""handover 部门移交清单: a department lists what it hands over, and both sides sign on screen, each by an account of their own.

The list is what the records say at the moment of signing: each signature is on the digest of the list, and whatever changed since
the list was made voids the first signature and brings the list up to date before anybody signs again. Both sides type the count.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.ledger import entries
from lantai.shelves.people.queries import are_one_person
from lantai.shelves.register.models import Handover, HandoverLine

STATE_NAMES = {"open": "待交方签署", "given": "待收方签署", "done": "已交接", "dropped": "已撤销"}
LISTED = (State.DESCRIBED, State.ARRANGED, State.NUMBERED, State.ARCHIVED)
_OPEN = ("open", "given")
_TOLD = ("title", "document_number", "document_date", "page_count", "retention", "code", "electronic_record_code")


def eligible(department: str) -> "list[Record]":
    """Return the records of a department that stand in no list that is in force, oldest first."""
    listed = HandoverLine.objects.exclude(handover__state="dropped").values("record_id")
    rows = Record.objects.filter(department=department, state__in=LISTED, quarantined=False).exclude(id__in=listed)
    return list(rows.order_by("year", "document_date", "number_key", "id")[:1000])


def make(house: House, actor: Actor, department: str, record_ids: Sequence[str], *, title: str = "", note: str = "") -> Handover:
    """Make a list of records of a department. Refusals: ACCESS-REFUSED, HANDOVER-EMPTY, HANDOVER-RECORDS."""
    access.require(actor, "intake:handover:make", {"department": department}, where=department)
    wanted = list(dict.fromkeys(record_ids))
    if not wanted:
        raise Refusal("HANDOVER-EMPTY")
    now = house.clock.now()
    with transaction.atomic():
        lock("handover")
        allowed = [row.id for row in eligible(department) if row.id in set(wanted)]
        if len(allowed) != len(wanted):
            raise Refusal("HANDOVER-RECORDS", count=len(wanted) - len(allowed))
        told = _told(allowed)
        row = Handover(
            id=house.ids.new(),
            code=_next_code(now),
            department=department,
            title=title.strip()[:200] or f"{department} 移交清单",
            note=note.strip(),
            list_sha256=digest(list(told.values())),
            made_by=actor.id,
            made_at=now,
        )
        row.save(force_insert=True)
        lines = [HandoverLine(handover=row, position=at, record_id=key, told=told[key]) for at, key in enumerate(told, 1)]
        HandoverLine.objects.bulk_create(lines, batch_size=500)
        _tell(house, "handover:made", actor, row, {"code": row.code, "records": len(told), "list_sha256": row.list_sha256})
    return row


def sign(house: House, actor: Actor, key: str, *, side: str, count: str) -> Handover:
    """Sign a list as the side ``give`` or ``take``; the second signature concludes it.

    Refusals: ACCESS-REFUSED, HANDOVER-UNKNOWN, HANDOVER-STATE, HANDOVER-SAME-PERSON, HANDOVER-COUNT, and HANDOVER-CHANGED where the records
    are not as the list says: it is brought up to date and an earlier signature is void.
    """
    row = find(key)
    access.require(actor, f"intake:handover:{side}", {"department": row.department}, where=row.code)
    if row.state != {"give": "open", "take": "given"}[side]:
        raise Refusal("HANDOVER-STATE", row.code, state=STATE_NAMES[row.state], act="签署")
    if side == "take" and are_one_person(row.given_by, actor.id):
        raise Refusal("HANDOVER-SAME-PERSON")
    lines = list(row.lines.order_by("position"))
    if count.strip() != str(len(lines)):
        raise Refusal("HANDOVER-COUNT", count.strip(), count=len(lines))
    if _refreshed(house, actor, row, lines):
        raise Refusal("HANDOVER-CHANGED", row.code, voided="交方的签署已作废，" if side == "take" else "")
    now = house.clock.now()
    if side == "give":
        row.state, row.given_by, row.given_at, row.given_sha256 = "given", actor.id, now, row.list_sha256
    else:
        row.state, row.taken_by, row.taken_at, row.taken_sha256 = "done", actor.id, now, row.list_sha256
    event = "handover:given" if side == "give" else "handover:taken"
    _write(house, actor, row, event, {"code": row.code, "records": len(lines), "list_sha256": row.list_sha256})
    return row


def drop(house: House, actor: Actor, key: str) -> None:
    """Drop a list that is not concluded; its records may be listed again. Refusals: ACCESS-REFUSED, HANDOVER-UNKNOWN, HANDOVER-STATE."""
    row = find(key)
    access.require(actor, "intake:handover:make", {"department": row.department}, where=row.code)
    if row.state not in _OPEN:
        raise Refusal("HANDOVER-STATE", row.code, state=STATE_NAMES[row.state], act="撤销")
    row.state = "dropped"
    _write(house, actor, row, "handover:dropped", {"code": row.code})


def find(key: str) -> Handover:
    """Return the list of an id or number. Raises Refusal HANDOVER-UNKNOWN."""
    row = Handover.objects.filter(id=key).first() or Handover.objects.filter(code=key).first()
    if row is None:
        raise Refusal("HANDOVER-UNKNOWN", key)
    return row


def digest(told: "list[dict[str, Any]]") -> str:
    """Return the SHA-256 of a list as its signatures name it: the canonical JSON of its lines in order."""
    return hashlib.sha256(canonical_json(told)).hexdigest()


def _told(record_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what a list says of its records, by id, in the order given; two queries."""
    rows = Record.objects.in_bulk(list(record_ids))
    files: dict[str, list[str]] = {}
    for record_id, sha256 in ComputerFile.objects.filter(record_id__in=record_ids).order_by("id").values_list("record_id", "sha256"):
        files.setdefault(record_id, []).append(sha256)
    return {
        key: {name: getattr(rows[key], name) for name in _TOLD} | {"files": len(files.get(key, [])), "sha256": files.get(key, [])}
        for key in record_ids
        if key in rows and rows[key].state in LISTED and not rows[key].quarantined
    }


def _refreshed(house: House, actor: Actor, row: Handover, lines: list[HandoverLine]) -> bool:
    """Bring the list up to date where its records are not as it says; tell whether that was so."""
    told = _told([line.record_id for line in lines])
    now = digest(list(told.values()))
    if now == row.list_sha256 and len(told) == len(lines):
        return False
    before = row.list_sha256
    row.state, row.list_sha256 = "open", now
    row.given_by, row.given_at, row.given_sha256 = "", None, ""
    with transaction.atomic():
        for line in lines:
            if line.record_id not in told:
                line.delete()
            elif line.told != told[line.record_id]:
                HandoverLine.objects.filter(id=line.id).update(told=told[line.record_id], version=F("version") + 1)
        for at, key in enumerate(told, 1):
            HandoverLine.objects.filter(handover=row, record_id=key).update(position=at)
        _write(house, actor, row, "handover:voided", {"code": row.code, "before": before, "after": now, "records": len(told)})
    return True


def _write(house: House, actor: Actor, row: Handover, event: str, body: dict[str, object]) -> None:
    columns = ("state", "list_sha256", "given_by", "given_at", "given_sha256", "taken_by", "taken_at", "taken_sha256")
    with transaction.atomic():
        if not save_unchanged(Handover, [row], columns):
            raise Refusal("HANDOVER-STATE", row.code, state="刚被他人改动", act="签署")
        _tell(house, event, actor, row, body)


def _tell(house: House, event: str, actor: Actor, row: Handover, body: dict[str, object]) -> None:
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.id, body)], ids=house.ids)


def _next_code(now: datetime) -> str:
    """Return the next number of the year; the caller holds the lock."""
    head = f"YJQD-{beijing.day(now)[:4]}-"
    last = Handover.objects.filter(code__startswith=head).order_by("-code").values_list("code", flat=True).first()
    return f"{head}{int(last.rpartition('-')[2]) + 1 if last else 1:04d}"
