"""Records as parcels: from the vault by their record.xml where they are archived, else from rows and staged files."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.db.models import Q

from lantai.core import access, record
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.packages import layout, record_xml
from lantai.packages.parcel import Parcel
from lantai.ports import House
from lantai.shelves.holdings import queries, values
from lantai.shelves.holdings.models import ComputerFile, Record

PERMISSION = "holdings:record:export"
_GONE = (State.DISCARDED, State.RETURNED)


def rows_of(keys: Sequence[str]) -> list[Record]:
    """Return the records of *keys* (ULID, code or M7), each once, in order. Raises Refusal RECORD-UNKNOWN."""
    by_id = {row.id: row for row in Record.objects.filter(id__in=keys)} if len(keys) < 900 else {}
    found: dict[str, Record] = {}
    for key in keys:
        row = by_id.get(key) or queries.by_key(key)
        if row is None:
            raise Refusal("RECORD-UNKNOWN", key)
        found[row.id] = row
    return list(found.values())


def require(actor: Actor, rows: Sequence[Record]) -> None:
    """Raise Refusal where the actor may not export every one of *rows*, or one has no content any more."""
    for row in rows:
        access.require(actor, PERMISSION, queries.access_facts(row), where=row.code or row.title or row.id)
        if row.state in _GONE:
            raise Refusal("EXPORT-GONE", row.code or row.title or row.id)


def parcels(house: House, rows: Sequence[Record]) -> list[Parcel]:
    """Return the parcels of *rows*, in order. Raises Fault of the store, Refusal RECORD-XML-INVALID."""
    fresh = [row for row in rows if row.state != State.ARCHIVED]
    staged = dict(zip([row.id for row in fresh], values.records(fresh), strict=True)) if fresh else {}
    places = dict(
        ComputerFile.objects.filter(Q(record_id__in=[row.id for row in fresh]) & ~Q(staged="")).values_list("id", "staged") if fresh else ()
    )
    return [Parcel(staged[row.id], partial(_staged, house.data, places)) if row.id in staged else archived(house, row) for row in rows]


def archived(house: House, row: Record) -> Parcel:
    """Return the parcel of an archived record with its earlier versions: what record.xml in the vault says, the bytes it holds."""
    versions = [_version(house, row.id, number) for number in range(1, row.content_version + 1)]
    return replace(versions[-1], earlier=tuple(versions[:-1]))


def _version(house: House, record_id: str, number: int) -> Parcel:
    with house.store.open(record_id, layout.RECORD_XML, number) as stream:
        value = record_xml.read(stream.read())
    return Parcel(value, partial(_kept, house, record_id, number))


def _kept(house: House, record_id: str, number: int, item: record.ComputerFile) -> BinaryIO:
    return house.store.open(record_id, item.path, number)


def _staged(data: Path, places: dict[str, str], item: record.ComputerFile) -> BinaryIO:
    if item.id not in places:
        raise Refusal("EXPORT-GONE", item.name)
    return (data / places[item.id]).open("rb")
