"""Making the version of an approved correction: durable and read back, then the row, the ledger and the queue say so at once."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import versions
from lantai.core.errors import Fault, Refusal
from lantai.core.events import instant_text
from lantai.core.lifecycle import State
from lantai.core.record import BusinessEvent
from lantai.core.record import Record as Value
from lantai.ports import House
from lantai.ports.store import Stored
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger import entries
from lantai.shelves.versions.models import Amendment
from lantai.stages import roots, succeeding
from lantai.stages.amend import replacing

ACTIVITY = {"correct": "更正著录", "restore": "恢复旧版著录", "replace": replacing.ACTIVITY}
EVENT = {"correct": "record:amended", "restore": "record:restored"}
_ACT = "lantai-amend"
#: Columns that say what an element says.
_NAMED = {
    "title": "title",
    "document_number": "document_number",
    "author": "author",
    "document_type": "document_type",
    "document_date": "date",
}
_COLUMNS = (*_NAMED, "elements", "number_key", "identity_key", "sought", "content_version")


def carry_out(house: House, amendment_id: str) -> Amendment:
    """Make the version of an approved correction, once; what an earlier run wrote and did not enter is taken up.

    One whose record has another version meanwhile is void. Raises Faults as the vault has them.
    """
    item = Amendment.objects.get(id=amendment_id)
    return make(house, item, Record.objects.get(id=item.record_id))


def make(house: House, item: Amendment, row: Record) -> Amendment:
    """Do what :func:`carry_out` does for a correction and its record that were just read; they are then as they stand in the tables."""
    if item.state != "approved":
        return item
    if row.content_version != item.base_version or row.state != State.ARCHIVED:
        return _void(house, item)
    if item.kind == "replace":
        return _replaced(house, item, row)
    stored = _written(house, item, row)
    _put(row, item)
    if not _apply(house, item, row, stored):
        return Amendment.objects.get(id=item.id)
    item.state, item.version = "done", item.version + 1
    return item


def _replaced(house: House, item: Amendment, row: Record) -> Amendment:
    """Make the version with other files; where they are not to be had any more, or the gate says no, a person must see to it."""
    at = instant_text(item.decided_at or item.proposed_at)
    try:
        plan = replacing.planned(row, Record.objects.filter(id=item.offer).first(), item.document)
    except Refusal as problem:
        return _stopped(item, problem.code)
    made = replacing.made(house, plan, _value(house, item, row, at), at)
    if made is None:
        return _stopped(item, "REPLACE-CHECK")
    replacing.enter(house, item, plan, *made)
    return Amendment.objects.get(id=item.id)


def _stopped(item: Amendment, code: str) -> Amendment:
    rest_amendment(code, amendment_id=item.id)
    return Amendment.objects.get(id=item.id)


def unmade() -> Iterator[dict[str, str]]:
    """Yield the arguments of what was approved and not made yet."""
    for key in Amendment.objects.filter(state="approved").values_list("id", flat=True)[:500]:
        yield {"amendment_id": key}


def _written(house: House, item: Amendment, row: Record) -> Stored:
    """Write the version; where another worker writes the same one at the same moment, its version is taken up."""
    at = instant_text(item.decided_at or item.proposed_at)
    wanted = succeeding.Next(row, _value(house, item, row, at), at, ACTIVITY[item.kind], "urn:lantai:amend")
    try:
        return succeeding.write(house, [wanted])[row.id]
    except Fault as problem:
        if problem.code != "STORE-CONFLICT":
            raise
        return succeeding.write(house, [wanted])[row.id]


def _value(house: House, item: Amendment, row: Record, at: str) -> Value:
    """Return the record as its package will describe it: the elements changed, the act among its events."""
    kept = succeeding.described(house, row.id, item.base_version)
    own = next((event.agent_id for event in reversed(kept.events) if event.id.startswith("lantai-capture")), kept.agents[-1].id)
    names = "、".join(item.changes) or (f"第 {item.document} 个文档" if item.document else "全部文档")
    from_version = f"（依第 {item.source_version} 版）" if item.source_version else ""
    by = f"提出 {item.proposer_name}，批准 {item.decider_name}" if item.decided_by != item.proposed_by else f"更正 {item.proposer_name}"
    said = f"{names}{from_version}：{item.reason}；{by}"
    identity = succeeding.free(_ACT, [event.id for event in kept.events])
    event = BusinessEvent(identity, own, ACTIVITY[item.kind], at, description=said)
    elements = versions.applied(kept.elements, item.changes)
    return replace(kept, version=item.base_version + 1, elements=elements, events=(*kept.events, event))


def _put(row: Record, item: Amendment) -> None:
    """Set on the row what the version says."""
    row.elements = versions.applied(row.elements, item.changes)
    for column, element in _NAMED.items():
        value = row.elements.get(element, "")
        text = "；".join(value) if isinstance(value, list) else str(value)
        limit = getattr(Record._meta.get_field(column), "max_length", None)
        setattr(row, column, text[:limit] if limit else text)
    row.content_version = item.base_version + 1
    set_keys(row)


def _apply(house: House, item: Amendment, row: Record, stored: Stored) -> bool:
    """Say in one transaction that the version is the record's; False where somebody else said so: nothing is said again."""
    now = house.clock.now()
    body: dict[str, Any] = {
        "amendment": item.id,
        "elements": sorted(item.changes),
        "source": item.source_version,
        "reason": item.reason,
        "proposed_by": item.proposed_by,
        "code": row.code,
        "title": row.title[:500],
        "version": row.content_version,
        "conclusion": row.conclusion,
        "inventory_sha256": stored.inventory_sha256,
    }
    told = entries.Entry(EVENT[item.kind], item.decided_by, row.id, body)
    with transaction.atomic():
        if not save_unchanged(Record, [row], _COLUMNS, conditions={"state": State.ARCHIVED}):
            return False
        Amendment.objects.filter(id=item.id, state="approved").update(state="done", version=F("version") + 1)
        signed = roots.told([succeeding.batch_of(house, row.id, row.content_version)])
        entries.append(now, [told, *signed], ids=house.ids)
        roots.follow(house)
        queries.mark_for_index([row.id])
        work.enqueue("index")
    return True


def _void(house: House, item: Amendment) -> Amendment:
    with transaction.atomic():
        if Amendment.objects.filter(id=item.id, state="approved").update(state="void", version=F("version") + 1):
            told = {"amendment": item.id, "proposed_by": item.proposed_by, "base": item.base_version, "words": "档案已有新的版本"}
            entries.append(house.clock.now(), [entries.Entry("amendment:rejected", "worker", item.record_id, told)], ids=house.ids)
    return Amendment.objects.get(id=item.id)


def rest_amendment(reason: str, **kwargs: Any) -> None:  # noqa: ANN401 - the arguments of the task
    """Let a correction rest whose version could not be made; a person lets it go on."""
    found = Amendment.objects.filter(id=kwargs.get("amendment_id", ""), state="approved")
    found.update(state="stopped", trouble=reason, version=F("version") + 1)


@work.task("amend", on_give_up=rest_amendment)
def amend_task(amendment_id: str) -> None:
    """Make the version of an approved correction in the background."""
    carry_out(work.house(), amendment_id)
