"""The next version of archived records: described anew, their files as they stand, proved and signed like the first.

What a change of custody (transfer) and a correction (amend) have in common: record.xml and proof.json are made anew, nothing else is stored
again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, count

from lantai.core.errors import Fault
from lantai.core.record import Record as Value
from lantai.packages import layout, proof, record_xml
from lantai.ports import House
from lantai.ports.store import Content, Draft, Stored, content_of
from lantai.shelves.holdings.models import Record
from lantai.shelves.metadata import queries as metadata


@dataclass(frozen=True, slots=True)
class Next:
    """The version after the head of *row*: the record as it describes it, the instant (ISO 8601, UTC), and what it is told to come from."""

    row: Record
    value: Value
    created: str
    message: str
    user_address: str


def write(house: House, wanted: Sequence[Next]) -> dict[str, Stored]:
    """Write the next version of every record, durable and read back; return what was stored, by record id.

    One that an earlier run wrote and did not enter is taken up. Raises Fault STORE-CONFLICT where another version stands there.
    """
    there = [item for item in wanted if house.store.has(item.row.id, item.value.version)]
    for item in there:
        if described(house, item.row.id, item.value.version) != item.value:
            raise Fault("STORE-CONFLICT", item.row.id, version=item.value.version)
    new = [item for item in wanted if item not in there]
    labels = metadata.own_names()
    contents = {item.row.id: _contents(house, item.row, record_xml.write(item.value, labels=labels)) for item in new}
    proofs = proof.build([proof.Subject(item.row.id, item.value.version, contents[item.row.id]) for item in new], house.signer)
    drafts = [_draft(house, item, (*contents[item.row.id], content_of(layout.PROOF, made))) for item, made in zip(new, proofs, strict=True)]
    stored = house.store.write(drafts)
    stored += house.store.confirm([(item.row.id, item.value.version) for item in there])
    return {item.record_id: item for item in stored}


def batch_of(house: House, record_id: str, version: int) -> proof.Batch:
    """Return the signed batch that a version stands in."""
    with house.store.open(record_id, layout.PROOF, version) as stream:
        return proof.batch(stream.read())


def described(house: House, record_id: str, version: int) -> Value:
    """Return the record as a version of its package describes it. Raises Fault where the version is absent, Refusal RECORD-XML-INVALID."""
    with house.store.open(record_id, layout.RECORD_XML, version) as stream:
        return record_xml.read(stream.read())


def free(identity: str, taken: Sequence[str]) -> str:
    """Return *identity*, with a number after it where the record has it already."""
    return next(name for name in chain((identity,), (f"{identity}-{number}" for number in count(2))) if name not in taken)


def _contents(house: House, row: Record, described_as: bytes) -> tuple[Content, ...]:
    """Return the files of the new version: the description, and everything else as it stands."""
    with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
        known = json.loads(stream.read())["files"]
    same = [
        Content(path, partial(house.store.open, row.id, path, row.content_version), int(item["size"]), item["sha256"], item["sm3"])
        for item in known
        if (path := item["path"]) != layout.RECORD_XML
    ]
    return (content_of(layout.RECORD_XML, described_as), *same)


def _draft(house: House, item: Next, files: tuple[Content, ...]) -> Draft:
    user = house.settings.agency or "兰台"
    return Draft(item.row.id, item.value.version, files, item.created, item.message, user, item.user_address)
