"""Entering a register: gather what is known, decide row by row, write in slices; a dry run stops before the writing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

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
from lantai.stages.register.rows import COLUMNS, NAMES, Places, Read, Refused, read, remark

IMPORT = "intake:register:import"
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
    is_repeated: bool = False
    answer: dict[str, Any] = field(default_factory=dict)

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
    access.require(actor, IMPORT, {"department": actor.department}, where=path.name)
    table = finished.read(path)
    if table.findings:
        raise Refusal("REGISTER-UNREADABLE", path.name, reason=table.findings[0].message.rstrip("。"))
    return _enter(house, actor, table, (source or path.name)[:200], department=department, is_dry=is_dry)


def enter_rows(
    house: House, actor: Actor, sent: Iterable[Mapping[str, object]], *, source: str, key: str = "", is_dry: bool = False
) -> Entered:
    """Enter rows that a client sends, each a mapping of headings or names of fields to values, under the *key* that it gave them.

    Sent again under the same key they change nothing and the same is answered (``is_repeated``); what an earlier attempt left
    undone is done. Rows without a department are the client's own. Refusals: ACCESS-REFUSED, REGISTER-DELIVERY-DIFFERS.
    """
    access.require(actor, IMPORT, {"department": actor.department}, where=key or source)
    table = finished.Table(tuple(finished.rows_of(sent)))
    return _enter(house, actor, table, source[:200], department=actor.department, is_dry=is_dry, key=key)


def _enter(  # noqa: PLR0913 - what was sent and how it is to be taken, all keyword-only
    house: House, actor: Actor, table: finished.Table, source: str, *, department: str, is_dry: bool, key: str = ""
) -> Entered:
    places = Places(_departments(), department, _allowed(actor))
    good, refused = read(table.rows, places)
    plan = _decide(good, refused, places)
    outcome = _outcome(table, source, plan, is_dry=is_dry)
    if is_dry:
        return outcome
    digest = _digest(table, plan)
    earlier = Import.objects.filter(imported_by=actor.id, key=key).first() if key else None
    if earlier is not None and (earlier.sha256, earlier.rows) != (digest, outcome.rows):
        raise Refusal("REGISTER-DELIVERY-DIFFERS", key)
    if earlier is None:
        earlier, is_repeated = _begin(house, actor, plan, outcome, (key, digest)), False
    else:
        is_repeated = True
    if earlier.concluded_at is None:
        _write(house, actor, earlier, plan)
    return replace(outcome, import_id=earlier.id, is_repeated=is_repeated, answer=earlier.answer)


def _allowed(actor: Actor) -> frozenset[str] | None:
    """Return the departments whose documents *actor* may enter, None for all."""
    alternatives = access.rows(actor, IMPORT)
    return None if any(not row for row in alternatives) else frozenset(row["department"] for row in alternatives)


def _departments() -> dict[str, str]:
    """Return code for every code and every name, past and present, of the departments."""
    rows = list(AgentName.objects.exclude(agent__code="").values_list("name", "agent__code"))
    return dict(rows) | {code: code for _, code in rows}


def _decide(good: Sequence[Read], refused: list[Refused], places: Places) -> _Plan:
    """Part what is new, what changes and what is the same; a document of a department that is not the actor's stays as it is."""
    plan, same = _Plan([], [], 0, refused), 0
    known: dict[str, FinishedDocument] = {}
    keys = [item.key for item in good]
    for start in range(0, len(keys), _A_SLICE):
        known |= {row.key: row for row in FinishedDocument.objects.filter(key__in=keys[start : start + _A_SLICE]).defer("raw")}
    for item in good:
        row = known.get(item.key)
        if row is None:
            plan.added.append(item)
        elif not places.may(row.department):
            refused.append(Refused(item.row, (remark("REGISTER-DEPARTMENT-OTHER", item.row),)))
        elif any(getattr(row, name) != item.values[name] for name in COLUMNS):
            plan.changed.append((row, item))
        else:
            same += 1
    return replace(plan, same=same)


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


def _digest(table: finished.Table, plan: _Plan) -> str:
    """Return the digest of what was sent; rows that bear a mark of secrecy leave no trace in it."""
    secret = {item.row.number for item in plan.refused if item.is_secret}
    return hashlib.sha256(canonical_json([row.raw for row in table.rows if row.number not in secret])).hexdigest()


def _begin(house: House, actor: Actor, plan: _Plan, outcome: Entered, named: tuple[str, str]) -> Import:
    """Write the delivery down with what it will be answered and the rows that are refused; it is concluded when its rows are written."""
    now, import_id, (key, digest) = house.clock.now(), house.ids.new(), named
    counted = {name: getattr(outcome, name) for name in ("rows", "added", "changed", "same")} | {"refused": len(outcome.refused)}
    told = Import(
        id=import_id,
        source=outcome.source,
        sha256=digest,
        imported_by=actor.id,
        imported_at=now,
        key=key,
        answer=outcome.as_json() if key else {},
        **counted,
    )
    body = {"source": told.source, "sha256": digest, **{name: count for name, count in counted.items() if name != "same"}}
    try:
        with transaction.atomic():
            told.save(force_insert=True)
            RefusedRow.objects.bulk_create([_kept(import_id, item) for item in plan.refused], batch_size=_A_SLICE)
            entries.append(now, [entries.Entry("register:imported", actor.id, import_id, body)], ids=house.ids)
    except IntegrityError:
        raise Refusal("REGISTER-DELIVERY-BUSY", key) from None
    return told


def _write(house: House, actor: Actor, told: Import, plan: _Plan) -> None:
    """Write the rows in slices, each true by itself: broken off, entering again does what is left."""
    with work.progress("register", told.id, step="登记办结文件", total=len(plan.added) + len(plan.changed)) as progress:
        for start in range(0, len(plan.added), _A_SLICE):
            part = plan.added[start : start + _A_SLICE]
            with transaction.atomic():
                lock("register")
                there = set(FinishedDocument.objects.filter(key__in=[item.key for item in part]).values_list("key", flat=True))
                insert(FinishedDocument, [_document(house, told.id, item) for item in part if item.key not in there])
            progress.advance(len(part))
        for start in range(0, len(plan.changed), _A_SLICE):
            part_changed = plan.changed[start : start + _A_SLICE]
            _change(house, actor, told.id, part_changed)
            progress.advance(len(part_changed))
    Import.objects.filter(id=told.id, concluded_at=None).update(concluded_at=house.clock.now())


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
