"""The transfer gate over an act: every record read from the vault and judged; a report each, and the worst of all for the act."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from lantai import work
from lantai.core import access, checks
from lantai.core.access import Actor
from lantai.core.checks import Conclusion, Gate
from lantai.core.errors import Refusal
from lantai.core.findings import has_error
from lantai.ports import House
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.shelves.reports.queries import keep
from lantai.stages import facts, judging
from lantai.stages.preserved import Preserved
from lantai.stages.seals import Seals
from lantai.stages.transfer.acts import PERMISSION, STATE_NAMES, find, rows_in


def judge(house: House, actor: Actor, key: str) -> Transfer:
    """Run the transfer gate over every record of an act; may be repeated until it is packed. Raises Refusal where it may not."""
    access.require(actor, PERMISSION)
    act = find(key)
    if act.state not in ("drafted", "checked"):
        raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[act.state])
    rows, conclusions = rows_in(act), Counter[str]()
    with work.progress("transfer-check", act.id, step="移交检测", total=len(rows)) as progress:
        size = house.settings.slice_records
        for at in range(0, len(rows), size):
            part = rows[at : at + size]
            reports = _reports(house, act, part)
            _keep(act, reports)
            conclusions.update(report.conclusion for report in reports)
            progress.advance(len(part))
    worst = checks.worst(Conclusion(name) for name in conclusions)
    with transaction.atomic():
        Transfer.objects.filter(id=act.id, state__in=("drafted", "checked")).update(state="checked", conclusion=worst)
        body = {"code": act.code, "conclusion": worst, "records": dict(conclusions)}
        entries.append(house.clock.now(), [entries.Entry("transfer:checked", actor.id, act.id, body)], ids=house.ids)
    return find(act.id)


def _reports(house: House, act: Transfer, rows: Sequence[Record]) -> list[Report]:
    """Return the report of each record: every byte of its object is read first."""
    documents, files = queries.documents_of(rows), queries.files_of(rows)
    engine, schemes, seals = facts.engine(house), gates.schemes(Gate.TRANSFER), Seals(house)
    reports = []
    for row in rows:
        remarks = tuple(house.store.verify(row.id))
        kept = Preserved(row, documents.get(row.id, []), files.get(row.id, []), {}, not has_error(remarks), remarks, seals)
        told = kept.facts(house, engine)
        scheme = schemes.of(row.category, described_by=told.described_by)
        results = checks.check_record(Gate.TRANSFER, told, scheme)
        reports.append(judging.report(house, scheme, results, subject=checks.Subject("record", row.id), batch_id=act.id, told=told))
    return reports


def _keep(act: Transfer, reports: Sequence[Report]) -> None:
    with transaction.atomic():
        keep(reports)
        for conclusion in {report.conclusion for report in reports}:
            ids = [report.subject_id for report in reports if report.conclusion == conclusion]
            TransferLine.objects.filter(transfer=act, record_id__in=ids).update(conclusion=conclusion)
