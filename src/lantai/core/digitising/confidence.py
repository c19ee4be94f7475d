"""How a proposed value is shown and whether a person must look at it before the item may be submitted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """The two thresholds, 0 to 1: at *sure* and above a value may be taken as it is, below *glance* a person must confirm it."""

    sure: float = 0.95
    glance: float = 0.80


def unsure(read: Mapping[str, float], values: Mapping[str, str], required: Iterable[str], marks: Marks) -> tuple[tuple[str, str], ...]:
    """Return (field, reason) of everything that keeps an item from being submitted without anybody looking at it: what is required and
    empty, and what was read with less than what is sure."""
    empty = [(name, "没有读出") for name in required if not values.get(name, "").strip()]
    return (*empty, *((name, "把握不足") for name, sure in read.items() if values.get(name, "").strip() and sure < marks.sure))


def level(confidence: float, marks: Marks) -> str:
    """Return ``sure``, ``glance`` or ``must``."""
    return "sure" if confidence >= marks.sure else "glance" if confidence >= marks.glance else "must"


def open_fields(
    read: Mapping[str, float], values: Mapping[str, str], seen: Iterable[str], required: Iterable[str], marks: Marks
) -> tuple[tuple[str, str], ...]:
    """Return (field, reason) of everything that keeps an item from being submitted: what is required and empty, and what was read
    with too little confidence and neither confirmed nor changed by a person (*seen*)."""
    confirmed = set(seen)
    empty = [(name, "必填") for name in required if not values.get(name, "").strip()]
    unsure = [
        (name, "必须核对")
        for name, confidence in read.items()
        if values.get(name, "").strip() and level(confidence, marks) == "must" and name not in confirmed
    ]
    return (*empty, *unsure)
