"""The version that a change of custody makes: the package tells who has the record now, and proof and ledger vouch for it (house.md §4).

Files stay what they were and are not stored again; record.xml gains one business event and the receiver, proof.json is made anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lantai.core.record import Agent, BusinessEvent
from lantai.core.record import Record as Value
from lantai.ports import House
from lantai.ports.store import Stored
from lantai.shelves.holdings.models import Record
from lantai.stages import succeeding
from lantai.stages.succeeding import batch_of

__all__ = ["HandedOver", "batch_of", "write"]

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

    Raises Fault STORE-CONFLICT where another version stands there.
    """
    wanted = [succeeding.Next(row, _value(house, row, told[row.id]), told[row.id].at, MESSAGE, "urn:lantai:transfer") for row in rows]
    return succeeding.write(house, wanted)


def _value(house: House, row: Record, told: HandedOver) -> Value:
    """Return the record as its package will describe it."""
    kept = succeeding.described(house, row.id, row.content_version)
    agent = succeeding.free(RECEIVER, [item.id for item in kept.agents])
    said = f"{told.act}：移交 {told.receiver}" + (f"，对方档号 {told.their_code}" if told.their_code else "")
    event = BusinessEvent(succeeding.free(EVENT, [item.id for item in kept.events]), agent, "移交", told.at, description=said)
    agents = (*kept.agents, Agent(agent, "单位", told.receiver))
    return replace(kept, version=row.content_version + 1, agents=agents, events=(*kept.events, event))
