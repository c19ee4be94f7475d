"""The life of a record: one table of who may move it from where to where, with which verb, and what happens on failure.

Facets stand beside each other instead of in one chain (docs/design/lifecycle.md is drawn from this module). The table is
checked when the module is imported: every state is reachable, every non-final state has a way out, no move is listed twice.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Processing states of a record."""

    RECEIVED = "received"
    CHECKED = "checked"
    DESCRIBED = "described"
    ARRANGED = "arranged"
    NUMBERED = "numbered"
    ARCHIVED = "archived"
    RETURNED = "returned"
    DISCARDED = "discarded"
    ACCESSIONED = "accessioned"
    MERGED = "merged"


class Appraisal(StrEnum):
    """Whether the record's retention awaits a decision."""

    NONE = "none"
    DUE = "due"
    DECIDED = "decided"


class Custody(StrEnum):
    """Who keeps the record."""

    OURS = "ours"
    TRANSFERRED_COPY_KEPT = "transferred_copy_kept"
    TRANSFERRED = "transferred"
    DESTROYED = "destroyed"


class Opening(StrEnum):
    """Whether the public may use the record."""

    CLOSED = "closed"
    IN_REVIEW = "in_review"
    OPEN = "open"
    CONTROLLED = "controlled"


STATE_NAMES: dict[State, str] = {
    State.RECEIVED: "已收到",
    State.CHECKED: "已检测",
    State.DESCRIBED: "已著录",
    State.ARRANGED: "已整理",
    State.NUMBERED: "档号已固定",
    State.ARCHIVED: "已归档",
    State.RETURNED: "已退回",
    State.DISCARDED: "不予归档",
    State.ACCESSIONED: "已登记（原有档号）",
    State.MERGED: "已并入他件",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: ``actor`` is worker or person; after ``attempts`` tries the record rests in needs_attention."""

    origin: State
    target: State
    verb: str
    actor: str
    attempts: int = 3
    retry_seconds: int = 30


MOVES: tuple[Move, ...] = (
    Move(State.RECEIVED, State.CHECKED, "check", "worker"),
    Move(State.CHECKED, State.DESCRIBED, "describe", "worker"),
    Move(State.DESCRIBED, State.ARRANGED, "arrange", "worker"),
    Move(State.ARRANGED, State.ACCESSIONED, "accession", "person", attempts=1),
    Move(State.ARRANGED, State.NUMBERED, "number", "person", attempts=1),
    Move(State.NUMBERED, State.ARCHIVED, "archive", "worker"),
    Move(State.NUMBERED, State.ARRANGED, "withdraw", "person", attempts=1),
    Move(State.ACCESSIONED, State.ARCHIVED, "archive", "worker"),
    Move(State.DESCRIBED, State.RETURNED, "return", "person", attempts=1),
    Move(State.ARRANGED, State.RETURNED, "return", "person", attempts=1),
    Move(State.RETURNED, State.RECEIVED, "resubmit", "person", attempts=1),
    Move(State.DESCRIBED, State.DISCARDED, "discard", "person", attempts=1),
    Move(State.ARRANGED, State.DISCARDED, "discard", "person", attempts=1),
    Move(State.RETURNED, State.DISCARDED, "discard", "person", attempts=1),
    Move(State.ARRANGED, State.MERGED, "merge", "person", attempts=1),
    Move(State.MERGED, State.ARRANGED, "part", "person", attempts=1),
)
FINAL: frozenset[State] = frozenset({State.ARCHIVED, State.DISCARDED})
#: What is no item of its own any more: nobody lists, counts or finds it.
GONE: frozenset[State] = frozenset({State.DISCARDED, State.MERGED})
STOPPING_FLAGS: tuple[str, ...] = ("hold", "quarantined", "needs_attention")

_BY_ORIGIN: dict[tuple[State, str], Move] = {(move.origin, move.verb): move for move in MOVES}


def move(origin: State, verb: str) -> Move | None:
    """Return the move that *verb* makes from *origin*, or None where the table has none."""
    return _BY_ORIGIN.get((origin, verb))


def origins(verb: str) -> tuple[State, ...]:
    """Return the states from which *verb* moves a record, in table order."""
    return tuple(row.origin for row in MOVES if row.verb == verb)


def _check_table() -> None:
    if len(_BY_ORIGIN) != len(MOVES):
        raise ValueError("lifecycle: a move is listed twice")
    reachable = {State.RECEIVED} | {row.target for row in MOVES}
    leaving = {row.origin for row in MOVES}
    if stuck := set(State) - reachable:
        raise ValueError(f"lifecycle: unreachable {sorted(stuck)}")
    if stuck := set(State) - leaving - FINAL:
        raise ValueError(f"lifecycle: no way out of {sorted(stuck)}")


_check_table()
