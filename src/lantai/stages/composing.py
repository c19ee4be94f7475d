"""What composing items 组件 means: what is kept of a record before and after, how documents come to lie in another, how all is put back.

Shared by the verbs that compose (compose) and take back (undo). Bytes stay where they are under the digests they have; only the rows say
which record they belong to, and the logical path follows from role and order as it does on arrival.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import record as core
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.packages import layout
from lantai.ports import House
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act, Trace
from lantai.shelves.ledger import entries
from lantai.stages import revising
from lantai.stages.closing import close_if_done

#: Kinds of act that this module puts back.
KINDS = frozenset({"merge", "split", "parts", "attach"})
OWN = ("state", "content_basis", "page_count", "size_bytes", "agents", "events", "relations", "arrival")
COLUMNS = ("content_basis", "page_count", "size_bytes", "agents", "events", "relations", "arrival", "elements")
DOCUMENTS = "documents"
#: Where a merged record keeps the id of the one it is part of.
MERGED_INTO = "merged_into"
_ASIDE = 1_000_000


def snapshot(row: Record, documents: Sequence[Document]) -> dict[str, Any]:
    """Return what a trace may keep of a record's composition, flat; documents as lists of id, sequence, role and title, in order."""
    parts = sorted([item.sequence, item.id, item.role, item.title] for item in documents)
    elements = {f"elements.{name}": value for name, value in row.elements.items()}
    return {name: getattr(row, name) for name in OWN} | elements | {DOCUMENTS: parts}


def empty(row: Record, head: Record) -> Record:
    """Let a record whose documents lie in another say so; return it."""
    row.page_count, row.size_bytes, row.arrival = None, 0, row.arrival | {MERGED_INTO: head.id}
    return row


def settle(row: Record, documents: Sequence[Document]) -> None:
    """Set what follows from the documents that a record now has: its pages and bytes, and how it is put together (M41)."""
    files = list(ComputerFile.objects.filter(document_id__in=[item.id for item in documents]))
    originals = [item.page_count for item in files if item.representation == core.Representation.ORIGINAL]
    counted = [pages for pages in originals if pages is not None]
    row.page_count = sum(counted) if counted else None
    row.size_bytes = sum(item.size_bytes for item in files)
    row.elements.pop("total_number_of_pages", None)  # what was said of it as it was before
    row.elements["document_aggregation_type"] = "组合文件" if len(documents) > 1 else "单件"


def take_over(head: Record, row: Record) -> None:
    """Let the acts, agents, relations and the story of arrival of a record go along; identities that are taken get another."""
    names = {item["id"]: _free(item["id"], {agent["id"] for agent in head.agents}) for item in row.agents if item not in head.agents}
    head.agents = [*head.agents, *(item | {"id": names[item["id"]]} for item in row.agents if item["id"] in names)]
    for item in row.events:
        moved = item | {"agent_id": names.get(item["agent_id"], item["agent_id"])}
        if moved not in head.events:
            head.events = [*head.events, moved | {"id": _free(item["id"], {event["id"] for event in head.events})}]
    head.relations = [*head.relations, *(item for item in row.relations if item not in head.relations)]
    arrival: dict[str, Any] = dict(head.arrival)
    for name, kind in (("declared", dict), ("findings", list), ("attachments_named", list)):
        if given := row.arrival.get(name):
            arrival[name] = arrival.get(name, {}) | given if kind is dict else [*arrival.get(name, []), *given]
    head.arrival = arrival


def _free(identity: str, taken: set[str]) -> str:
    number, free = 1, identity
    while free in taken:
        number += 1
        free = f"{identity}-{number}"
    return free


def write(house: House, act: Act, before: Mapping[str, dict[str, Any]], after: Mapping[str, tuple[Record, list[Document]]]) -> None:
    """Write records with their documents as they are to be, the act and its traces; in the transaction of the caller.

    *before* are the snapshots of all records that were there. Raises Refusal RECORD-CHANGED-MEANWHILE where somebody was faster.
    """
    rows = [row for row, _ in after.values()]
    leaving = [row for row, documents in after.values() if not documents]
    staying = [row for row in rows if row not in leaving]
    moved = queries.move(leaving, "merge", COLUMNS) if leaving else []
    written = save_unchanged(Record, staying, COLUMNS, conditions={"state": State.ARRANGED.value})
    if len(moved) + len(written) != len(rows):
        raise Refusal("RECORD-CHANGED-MEANWHILE", act.title)
    for key in moved:
        after[key][0].state = State.MERGED.value
    lay([item for _, documents in after.values() for item in documents])
    close_if_done(after[key][0].batch_id for key in moved)
    if not Act.objects.filter(id=act.id).update(done=F("done") + len(rows)):
        act.done = len(rows)
        act.save(force_insert=True)
    traces = []
    for key, (row, documents) in after.items():
        was, now = revising.difference(before[key], snapshot(row, documents))
        traces.append((key, was, now))
    journal.note(act, traces)
    queries.mark_for_index(list(after))
    work.enqueue("index")


def lay(documents: Sequence[Document]) -> None:
    """Write documents under the record, place, role and title they have in memory, and their files' logical paths with them."""
    Document.objects.filter(id__in=[item.id for item in documents]).update(sequence=F("sequence") + _ASIDE)
    files: dict[str, list[ComputerFile]] = {}
    for item in ComputerFile.objects.filter(document_id__in=[item.id for item in documents]).order_by("sequence", "id"):
        files.setdefault(item.document_id, []).append(item)
    for part in documents:
        Document.objects.filter(id=part.id).update(
            record_id=part.record_id, sequence=part.sequence, role=part.role, title=part.title, version=F("version") + 1
        )
        lay_files(part, files.get(part.id, []))
    ComputerFile.objects.bulk_update([item for group in files.values() for item in group], ("record_id", "path", "facts"))


def lay_files(part: Document, files: Sequence[ComputerFile]) -> None:
    """Set on files in memory the record and the logical path that their document gives them."""
    values = [value for item in files for value in _values(item)]
    laid = layout.lay_out_document(core.Document(part.sequence, core.Role(part.role), files=tuple(values)))
    paths = {value.id: value.path for value in laid.files}
    for item in files:
        item.record_id, item.path = part.record_id, paths[item.id]
        if text := paths.get(f"{item.id}-text"):
            item.facts = item.facts | {"text_path": text}


def _values(item: ComputerFile) -> list[core.ComputerFile]:
    kind = core.Representation(item.representation)
    own = core.ComputerFile(item.id, item.name, item.size_bytes, item.sha256, item.sm3, representation=kind)
    if not item.facts.get("text_path"):
        return [own]
    return [own, core.ComputerFile(f"{item.id}-text", item.name, 0, "", "", representation=core.Representation.TEXT)]


def put_back(house: House, act: Act, actor_id: str) -> int:
    """Put every record of an act back as it was, all of them or none; return how many."""
    traces = {trace.record_id: trace for trace in act.traces.all()}
    rows = {row.id: row for row in Record.objects.filter(id__in=list(traces))}
    documents = queries.documents_of(list(rows.values()))
    if len(rows) != len(traces) or not all(_stands(row, documents.get(key, []), traces[key]) for key, row in rows.items()):
        return 0
    by_id = {item.id: item for group in documents.values() for item in group}
    with transaction.atomic():
        for key, row in rows.items():
            _restore(row, traces[key].before, by_id)
        if not _move(rows.values(), traces):
            transaction.set_rollback(True)
            return 0
        lay(list(by_id.values()))
        told = [entries.Entry("record:recomposed", actor_id, key, {"undoes": act.id, "kind": act.kind}) for key in rows]
        entries.append(house.clock.now(), told, ids=house.ids)
        queries.mark_for_index(list(rows))
    return len(rows)


def _stands(row: Record, documents: Sequence[Document], trace: Trace) -> bool:
    """Tell whether every value that the act wrote is still there and the record can still be composed."""
    now = snapshot(row, documents)
    return not (row.hold or row.quarantined or row.code) and all(now.get(name) == value for name, value in trace.after.items())


def _restore(row: Record, before: Mapping[str, Any], documents: Mapping[str, Document]) -> None:
    for sequence, key, role, title in before.get(DOCUMENTS, ()):
        part = documents[key]
        part.record_id, part.sequence, part.role, part.title = row.id, sequence, role, title
    revising.put(row, {name: value for name, value in before.items() if name not in (DOCUMENTS, "state")})


def _move(rows: Any, traces: Mapping[str, Trace]) -> bool:  # noqa: ANN401 - the values of a dictionary
    """Write the rows, through the lifecycle where the state goes back too; tell whether all were written."""
    written = 0
    for row in rows:
        was = traces[row.id].before.get("state", row.state)
        if was == row.state:
            written += len(save_unchanged(Record, [row], COLUMNS, conditions={"state": row.state}))
        else:
            written += len(queries.move([row], "merge" if was == State.MERGED else "part", COLUMNS))
            if was == State.ARRANGED:
                Batch.objects.filter(id=row.batch_id, state="done").update(state="accepted")
    return written == len(traces)
