"""value lists 代码表: the values of the agency's own that elements of its metadata schemes are filled from.

A list changes by versions. A value that is left out of the next version is retired: it can be chosen no more, and what was described with
it is still read and judged right where it is archived.
"""

from collections.abc import Sequence
from itertools import chain

from django.db import IntegrityError, transaction

from lantai.core import access, value_list
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.value_list import Entry
from lantai.formats.content import clean
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries as metadata
from lantai.shelves.metadata.models import MetadataScheme
from lantai.shelves.policy.models import ValueList

CHANGE = "system:agency:change"
LONGEST_REASON = 200


def decide(house: House, actor: Actor, code: str, name: str, values: Sequence[tuple[str, str]], *, reason: str) -> ValueList:
    """Put the next version of a list in force: these values with their meanings, in this order; return it.

    Refusals: ACCESS-REFUSED, LIST-WRONG (code, name, values or reason), POLICY-SAME, POLICY-CHANGED.
    """
    access.require(actor, CHANGE)
    code, name = code.strip().lower(), name.strip()
    if problem := value_list.problem(code, name, values) or _reason_problem(reason):
        raise Refusal("LIST-WRONG", code[:32], problem=problem)
    last = ValueList.objects.filter(code=code).order_by("-number").first()
    wanted = value_list.follow(_entries(last), values)
    if last is not None and last.retired_at is None and (last.name, _entries(last)) == (name, wanted):
        raise Refusal("POLICY-SAME", f"代码表 {code}")
    row = ValueList(id=house.ids.new(), code=code, number=last.number + 1 if last else 1, name=name, reason=reason.strip())
    row.entries = [[entry.value, entry.meaning, entry.is_retired] for entry in wanted]
    row.decided_by, row.decided_at = actor.id, house.clock.now()
    try:
        with transaction.atomic():
            _end(house, actor, last)
            row.save(force_insert=True)
            _tell(house, actor, "list:decided", row, reason)
    except IntegrityError as clash:
        raise Refusal("POLICY-CHANGED", f"代码表 {code}") from clash
    return row


def retire(house: House, actor: Actor, code: str, *, reason: str) -> None:
    """Let a list be chosen from no more. Refusals: LIST-UNKNOWN, LIST-IN-USE (a metadata scheme in force or proposed), LIST-WRONG."""
    access.require(actor, CHANGE)
    row = ValueList.objects.filter(code=code, retired_at=None).first()
    if row is None:
        raise Refusal("LIST-UNKNOWN", code[:32])
    if problem := _reason_problem(reason):
        raise Refusal("LIST-WRONG", code, problem=problem)
    if used := users(code):
        raise Refusal("LIST-IN-USE", code, elements="、".join(used[:5]))
    with transaction.atomic():
        _end(house, actor, row)
        _tell(house, actor, "list:retired", row, reason)


def users(code: str) -> list[str]:
    """Return the elements that metadata schemes in force or proposed fill from a list, as WS:element."""
    rows = MetadataScheme.objects.filter(state__in=("in_force", "proposed")).order_by("category")
    found = chain.from_iterable(
        (f"{row.category}:{rule.code}" if row.category else rule.code for rule in metadata.rules(row.rules) if rule.list == code)
        for row in rows
    )
    return list(dict.fromkeys(found))


def _entries(row: ValueList | None) -> tuple[Entry, ...]:
    return tuple(Entry(*entry) for entry in row.entries) if row else ()


def _reason_problem(reason: str) -> str:
    text = reason.strip()
    is_fit = text and len(text) <= LONGEST_REASON and text.isprintable() and clean(text) == text
    return "" if is_fit else "没有写理由，或理由超过 200 字、含控制字符"


def _end(house: House, actor: Actor, before: ValueList | None) -> None:
    if before is None or before.retired_at is not None:
        return
    own = ValueList.objects.filter(id=before.id, retired_at=None)
    if not own.update(retired_by=actor.id, retired_at=house.clock.now(), version=before.version + 1):
        raise Refusal("POLICY-CHANGED", f"代码表 {before.code}")


def _tell(house: House, actor: Actor, event: str, row: ValueList, reason: str) -> None:
    body = {"code": row.code, "number": row.number, "name": row.name, "entries": row.entries, "reason": reason.strip()}
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.code, body)], ids=house.ids)
