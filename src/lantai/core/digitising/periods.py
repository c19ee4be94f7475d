"""A retention period that a person gives for a batch as a whole: which items it settles, and which say otherwise themselves."""

from collections.abc import Mapping
from typing import Any

from lantai.core.retention import Retention

#: What a person says who takes for each item what the schedule 保管期限表 has for its class.
BY_SCHEDULE = "schedule"
#: Where a proposed period comes from that no word for the whole batch overrules: the page itself, the batch.
_SAID_BY_OTHERS = frozenset({"page", "batch"})


def settled(said: str, proposed: Mapping[str, Any]) -> str:
    """Return the period (a label such as 30年) that *said* settles for an item, empty where it settles none.

    *said* is a period in any form, or :data:`BY_SCHEDULE`. *proposed* is the item's field: its value, its ``source``, and the ``rule`` of
    the schedule that named it, empty where none did. A stamp on the page that says otherwise is for a person to look at.

    Raises Refusal RETENTION-UNKNOWN.
    """
    value = str(proposed.get("value", ""))
    if said == BY_SCHEDULE:
        return value if proposed.get("rule") else ""
    label = Retention.parse(said).label if said else ""
    return "" if proposed.get("source") in _SAID_BY_OTHERS and value != label else label
