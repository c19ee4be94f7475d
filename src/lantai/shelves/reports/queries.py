"""Questions to the reports shelf, and the one way that reports are kept."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from lantai.core.checks import Asked, Edition, Gate
from lantai.core.checks.packed import RULES, apart, whole
from lantai.shelves.bulk import insert
from lantai.shelves.intake.models import Report
from lantai.shelves.reports.models import ReportEdition, Seal
from lantai.standards.da_t_70 import telling


def keep(reports: Sequence[Report]) -> None:
    """Write reports that this process made, and the lines of the editions they name, in the current transaction."""
    named = {str(report.packed.get(RULES, "")) for report in reports}
    made = [edition for digest in sorted(named) if (edition := telling.made(digest)) is not None]
    rows = [ReportEdition(digest=edition.digest, lines=edition.as_json()) for edition in made]
    if rows:
        ReportEdition.objects.bulk_create(rows, ignore_conflicts=True)
    insert(Report, reports)


def body(report: Report) -> dict[str, Any]:
    """Return the whole report, as ``core.checks.as_report`` made it."""
    return whole(report.packed, edition(Gate(report.gate), str(report.packed.get(RULES, ""))))


def items(reports: Iterable[Report]) -> Iterator[tuple[list[Report], list[dict[str, Any]]]]:
    """Yield (some of the reports, items that came out the same in all of them but for what was measured), until every item of every report
    was given."""
    alike: dict[object, tuple[dict[str, Any], list[Report]]] = {}
    for report in reports:
        mark, shared, own = apart(report.packed)
        alike.setdefault((report.gate, mark) if mark else report.id, (shared, []))[1].append(report)
        if own:
            yield [report], _items(report, own)
    for shared, those in alike.values():
        yield those, _items(those[0], shared)


def _items(report: Report, packed: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = whole(packed, edition(Gate(report.gate), str(packed.get(RULES, "")))).get("items", [])
    return found


def last_seal(batch_id: str) -> Seal | None:
    """Return the newest seal over the reports of a batch."""
    return Seal.objects.filter(batch_id=batch_id).order_by("-sealed_at", "-id").first()


def edition(gate: Gate, digest: str) -> Edition:
    """Return the lines that a report was made by; those of today for a report of edition 1, which names none."""
    now = telling.current(gate)
    if digest in {"", now.digest}:
        return now
    return telling.made(digest) or _kept(digest)


@lru_cache(maxsize=64)
def _kept(digest: str) -> Edition:
    row = ReportEdition.objects.get(digest=digest)
    return Edition.of([Asked.of(line) for line in row.lines])
