"""Questions to the holdings and their set-wise changes. No rules: states and verbs come from ``core.lifecycle``."""

from collections.abc import Collection, Iterator, Sequence
from itertools import batched
from pathlib import Path

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Value, When

from lantai.core import lifecycle
from lantai.core.archival_code import normalise_separators
from lantai.core.lifecycle import State
from lantai.core.record import ContentBasis
from lantai.shelves.bulk import insert_values, one, save_unchanged
from lantai.shelves.holdings.models import (
    AgentName,
    ArchivalCode,
    ComputerFile,
    Document,
    IndexOutbox,
    NumberRange,
    NumberScope,
    Record,
    VolumeItem,
)
from lantai.shelves.holdings.order import ANY, HAND

DEPARTMENT = "department"
_ULID_SIGNS = 26
ALIKE_SHOWN = 20
#: How many records that are known by their catalogue alone weigh as much as one with files.
LIGHT = 4
_A_STATEMENT = 500
#: The columns that changing a description reads or writes; the others stay in the database.
REVISABLE = (
    *("id", "version", "category", "state", "hold", "needs_attention", "code", "title", "document_number", "author", "document_type"),
    *("document_date", "year", "department", "retention", "retention_reason", "due_date", "position", "elements"),
    *("number_key", "identity_key", "sought"),
)


def slices(batch_id: str, state: str, size: int, *, conclusions: Sequence[str] | None = None) -> Iterator[list[Record]]:
    """Yield the free records of a batch that stand in *state*, *size* at a time, each record once even if it does not move."""
    query = Record.objects.filter(batch_id=batch_id, state=state)
    return in_slices(query if conclusions is None else query.filter(conclusion__in=conclusions), size)


def count(batch_id: str, state: str) -> int:
    """Return how many records of a batch stand in *state*."""
    return Record.objects.filter(batch_id=batch_id, state=state).count()


def in_slices(query: "QuerySet[Record]", size: int) -> Iterator[list[Record]]:
    """Yield the records of *query* that no flag stops, in order of id, *size* at a time; where none of a slice has files, the next is
    larger."""
    free = query.filter(hold=False, quarantined=False, needs_attention="").order_by("id")
    last, most = "", size
    while rows := list(free.filter(id__gt=last)[:most]):
        last = rows[-1].id
        most = size * LIGHT if all(row.content_basis == ContentBasis.PHYSICAL_ONLY for row in rows) else size
        yield rows


def files_of(rows: Sequence[Record]) -> dict[str, list[ComputerFile]]:
    """Return the computer files of the records by record id, in document and file order, with their documents; one query."""
    found: dict[str, list[ComputerFile]] = {}
    files = ComputerFile.objects.filter(record_id__in=[row.id for row in rows]).select_related("document")
    for item in files.order_by("document__sequence", "sequence", "id"):
        found.setdefault(item.record_id, []).append(item)
    return found


def documents_of(rows: Sequence[Record]) -> dict[str, list[Document]]:
    """Return the documents of the records by record id, in order; one query."""
    found: dict[str, list[Document]] = {}
    for item in Document.objects.filter(record_id__in=[row.id for row in rows]).order_by("sequence"):
        found.setdefault(item.record_id, []).append(item)
    return found


def filed_in(record_ids: Sequence[str]) -> dict[str, str]:
    """Return, of the records that lie in a volume, its title; one query."""
    return dict(VolumeItem.objects.filter(record_id__in=record_ids).values_list("record_id", "volume__title"))


def body_names() -> set[str]:
    """Return every name that an organisation or department of ours has or had."""
    return set(AgentName.objects.exclude(agent__kind="person").values_list("name", flat=True))


def newest_numbers(limit: int) -> list[str]:
    """Return the document numbers of the newest records that have one, at most *limit*."""
    return list(Record.objects.exclude(document_number="").order_by("-id").values_list("document_number", flat=True)[:limit])


def move(rows: Sequence[Record], verb: str, columns: Sequence[str] = ()) -> list[str]:
    """Move *rows* as *verb* does, with the named columns as they stand in the rows; return the ids that moved, in order.

    Compare-and-set on (id, state, version) in bulk: a row that somebody else moved or changed, or that hold or quarantine
    stops, is left out. ``needs_attention`` stops a row too, unless that column itself is written. Must run in the
    transaction of the ledger event. Raises ValueError where the lifecycle has no such move from a row's state.
    """
    moved: list[Record] = []
    for origin in dict.fromkeys(row.state for row in rows):
        step = lifecycle.move(State(origin), verb)
        if step is None:
            raise ValueError(f"{verb} does not start from {origin}")
        conditions = {"state": origin, "hold": False, "quarantined": False}
        if "needs_attention" not in columns:
            conditions["needs_attention"] = ""
        same = [row for row in rows if row.state == origin]
        constants = {"state": step.target.value, "attempts": 0}
        moved += save_unchanged(Record, same, columns, constants=constants, conditions=conditions)
    return [row.id for row in moved]


def revisable(record_ids: Sequence[str]) -> list[Record]:
    """Return those of the records that a person may still change, in the order given."""
    rows = Record.objects.filter(id__in=record_ids, state__in=(State.DESCRIBED, State.ARRANGED), hold=False, quarantined=False)
    by_id = {row.id: row for row in rows.only(*REVISABLE)}
    return [by_id[key] for key in record_ids if key in by_id]


def save_if_unchanged(row: Record, columns: Sequence[str]) -> bool:
    """Write the named columns of one record, unless somebody changed it since it was read; tell whether it was written."""
    return bool(save_unchanged(Record, [row], columns))


def save_unmoved(rows: Sequence[Record], columns: Sequence[str]) -> list[str]:
    """Write the named columns of records that stay in their state and did not change; return the ids that were written."""
    written: list[Record] = []
    for state in dict.fromkeys(row.state for row in rows):
        written += save_unchanged(Record, [row for row in rows if row.state == state], columns, conditions={"state": state})
    return [row.id for row in written]


def need_attention(record_ids: Sequence[str], code: str) -> int:
    """Let records that have no flag yet rest until a person looks, with the code of why; return how many."""
    return Record.objects.filter(id__in=record_ids, needs_attention="").update(needs_attention=code)


def known_fingerprints(fingerprints: Sequence[str]) -> dict[str, str]:
    """Return the live record of each fingerprint that the holdings have already; what was given back may be sent again."""
    live = Record.objects.exclude(state__in=(State.DISCARDED, State.RETURNED)).filter(fingerprint__in=fingerprints)
    return dict(live.order_by("-id").values_list("fingerprint", "id"))


def alike(column: str, keys: Collection[str]) -> dict[str, list[str]]:
    """Return, by key in ``number_key`` or ``identity_key``, the live records that share it: the earliest few and the latest.

    Two queries whatever the size of the holdings, and a key that thousands share costs no more than one that ten do.
    """
    live = Record.objects.exclude(state__in=(*lifecycle.GONE, State.RETURNED)).filter(**{f"{column}__in": set(keys) - {""}})
    counted = live.values_list(column).annotate(count=Count("id"), first=Min("id"), last=Max("id")).filter(count__gt=1)
    found = {key: [first, last] for key, _, first, last in counted}
    few = [key for key, count, _, _ in counted if count <= ALIKE_SHOWN]
    for key, record_id in live.filter(**{f"{column}__in": few}).order_by("id").values_list(column, "id"):
        if record_id not in found[key]:
            found[key].insert(-1, record_id)
    return found


def in_order(year: str, department: str, retention: str) -> list[Record]:
    """Return the arranged records of a class in their order: placed by hand first, then by date and document number."""
    rows = Record.objects.filter(state=State.ARRANGED, year=year, retention=retention)
    rows = rows if department == ANY else rows.filter(department=department)
    return list(rows.order_by(*HAND))


def department_codes() -> dict[str, str]:
    """Map every department code, and every name a department ever had, to the code; a name in force wins over a former one."""
    names = AgentName.objects.filter(agent__kind=DEPARTMENT).exclude(agent__code="").select_related("agent")
    codes: dict[str, str] = {}
    for item in names.order_by(Case(When(Q(valid_to=""), then=Value(1)), default=Value(0)), "valid_from"):
        codes[item.name] = item.agent.code
    return codes | {code: code for code in codes.values()}


def lock_scope(scope: str) -> int:
    """Hold the numbering scope until the transaction ends and return its last number: a row lock, on SQLite the transaction."""
    NumberScope.objects.get_or_create(scope=scope)
    return NumberScope.objects.select_for_update().get(scope=scope).last


def last_number(scope: str) -> int:
    """Return the last number given in the scope, 0 where none was."""
    return NumberScope.objects.filter(scope=scope).values_list("last", flat=True).first() or 0


def advance_scope(scope: str, last: int) -> None:
    """Set the last number of a locked scope. Raises ValueError where that would not go forward."""
    if not NumberScope.objects.filter(scope=scope, last__lt=last).update(last=last):
        raise ValueError(f"scope {scope}: {last} does not go forward")


def ranges_at(rows: Sequence[Record]) -> dict[str, NumberRange]:
    """Return the sealed range that holds the agency code in force of each record; two queries."""
    codes = list(ArchivalCode.objects.filter(record_id__in=[row.id for row in rows], kind="agency", valid_to=""))
    ranges = list(NumberRange.objects.filter(scope__in={code.scope for code in codes}))
    found: dict[str, NumberRange] = {}
    for code in codes:
        number = code.item_number or 0
        sealed = next((item for item in ranges if item.scope == code.scope and item.first <= number <= item.last), None)
        if sealed is not None:
            found[code.record_id] = sealed
    return found


def by_key(key: str) -> Record | None:
    """Return the record of a ULID, of an archival code it bears or bore, or of its electronic record code.

    People write codes from memory: separators that look alike and white space do not matter, and a full stop may stand for ``·``.
    """
    if len(key) == _ULID_SIGNS and (row := one(Record, key)) is not None:
        return row
    plain = normalise_separators(key)
    ways = list(dict.fromkeys((key, plain, plain.replace(".", "·"))))
    codes = dict(ArchivalCode.objects.filter(value__in=ways).values_list("value", "record_id"))
    found = next((codes[way] for way in ways if way in codes), None)
    if found is not None:
        return Record.objects.get(id=found)
    return Record.objects.filter(Q(id=plain) | Q(electronic_record_code__in=ways)).first()


def mark_for_index(record_ids: Sequence[str]) -> None:
    """Note, in the transaction of the change, that the index entries of the records are out of date."""
    insert_values(IndexOutbox, ("record_id", "version"), [(record_id, 1) for record_id in record_ids])


def take_outbox(limit: int) -> list[tuple[int, str]]:
    """Return the oldest notes of the outbox as (note, record id); they stay until :func:`clear_outbox`."""
    return list(IndexOutbox.objects.order_by("id").values_list("id", "record_id")[:limit])


def clear_outbox(notes: Sequence[int]) -> None:
    """Forget notes whose records the index has taken up durably, a few hundred a statement: nobody waits for the write lock for long."""
    for part in batched(notes, _A_STATEMENT):
        IndexOutbox.objects.filter(id__in=part).delete()


def access_facts(row: Record) -> dict[str, str]:
    """Return what ``core.access.may`` wants to know of a record."""
    return {
        "state": row.state,
        "opening": row.opening,
        "department": row.department,
        "custody": row.custody,
        "quarantined": "yes" if row.quarantined else "",
    }


def remove_staged(data: Path, record_ids: Sequence[str]) -> int:
    """Remove the staged bytes and page texts of records and forget their places; return how many files went.

    Bytes go first: a crash between leaves rows that point nowhere, which a second run clears.
    """
    files = ComputerFile.objects.filter(record_id__in=record_ids).exclude(staged="")
    for staged in files.values_list("staged", flat=True):
        (data / staged).unlink(missing_ok=True)
        (data / f"{staged}.text.json").unlink(missing_ok=True)
    return files.update(staged="")
