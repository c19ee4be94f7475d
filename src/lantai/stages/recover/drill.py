"""drill 演练: a backup restored aside is held against the installation it came from, and the drill is put on file.

What changed since the backup was taken differs rightly; a record whose row has the same version in both must be the same in every field
that ``lantai show --json`` tells.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from lantai.core import beijing
from lantai.core.errors import Coded, Refusal
from lantai.packages.backup_folder import Manifest
from lantai.packages.table_package import digest_of
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event
from lantai.shelves.recovery.models import Drill
from lantai.stages import use
from lantai.stages.recover.state import service

_SHOWN = 20
Seen = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Records held against one another: the same, changed or new since the backup, and those that are not as they must be."""

    same: int
    changed: int
    new: int
    differing: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in the restored installation: the ledger, the preservation run, records that are damaged, how long each took."""

    ledger_ok: bool
    ledger_size: int
    ledger_problems: int
    run_code: str
    conclusions: dict[str, int]
    damaged: int
    seconds: float


def seen() -> Iterator[Seen]:
    """Yield id, version of its row and digest of what is shown, of every record that is in the vault, by id."""
    for row in Record.objects.filter(content_version__gt=0).order_by("id").iterator(chunk_size=500):
        shown = json.loads(json.dumps(asdict(use.view_of(row)), cls=DjangoJSONEncoder))
        yield row.id, row.version, digest_of(shown)


def write_seen(place: Path) -> int:
    """Write what :func:`seen` yields into a file, a line a record; return how many."""
    count = 0
    with place.open("w", encoding="utf-8") as stream:
        for item in seen():
            stream.write(json.dumps(item) + "\n")
            count += 1
    return count


def read_seen(place: Path) -> Iterator[Seen]:
    """Yield what :func:`write_seen` wrote."""
    with place.open(encoding="utf-8") as stream:
        for line in stream:
            record_id, version, digest = json.loads(line)
            yield record_id, version, digest


def compare(here: Iterable[Seen], aside: Iterable[Seen], taken_at: datetime) -> Compared:
    """Hold the records of the installation against the restored ones; those archived after *taken_at* may be missing there."""
    others = {record_id: (version, digest) for record_id, version, digest in aside}
    same = changed = new = 0
    differing, missing = list[str](), list[str]()
    since = set(Record.objects.filter(archived_at__gt=taken_at).values_list("id", flat=True))
    for record_id, version, digest in here:
        other = others.pop(record_id, None)
        if other is None:
            if record_id in since:
                new += 1
            else:
                missing.append(record_id)
        elif other == (version, digest):
            same += 1
        elif other[0] != version or record_id in since:
            changed += 1
        else:
            differing.append(record_id)
    return Compared(same, changed, new, (*differing, *others), tuple(missing))


@dataclass(frozen=True, slots=True)
class Times:
    """When a drill began and when the installation aside was restored and could be used."""

    began: datetime
    restored: datetime


def instant_of(manifest: Manifest) -> datetime:
    """Return the instant that a backup shows."""
    return datetime.fromisoformat(manifest.taken_at)


def file_failed(house: House, code: str, manifest: Manifest | None, began: datetime, problem: Coded) -> Drill:
    """Put a drill on file that could not be brought to its end: that this backup does not come back is the most that one can tell."""
    reasons = problem.reasons if isinstance(problem, Refusal) else ()
    row = Drill(
        backup_code=code,
        conclusion="fail",
        rpo_seconds=max(0, round((began - instant_of(manifest)).total_seconds())) if manifest else 0,
        rto_seconds=0,
        facts={
            "taken_at": manifest.taken_at if manifest else "",
            "failure": problem.code,
            "reasons": [problem.message, *(item.message for item in reasons)][:_SHOWN],
        },
        started_at=began,
    )
    return _filed(house, row, {"failure": problem.code})


def file(house: House, manifest: Manifest, times: Times, found: Examined, held: Compared) -> Drill:
    """Put a drill on file: row, event, and everything that its record prints."""
    taken, began = instant_of(manifest), times.began
    passed = found.ledger_ok and not found.damaged and not held.differing and not held.missing
    facts: dict[str, Any] = {
        "taken_at": manifest.taken_at,
        "records": manifest.document["records"],
        "events": manifest.document["events"],
        "events_since": Event.objects.filter(instant__gt=taken, instant__lte=began).count(),
        "size_bytes": manifest.document["size_bytes"],
        "same": held.same,
        "changed": held.changed,
        "new": held.new,
        "differing": list(held.differing[:_SHOWN]),
        "differing_total": len(held.differing),
        "missing": list(held.missing[:_SHOWN]),
        "missing_total": len(held.missing),
        **asdict(found),
    }
    row = Drill(
        backup_code=manifest.code,
        conclusion="pass" if passed else "fail",
        rpo_seconds=max(0, round((began - taken).total_seconds())),
        rto_seconds=max(0, round((times.restored - began).total_seconds())),
        facts=facts,
        started_at=began,
    )
    return _filed(house, row, {"same": held.same, "differing": len(held.differing)})


def _filed(house: House, row: Drill, told: dict[str, Any]) -> Drill:
    row.id, row.ended_at, row.held_by = house.ids.new(), house.clock.now(), service()
    body = {"backup": row.backup_code, "conclusion": row.conclusion, "rpo_seconds": row.rpo_seconds, "rto_seconds": row.rto_seconds}
    with transaction.atomic():
        row.code = _code(row.started_at)
        row.save(force_insert=True)
        entries.append(row.ended_at, [entries.Entry("drill:held", row.held_by, row.code, {**body, **told})], ids=house.ids)
    return row


def _code(now: datetime) -> str:
    head = f"YL-{beijing.day(now)}-"
    taken = set(Drill.objects.filter(code__startswith=head).values_list("code", flat=True))
    return next(code for number in range(1, 1000) if (code := f"{head}{number:02d}") not in taken)
