"""Counts that are dear and change slowly are kept for some seconds in this process, each with how long it may be old."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from lantai.core import access
from lantai.core.access import Actor
from lantai.ports import House

MOST = 256
_held: "OrderedDict[Hashable, tuple[float, object]]" = OrderedDict()


def kept[T](house: House, actor: Actor, name: str, seconds: float, make: Callable[[], T]) -> T:
    """Return what *make* gave at most *seconds* ago for actors with the same sight of records, else make it anew."""
    sight = tuple(sorted(str(sorted(row.items())) for row in access.filter_rows(actor)))
    key, now = (str(house.data), name, sight), time.monotonic()
    found = _held.get(key)
    if found and now - found[0] < seconds:
        return found[1]  # type: ignore[return-value]
    value = make()
    _held[key] = (now, value)
    while len(_held) > MOST:
        _held.popitem(last=False)
    return value
