"""compose 组件: several captured records become one item, one becomes several, and the documents of an item get role and order.

Source: DA/T 22-2015 (组件, 件内排序). Only before the number is fixed. Nothing is lost: files keep digests and places, what a merged
record described stays with it, its acts and agents go along, and taking back restores every row as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.composition import Letter, Part, in_order, letters_of, propose
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.record import Role
from lantai.ports import House
from lantai.shelves.bulk import insert
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import UNPLACED, Document, Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger import entries
from lantai.stages import composing, revising
from lantai.standards import da_t_22

MOST = 30


@dataclass(frozen=True, slots=True)
class Piece:
    """A document as a person arranges it: the record it is in now, its role, titles and file names, pages."""

    id: str
    record_id: str
    role: Role
    title: str
    record_title: str
    names: tuple[str, ...]
    pages: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """Role and place of every document of an item, as a person gave them: (document id, role) in order."""

    parts: tuple[tuple[str, str], ...]


def pieces(house: House, actor: Actor, record_ids: Sequence[str], *, given: Given | None = None) -> list[Piece]:
    """Return the documents of records that are to be one item, in the order proposed; *given* are roles that a person chose already.

    Raises Refusal where the records cannot be one item, or the actor may not.
    """
    rows = _composable(actor, record_ids)
    documents = {row.id: found for row in rows for found in [queries.documents_of([row]).get(row.id, [])]}
    shown, places = {item.id: item for item in _pieces(rows, documents)}, da_t_22.places()
    if given is not None:
        order = in_order(letters_of([(key, Role(role)) for key, role in given.parts], places), places)
    elif len(rows) == 1:
        order = [Part(key, item.role) for key, item in shown.items()]
    else:
        order = propose([_letter(row, documents[row.id], shown) for row in rows], places)
    return [_with_role(shown[part.key], part.role) for part in order if part.key in shown]


def _letter(row: Record, documents: Sequence[Document], shown: dict[str, Piece]) -> Letter:
    return Letter(row.title, tuple((item.id, Role(item.role), next(iter(shown[item.id].names), "")) for item in documents))


def _pieces(rows: Sequence[Record], documents: dict[str, list[Document]]) -> list[Piece]:
    files = queries.files_of(rows)
    found = []
    for row in rows:
        for part in documents[row.id]:
            own = [item for item in files.get(row.id, ()) if item.document_id == part.id]
            pages = [item.page_count for item in own if item.page_count]
            names = tuple(item.name for item in own)
            found.append(Piece(part.id, row.id, Role(part.role), part.title, row.title, names, sum(pages) or None))
    return found


def _with_role(piece: Piece, role: Role) -> Piece:
    return Piece(piece.id, piece.record_id, role, piece.title, piece.record_title, piece.names, piece.pages)


def merge(house: House, actor: Actor, record_ids: Sequence[str], *, given: Given) -> Act:
    """Make one item of several records: the first keeps its description and its place, the others become part of it.

    Raises Refusal COMPOSE-UNLIKE, COMPOSE-NO-DOCUMENTS, COMPOSE-PARTS-CHANGED, or where a record is fixed, waits for a person or changed.
    """
    rows = _composable(actor, record_ids)
    if len(rows) < 2:
        raise Refusal("SELECTION-EMPTY")
    head, others = rows[0], rows[1:]
    known = queries.documents_of(rows)
    before = {row.id: composing.snapshot(row, known.get(row.id, [])) for row in rows}
    titles = {row.id: row.title for row in rows}
    documents = _laid(known, given)
    for part in documents:
        if not part.title and part.record_id != head.id:
            part.title = titles[part.record_id]
    origin = {part.id: part.record_id for part in documents}
    for row in others:
        composing.take_over(head, row)
    for part in documents:
        part.record_id = head.id
    composing.settle(head, documents)
    for row in others:
        composing.empty(row, head)
    act = _act(house, actor, "merge", f"把 {len(rows)} 件合为一件《{head.title[:40]}》", len(rows))
    body = {"from": [row.id for row in others], "documents": _told(documents, origin)}
    told = [entries.Entry("record:merged", actor.id, head.id, body)]
    told += [entries.Entry("record:joined", actor.id, row.id, {"into": head.id, "title": row.title[:500]}) for row in others]
    with transaction.atomic():
        composing.write(house, act, before, {head.id: (head, documents)} | {row.id: (row, []) for row in others})
        entries.append(house.clock.now(), told, ids=house.ids)
    return act


def arrange_parts(house: House, actor: Actor, record_id: str, *, given: Given) -> Act:
    """Give the documents of an item other roles and another order."""
    row = _composable(actor, [record_id])[0]
    known = queries.documents_of([row])
    before = {row.id: composing.snapshot(row, known.get(row.id, []))}
    documents = _laid(known, given)
    composing.settle(row, documents)
    act = _act(house, actor, "parts", f"调整《{row.title[:40]}》的组成", 1)
    body = {"documents": _told(documents, {})}
    with transaction.atomic():
        composing.write(house, act, before, {row.id: (row, documents)})
        entries.append(house.clock.now(), [entries.Entry("record:recomposed", actor.id, row.id, body)], ids=house.ids)
    return act


def split(house: House, actor: Actor, record_id: str, *, document_ids: Sequence[str], described: dict[str, str]) -> Act:
    """Make an item of its own of some documents of another; *described* has its title, and its number and date where it has them.

    The new item stands in the same class; taking back makes it part of the old one again. Raises Refusal SPLIT-NOTHING where no or every
    document is chosen, or what describing refuses.
    """
    row = _composable(actor, [record_id])[0]
    known = queries.documents_of([row]).get(row.id, [])
    going = [item for item in known if item.id in set(document_ids)]
    staying = [item for item in known if item not in going]
    if not going or not staying:
        raise Refusal("SPLIT-NOTHING", row.title[:30])
    before = {row.id: composing.snapshot(row, known)}
    fresh = _fresh(house, row, described)
    before[fresh.id] = composing.snapshot(fresh, []) | {"state": State.MERGED.value}
    for group, owner in ((going, fresh), (staying, row)):
        for at, part in enumerate(group, 1):
            part.record_id, part.sequence = owner.id, at
        composing.settle(owner, group)
    going[0].role = Role.MAIN.value
    act = _act(house, actor, "split", f"从《{row.title[:40]}》拆出一件", 2)
    body = {"documents": _told(going, {})}
    told = [
        entries.Entry("record:split", actor.id, row.id, {"into": fresh.id} | body),
        entries.Entry("record:received", actor.id, fresh.id, {"split_from": row.id} | body),
    ]
    with transaction.atomic():
        insert(Record, [fresh])
        composing.write(house, act, before, {row.id: (row, staying), fresh.id: (fresh, going)})
        entries.append(house.clock.now(), told, ids=house.ids)
    return act


def _fresh(house: House, row: Record, described: dict[str, str]) -> Record:
    """Return the record that is split off: in the class of the old one, with the acts and agents of it, described by what is given."""
    key = house.ids.new()
    own = {name: getattr(row, name) for name in ("batch_id", "channel", "content_basis", "state", "fonds", "category", "author")}
    own |= {
        name: getattr(row, name)
        for name in ("document_date", "document_type", "year", "department", "retention", "retention_reason", "conclusion")
    }
    own |= {name: list(getattr(row, name)) for name in ("agents", "events", "relations")}
    fresh = Record(id=key, electronic_record_code=key, created_at=house.clock.now(), position=UNPLACED, **own)
    fresh.elements = {name: value for name, value in row.elements.items() if name not in ("document_number", "electronic_record_code")}
    arrival = row.arrival
    fresh.arrival = {name: arrival[name] for name in ("package", "raw", "scheme") if name in arrival}
    fresh.arrival |= {"key": f"{arrival.get('key', row.id)}（拆出）", "declared": arrival.get("declared", {})}
    revising.change(fresh, {"title": "", **{name: value for name, value in described.items() if value.strip()}}, revising.rules(house))
    set_keys(fresh)
    return fresh


def _laid(known: dict[str, list[Document]], given: Given) -> list[Document]:
    """Return all the documents with the roles and in the order given, which must be about just these."""
    by_id = {item.id: item for group in known.values() for item in group}
    if sorted(key for key, _ in given.parts) != sorted(by_id) or any(role not in set(Role) for _, role in given.parts):
        raise Refusal("COMPOSE-PARTS-CHANGED")
    for at, (key, role) in enumerate(given.parts, 1):
        by_id[key].sequence, by_id[key].role = at, role
    return [by_id[key] for key, _ in given.parts]


def _composable(actor: Actor, record_ids: Sequence[str]) -> list[Record]:
    """Return the records in the order given, all of which can be composed with one another."""
    keys = list(dict.fromkeys(record_ids))
    if not keys or len(keys) > MOST:
        raise Refusal("SELECTION-TOO-MANY" if keys else "SELECTION-EMPTY", actual=len(keys), most=MOST)
    found = {row.id: row for row in Record.objects.filter(id__in=keys, quarantined=False)}
    if missing := [key for key in keys if key not in found]:
        raise Refusal("RECORD-UNKNOWN", missing[0])
    rows = [found[key] for key in keys]
    for row in rows:
        access.require(actor, "holdings:record:revise", queries.access_facts(row))
        if row.state != State.ARRANGED or row.hold:
            raise Refusal("RECORD-CODE-FIXED", row.code or row.title[:30])
        if row.needs_attention or "archival_code" in row.elements:
            raise Refusal("COMPOSE-WAITING", row.title[:30])
    if stranger := next((row for row in rows if _kind(row) != _kind(rows[0])), None):
        raise Refusal("COMPOSE-UNLIKE", stranger.title[:30])
    without = set(keys) - set(Document.objects.filter(record_id__in=keys).values_list("record_id", flat=True))
    if without:
        raise Refusal("COMPOSE-NO-DOCUMENTS", found[min(without)].title[:30])
    return rows


def _kind(row: Record) -> tuple[str, str, str]:
    return row.fonds, row.category, row.content_basis


def _act(house: House, actor: Actor, kind: str, title: str, total: int) -> Act:
    act = Act(id=house.ids.new(), actor=actor.id, kind=kind, title=title[:200], state=journal.DONE, total=total)
    act.made_at = house.clock.now()
    return act


def _told(documents: Sequence[Document], origin: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"id": item.id, "role": item.role} | ({"from": origin[item.id]} if origin.get(item.id, item.record_id) != item.record_id else {})
        for item in documents
    ]
