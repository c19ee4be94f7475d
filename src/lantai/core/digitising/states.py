"""The life of an item of the paper line, the states of a batch, and which step may follow which."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The two orders of work: a catalogue is there and checked against the pages, or the pages propose the catalogue."""

    CATALOGUE_FIRST = "catalogue_first"
    RECOGNISE_FIRST = "recognise_first"


SHAPE_NAMES: dict[str, str] = {Shape.RECOGNISE_FIRST: "识别后著录", Shape.CATALOGUE_FIRST: "目录先行"}


class ItemState(StrEnum):
    """States of an item 件 before it is a record."""

    RECEIVED = "received"
    PROCESSED = "processed"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    RESCAN = "rescan"
    ASIDE = "aside"
    ERASED = "erased"


class BatchState(StrEnum):
    """States of a batch of scans."""

    OPEN = "open"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What a person says of a page: 合格, 退扫, 待议."""

    GOOD = "good"
    RESCAN = "rescan"
    DOUBT = "doubt"


ITEM_NAMES: dict[str, str] = {
    ItemState.RECEIVED: "已扫描",
    ItemState.PROCESSED: "已处理",
    ItemState.PROPOSED: "待著录",
    ItemState.CONFIRMED: "已著录",
    ItemState.ACCEPTED: "已验收",
    ItemState.DELIVERED: "已转入接收",
    ItemState.RESCAN: "退扫",
    ItemState.ASIDE: "搁置",
    ItemState.ERASED: "已销毁",
}
BATCH_NAMES: dict[str, str] = {
    BatchState.OPEN: "进行中",
    BatchState.REJECTED: "返工中",
    BatchState.ACCEPTED: "已验收",
    BatchState.DELIVERED: "已转入接收",
    BatchState.CLOSED: "已归还",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: who (person or worker) moves an item from where to where, and with which verb."""

    origin: ItemState
    target: ItemState
    verb: str
    actor: str


_S = ItemState
MOVES: tuple[Move, ...] = (
    Move(_S.RECEIVED, _S.PROCESSED, "process", "worker"),
    Move(_S.PROCESSED, _S.PROPOSED, "recognise", "worker"),
    Move(_S.RECEIVED, _S.ASIDE, "set_aside", "worker"),
    Move(_S.PROCESSED, _S.ASIDE, "set_aside", "worker"),
    Move(_S.PROCESSED, _S.ERASED, "erase", "worker"),
    Move(_S.PROPOSED, _S.ERASED, "erase", "worker"),
    Move(_S.CONFIRMED, _S.ERASED, "erase", "worker"),
    Move(_S.PROPOSED, _S.CONFIRMED, "confirm", "person"),
    Move(_S.CONFIRMED, _S.PROPOSED, "reopen", "person"),
    Move(_S.PROPOSED, _S.RESCAN, "send_back", "person"),
    Move(_S.CONFIRMED, _S.RESCAN, "send_back", "person"),
    Move(_S.RESCAN, _S.RECEIVED, "scan_again", "person"),
    Move(_S.ASIDE, _S.RECEIVED, "scan_again", "person"),
    Move(_S.CONFIRMED, _S.ACCEPTED, "accept", "person"),
    Move(_S.ACCEPTED, _S.DELIVERED, "deliver", "worker"),
)
FINAL: frozenset[ItemState] = frozenset({_S.DELIVERED, _S.ERASED})


def origins(verb: str) -> tuple[ItemState, ...]:
    """Return the states from which *verb* moves an item. Raises KeyError for a verb that is not in the table."""
    found = tuple(row.origin for row in MOVES if row.verb == verb)
    if not found:
        raise KeyError(verb)
    return found


def next_steps(order: Sequence[str], done: Collection[str]) -> tuple[str, ...]:
    """Return the steps of *order* that are not done and whose predecessors all are; a finished order has none."""
    for step in order:
        if step not in done:
            return (step,)
    return ()


def objection(order: Sequence[str], done: Collection[str], step: str) -> str:
    """Return the first step that must come before *step* and is not done; empty where nothing stands in the way.

    Raises ValueError for a step that is none of the order.
    """
    return next((before for before in order[: order.index(step)] if before not in done), "")


def _check_table() -> None:
    if len({(row.origin, row.verb) for row in MOVES}) != len(MOVES):
        raise ValueError("digitising: a move is listed twice")
    if stuck := set(ItemState) - {row.origin for row in MOVES} - FINAL:
        raise ValueError(f"digitising: no way out of {sorted(stuck)}")
    if lost := set(ItemState) - {row.target for row in MOVES} - {_S.RECEIVED}:
        raise ValueError(f"digitising: unreachable {sorted(lost)}")


_check_table()
