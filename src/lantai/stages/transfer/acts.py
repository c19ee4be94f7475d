"""Transfer acts: which records are due, an act over them, and its end before it has begun."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.checks import CONCLUSION_NAMES
from lantai.core.errors import Refusal
from lantai.core.lifecycle import Custody, State
from lantai.ports import House
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.versions.models import LIVE, Amendment
from lantai.stages import fonds
from lantai.stages.export.parcels import rows_of

PERMISSION = "holdings:record:transfer"
OPEN = ("drafted", "checked", "packed")
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records an act is to hold: years from and to (YYYY, empty: any), retentions (Y, D30 …), department, or keys alone."""

    first_year: str = ""
    last_year: str = ""
    retentions: tuple[str, ...] = ()
    department: str = ""
    keys: tuple[str, ...] = ()


def due(house: House, actor: Actor, wanted: Wanted) -> "QuerySet[Record]":
    """Return the records that may be transferred and are due, by code: archived, ours, free, in no other act.

    Due is what was formed ``transfer_years`` ago or longer; a last year that is asked for goes before that.
    """
    access.require(actor, PERMISSION)
    last = wanted.last_year or str(house.clock.now().year - house.settings.transfer_years)
    rows = _free().filter(year__lte=last).exclude(year="")
    if wanted.first_year:
        rows = rows.filter(year__gte=wanted.first_year)
    if wanted.retentions:
        rows = rows.filter(retention__in=wanted.retentions)
    if wanted.department:
        rows = rows.filter(department=wanted.department)
    return rows.order_by("code")


def draft(house: House, actor: Actor, wanted: Wanted, *, title: str, keeps_copy: bool | None = None, receiver: str = "") -> Transfer:
    """Open an act over the records of *wanted*. Raises Refusal where the actor may not, or nothing can be transferred."""
    access.require(actor, PERMISSION)
    rows = _chosen(house, actor, wanted)
    if not rows:
        raise Refusal("TRANSFER-NOTHING-DUE")
    now = house.clock.now()
    act = Transfer(
        id=house.ids.new(),
        title=title.strip()[:200] or _title(house, rows),
        keeps_copy=house.settings.transfer_keeps_copy if keeps_copy is None else keeps_copy,
        facts={"receiver": receiver, "years": sorted({row.year for row in rows if row.year})},
        record_count=len(rows),
        created_by=actor.id,
        created_at=now,
    )
    with transaction.atomic():
        act.code = _next_code(beijing.day(now)[:4])
        act.save(force_insert=True)
        TransferLine.objects.bulk_create(
            [TransferLine(transfer=act, record_id=row.id, sequence=at) for at, row in enumerate(rows, 1)], batch_size=500
        )
        body = {"code": act.code, "title": act.title, "records": len(rows), "keeps_copy": act.keeps_copy}
        entries.append(now, [entries.Entry("transfer:drafted", actor.id, act.id, body)], ids=house.ids)
    return act


def find(key: str) -> Transfer:
    """Return the act of an id or code. Raises Refusal TRANSFER-ACT-UNKNOWN."""
    act = Transfer.objects.filter(Q(id=key) | Q(code=key)).first()
    if act is None:
        raise Refusal("TRANSFER-ACT-UNKNOWN", key)
    return act


def cancel(house: House, actor: Actor, key: str, *, reason: str) -> Transfer:
    """End an act that has no receipt yet; its records stay ours. Raises Refusal where it is over, or no reason is given."""
    access.require(actor, PERMISSION)
    act = find(key)
    if not reason.strip():
        raise Refusal("TRANSFER-REASON-MISSING", act.code)
    if act.receipt and act.state in OPEN:
        raise Refusal("TRANSFER-STATE", act.code, state="正在登记回执")
    with transaction.atomic():
        if not Transfer.objects.filter(id=act.id, state__in=OPEN).update(state="cancelled"):
            raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[act.state])
        told = entries.Entry("transfer:cancelled", actor.id, act.id, {"code": act.code, "reason": reason[:500]})
        entries.append(house.clock.now(), [told], ids=house.ids)
    return find(act.id)


def checked_there(act: Transfer) -> str:
    """Return in words by which gate the receiver judged what it was handed, by its receipt; empty where it does not say."""
    said = act.receipt.get("checked", {}) if isinstance(act.receipt, dict) else {}
    name = str(said.get("gate_name", ""))[:20] if isinstance(said, dict) else ""
    outcome = {str(key): text for key, text in CONCLUSION_NAMES.items()}.get(str(said.get("conclusion", ""))) if name else None
    return f"{name}，{outcome}" if outcome else name


STATE_NAMES = {"drafted": "已拟定", "checked": "已检测", "packed": "已打包待回执", "receipted": "已交接", "cancelled": "已取消"}


def rows_in(act: Transfer) -> list[Record]:
    """Return the records of an act in its order."""
    order = dict(TransferLine.objects.filter(transfer=act).values_list("record_id", "sequence"))
    found: list[Record] = []
    ids = list(order)
    for at in range(0, len(ids), 500):
        found += Record.objects.filter(id__in=ids[at : at + 500])
    return sorted(found, key=lambda row: order[row.id])


def _chosen(house: House, actor: Actor, wanted: Wanted) -> Sequence[Record]:
    if not wanted.keys:
        return list(due(house, actor, wanted)[:MOST])
    rows = rows_of(wanted.keys)
    ids = [row.id for row in rows]
    free = {key for at in range(0, len(ids), 500) for key in _free().filter(id__in=ids[at : at + 500]).values_list("id", flat=True)}
    for row in rows:
        if row.id not in free:
            raise Refusal("TRANSFER-RECORD-NOT-FREE", row.code or row.title or row.id)
    return sorted(rows, key=lambda row: row.code)


def _free() -> "QuerySet[Record]":
    """Records that are archived, ours, held by nobody, in no open act and without a correction on its way."""
    taken = TransferLine.objects.filter(transfer__state__in=OPEN).values("record_id")
    rows = Record.objects.filter(state=State.ARCHIVED, custody=Custody.OURS, hold=False, quarantined=False, needs_attention="")
    corrected = Amendment.objects.filter(state__in=LIVE).values("record_id")
    return rows.exclude(code="").exclude(id__in=taken).exclude(id__in=corrected)


def _title(house: House, rows: Sequence[Record]) -> str:
    years = sorted({row.year for row in rows if row.year})
    span = "—".join(dict.fromkeys((years[0], years[-1]))) if years else ""
    return f"{fonds.name_of(house) or house.settings.fonds}{span}年度档案移交"[:200]


def _next_code(year: str) -> str:
    """Return the next number of the year: YJ-2026-001."""
    last = Transfer.objects.select_for_update().filter(code__startswith=f"YJ-{year}-").order_by("-code").first()
    number = int(last.code.rpartition("-")[2]) if last else 0
    return f"YJ-{year}-{number + 1:03d}"
