"""What two persons let pass 经说明接受, as the gates are told of it: only while the record is what it was when they did."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from lantai.core.checks import EXCUSED_IN_TRIAL, OUTCOME_NAMES, Gate, Outcome, Overruled, Weight
from lantai.core.evidence import canonical_json
from lantai.core.findings import Finding, finding
from lantai.shelves.gates.models import Overruling
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.intake.queries import latest_report, stands_whole
from lantai.shelves.reports.queries import body

ACCEPTED = "accepted"
#: A fact of a batch: who let which failed item of the batch itself pass, in order.
SAID = "let_pass"
_ASKS = frozenset({Outcome.ERROR.value, Outcome.MANUAL.value})


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


def of_batch(batch: Batch) -> tuple[Overruled, ...]:
    """Return the items of a batch as a whole that two persons let pass, each for what was found then."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in batch.facts.get(SAID, ()):
        said[row["item"], row["findings_digest"]].append(row["operator"])
    return tuple(Overruled(item, digest, *names[:2]) for (item, digest), names in said.items() if len(names) > 1)


def stops(batch: Batch, *, is_trial: bool) -> tuple[Finding, ...]:
    """Return what of the newest report on the batch itself stands against accepting it: items of weight that failed, could not be run,
    or wait for a person. A trial installation may do without a virus engine."""
    told = open_items(batch.id, is_trial=is_trial)
    return tuple(finding("BATCH-ITEM-OPEN", item["code"], name=item["name"], outcome=OUTCOME_NAMES[item["outcome"]]) for item in told)


def open_items(batch_id: str, *, is_trial: bool) -> tuple[dict[str, Any], ...]:
    """Return the items of the newest report on the batch itself that stand against accepting it, as the report has them."""
    report = None if stands_whole(batch_id) else latest_report(batch_id, "arrival")
    if report is None:
        return ()
    excused = EXCUSED_IN_TRIAL if is_trial else frozenset()
    return tuple(item for item in body(report)["items"] if is_open(item) and item["id"].partition(".")[2] not in excused)


def is_open(item: dict[str, Any]) -> bool:
    """Tell whether an item of a report stands against going on: it failed and has weight, or was not carried out; nobody let it pass."""
    if item["outcome"] in _ASKS:
        return True
    return item["outcome"] == Outcome.FAIL and item["severity"] != Weight.MINOR and not item.get("reason", "").startswith("accepted:")
