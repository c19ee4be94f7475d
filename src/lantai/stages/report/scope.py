"""What an actor may see listed: the access table as filters, and the names of departments and persons."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from lantai.core import access
from lantai.core.access import Actor
from lantai.shelves.copies.models import Audit, Replica
from lantai.shelves.digitising.models import Project, ScanBatch
from lantai.shelves.exchange.models import Transfer
from lantai.shelves.holdings.models import AgentName, NumberRange, Record, Volume
from lantai.shelves.intake.models import Batch
from lantai.shelves.once import once
from lantai.shelves.people.models import Account, Client
from lantai.shelves.policy.queries import subjects
from lantai.shelves.recovery.models import Backup, Drill
from lantai.shelves.register.models import FinishedDocument, Handover
from lantai.shelves.upkeep.models import Run

WORKER_NAMES = {"worker": "系统", "system": "系统", "": "系统", "stranger": "没有令牌的来访"}

#: What events speak of as a whole, and by which column a row of a table is called.
WHOLES = {
    "ledger": "账本",
    "system": "系统",
    "search": "—",
    "database": "数据库",
    "backup": "备份",
    "recovery": "备份与恢复",
    "formats": "格式表",
    "sheet": "著录表",
    "register": "办结登记表",
}
ID_LENGTH = 26
UNTITLED = "（题名未著录）"
_ID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{26}(?![0-9A-Za-z])")
CALLED: tuple[tuple[Any, str], ...] = (
    (Record, "code"), (Batch, "code"), (ScanBatch, "code"), (FinishedDocument, "document_number"), (Volume, "code"), (Handover, "code"),
    (Transfer, "code"), (Run, "code"), (Audit, "code"), (Project, "code"), (Replica, "name"), (Backup, "code"), (Drill, "code"),
)  # fmt: skip


def allowed(actor: Actor, action: str) -> Q:
    """Return the filter under which *actor* may do *action*; it matches nothing where never."""
    rows = access.filter_rows(actor, action)
    if any(not row for row in rows):
        return Q()
    either = Q(pk__in=())
    for row in rows:
        either |= Q(**row)
    return either


def records(actor: Actor) -> QuerySet[Record]:
    """Return the records that *actor* may read."""
    return Record.objects.filter(allowed(actor, "holdings:record:read"))


def untitled(key: str) -> str:
    """Return what a record without a title is shown as, by the *key* it arrived under: the last part of it is what people know."""
    return UNTITLED + key.rpartition("/")[2]


def called(row: Record) -> str:
    """Return a record's title, or what one without is shown as."""
    return row.title or untitled(str(row.arrival.get("key", "")))


def untitled_of(ids: Collection[str]) -> dict[str, str]:
    """Return what records without a title are shown as."""
    rows = Record.objects.filter(id__in=ids).values_list("id", "arrival__key") if ids else ()
    return {key: untitled(came_as or "") for key, came_as in rows}


def in_words(actor: Actor, texts: Sequence[str]) -> list[str]:
    """Return *texts* with the id of each record in them that *actor* may read put as its title and code."""
    wanted = {key for said in texts for key in _ID.findall(said)}
    if not wanted:
        return list(texts)
    rows = records(actor).filter(id__in=wanted).values_list("id", "title", "code", "arrival__key")
    called = {key: (f"《{title}》" if title else untitled(came_as or "")) + code for key, title, code, came_as in rows}
    return [_ID.sub(lambda found: called.get(found[0], found[0]), said) for said in texts]


def counted(actor: Actor, **narrowed: object) -> Q:
    """Return the condition under which the kept counts count what *actor* may read, narrowed by their columns.

    Whatever the access table asks of a record is one of their columns.
    """
    return allowed(actor, "holdings:record:read") & Q(**narrowed)


def batches(actor: Actor) -> QuerySet[Batch]:
    """Return the batches that *actor* may read."""
    return Batch.objects.filter(allowed(actor, "intake:batch:read"))


@once
def departments() -> dict[str, str]:
    """Return code -> name in force of every department that bears a code, in their order."""
    rows = AgentName.objects.filter(valid_to="").exclude(agent__code="").order_by("agent__position", "agent__code")
    return dict(rows.values_list("agent__code", "name"))


def classed() -> dict[str, str]:
    """Return code -> name of what records can be put under between year and period: departments, and subjects of any scheme."""
    return departments() | subjects()


def objects(ids: Collection[str]) -> dict[str, str]:
    """Return object id -> what people know it by: the codes of records, batches, runs and the like, document numbers; never a title."""
    known: dict[str, str] = {key: WHOLES[key] for key in ids if key in WHOLES}
    wanted = {key for key in ids if len(key) == ID_LENGTH}
    for model, name in CALLED:
        if wanted:
            known |= dict(model.objects.filter(id__in=wanted).exclude(**{name: ""}).values_list("id", name))
            wanted -= known.keys()
    return known | _uncoded(wanted) | {row.id: str(row) for row in NumberRange.objects.filter(id__in=wanted)}


def _uncoded(ids: Collection[str]) -> dict[str, str]:
    """Return what records without a code are called: the batch they came in, and the end of their id, which tells them apart."""
    rows = dict(Record.objects.filter(id__in=ids, code="").values_list("id", "batch_id")) if ids else {}
    codes = dict(Batch.objects.filter(id__in=rows.values()).values_list("id", "code")) if rows else {}
    return {key: f"{codes.get(batch_id, '')} 未编档号的件 {key[-6:]}".strip() for key, batch_id in rows.items()}


def persons(ids: Iterable[str]) -> dict[str, str]:
    """Return id of an account or client -> name; a worker is 系统, an account that is gone keeps its id."""
    wanted = set(ids)
    named = dict(Account.objects.filter(id__in=wanted).values_list("id", "name"))
    if wanted - set(named) - set(WORKER_NAMES):
        named |= dict(Client.objects.filter(id__in=wanted).values_list("id", "name"))
    return {key: named.get(key) or WORKER_NAMES.get(key, key) for key in wanted}
