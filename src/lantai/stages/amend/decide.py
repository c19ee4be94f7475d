"""Proposing a correction of an archived record, and another person's decision.

The reason is always asked. Whether a second person must approve, the metadata scheme says of each element (``is_key``); files always are.
"""

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from lantai import work
from lantai.core import access, versions
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import Custody, State
from lantai.core.metadata import Version
from lantai.packages import layout
from lantai.ports import House
from lantai.shelves.bulk import insert, one
from lantai.shelves.exchange.models import TransferLine
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.shelves.metadata import queries as metadata
from lantai.shelves.people.queries import are_one_person
from lantai.shelves.versions.models import Amendment
from lantai.stages import revising, succeeding, use
from lantai.stages.amend import replacing
from lantai.stages.amend.carry import carry_out, make

ACTION = "holdings:record:amend"
#: What stands as the decision where the reason alone is asked.
ALONE = "不涉及关键元素，凭理由更正"
LONGEST = 500
#: Files that every version has anew, whatever the content.
DESCRIBING = frozenset({layout.RECORD_XML, layout.PROOF, layout.REPORT})
_ON_THE_WAY = ("drafted", "checked", "packed")


def correct(house: House, actor: Actor, key: str, changes: Mapping[str, str], *, reason: str) -> Amendment:
    """Propose other values of described elements (names as in ``revising.change``; several values one a line); where none of them is a
    key element, the version is made at once.

    Refusals: ACCESS-REFUSED, RECORD-UNKNOWN, AMEND-NOT-FREE, AMEND-FIXED-ELEMENT, AMEND-NOTHING, AMEND-REASON, AMEND-WAITING, and what
    the values themselves are refused for (ELEMENT-…).
    """
    row = _free_record(actor, key)
    if fixed := versions.FIXED & changes.keys() | {"retention", "department"} & changes.keys():
        raise Refusal("AMEND-FIXED-ELEMENT", "、".join(sorted(fixed)))
    anew = copy.copy(row)
    anew.elements = dict(row.elements)
    by = revising.rules(house)
    revising.change(anew, changes, by)
    found = {item.name: item.after for item in versions.changed_elements(row.elements, anew.elements) if item.name not in versions.FIXED}
    asked = key_elements(found, row.category, known=by.schemes)
    return _propose(house, actor, row, Amendment(kind="correct", changes=found, reason=reason), key=asked)


def restore(house: House, actor: Actor, key: str, number: int, *, reason: str) -> Amendment:
    """Propose that a record be described again as version *number* described it.

    Refusals as in :func:`correct`, and VERSION-UNKNOWN, VERSION-OTHER-FILES (its files are not those of today).
    """
    row = _free_record(actor, key)
    if not 1 <= number <= row.content_version:
        raise Refusal("VERSION-UNKNOWN", row.code or row.id, version=number)
    then, now = house.store.files(row.id, number), house.store.files(row.id)
    if versions.changed_files(_content(then), _content(now)):
        raise Refusal("VERSION-OTHER-FILES", row.code or row.id, version=number)
    old = succeeding.described(house, row.id, number)
    kept = succeeding.described(house, row.id, row.content_version)
    found = {item.name: item.after for item in versions.changed_elements(kept.elements, old.elements)}
    if fixed := versions.FIXED & found.keys():
        raise Refusal("AMEND-FIXED-ELEMENT", "、".join(sorted(fixed)))
    made = Amendment(kind="restore", source_version=number, changes=found, reason=reason)
    return _propose(house, actor, row, made, key=key_elements(found, row.category))


def replace(house: House, actor: Actor, key: str, offer_key: str, *, reason: str, number: int = 0) -> Amendment:
    """Propose that the files of another record, received and not numbered, take the place of document *number*, of all where 0.

    Refusals as in :func:`correct`, and REPLACE-OFFER, REPLACE-DOCUMENT, REPLACE-ONE, REPLACE-CHECK (the archiving gate says no).
    """
    row, offer = _free_record(actor, key), use.find_record(offer_key)
    access.require(actor, replacing.ATTACH, queries.access_facts(offer), where=offer.title or offer.id)
    plan = replacing.planned(row, offer, number)
    replacing.demand_passed(house, plan)
    made = Amendment(kind="replace", offer=offer.id, document=number, reason=reason)
    return _propose(house, actor, row, made, told=replacing.told(plan))


def decide(house: House, actor: Actor, amendment_id: str, *, is_approved: bool, words: str) -> Amendment:
    """Approve what another person proposed, whereupon the version is made; or reject it, which its own proposer may do too.

    Refusals: ACCESS-REFUSED, AMEND-UNKNOWN, AMEND-SECOND-PERSON, AMEND-REASON, AMEND-NOT-FREE; Faults as the vault has them: what was
    approved is then made by the background work, which the sweeper derives from the state. Of files that replace others also REPLACE-….
    """
    item = one(Amendment, amendment_id)
    if item is None or item.state != "proposed":
        raise Refusal("AMEND-UNKNOWN", amendment_id)
    row = use.find_record(item.record_id)
    access.require(actor, ACTION, queries.access_facts(row), where=row.code or row.id)
    if is_approved and are_one_person(actor.id, item.proposed_by):
        raise Refusal("AMEND-SECOND-PERSON", row.code or row.id)
    said = _said(words, row)
    if is_approved:
        _demand_free(row)
    if is_approved and item.kind == "replace":
        replacing.demand_passed(house, replacing.planned(row, Record.objects.filter(id=item.offer).first(), item.document))
    event = "amendment:approved" if is_approved else "amendment:rejected"
    told = {"amendment": item.id, "proposed_by": item.proposed_by, "base": item.base_version, "words": said}
    decided: dict[str, Any] = {"state": "approved" if is_approved else "rejected", "decided_by": actor.id, "decider_name": actor.name}
    decided |= {"decided_at": house.clock.now(), "decision": said, "version": item.version + 1}
    with transaction.atomic():
        if not Amendment.objects.filter(id=item.id, version=item.version, state="proposed").update(**decided):
            raise Refusal("AMEND-UNKNOWN", item.id)
        entries.append(house.clock.now(), [entries.Entry(event, actor.id, row.id, told)], ids=house.ids)
    for name, value in decided.items():
        setattr(item, name, value)
    return make(house, item, row) if is_approved else item


def resume(house: House, actor: Actor, amendment_id: str) -> Amendment:
    """Make the version of an approved correction that stopped. Refusals: ACCESS-REFUSED, AMEND-UNKNOWN; Faults as the vault has them."""
    item = Amendment.objects.filter(id=amendment_id, state="stopped").first()
    if item is None:
        raise Refusal("AMEND-UNKNOWN", amendment_id)
    row = use.find_record(item.record_id)
    access.require(actor, ACTION, queries.access_facts(row), where=row.code or row.id)
    told = entries.Entry("work:resumed", actor.id, row.id, {"amendment": item.id, "reason": item.trouble}, "record")
    with transaction.atomic():
        if Amendment.objects.filter(id=item.id, state="stopped").update(state="approved", trouble="", version=F("version") + 1):
            entries.append(house.clock.now(), [told], ids=house.ids)
            work.enqueue("amend", amendment_id=item.id)
    return carry_out(house, item.id)


def key_elements(names: Iterable[str], category: str, *, known: dict[str, Version] | None = None) -> frozenset[str]:
    """Return which of some elements of a category are not corrected without a second person; one that no scheme knows any more is not.

    *known* are the metadata schemes in force, where they were read already.
    """
    asked = {item.code: item.is_key for item in metadata.laid_over(metadata.of_category(category, known=known))}
    return frozenset(name for name in names if asked.get(name, True))


def _propose(
    house: House, actor: Actor, row: Record, made: Amendment, *, key: Collection[str] = (), told: Mapping[str, Any] | None = None
) -> Amendment:
    """Enter a correction; *key* are the elements that a second person must approve, *told* what the ledger is told besides."""
    said, now = _said(made.reason, row), house.clock.now()
    if not made.changes and not made.offer:
        raise Refusal("AMEND-NOTHING", row.code or row.id)
    made.id, made.record_id, made.base_version, made.reason = house.ids.new(), row.id, row.content_version, said
    made.proposed_by, made.proposer_name, made.proposed_at = actor.id, actor.name, now
    before = {name: row.elements.get(name) for name in made.changes}
    body = {"amendment": made.id, "kind": made.kind, "base": made.base_version, "before": before, "after": made.changes, "reason": said}
    body |= told or {}
    is_alone = not made.offer and not key
    if is_alone:
        made.state, made.decided_by, made.decider_name, made.decided_at, made.decision = "approved", actor.id, actor.name, now, ALONE
        body["decision"] = ALONE
    if made.source_version:
        body["source"] = made.source_version
    try:
        with transaction.atomic():
            insert(Amendment, [made])
            entries.append(now, [entries.Entry("amendment:proposed", actor.id, row.id, body)], ids=house.ids)
    except IntegrityError as problem:
        raise Refusal("AMEND-WAITING", row.code or row.id) from problem
    return make(house, made, row) if is_alone else made


def _free_record(actor: Actor, key: str) -> Record:
    row = use.find_record(key)
    access.require(actor, ACTION, queries.access_facts(row), where=row.code or row.id)
    _demand_free(row)
    return row


def _demand_free(row: Record) -> None:
    if not is_free(row):
        raise Refusal("AMEND-NOT-FREE", row.code or row.id)


def is_free(row: Record) -> bool:
    """Tell whether a record may be corrected: archived, ours, stopped by no flag, and not on its way to a receiver."""
    is_held = row.hold or row.quarantined or bool(row.needs_attention)
    if row.state != State.ARCHIVED or not row.content_version or row.custody != Custody.OURS or is_held:
        return False
    return not TransferLine.objects.filter(record_id=row.id, transfer__state__in=_ON_THE_WAY).exists()


def _said(words: str, row: Record) -> str:
    said = words.strip()
    if not said or len(said) > LONGEST or not said.isprintable():
        raise Refusal("AMEND-REASON", row.code or row.id, most=LONGEST)
    return said


def _content(files: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in files.items() if path not in DESCRIBING}
