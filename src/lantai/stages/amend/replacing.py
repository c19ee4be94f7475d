"""Replacing files of an archived record: what came in as a record of its own takes the place of one document, or of all, in a new version.

The new files come like everything else, through the checks of arrival. The package with them goes before the archiving gate when it is
proposed and again when it is made. What gives way stays, byte for byte, in the versions before; the record that brought the new files is
merged into this one.
"""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access, versions
from lantai.core.access import Actor
from lantai.core.checks import Conclusion, Gate, packed
from lantai.core.errors import Fault, Refusal
from lantai.core.lifecycle import State
from lantai.core.record import Record as Value
from lantai.packages import layout, proof
from lantai.ports import House
from lantai.ports.store import Content, Draft, Stored, content_of
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.shelves.reports.queries import keep
from lantai.shelves.versions.models import Amendment
from lantai.stages import accepted, composing, conduct, facts, roots, succeeding
from lantai.stages.archive.build import Builder, Built, Material
from lantai.stages.closing import close_if_done
from lantai.standards.da_t_70 import telling

ATTACH = "holdings:file:attach"
ACTIVITY = "替换文件"
OFFERED = 50
PASSED = (Conclusion.PASS, Conclusion.TRIAL)
_COLUMNS = ("elements", "page_count", "size_bytes", "conclusion", "content_version")
_TOLD, _FEW = 50, 5
_BAD = frozenset({"fail", "error", "manual"})


@dataclass(frozen=True, slots=True)
class Plan:
    """A record as it will be: its row, documents and files in order; which documents give way, which come, from which record."""

    row: Record
    documents: tuple[Document, ...]
    files: tuple[ComputerFile, ...]
    gone: tuple[Document, ...]
    came: tuple[Document, ...]
    offer: Record


def offered(actor: Actor) -> list[Record]:
    """Return the newest records that files may be taken from, for whom it concerns."""
    if not access.may(actor, ATTACH).allowed:
        return []
    free = Record.objects.filter(state=State.ARRANGED, hold=False, quarantined=False, needs_attention="", code="")
    return list(free.filter(documents__isnull=False).distinct().order_by("-id")[:OFFERED])


def planned(row: Record, offer: Record | None, number: int) -> Plan:
    """Return what replacing document *number* (all of them where 0) of *row* by those of *offer* makes of it.

    Refusals: REPLACE-OFFER, REPLACE-DOCUMENT, REPLACE-ONE, AMEND-NOTHING.
    """
    if offer is None or offer.id == row.id or not _is_free(offer):
        raise Refusal("REPLACE-OFFER", offer.title if offer else "")
    documents, files = queries.documents_of([row, offer]), queries.files_of([row, offer])
    held, fresh = documents.get(row.id, []), documents.get(offer.id, [])
    gone = [item for item in held if number in {0, item.sequence}]
    if not gone or not fresh:
        raise Refusal("REPLACE-DOCUMENT" if not gone else "REPLACE-OFFER", row.code or row.id, number=number)
    if number and len(fresh) != 1:
        raise Refusal("REPLACE-ONE", offer.title, actual=len(fresh))
    came, laid = _laid(row, fresh, files[offer.id], gone[0] if number else None)
    away = {item.id for item in gone}
    stays = [item for item in files.get(row.id, []) if item.document_id not in away]
    if {item.sha256 for item in laid} == {item.sha256 for item in files.get(row.id, []) if item.document_id in away}:
        raise Refusal("AMEND-NOTHING", row.code or row.id)
    kept = sorted([*(item for item in held if item.id not in away), *came], key=lambda item: item.sequence)
    order = {item.id: at for at, item in enumerate(kept)}
    ordered = sorted([*stays, *laid], key=lambda item: (order[item.document_id], item.sequence, item.id))
    anew = copy.copy(row)
    anew.elements = dict(row.elements)
    composing.settle(anew, kept)
    return Plan(anew, tuple(kept), tuple(ordered), tuple(gone), tuple(came), offer)


def _is_free(offer: Record) -> bool:
    stopped = offer.hold or offer.quarantined or offer.needs_attention or offer.code
    return offer.state == State.ARRANGED and not stopped


def _laid(
    row: Record, fresh: Sequence[Document], files: Sequence[ComputerFile], seat: Document | None
) -> tuple[list[Document], list[ComputerFile]]:
    """Return documents and files as they will lie in *row*: in the seat of the document that gives way, or as they came."""
    came, laid = [], []
    for item in fresh:
        part = copy.copy(item)
        part.record_id = row.id
        if seat is not None:
            part.sequence, part.role, part.title = seat.sequence, seat.role, seat.title
        own = [copy.copy(file) for file in files if file.document_id == item.id]
        composing.lay_files(part, own)
        came.append(part)
        laid += own
    return came, laid


def told(plan: Plan) -> dict[str, object]:
    """Return what an event says of a plan."""
    gone = ComputerFile.objects.filter(document_id__in=[item.id for item in plan.gone]).order_by("path").values_list("path", "sha256")
    here = {item.id for item in plan.came}
    came = [(item.path, item.sha256) for item in plan.files if item.document_id in here]
    return {
        "offer": plan.offer.id,
        "gone": [{"path": path, "sha256": digest} for path, digest in gone[:_TOLD]],
        "came": [{"path": path, "sha256": digest} for path, digest in came[:_TOLD]],
    }


def demand_passed(house: House, plan: Plan) -> None:
    """Raise Refusal REPLACE-CHECK where the archiving gate does not let the package with the new files pass."""
    built = _built(house, plan, succeeding.described(house, plan.row.id, plan.row.content_version))
    if built.conclusion not in PASSED:
        items = [item for item in cast("list[dict[str, Any]]", built.report["items"]) if item["outcome"] in _BAD]
        reason = "、".join(f"{item['code']} {item['name']}" for item in items[:_FEW])
        raise Refusal("REPLACE-CHECK", plan.row.code or plan.row.id, reason=reason or str(built.conclusion))


def _built(house: House, plan: Plan, said: Value) -> Built:
    """Build and judge the package of a plan, described as *said*."""
    row = plan.row
    ranges = queries.ranges_at([row])
    alike = {kind: tuple(key for key in keys if key != plan.offer.id) for kind, keys in facts.duplicates([row]).get(row.id, {}).items()}
    material = Material(
        row,
        plan.documents,
        plan.files,
        ranges[row.id].sealed_at if row.id in ranges else None,
        {kind: keys for kind, keys in alike.items() if keys},
        conduct.Ledger(house).of([row], ranges)[row.id],
        accepted.overruled([row], {row.id: plan.files}, Gate.ARCHIVING).get(row.id, ()),
        kept=_kept(house, plan),
    )
    builder = Builder(house, gates.schemes(Gate.ARCHIVING), facts.engine(house), house.clock.now())
    pages = str(row.page_count) if row.page_count else None
    changed = {"document_aggregation_type": row.elements["document_aggregation_type"], "total_number_of_pages": pages}
    return builder.again(material, replace(said, elements=versions.applied(said.elements, changed)))


def _kept(house: House, plan: Plan) -> Mapping[str, Content]:
    """Return the files that stay, by path, as they stand in the vault."""
    row, came = plan.row, {item.id for item in plan.came}
    stays = [item for item in plan.files if item.document_id not in came]
    paths = {item.path for item in stays} | {str(item.facts["text_path"]) for item in stays if item.facts.get("text_path")}
    with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
        known = json.loads(stream.read())["files"]
    return {
        path: Content(path, partial(house.store.open, row.id, path, row.content_version), int(item["size"]), item["sha256"], item["sm3"])
        for item in known
        if (path := item["path"]) in paths
    }


def made(house: House, plan: Plan, said: Value, at: str) -> tuple[Stored, Built] | None:
    """Write the version, durable and read back, or take up what an earlier run wrote; None where the gate does not let it pass.

    Raises Fault STORE-CONFLICT where another version stands there.
    """
    row, number = plan.row, plan.row.content_version + 1
    built = _built(house, plan, said)
    if house.store.has(row.id, number):
        if succeeding.described(house, row.id, number) != built.value:
            raise Fault("STORE-CONFLICT", row.id, version=number)
        with house.store.open(row.id, layout.REPORT, number) as stream:
            report = json.load(stream)
        return house.store.confirm([(row.id, number)])[0], replace(built, report=report, conclusion=Conclusion(report["conclusion"]))
    if built.conclusion not in PASSED:
        return None
    (proved,) = proof.build([proof.Subject(row.id, number, built.contents)], house.signer)
    files = (*built.contents, content_of(layout.PROOF, proved))
    draft = Draft(row.id, number, files, at, ACTIVITY, house.settings.agency or "兰台", "urn:lantai:amend")
    return house.store.write([draft])[0], built


def enter(house: House, item: Amendment, plan: Plan, stored: Stored, built: Built) -> None:
    """Say in one transaction that the version is the record's, and that the other record is part of it. Said once."""
    row, now = plan.row, house.clock.now()
    row.content_version, row.conclusion = item.base_version + 1, built.conclusion
    body = told(plan) | {
        "amendment": item.id,
        "reason": item.reason,
        "proposed_by": item.proposed_by,
        "code": row.code,
        "title": row.title[:500],
        "version": row.content_version,
        "conclusion": row.conclusion,
        "inventory_sha256": stored.inventory_sha256,
    }
    lines = [
        entries.Entry("record:replaced", item.decided_by, row.id, body),
        entries.Entry("record:joined", item.decided_by, plan.offer.id, {"into": row.id, "title": plan.offer.title[:500]}),
    ]
    with transaction.atomic():
        is_written = save_unchanged(Record, [row], _COLUMNS, conditions={"state": State.ARCHIVED})
        if not is_written or not queries.move([composing.empty(plan.offer, row)], "merge", composing.COLUMNS):
            transaction.set_rollback(True)
            return
        Document.objects.filter(id__in=[part.id for part in plan.gone]).delete()
        composing.lay(plan.came)
        ComputerFile.objects.filter(document_id__in=[part.id for part in plan.came]).update(from_version=row.content_version)
        Amendment.objects.filter(id=item.id, state="approved").update(state="done", version=F("version") + 1)
        keep([_report(row, built, now)])
        entries.append(now, [*lines, *roots.told([succeeding.batch_of(house, row.id, row.content_version)])], ids=house.ids)
        roots.follow(house)
        queries.mark_for_index([row.id, plan.offer.id])
        close_if_done([plan.offer.batch_id])
        work.enqueue("index")
    queries.remove_staged(house.data, [row.id])


def _report(row: Record, built: Built, now: datetime) -> Report:
    edition = telling.made(str(built.report.get("rules", ""))) or telling.current(Gate.ARCHIVING)
    return Report(
        id=str(built.report["id"]),
        gate=Gate.ARCHIVING,
        subject_kind="record",
        subject_id=row.id,
        batch_id=row.batch_id,
        conclusion=built.conclusion,
        packed=packed(built.report, edition),
        created_at=now,
    )
