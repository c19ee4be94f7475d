"""The version that a change of custody makes: the package tells who has the record now, and proof and ledger vouch for it (house.md §4).

Files stay what they were and are not stored again; record.xml gains one business event and the receiver, proof.json is made anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count

from lantai.core.errors import Fault
from lantai.core.record import Agent, BusinessEvent
from lantai.core.record import Record as Value
from lantai.packages import layout, proof, record_xml
from lantai.ports import House
from lantai.ports.store import Content, Draft, Stored, content_of
from lantai.shelves.holdings.models import Record
from lantai.shelves.metadata import queries as metadata

EVENT, RECEIVER, MESSAGE = "lantai-transfer", "system-receiver", "移交"  # names of what archiving and transfer add to the row


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What happened to a record: the act's number, the receiver's name, the code it has there, and the instant (ISO 8601, UTC)."""

    act: str
    receiver: str
    their_code: str
    at: str


def write(house: House, rows: Sequence[Record], told: Mapping[str, HandedOver]) -> dict[str, Stored]:
    """Write the next version of every record, durable and read back; return what was stored, by record id.

    One that an earlier run wrote and did not enter is taken up. Raises Fault STORE-CONFLICT where another version stands there.
    """
    values = {row.id: _value(house, row, told[row.id]) for row in rows}
    there = [row for row in rows if house.store.has(row.id, row.content_version + 1)]
    for row in there:
        if _read(house, row.id, row.content_version + 1) != values[row.id]:
            raise Fault("STORE-CONFLICT", row.id, version=row.content_version + 1)
    new = [row for row in rows if row not in there]
    labels = metadata.own_names()
    contents = {row.id: _contents(house, row, record_xml.write(values[row.id], labels=labels)) for row in new}
    proofs = proof.build([proof.Subject(row.id, row.content_version + 1, contents[row.id]) for row in new], house.signer)
    stored = house.store.write(
        [
            _draft(house, row, (*contents[row.id], content_of(layout.PROOF, made)), told[row.id])
            for row, made in zip(new, proofs, strict=True)
        ]
    )
    stored += house.store.confirm([(row.id, row.content_version + 1) for row in there])
    return {item.record_id: item for item in stored}


def batch_of(house: House, record_id: str, version: int) -> proof.Batch:
    """Return the signed batch that a version stands in."""
    with house.store.open(record_id, layout.PROOF, version) as stream:
        return proof.batch(stream.read())


def _read(house: House, record_id: str, version: int) -> Value:
    with house.store.open(record_id, layout.RECORD_XML, version) as stream:
        return record_xml.read(stream.read())


def _value(house: House, row: Record, told: HandedOver) -> Value:
    """Return the record as its package will describe it."""
    kept = _read(house, row.id, row.content_version)
    agent = _free(RECEIVER, [item.id for item in kept.agents])
    said = f"{told.act}：移交 {told.receiver}" + (f"，对方档号 {told.their_code}" if told.their_code else "")
    event = BusinessEvent(_free(EVENT, [item.id for item in kept.events]), agent, "移交", told.at, description=said)
    agents = (*kept.agents, Agent(agent, "单位", told.receiver))
    return replace(kept, version=row.content_version + 1, agents=agents, events=(*kept.events, event))


def _contents(house: House, row: Record, described: bytes) -> tuple[Content, ...]:
    """Return the files of the new version: the description, and everything else as it stands."""
    with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
        known = json.loads(stream.read())["files"]
    same = [
        Content(path, partial(house.store.open, row.id, path, row.content_version), int(item["size"]), item["sha256"], item["sm3"])
        for item in known
        if (path := item["path"]) != layout.RECORD_XML
    ]
    return (content_of(layout.RECORD_XML, described), *same)


def _draft(house: House, row: Record, files: tuple[Content, ...], told: HandedOver) -> Draft:
    user = house.settings.agency or "兰台"
    return Draft(row.id, row.content_version + 1, files, told.at, MESSAGE, user, "urn:lantai:transfer")


def _free(identity: str, taken: Sequence[str]) -> str:
    """Return *identity*, with a number after it where the record has it already: it may have been given back and transferred again."""
    return next(name for name in chain((identity,), (f"{identity}-{number}" for number in count(2))) if name not in taken)
