"""What registers say of records: how they held at a gate, and the digests by which the ledger knows their packages."""

from collections import Counter
from collections.abc import Sequence

from lantai.core import beijing
from lantai.core.checks import PROPERTY_NAMES, Gate, Property
from lantai.core.events import VERSION_EVENTS
from lantai.forms import registers
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import said
from lantai.shelves.reports.queries import body

GATE_NAMES = {Gate.ARCHIVING: "归档", Gate.TRANSFER: "移交"}
_PART = 500


def checked(record_ids: Sequence[str], gate: Gate) -> registers.Checked:
    """Return how many records held, property by property, by their newest report of *gate*."""
    newest: dict[str, Report] = {}
    for at in range(0, len(record_ids), _PART):
        rows = Report.objects.filter(subject_id__in=record_ids[at : at + _PART], gate=gate)
        newest |= {report.subject_id: report for report in rows.order_by("created_at")}
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    engine = ""
    for report in newest.values():
        whole = body(report)
        engine = f"{whole['engine']['name']} {whole['engine']['signatures']} {whole['engine']['date']}".strip() or engine
        for aspect, counts in whole["summary"].items():
            is_held = not counts.get("fail") and not counts.get("error") and not counts.get("manual")
            (good if is_held else bad)[aspect] += 1
    results = tuple((PROPERTY_NAMES[aspect], _held(good[aspect.value], bad[aspect.value])) for aspect in Property)
    last = max((report.created_at for report in newest.values()), default=None)
    at_last = beijing.minute(last) if last else ""
    return registers.Checked(results, engine or "没有杀毒引擎应答", f"逐件{GATE_NAMES[gate]}检测报告 {len(newest)} 份", at_last)


def _held(good: int, bad: int) -> str:
    if not good and not bad:
        return "尚未检测"
    return f"合格 {good} 件" + (f"，未全部执行或不合格 {bad} 件" if bad else "")


def digests(rows: Sequence[Record]) -> tuple[registers.Digests, ...]:
    """Return the digest of each package as the ledger has it: the SHA-256 of its inventory, which holds those of every file."""
    sums: dict[str, str] = {}
    for at in range(0, len(rows), _PART):
        ids = [row.id for row in rows[at : at + _PART]]
        told = Event.objects.filter(type__in=VERSION_EVENTS, object_id__in=ids).select_related("payload")
        bodies = ((event.object_id, said(event)) for event in told.order_by("id"))
        sums |= {key: one["inventory_sha256"] for key, one in bodies if one.get("inventory_sha256")}
    return tuple(
        registers.Digests(row.code, row.title, f"SHA-256 {sums[row.id]}" if sums.get(row.id) else "尚未入库", row.size_bytes)
        for row in rows
    )
