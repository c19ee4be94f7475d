"""Corrections 更正 that wait: for another person's approval, or because an approved one could not be written."""

from lantai.core import access
from lantai.core.access import Actor
from lantai.shelves.people.queries import are_one_person
from lantai.shelves.versions.models import Amendment
from lantai.stages.report import scope
from lantai.stages.report.todo import Todo

ACTION = "holdings:record:amend"
MOST = 40


def todos(actor: Actor) -> tuple[Todo, ...]:
    """Return the corrections that wait, the oldest first; one's own are told as waiting for somebody else."""
    if not access.may(actor, ACTION).allowed:
        return ()
    rows = list(Amendment.objects.filter(state__in=("proposed", "stopped")).order_by("id")[:MOST])
    records = {row.id: row for row in scope.records(actor).filter(id__in=[item.record_id for item in rows]).only("id", "title", "code")}
    known = [(item, records[item.record_id]) for item in rows if item.record_id in records]
    return tuple(
        Todo(
            "versions",
            f"{_what(actor, item)}：《{row.title[:40]}》",
            f"{row.code}　{item.proposer_name}提出",
            item.proposed_at,
            ("versions", row.id),
            is_late=item.state == "stopped",
        )
        for item, row in known
    )


def _what(actor: Actor, item: Amendment) -> str:
    if item.state == "stopped":
        return "已批准的更正没有写成，待您继续"
    return "您提出的更正，等另一人批准" if are_one_person(actor.id, item.proposed_by) else "更正待您批准"
