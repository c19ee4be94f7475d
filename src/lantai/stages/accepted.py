"""What two persons let pass 经说明接受, as the gates are told of it: only while the record is what it was when they did."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256

from lantai.core.checks import Gate, Overruled
from lantai.core.evidence import canonical_json
from lantai.shelves.gates.models import Overruling
from lantai.shelves.holdings.models import ComputerFile, Record

ACCEPTED = "accepted"


def content_digest(row: Record, files: Sequence[ComputerFile]) -> str:
    """Return the SHA-256 of what a record is: the digests of its files, its elements and its code."""
    told = [sorted(item.sha256 for item in files), row.elements, row.code]
    return sha256(canonical_json(told)).hexdigest()


def void(rows: Sequence[Record], gate: Gate) -> None:
    """End what was let pass of records that are checked anew: two persons look again. Called where the new reports are written."""
    Overruling.objects.filter(record_id__in=[row.id for row in rows], gate=gate, state__in=("proposed", ACCEPTED)).update(state="void")


def overruled(rows: Sequence[Record], files: Mapping[str, Sequence[ComputerFile]], gate: Gate) -> dict[str, tuple[Overruled, ...]]:
    """Return, by record, the items of *gate* that two persons let pass and whose record has not changed since."""
    known = {row.id: row for row in rows}
    found: dict[str, list[Overruled]] = defaultdict(list)
    for item in Overruling.objects.filter(record_id__in=list(known), gate=gate, state=ACCEPTED):
        if item.content_digest == content_digest(known[item.record_id], files.get(item.record_id, ())):
            found[item.record_id].append(Overruled(item.number, item.findings_digest, item.proposer_name, item.decider_name))
    return {key: tuple(items) for key, items in found.items()}
