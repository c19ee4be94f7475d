"""Entering a register: gather what is known, decide row by row, write in slices; a dry run stops before the writing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.evidence import canonical_json
from lantai.core.findings import Finding
from lantai.packages import finished
from lantai.ports import House
from lantai.shelves.bulk import insert, save_unchanged
from lantai.shelves.databases import lock
from lantai.shelves.holdings.models import AgentName
from lantai.shelves.ledger import entries
from lantai.shelves.register.models import FinishedDocument, Import, RefusedRow
from lantai.stages.register.rows import COLUMNS, NAMES, Read, Refused, read

_A_SLICE = 500
_DERIVED = ("number_key", "plain_title", "identity_key", "year")


@dataclass(frozen=True, slots=True)
class Changed:
    """One column of a registered document that a row says otherwise: number of the row, title, column, before, now."""

    number: int
    title: str
    column: str
    before: str
    after: str

    def as_json(self) -> dict[str, str | int]:
        """Return the change as it is printed."""
        return {"row": self.number, "title": self.title, "column": self.column, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Entered:
    """What entering did, or with ``is_dry`` would do. ``rows`` = added + changed + same + refused; refused has number and findings."""

    source: str
    is_dry: bool
    rows: int
    added: int
    changed: int
    same: int
    refused: tuple[tuple[int, tuple[Finding, ...]], ...]
    changes: tuple[Changed, ...]
    remarks: tuple[Finding, ...]
    columns: dict[str, str]
    import_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the document that the command line and an office system get."""
        return {
            "source": self.source,
            "dry_run": self.is_dry,
            "rows": self.rows,
            "added": self.added,
            "changed": self.changed,
            "same": self.same,
            "refused": [{"row": number, "findings": [item.as_json() for item in found]} for number, found in self.refused],
            "changes": [row.as_json() for row in self.changes],
            "remarks": [item.as_json() for item in self.remarks],
            "columns": self.columns,
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written: new documents, documents with their new values, the rest counted."""

    added: list[Read]
    changed: list[tuple[FinishedDocument, Read]]
    same: int
    refused: list[Refused]


def enter_file(house: House, actor: Actor, path: Path, *, department: str = "", is_dry: bool = False, source: str = "") -> Entered:
    """Enter the register in an ``.xlsx``, ``.csv`` or ``.json``. Refusals: ACCESS-REFUSED, REGISTER-UNREADABLE.

    *department* is the code for rows that name none. With *is_dry* nothing is written.
    """
    access.require(actor, "intake:register:import", where=path.name)
    table = finished.read(path)
    if table.findings:
        raise Refusal("REGISTER-UNREADABLE", path.name, reason=table.findings[0].message.rstrip("。"))
    return _enter(house, actor, table, (source or path.name)[:200], department=department, is_dry=is_dry)


def enter_rows(
    house: House, actor: Actor, sent: Iterable[Mapping[str, object]], *, source: str, department: str = "", is_dry: bool = False
) -> Entered:
    """Enter rows that an office system sends, each a mapping of headings or names of fields to values. Refusal: ACCESS-REFUSED."""
    access.require(actor, "intake:register:import", where=source)
    rows = tuple(finished.rows_of(sent))
    return _enter(house, actor, finished.Table(rows), source[:200], department=department, is_dry=is_dry)


def _enter(house: House, actor: Actor, table: finished.Table, source: str, *, department: str, is_dry: bool) -> Entered:
    good, refused = read(table.rows, _departments(), department)
    plan = _decide(good, refused)
    outcome = _outcome(table, source, plan, is_dry=is_dry)
    if is_dry:
        return outcome
    return _apply(house, actor, table, plan, outcome)


def _departments() -> dict[str, str]:
    """Return code for every code and every name, past and present, of the departments."""
    rows = list(AgentName.objects.exclude(agent__code="").values_list("name", "agent__code"))
    return dict(rows) | {code: code for _, code in rows}


def _decide(good: Sequence[Read], refused: list[Refused]) -> _Plan:
    plan = _Plan([], [], 0, refused)
    known: dict[str, FinishedDocument] = {}
    keys = [item.key for item in good]
    for start in range(0, len(keys), _A_SLICE):
        known |= {row.key: row for row in FinishedDocument.objects.filter(key__in=keys[start : start + _A_SLICE]).defer("raw")}
    for item in good:
        row = known.get(item.key)
        if row is None:
            plan.added.append(item)
        elif any(getattr(row, name) != item.values[name] for name in COLUMNS):
            plan.changed.append((row, item))
    return _Plan(plan.added, plan.changed, len(good) - len(plan.added) - len(plan.changed), refused)


def _outcome(table: finished.Table, source: str, plan: _Plan, *, is_dry: bool) -> Entered:
    changes = [
        Changed(item.row.number, item.values["title"], NAMES[name], getattr(row, name), item.values[name])
        for row, item in plan.changed
        for name in COLUMNS
        if getattr(row, name) != item.values[name]
    ]
    remarks = [item for each in (*plan.added, *(item for _, item in plan.changed)) for item in each.remarks]
    return Entered(
        source,
        is_dry,
        len(table.rows),
        len(plan.added),
        len(plan.changed),
        plan.same,
        tuple((item.row.number, item.findings) for item in sorted(plan.refused, key=lambda item: item.row.number)),
        tuple(changes),
        tuple(remarks),
        table.columns,
    )


def _apply(house: House, actor: Actor, table: finished.Table, plan: _Plan, outcome: Entered) -> Entered:
    """Write the import, then its rows in slices, each true by itself: broken off, entering again does what is left."""
    now, import_id = house.clock.now(), house.ids.new()
    digest = hashlib.sha256(canonical_json([row.raw for row in table.rows if row.number not in _secret(plan)])).hexdigest()
    told = Import(
        id=import_id,
        source=outcome.source,
        sha256=digest,
        rows=outcome.rows,
        added=outcome.added,
        changed=outcome.changed,
        same=outcome.same,
        refused=len(outcome.refused),
        imported_by=actor.id,
        imported_at=now,
    )
    body = {
        "source": told.source,
        "sha256": digest,
        "rows": told.rows,
        "added": told.added,
        "changed": told.changed,
        "refused": told.refused,
    }
    with transaction.atomic():
        told.save(force_insert=True)
        RefusedRow.objects.bulk_create([_kept(import_id, item) for item in plan.refused], batch_size=_A_SLICE)
        entries.append(now, [entries.Entry("register:imported", actor.id, import_id, body)], ids=house.ids)
    with work.progress("register", import_id, step="登记办结文件", total=outcome.added + outcome.changed) as progress:
        for start in range(0, len(plan.added), _A_SLICE):
            part = plan.added[start : start + _A_SLICE]
            with transaction.atomic():
                lock("register")
                there = set(FinishedDocument.objects.filter(key__in=[item.key for item in part]).values_list("key", flat=True))
                insert(FinishedDocument, [_document(house, import_id, item) for item in part if item.key not in there])
            progress.advance(len(part))
        for start in range(0, len(plan.changed), _A_SLICE):
            part_changed = plan.changed[start : start + _A_SLICE]
            _change(house, actor, import_id, part_changed)
            progress.advance(len(part_changed))
    return Entered(**{name: getattr(outcome, name) for name in Entered.__dataclass_fields__ if name != "import_id"}, import_id=import_id)


def _secret(plan: _Plan) -> set[int]:
    return {item.row.number for item in plan.refused if item.is_secret}


def _kept(import_id: str, item: Refused) -> RefusedRow:
    """Return a refused row as it is kept; of one that bears a mark of secrecy only its number."""
    raw = {} if item.is_secret else item.row.raw
    return RefusedRow(delivery_id=import_id, number=item.row.number, raw=raw, findings=[each.as_json() for each in item.findings])


def _document(house: House, import_id: str, item: Read) -> FinishedDocument:
    return FinishedDocument(
        id=house.ids.new(),
        key=item.key,
        delivery_id=import_id,
        row_number=item.row.number,
        raw=item.row.raw,
        created_at=house.clock.now(),
        **item.values,
        **item.derived,
    )


def _change(house: House, actor: Actor, import_id: str, part: Sequence[tuple[FinishedDocument, Read]]) -> None:
    """Write what changed, if nobody changed the rows meanwhile, each with an event that keeps the old values."""
    told: dict[str, dict[str, list[str]]] = {}
    rows: list[FinishedDocument] = []
    for row, item in part:
        differing = [name for name in COLUMNS if getattr(row, name) != item.values[name]]
        told[row.id] = {name: [getattr(row, name), item.values[name]] for name in differing}
        for name, value in (item.values | item.derived).items():
            setattr(row, name, value)
        row.delivery_id, row.row_number, row.raw = import_id, item.row.number, item.row.raw
        rows.append(row)
    with transaction.atomic():
        written = save_unchanged(FinishedDocument, rows, (*COLUMNS, *_DERIVED, "delivery", "row_number", "raw"))
        events = [entries.Entry("register:changed", actor.id, row.id, {"import": import_id, "changes": told[row.id]}) for row in written]
        entries.append(house.clock.now(), events, ids=house.ids)
