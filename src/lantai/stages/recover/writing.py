"""Writing tables as files: the ``state/`` package, which leaves out what vault and ledger hold, and the whole, for a backup."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from lantai.core.events import instant_text
from lantai.packages import recovery_key
from lantai.packages.table_package import Writer, digest_of
from lantai.ports import House
from lantai.shelves import tables
from lantai.shelves.databases import is_postgresql
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.shelves.people.models import Account
from lantai.shelves.tables import SNAPSHOT, Values
from lantai.stages.recover import carried

WHOLE, REST = "whole", "rest"
PASSWORD = "password"  # noqa: S105 - the name of a column
IN_VAULT = "@vault"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the instant it shows, rows by table, events and records in it, the SHA-256 of its list."""

    taken_at: str
    rows: dict[str, int]
    events: int
    sealed: int
    records: int
    sha256: str
    has_secrets: bool


def write(house: House, folder: Path, *, scope: str) -> Written:
    """Write every table into *folder* as of one instant, signed and read back.

    Passwords' hashes go sealed under the recovery key, or not at all where there is none. Raises Refusal TABLES-DAMAGED, OSError.
    """
    writer, key = Writer(folder), recovery_key.held(house.data / "keys")
    with tables.snapshot():
        taken_at = instant_text(house.clock.now())
        counts = {name: count for model in tables.written() for name, count in _model(writer, model, scope)}
        if key is not None:
            writer.secrets(key.seal(json.dumps({PASSWORD: _passwords()}).encode()))
        ledger = _ledger()
        records = Record.objects.using(SNAPSHOT).filter(content_version__gt=0).count()
        migrations = tables.migrations()
    head = {
        "scope": scope,
        "taken_at": taken_at,
        "fonds": house.settings.fonds,
        "agency": house.settings.agency,
        "database": "postgresql" if is_postgresql() else "sqlite",
        "migrations": [list(item) for item in migrations],
        "ledger": ledger,
        "records": records,
    }
    sha256 = writer.finish(head, house.signer)
    return Written(taken_at, counts, ledger["events"], ledger["size"], records, sha256, key is not None)


def _model(writer: Writer, model: type[Model], scope: str) -> Iterator[tuple[str, int]]:
    """Write the rows of a table; what the vault or the ledger holds is left out of the rest."""
    name, names = model._meta.db_table, tables.columns(model)
    query = model._default_manager.order_by("pk")
    if model is Account:
        names = [column for column in names if column != PASSWORD]
    split = _SPLITS.get(model) if scope == REST else None
    if split is None:
        yield name, writer.table(name, names, tables.rows(query, names))
        return
    held = split.held()
    yield name, writer.table(name, names, tables.rows(query.exclude(held), names))
    if split.told is not None:
        kept = [column for column in names if column not in split.left_out]
        found = _told(query.filter(held).order_by(*split.order), names, split)
        yield name + IN_VAULT, writer.table(name + IN_VAULT, [*kept, *split.extra], found)


@dataclass(frozen=True, slots=True)
class _Split:
    """How a table is told where its package holds a part: which rows, in what order, the columns left out, those told in their place."""

    held: Callable[[], Q]
    order: tuple[str, ...] = ("pk",)
    left_out: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    told: Callable[[dict[str, Any]], list[Any]] | None = None


def _told(query: "QuerySet[Any]", names: list[str], split: _Split) -> Iterator[Values]:
    for row in tables.rows(query, names):
        cells = dict(zip(names, row, strict=True))
        extra = split.told(cells) if split.told else []
        yield [*(cells[name] for name in names if name not in split.left_out), *extra]


def _record(cells: dict[str, Any]) -> list[Any]:
    return [carried.own_elements(cells["elements"]), carried.digest(cells, carried.RECORD)]


def _document(cells: dict[str, Any]) -> list[Any]:
    return [carried.digest(cells, carried.DOCUMENT)]


def _file(cells: dict[str, Any]) -> list[Any]:
    return [carried.own_facts(cells["facts"]), carried.digest(cells, carried.FILE)]


def _report(cells: dict[str, Any]) -> list[Any]:
    return [digest_of(cells["packed"])]


def packaged_reports() -> Q:
    """Return which reports lie in the package of their record: that of the gate it passed when it was archived."""
    same = Record.objects.filter(id=OuterRef("subject_id"), archived_at=OuterRef("created_at"), content_version=1)
    return Q(pk__in=Report.objects.filter(Exists(same), gate="archiving", subject_kind="record").values("pk"))


def _unsealed() -> Q:
    """Return which events the log holds."""
    last = Checkpoint.objects.using(SNAPSHOT).order_by("-size").first()
    return Q(position__lt=last.size if last else 0)


_SPLITS: dict[type[Model], _Split] = {
    Record: _Split(lambda: Q(content_version__gt=0), ("pk",), carried.RECORD, ("own_elements", "digest"), _record),
    Document: _Split(lambda: Q(record__content_version__gt=0), ("record_id", "pk"), carried.DOCUMENT, ("digest",), _document),
    ComputerFile: _Split(lambda: Q(record__content_version__gt=0), ("record_id", "pk"), carried.FILE, ("own_facts", "digest"), _file),
    Report: _Split(packaged_reports, ("subject_id", "pk"), ("packed",), ("digest",), _report),
    Event: _Split(_unsealed),
}


def _passwords() -> dict[str, str]:
    return dict(Account.objects.using(SNAPSHOT).values_list("id", PASSWORD))


def _ledger() -> dict[str, Any]:
    last = Checkpoint.objects.using(SNAPSHOT).order_by("-size").first()
    events = Event.objects.using(SNAPSHOT).count()
    return {"events": events, "size": last.size if last else 0, "root": last.root if last else "", "note": last.note if last else ""}
