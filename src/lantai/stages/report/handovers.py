"""部门移交清单 as the screen and the printer have them."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count

from lantai import forms
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.retention import Retention
from lantai.forms import lists
from lantai.forms import report as reports
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.register.models import Handover, HandoverLine
from lantai.stages import fonds
from lantai.stages import handover as verb
from lantai.stages.printed import foot
from lantai.stages.report import scope
from lantai.stages.report.printing import Printed
from lantai.stages.report.todo import Todo


@dataclass(frozen=True, slots=True)
class Line:
    """A list in the list of lists: its row, department by name, how many records."""

    row: Handover
    department: str
    records: int
    state: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One list: its lines, the two sides by name, and what the actor may do now."""

    row: Handover
    department: str
    state: str
    lines: tuple[HandoverLine, ...]
    pages: int
    given_by: str
    taken_by: str
    may_give: bool
    may_take: bool
    may_drop: bool


def listing(actor: Actor) -> list[Line]:
    """Return the lists that *actor* may read, newest first. Raises Refusal ACCESS-REFUSED where none at all."""
    if not access.rows(actor, "intake:handover:read"):
        access.require(actor, "intake:handover:read")
    rows = Handover.objects.filter(scope.allowed(actor, "intake:handover:read")).annotate(count=Count("lines")).order_by("-made_at", "-id")
    names = scope.departments()
    return [Line(row, names.get(row.department, row.department), row.count, verb.STATE_NAMES[row.state]) for row in rows[:200]]


def detail(actor: Actor, key: str) -> Detail:
    """Return one list. Refusals: HANDOVER-UNKNOWN, ACCESS-REFUSED."""
    row = verb.find(key)
    facts = {"department": row.department}
    access.require(actor, "intake:handover:read", facts, where=row.code)
    lines = tuple(row.lines.order_by("position"))
    persons = scope.persons([row.given_by, row.taken_by])
    is_other = row.given_by != actor.id
    return Detail(
        row,
        scope.departments().get(row.department, row.department),
        verb.STATE_NAMES[row.state],
        lines,
        sum(line.told.get("page_count") or 0 for line in lines),
        persons[row.given_by] if row.given_by else "",
        persons[row.taken_by] if row.taken_by else "",
        row.state == "open" and access.may(actor, "intake:handover:give", facts).allowed,
        row.state == "given" and is_other and access.may(actor, "intake:handover:take", facts).allowed,
        row.state in ("open", "given") and access.may(actor, "intake:handover:make", facts).allowed,
    )


def candidates(actor: Actor, department: str) -> list[Record]:
    """Return the records that a list of the department may hold. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "intake:handover:make", {"department": department}, where=department)
    return verb.eligible(department)


def printed(house: House, actor: Actor, key: str) -> Printed:
    """Make the 移交清单 as PDF/A and note in the ledger that it was printed. Refusals as in :func:`detail`."""
    found = detail(actor, key)
    now = house.clock.now()
    rows = [_row(line.told) for line in found.lines]
    own = reports.House(house.settings.fonds, fonds.name_of(house))
    sheet = lists.handover_list(
        rows, house=own, scope=(f"{found.department}　共 {len(rows)} 件 {found.pages} 页　{_signed(found)}", found.row.code)
    )
    content = forms.pdf(sheet, foot(actor, now))
    with transaction.atomic():
        told: dict[str, Any] = {"form": "handover", "range": found.row.code, "digest": sheet.digest(), "list_sha256": found.row.list_sha256}
        entries.append(now, [entries.Entry("form:printed", actor.id, found.row.id, told)], ids=house.ids)
    return Printed(f"{sheet.title}-{found.row.code}.pdf", content)


def _signed(found: Detail) -> str:
    row = found.row
    digest = f"SHA-256 {row.list_sha256[:8]}⋯{row.list_sha256[-8:]}"
    if row.state == "done":
        return f"交方 {found.given_by}、收方 {found.taken_by} 已在系统签署，{digest}"
    return f"{found.state}，{digest}"


def _row(told: dict[str, Any]) -> lists.Row:
    keep = Retention.parse(told["retention"]).label if told["retention"] else ""
    pages = str(told["page_count"] or "")
    return lists.Row("", "", told["document_number"], told["title"], told["document_date"], pages, keep, told["code"])


def todos(actor: Actor) -> tuple[Todo, ...]:
    """Return the lists that wait for the signature of *actor*."""
    found: list[Todo] = []
    names = scope.departments()
    for state, action, text in (("open", "intake:handover:give", "请交方签署"), ("given", "intake:handover:take", "交方已签，请收方签署")):
        rows = Handover.objects.filter(scope.allowed(actor, action), state=state).exclude(given_by=actor.id).order_by("made_at")
        for row in rows[:8] if access.rows(actor, action) else ():
            place = names.get(row.department, row.department)
            found.append(Todo("register", f"{place}移交清单「{row.title}」：{text}", row.code, row.made_at, ("handover", row.id)))
    return tuple(found)
