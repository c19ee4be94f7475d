"""fsck: a place looked through from end to end. What a crash can leave is repaired; what cannot be repaired is named."""

import getpass
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from lantai import work
from lantai.core.errors import Coded, Fault, Refusal
from lantai.core.findings import Finding, finding
from lantai.ports import House
from lantai.ports.moving import Place
from lantai.ports.settings import Settings
from lantai.ports.store import Store
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Replica
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import promised
from lantai.stages.copies.apart import is_away
from lantai.stages.copies.audit import OF_THE_OBJECT, REPLACED, Read, read_all
from lantai.stages.copies.mend import mend_at
from lantai.stages.copies.replicas import named, opened


@dataclass(slots=True)
class Checked:
    """What came of it: objects read, leftovers swept, interrupted objects settled, records mended, and what is still wrong."""

    place: str
    checked: int = 0
    swept: int = 0
    settled: int = 0
    mended: list[str] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return ``{ok, place, checked, swept, settled, mended[], problems[]}``."""
        return {
            "ok": not self.problems,
            "place": self.place,
            "checked": self.checked,
            "swept": self.swept,
            "settled": self.settled,
            "mended": self.mended,
            "problems": [{"code": item.code, "record": item.where, "message": item.message} for item in self.problems],
        }


def fsck(house: House, place: Replica | None = None, *, is_repairing: bool = False) -> Checked:
    """Look through a place: sweep and settle where it *is_repairing*, read every byte, mend from good copies, name the rest.

    Runs as the service account; the ledger is told. Raises Fault STORE-AWAY where the place is not there.
    """
    if place is None and is_away(house):
        raise Fault("STORE-AWAY", Settings(data=house.data).vault_place.address)
    store, found = opened(house, place), Checked(named(place))
    if is_repairing:
        found.swept = store.sweep()
    wanted = dict(_wanted(place))
    present = list(store.record_ids())
    with work.progress("fsck", place.id if place else "vault", step=f"检查：{found.place}", total=len(present)) as progress:
        for at in range(0, len(present), house.settings.slice_records):
            part = present[at : at + house.settings.slice_records]
            found.settled += sum(_settled(store, key) for key in part) if is_repairing else 0
            promises = promised.of(place, part)
            for item in read_all(store, part, promises):
                found.checked += 1
                _judge(house, found, place, item, wanted, is_repairing=is_repairing)
            _more(found, store, {key: promise.version for key, promise in promises.items()}, wanted)
            progress.advance(len(part))
    altered = store.altered(mends=is_repairing)
    found.settled += len(altered) if is_repairing else 0
    found.problems += [finding("COPY-ROOT-ALTERED", path, place=found.place) for path in altered if not is_repairing]
    unknown = tuple(item.where for item in found.problems if item.code == "COPY-STRAY")
    found.problems += [finding("COPY-STRAY", path, place=found.place) for path in store.strays() if not path.endswith(unknown)]
    for key in sorted(wanted.keys() - set(present)):
        _judge(house, found, place, Read(key, "gone", "OCFL-E063"), wanted, is_repairing=is_repairing)
    _tell(house, found, place)
    return found


def refound(house: House, place: Replica | None = None) -> Checked:
    """Found a place anew whose disk or bucket was lost, and bring back what good copies of it there are elsewhere.

    Raises Refusal COPY-NO-GOOD-ONE where no other place holds anything, REPLICA-ADDRESS, Faults as the vaults have them.
    """
    here = Settings(data=house.data).vault_place if place is None else Place(place.kind, place.address)
    elsewhere = queries.replicas().exclude(id=place.id) if place else queries.replicas()
    if (place is None or is_away(house)) and not elsewhere.filter(copies__state="good").exists():
        raise Refusal("COPY-NO-GOOD-ONE", named(place))
    house.vaults.refound(here.kind, here.address)
    if place is not None and not house.vaults.label(place.kind, place.address):
        house.vaults.put_label(place.kind, place.address, place.id)
    return fsck(house, place, is_repairing=True)


def _wanted(place: Replica | None) -> Iterator[tuple[str, str]]:
    """Yield (record id, its code) of everything the place should hold."""
    if place is None:
        yield from queries.kept().values_list("id", "code")
    else:
        held = list(place.copies.values_list("record_id", flat=True))
        codes = dict(Record.objects.filter(id__in=held).values_list("id", "code"))
        yield from ((key, codes.get(key, "")) for key in held)


def _judge(house: House, found: Checked, place: Replica | None, item: Read, wanted: dict[str, str], *, is_repairing: bool) -> None:
    where = wanted.get(item.record_id, "") or item.record_id
    if item.record_id not in wanted and not Record.objects.filter(id=item.record_id).exists():
        found.problems.append(finding("COPY-STRAY", where, place=found.place))
        return
    if item.state == "good":
        return
    problem = _mended(house, item.record_id, place) if is_repairing else None
    if is_repairing and problem is None:
        found.mended.append(where)
        return
    code = "COPY-GONE" if item.state == "gone" else REPLACED if item.codes == REPLACED else "COPY-DAMAGED"
    found.problems.append(finding(code, where, place=found.place))
    if problem is not None:
        found.problems.append(finding("COPY-UNMENDED", where, place=found.place, reason=problem.message))


def _settled(store: Store, record_id: str) -> bool:
    """Settle an object; one that does not let itself be read is damage, which is found and mended next, and no end of it all."""
    try:
        return store.settle(record_id)
    except Fault as fault:
        if fault.code not in OF_THE_OBJECT:
            raise
        return False


def _more(found: Checked, store: Store, versions: dict[str, int], wanted: dict[str, str]) -> None:
    """Name objects that hold a version which nobody told of; a damaged one is named already."""
    for record_id, version in versions.items():
        try:
            if promised.has_more(store, record_id, version):
                found.problems.append(finding("COPY-VERSION-UNKNOWN", wanted.get(record_id) or record_id, place=found.place))
        except Fault as fault:
            if fault.code not in OF_THE_OBJECT:
                raise


def _mended(house: House, record_id: str, place: Replica | None) -> Coded | None:
    """Mend a record and return None, or return why that could not be done."""
    row = Record.objects.filter(id=record_id).first()
    if row is None:
        return Refusal("COPY-NO-GOOD-ONE", record_id)
    try:
        mend_at(house, row, place, f"service:{getpass.getuser()}")
    except Coded as problem:
        return problem
    return None


def _tell(house: House, found: Checked, place: Replica | None) -> None:
    body = {key: value for key, value in found.as_json().items() if key not in {"problems", "mended"}}
    body |= {"problems": len(found.problems), "mended": len(found.mended)}
    with transaction.atomic():
        told = entries.Entry("vault:examined", f"service:{getpass.getuser()}", place.id if place else "vault", body)
        entries.append(house.clock.now(), [told], ids=house.ids)
