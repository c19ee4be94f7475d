"""What the transfer gate must be told of records that another installation handed over: at arrival they bear their codes already.

DA/T 70-2018 has both sides run the items of transfer and reception 移交与接收: the sender before it packs, the receiver on arrival. So
what comes by the channel ``transfer`` is judged by the scheme of the transfer gate; its reports stand where those of other deliveries do.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Sum

from lantai.core.archival_code import Template, explain, matching_template
from lantai.core.checks import BatchFacts, Gate, PackageFacts, RecordFacts
from lantai.core.findings import Finding
from lantai.core.record import Channel
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.stages import coding
from lantai.stages.conduct import Ledger

PACKAGE = "移交信息包"
_CODE = "archival_code"


def gate_of(channel: str) -> Gate:
    """Return the gate whose items judge what arrives by a channel."""
    return Gate.TRANSFER if channel == Channel.TRANSFER else Gate.ARRIVAL


def record(house: House, told: RecordFacts, borne: Sequence[str]) -> RecordFacts:
    """Add the code that a record brings: its form by the templates accepted here, its segments, and who bears it already (*borne*)."""
    said = told.elements.get(_CODE, "")
    code = (said if isinstance(said, str) else next(iter(said), "")).strip()
    package = replace(told.package, kind=PACKAGE) if told.package else None
    if not code:
        return replace(told, package=package)
    template = matching_template(code, coding.templates(house))
    parts = template.parse(code) if template else None
    known = {"fonds_identifier": parts.fonds, "category_code": parts.category, "year": parts.year} if parts else {}
    return replace(
        told,
        code=code,
        code_parts={name: part for name, part in known.items() if part},
        code_findings=explain(code, template or Template(house.settings.code_template)),
        duplicates=dict(told.duplicates or {}) | {"code": tuple(borne)},
        package=package,
    )


def bearers(rows: Sequence[Record]) -> dict[str, tuple[str, ...]]:
    """Return, by record, which other records bear the code that it brings; one query."""
    wanted: dict[str, str] = {row.id: said for row in rows if isinstance(said := row.elements.get(_CODE), str) and said}
    found: dict[str, list[str]] = {}
    borne = ArchivalCode.objects.filter(value__in=set(wanted.values()), valid_to="")
    for code, record_id in borne.values_list("value", "record_id") if wanted else ():
        found.setdefault(str(code), []).append(str(record_id))
    return {key: tuple(other for other in found.get(code, ()) if other != key) for key, code in wanted.items()}


def batch(house: House, row: Batch, told: BatchFacts) -> BatchFacts:
    """Add what is said of the packages as a whole, and what the ledger has on the reception; the bytes are those of the records' files.

    Records that are kept already came all the same; then nobody compares bytes.
    """
    remarks = Arrival.objects.filter(batch=row, finding__code__startswith="TRANSFER-").order_by("path").values_list("finding", flat=True)
    found = tuple(Finding.from_json(item) for item in remarks[:100] if item)
    stated, known = row.declared_records, _known(row)
    files = Arrival.objects.filter(batch=row, outcome="record").aggregate(total=Sum("size_bytes"))["total"] or 0
    return replace(
        told,
        actual_records=told.actual_records + (known if stated is not None else 0),
        declared_bytes=None if known else told.declared_bytes,
        actual_bytes=files,
        package=PackageFacts(PACKAGE, findings=found, declared_records=stated, has_template=stated is not None),
        **Ledger(house).of_batch(row.id).told(),
    )


def _known(row: Batch) -> int:
    """Return how many records of a delivery are kept already."""
    return Arrival.objects.filter(batch=row, outcome="duplicate").values("record_id").distinct().count()
