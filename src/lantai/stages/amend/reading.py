"""Versions of a record as people ask for them: which there are, how two of them differ, what is proposed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lantai.core import access, versions
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.record import ComputerFile, Representation
from lantai.core.record import Record as Value
from lantai.core.versions import ElementChange, FileChange
from lantai.formats.kinds import DRAWN
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import read
from lantai.shelves.versions.models import Amendment
from lantai.stages import revising, succeeding, use
from lantai.stages.amend.decide import DESCRIBING, is_free, key_elements
from lantai.stages.seals import archived_events

WORDS = {
    "record:archived": "归档",
    "record:transferred": "移交",
    "record:amended": "更正著录",
    "record:restored": "恢复旧版著录",
    "record:replaced": "替换文件",
}


_FIRST = ("title", "document_number", "author", "date", "principal_receiver", "document_type")


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the vault: its number, when it was made (ISO 8601, UTC), the act that made it and who acted (account id), why,
    the SHA-256 of its inventory, and how many files it has."""

    number: int
    created: str
    act: str
    actor: str
    reason: str
    inventory_sha256: str
    files: int

    def as_json(self) -> dict[str, object]:
        """Return the fields."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Pair:
    """A document as two versions show it: a file of each, by its path (empty where there is none that can be drawn), and its pages."""

    name: str
    before: str
    after: str
    pages: int
    is_same: bool
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of a record and what differs between them."""

    record_id: str
    code: str
    before: int
    after: int
    elements: tuple[ElementChange, ...]
    files: tuple[FileChange, ...]
    pairs: tuple[Pair, ...]

    def as_json(self) -> dict[str, object]:
        """Return ``{id, code, before, after, elements[], files[]}``."""
        told = {"id": self.record_id, "code": self.code, "before": self.before, "after": self.after}
        return told | {"elements": [asdict(item) for item in self.elements], "files": [asdict(item) for item in self.files]}


def listed(house: House, actor: Actor, key: str) -> tuple[Version, ...]:
    """Return the versions of an archived record, the newest first; told. Refusals: RECORD-UNKNOWN, ACCESS-REFUSED, VERSION-NONE."""
    row = readable(actor, key)
    use.note_read(house, actor, row, {"part": "versions"})
    inventory = json.loads(house.store.inventory(row.id, row.content_version))
    bodies = [(event, read(payload.body)) for event, payload in archived_events([row.id]).get(row.id, ())]
    told = {body["version"]: (event, body) for event, body in bodies if "version" in body}
    return tuple(_version(inventory["versions"][f"v{number}"], number, told.get(number)) for number in range(row.content_version, 0, -1))


def compared(house: House, actor: Actor, key: str, before: int, after: int) -> Compared:
    """Compare two versions of a record. Refusals: RECORD-UNKNOWN, ACCESS-REFUSED, VERSION-NONE, VERSION-UNKNOWN."""
    row = readable(actor, key)
    for number in (before, after):
        demand_version(row, number)
    old, new = (succeeding.described(house, row.id, number) for number in (before, after))
    then, now = (_content(house.store.files(row.id, number)) for number in (before, after))
    elements, files = versions.changed_elements(old.elements, new.elements), versions.changed_files(then, now)
    return Compared(row.id, row.code, before, after, elements, files, _pairs(old, new))


def standing(actor: Actor, record_id: str) -> tuple[Amendment, ...]:
    """Return the corrections of a record, the newest first; none for whom they do not concern."""
    row = Record.objects.filter(id=record_id).first()
    if row is None or not access.may(actor, "holdings:record:amend", queries.access_facts(row)).allowed:
        return ()
    return tuple(Amendment.objects.filter(record_id=record_id).order_by("-id")[:20])


def correctable(actor: Actor, record_id: str) -> tuple[tuple[str, str, bool], ...]:
    """Return the elements of a record that *actor* may correct, as a form has them, and whether a second person must approve it; none
    where nothing may be."""
    row = Record.objects.filter(id=record_id).first()
    if row is None or not access.may(actor, "holdings:record:amend", queries.access_facts(row)).allowed or not is_free(row):
        return ()
    names = dict.fromkeys((*_FIRST, *row.elements))
    free = [name for name in names if name not in versions.FIXED]
    key = key_elements(free, row.category)
    return tuple((name, revising.raw(row, name), name in key) for name in free)


def readable(actor: Actor, key: str) -> Record:
    """Return an archived record that *actor* may read. Refusals: RECORD-UNKNOWN, ACCESS-REFUSED, VERSION-NONE."""
    row = use.find_record(key)
    access.require(actor, "holdings:record:read", queries.access_facts(row), where=row.code or row.id)
    if row.state != State.ARCHIVED or not row.content_version:
        raise Refusal("VERSION-NONE", row.code or row.title or row.id)
    return row


def demand_version(row: Record, number: int) -> None:
    """Raise Refusal VERSION-UNKNOWN where a record has no version of that number."""
    if not 1 <= number <= row.content_version:
        raise Refusal("VERSION-UNKNOWN", row.code or row.id, version=number)


def _version(block: Mapping[str, Any], number: int, told: tuple[Event, Mapping[str, Any]] | None) -> Version:
    files = sum(len(paths) for paths in block["state"].values())
    if told is None:
        return Version(number, str(block["created"]), str(block["message"]), "", "", "", files)
    event, body = told
    made = str(block["created"]), WORDS[event.type], event.actor, str(body.get("reason", ""))
    return Version(number, *made, str(body.get("inventory_sha256", "")), files)


def _content(files: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in files.items() if path not in DESCRIBING}


def _pairs(old: Value, new: Value) -> tuple[Pair, ...]:
    """Return the documents of either version with what of them can be drawn, in order."""
    befores, afters = ({item.sequence: item for item in value.documents} for value in (old, new))
    found = []
    for sequence in sorted(befores.keys() | afters.keys()):
        was, now = befores.get(sequence), afters.get(sequence)
        one, other = (_drawn(item.files) if item else None for item in (was, now))
        pages = max((item.page_count or 0) for item in (one, other) if item) if one or other else 0
        named = now or was
        name = named.role.value if named else ""
        is_same = one is not None and other is not None and one.sha256 == other.sha256
        found.append(Pair(name, one.path if one else "", other.path if other else "", pages, is_same, sequence))
    return tuple(found)


def _drawn(files: tuple[ComputerFile, ...]) -> ComputerFile | None:
    """Return the file of a document that its pages are drawn from: what was made for keeping before what came."""
    able = [item for item in files if item.mime in DRAWN and item.page_count]
    return next((item for item in able if item.representation is Representation.PRESERVATION), able[0] if able else None)
