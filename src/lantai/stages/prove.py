"""prove 核验: is each record still what it was? Bytes against inventories, inventories against the proof and its signatures,
the package against the row and the ledger. What could not be checked is said, never passed over.
"""

import getpass
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Coded
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.packages import layout, proof, record_xml
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import use
from lantai.stages.agreement import differences
from lantai.stages.seals import LedgerProof, Seals, archived_events

SLICE = 200
Material = tuple[Sequence[Document], Sequence[ComputerFile]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was: stable code, path within the package, record ULID, words."""

    code: str
    path: str
    record: str
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Outcome of a verification: how many records were checked, what is wrong, what nobody could check.

    ``proofs`` are those of the first records' archiving in the ledger, to be shown.
    """

    checked: int
    problems: tuple[Problem, ...]
    not_checked: tuple[str, ...] = field(default=())
    proofs: tuple[LedgerProof, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """Return ``{ok, checked, problems[], not_checked[], ledger[]}``."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "problems": [asdict(item) for item in self.problems],
            "not_checked": list(self.not_checked),
            "ledger": [item.as_json() for item in self.proofs],
        }


def verify(house: House, actor: Actor, keys: Sequence[str]) -> Verified:
    """Verify the named records as *actor*. Raises Refusal for an unknown key or where the actor may not."""
    rows = [use.find_record(key) for key in keys]
    for row in rows:
        access.require(actor, "holdings:record:verify", queries.access_facts(row), where=row.code or row.id)
    return _verify(house, actor.id, rows, total=len(rows))


def verify_as_service(house: House, keys: Sequence[str] | None) -> Verified:
    """Verify the named records, or all where None, as the service account; the ledger notes the operating-system user."""
    actor = f"service:{getpass.getuser()}"
    if keys is not None:
        return _verify(house, actor, [use.find_record(key) for key in keys], total=len(keys))
    rows = _all()
    found = _verify(house, actor, rows.iterator(chunk_size=SLICE), total=rows.count(), is_all=True)
    return Verified(found.checked, (*found.problems, *_missing(), *_strays(house)), found.not_checked, found.proofs)


def _all() -> "QuerySet[Record]":
    return Record.objects.filter(state=State.ARCHIVED).order_by("id")


def _verify(house: House, actor_id: str, rows: Iterable[Record], *, total: int, is_all: bool = False) -> Verified:
    problems: list[Problem] = []
    checked, seals = 0, Seals(house)
    held: list[Record] = []
    with work.progress("verify", "all" if is_all else actor_id[:26], step="核验", total=total) as progress:
        for row in rows:
            held.append(row)
            if len(held) == SLICE:
                problems += _verify_slice(house, actor_id, held, seals)
                checked += len(held)
                progress.advance(len(held))
                held = []
        problems += _verify_slice(house, actor_id, held, seals)
    return Verified(checked + len(held), tuple(problems), seals.not_checked(), tuple(seals.proofs))


def _verify_slice(house: House, actor_id: str, rows: list[Record], seals: Seals) -> list[Problem]:
    if not rows:
        return []
    archived = [row for row in rows if row.state == State.ARCHIVED]
    documents, files = queries.documents_of(archived), queries.files_of(archived)
    told = archived_events([row.id for row in archived])
    found: list[Problem] = []
    for row in rows:
        remarks = [finding("PROVE-NOT-ARCHIVED", row.id)] if row.state != State.ARCHIVED else []
        if not remarks:
            material = documents.get(row.id, []), files.get(row.id, [])
            remarks = _record(house, row, material, told.get(row.id, ()), seals)
        found += [Problem(item.code, item.where, row.code or row.id, item.message) for item in remarks]
    with transaction.atomic():
        body = {"records": [row.id for row in rows], "problems": len(found)}
        entries.append(house.clock.now(), [entries.Entry("record:verified", actor_id, rows[0].id, body)], ids=house.ids)
    return found


def _record(house: House, row: Record, material: Material, told: Sequence[tuple[Event, Payload]], seals: Seals) -> list[Finding]:
    try:
        remarks = house.store.verify(row.id)
        if remarks:
            return remarks
        return [*_proof(house, row), *_row(house, row, *material), *seals.remarks(row, told)]
    except Coded as end:
        return [finding("PROVE-NOT-POSSIBLE", row.id, reason=end.message)]


def _proof(house: House, row: Record) -> list[Finding]:
    """Hold the package against its proof; the store has just read every byte, so its digests stand for the bytes."""
    with house.store.open(row.id, layout.PROOF) as stream:
        content = stream.read()
    sizes = {item["path"]: int(item["size"]) for item in json.loads(content)["files"]}
    present = {path: proof.Digests(sizes.get(path, -1), digest) for path, digest in house.store.files(row.id).items()}
    return proof.verify(content, present, house.signer)


def _row(house: House, row: Record, documents: Sequence[Document], files: Sequence[ComputerFile]) -> list[Finding]:
    """Hold what the tables say against record.xml."""
    with house.store.open(row.id, layout.RECORD_XML) as stream:
        kept = record_xml.read(stream.read())
    return list(differences(row, documents, files, kept))


def _missing() -> list[Problem]:
    """Records that the ledger says were archived and that the tables no longer have, or no longer call archived."""
    archived = Event.objects.filter(type="record:archived").values_list("object_id", flat=True)
    kept = set(Record.objects.filter(state=State.ARCHIVED).values_list("id", flat=True))
    found = [finding("PROVE-RECORD-MISSING", record_id) for record_id in sorted(set(archived) - kept)]
    return [Problem(item.code, "", item.where, item.message) for item in found]


def _strays(house: House) -> list[Problem]:
    """Objects that no row promises: remains of a crash, or bytes that somebody put there."""
    kept = set(Record.objects.filter(content_version__gt=0).values_list("id", flat=True))
    waiting = set(Record.objects.filter(content_version=0).values_list("id", flat=True))
    found: list[Problem] = []
    for record_id in house.store.record_ids():
        if record_id not in kept and record_id not in waiting:
            remark = finding("PROVE-STRAY-OBJECT", record_id)
            found.append(Problem(remark.code, "", record_id, remark.message))
    return found
