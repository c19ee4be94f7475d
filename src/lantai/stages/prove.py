"""prove 核验: is each record still what it was? Bytes against inventories, inventories against the proof and its signatures,
the package against the row and the ledger. What could not be checked is said, never passed over.
"""

import getpass
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import batched

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core import access
from lantai.core.access import ROLE_NAMES, Actor, Role
from lantai.core.errors import Coded
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import State
from lantai.packages import layout, proof, record_xml
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import coding, links, promised, use, verifications
from lantai.stages.agreement import differences, following
from lantai.stages.renewals import Renewals
from lantai.stages.seals import SHOWN, LedgerProof, Seals, archived_events
from lantai.stages.stamps import StampProof, Stamps

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

    ``proofs`` and ``stamps`` are those of the first records, to be shown, and ``chains`` their ways of proof link by link.
    """

    checked: int
    problems: tuple[Problem, ...]
    not_checked: tuple[str, ...] = field(default=())
    proofs: tuple[LedgerProof, ...] = field(default=())
    stamps: tuple[StampProof, ...] = field(default=())
    chains: tuple[links.Chain, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """Return ``{ok, checked, problems[], not_checked[], ledger[], stamps[], chains[]}``."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "problems": [asdict(item) for item in self.problems],
            "not_checked": list(self.not_checked),
            "ledger": [item.as_json() for item in self.proofs],
            "stamps": [item.as_json() for item in self.stamps],
            "chains": [item.as_json() for item in self.chains],
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
    return replace(found, problems=(*found.problems, *_missing(), *_strays(house)))


def unable() -> str:
    """Return in words who is to be told where a record could not be verified."""
    return f"请告知{ROLE_NAMES[Role.SYSADMIN]}{'、'.join(verifications.persons(Role.SYSADMIN))}"


def _all() -> "QuerySet[Record]":
    return Record.objects.filter(state=State.ARCHIVED).order_by("id")


def _verify(house: House, actor_id: str, rows: Iterable[Record], *, total: int, is_all: bool = False) -> Verified:
    run = _Run(house, actor_id)
    with work.progress("verify", "all" if is_all else actor_id[:26], step="核验", total=total) as progress:
        for some in batched(rows, SLICE):  # of unequal lengths: the last may be short
            run.slice(some)
            progress.advance(len(some))
    return run.outcome()


class _Run:
    """One verification: what it looks things up in, and what it has found so far."""

    def __init__(self, house: House, actor_id: str) -> None:
        self._house, self._actor_id = house, actor_id
        self._seals, self._stamps, self._renewals = Seals(house), Stamps(house), Renewals(house)
        self._problems: list[Problem] = []
        self._shown: list[StampProof] = []
        self._chains: list[links.Chain] = []
        self._checked = 0

    def outcome(self) -> Verified:
        """Return what was found."""
        not_checked = (*self._stamps.not_checked(), *self._seals.not_checked())
        kept = tuple(self._seals.proofs), tuple(self._shown), tuple(self._chains)
        return Verified(self._checked, tuple(self._problems), not_checked, *kept)

    def slice(self, rows: Sequence[Record]) -> None:
        """Verify some records and tell the ledger."""
        archived = [row for row in rows if row.state == State.ARCHIVED]
        documents, files = queries.documents_of(archived), queries.files_of(archived)
        told = archived_events([row.id for row in archived])
        bad: dict[str, int] = {}
        unable: list[str] = []
        for row in rows:
            remarks = [finding("PROVE-NOT-ARCHIVED", row.id)] if row.state != State.ARCHIVED else []
            if not remarks:
                material = documents.get(row.id, []), files.get(row.id, [])
                remarks = self._record(row, material, told.get(row.id, ()))
            self._problems += [Problem(item.code, item.where, row.code or row.id, item.message) for item in remarks]
            if any(item.code.startswith(links.NOT_RUN) for item in remarks):
                unable.append(row.id)
            elif remarks:
                bad[row.id] = len(remarks)
        self._checked += len(rows)
        with transaction.atomic():
            body = {"records": [row.id for row in rows], "problems": sum(bad.values()) + len(unable), "bad": bad, "unable": unable}
            told_of = entries.Entry("record:verified", self._actor_id, rows[0].id, body)
            entries.append(self._house.clock.now(), [told_of], ids=self._house.ids)

    def _record(self, row: Record, material: Material, told: Sequence[tuple[Event, Payload]]) -> list[Finding]:
        stamp: StampProof | None = None
        before = len(self._seals.proofs)
        try:
            remarks = self._house.store.verify(row.id)
            if not remarks:
                content = _proof_bytes(self._house, row)
                stamp, broken = self._stamp(row, content)
                kept = _proof(self._house, row, content), _row(self._house, row, *material)
                broken += self._renewals.remarks(row, content)
                remarks = [*kept[0], *broken, *kept[1], *self._seals.remarks(row, told)]
            if not remarks and promised.has_more(self._house.store, row.id, row.content_version):
                remarks = [finding("PROVE-VERSION-UNKNOWN", row.code or row.id)]
        except Coded as end:
            remarks = [finding("PROVE-NOT-POSSIBLE", row.id, reason=end.message)]
        if len(self._chains) < SHOWN:
            self._show(row, remarks, stamp, next(iter(self._seals.proofs[before:]), None))
        return remarks

    def _stamp(self, row: Record, content: bytes) -> tuple[StampProof | None, list[Finding]]:
        """Judge the time stamp of the record's batch; a proof that cannot be read is told elsewhere."""
        try:
            batch = proof.batch(content)
        except ValueError:
            return None, []
        found = replace(self._stamps.of(row.code or row.id, batch), record=row.code or row.id)
        if len(self._shown) < SHOWN:
            self._shown.append(found)
        return found, [finding("PROOF-STAMP-INVALID", found.root, reason=found.says)] if found.state == "bad" else []

    def _show(self, row: Record, remarks: Sequence[Finding], stamp: StampProof | None, ledger: LedgerProof | None) -> None:
        """Keep the way of proof of one of the first records."""
        problems = [(item.code, item.message) for item in remarks if not item.code.startswith(links.NOT_RUN)]
        if len(problems) < len(remarks):
            return
        made, stops = links.links(problems, links.Evidence(stamp, ledger, self._seals.witnesses()))
        since = verifications.last_good(row.id) if stops else None
        who = links.tell(stops, verifications.persons(links.role_of(stops)))
        self._chains.append(links.Chain(row.code or row.id, made, stops, since, who, row.archived_at))


def _proof_bytes(house: House, row: Record) -> bytes:
    with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
        return stream.read()


def _proof(house: House, row: Record, content: bytes) -> list[Finding]:
    """Hold the package against its proof; the store has just read every byte, so its digests stand for the bytes."""
    sizes = {item["path"]: int(item["size"]) for item in json.loads(content)["files"]}
    present = {path: proof.Digests(sizes.get(path, -1), digest) for path, digest in house.store.files(row.id, row.content_version).items()}
    return proof.verify(content, present, house.signer)


def _row(house: House, row: Record, documents: Sequence[Document], files: Sequence[ComputerFile]) -> list[Finding]:
    """Hold what the tables say against record.xml."""
    with house.store.open(row.id, layout.RECORD_XML, row.content_version) as stream:
        kept = record_xml.read(stream.read())
    return [*differences(row, documents, files, kept), *following(row, kept, (coding.Forms(house).of(row).text,))]


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
