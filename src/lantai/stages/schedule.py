"""schedule 归档范围和保管期限表: an agency drafts its own version from Order No. 8, has it approved, and puts it in force.

The version in force is what retention is proposed by. Records keep the period and the reason they got: no version reaches back.
One draft at a time; it is changed line by line or brought in as a workbook, and adopted with who approved it and under which number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from lantai.core import access, schedule
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.core.officialdoc.dates import is_possible
from lantai.core.schedule import Change, Line
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.policy import schedules
from lantai.shelves.policy.models import Schedule
from lantai.standards import order_8

NAME = "归档范围和保管期限表"
LONGEST = 200
_TOLD = 40


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a version (the archives authority of the same level), the number of the reply, and its day YYYYMMDD."""

    authority: str
    number: str
    day: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The schedule as it stands: lines of the draft, else those in force, else of Order No. 8; what the draft changes; all versions."""

    lines: tuple[Line, ...]
    in_force: Schedule | None
    draft: Schedule | None
    changes: tuple[Change, ...]
    versions: tuple[Schedule, ...]


def look(actor: Actor) -> Standing:
    """Return the schedule. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "policy:schedule:read")
    rows = tuple(Schedule.objects.order_by("-number"))
    found = {row.state: row for row in reversed(rows) if row.state in ("in_force", "draft")}
    held, draft = _held(), found.get("draft")
    lines = schedules.lines(draft) if draft else held
    return Standing(lines, found.get("in_force"), draft, schedule.changes(held, lines) if draft else (), rows)


def lines_of(actor: Actor, number: int) -> tuple[Line, ...]:
    """Return the lines of a version, of Order No. 8 for 0. Refusals: ACCESS-REFUSED, SCHEDULE-UNKNOWN."""
    access.require(actor, "policy:schedule:read")
    if not number:
        return schedule.from_rules(order_8.rows())
    row = Schedule.objects.filter(number=number).first()
    if row is None:
        raise Refusal("SCHEDULE-UNKNOWN", NAME, number=number)
    return schedules.lines(row)


def edit(house: House, actor: Actor, given: Mapping[str, str], *, reason: str, seen: int) -> Schedule:
    """Write one line into the draft, which begins as a copy of what is in force; return it. A number that is not there yet is a new line.

    *seen* is the version of the draft's row that was looked at, 0 where there was none. Refusals: ACCESS-REFUSED, SCHEDULE-WRONG,
    POLICY-INCOMPLETE (no reason), POLICY-SAME, POLICY-CHANGED.
    """
    access.require(actor, "policy:schedule:draft")
    row = schedule.line(given)
    draft = _draft()
    return _write(house, actor, draft, schedule.with_line(schedules.lines(draft) if draft else _held(), row), reason=reason, seen=seen)


def take(house: House, actor: Actor, lines: Sequence[Line], *, reason: str, seen: int) -> Schedule:
    """Make *lines* the draft; what is in force and not among them goes on, retired. Refusals as in :func:`edit`."""
    access.require(actor, "policy:schedule:draft")
    return _write(house, actor, _draft(), schedule.carried(lines, _held()), reason=reason, seen=seen)


def withdraw(house: House, actor: Actor, *, seen: int) -> None:
    """Give the draft up; it stays readable. Refusals: ACCESS-REFUSED, SCHEDULE-UNKNOWN, POLICY-CHANGED."""
    access.require(actor, "policy:schedule:draft")
    draft, now = _known_draft(), house.clock.now()
    with transaction.atomic():
        _move(draft, seen, state="withdrawn", retired_by=actor.id, retired_at=now)
        _tell(house, actor, "schedule:withdrawn", draft, {})


def adopt(house: House, actor: Actor, approval: Approval, *, seen: int) -> Schedule:
    """Put the draft in force with its approval; the version before is retired and stays readable.

    Refusals: ACCESS-REFUSED, SCHEDULE-UNKNOWN (no draft), SCHEDULE-WRONG, POLICY-INCOMPLETE (the approval), POLICY-CHANGED.
    """
    access.require(actor, "policy:schedule:adopt")
    draft, now = _known_draft(), house.clock.now()
    told = _approved(approval)
    _objected(schedules.lines(draft))
    try:
        with transaction.atomic():
            Schedule.objects.filter(state="in_force").update(state="retired", retired_by=actor.id, retired_at=now)
            _move(draft, seen, state="in_force", decided_by=actor.id, decided_at=now, **told)
            _tell(house, actor, "schedule:adopted", draft, told)
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", NAME) from problem
    return Schedule.objects.get(id=draft.id)


def _held() -> tuple[Line, ...]:
    """Return the lines in force, those of Order No. 8 where the agency has none of its own."""
    row = Schedule.objects.filter(state="in_force").first()
    return schedules.lines(row) if row else schedule.from_rules(order_8.rows())


def _draft() -> Schedule | None:
    return Schedule.objects.filter(state="draft").first()


def _known_draft() -> Schedule:
    draft = _draft()
    if draft is None:
        raise Refusal("SCHEDULE-UNKNOWN", NAME, number="拟订")
    return draft


def _approved(approval: Approval) -> dict[str, str]:
    said = {
        "approved_by": approval.authority.strip(),
        "approval_number": approval.number.strip(),
        "approved_on": approval.day.replace("-", ""),
    }
    wrong = {
        "审核机关": not said["approved_by"] or not _is_fit(said["approved_by"]),
        "批复文号": not _is_fit(said["approval_number"]),
        "批复日期": not _is_day(said["approved_on"]),
    }
    if any(wrong.values()):
        raise Refusal("POLICY-INCOMPLETE", NAME, parts="、".join(name for name, is_wrong in wrong.items() if is_wrong))
    return said


def _is_day(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{8}", text)) and is_possible(int(text[:4]), int(text[4:6]), int(text[6:]))


def _is_fit(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable()


def _write(house: House, actor: Actor, draft: Schedule | None, lines: Sequence[Line], *, reason: str, seen: int) -> Schedule:
    """Store the draft and tell the ledger what it says otherwise than before."""
    if not reason.strip() or not _is_fit(reason.strip()):
        raise Refusal("POLICY-INCOMPLETE", NAME, parts="理由")
    _objected(lines)
    before = schedules.lines(draft) if draft else _held()
    made = schedule.changes(before, lines)
    if not made:
        raise Refusal("POLICY-SAME", NAME)
    columns: dict[str, Any] = {
        "lines": schedules.stored(lines),
        "reason": reason.strip(),
        "drafted_by": actor.id,
        "drafted_at": house.clock.now(),
    }
    try:
        with transaction.atomic():
            if draft is None:
                last = Schedule.objects.order_by("-number").values_list("number", flat=True).first() or 0
                draft = Schedule.objects.create(id=house.ids.new(), number=last + 1, **columns)
            else:
                _move(draft, seen, **columns)
            told = [[item.id, item.what, item.before[:LONGEST], item.after[:LONGEST]] for item in made[:_TOLD]]
            _tell(house, actor, "schedule:drafted", draft, {"changes": told, "changed": len(made), "reason": reason.strip()})
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", NAME) from problem
    return Schedule.objects.get(id=draft.id)


def _objected(lines: Sequence[Line]) -> None:
    if wrong := schedule.objections(lines):
        raise Refusal("SCHEDULE-WRONG", NAME, problems="；".join(wrong[:10]))


def _move(draft: Schedule, seen: int, **columns: object) -> None:
    """Change the draft if it is still the one that was looked at."""
    own = Schedule.objects.filter(id=draft.id, state="draft", version=seen)
    if not own.update(version=seen + 1, **columns):
        raise Refusal("POLICY-CHANGED", NAME)


def _tell(house: House, actor: Actor, event: str, row: Schedule, more: Mapping[str, Any]) -> None:
    lines = Schedule.objects.values_list("lines", flat=True).get(id=row.id)
    body = {"number": row.number, "lines": len(lines), "lines_sha256": sha256(canonical_json(lines)).hexdigest(), **more}
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, f"{NAME}:{row.number}", body)], ids=house.ids)
