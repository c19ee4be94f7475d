"""What a report tells of an item besides its result: what the standard's row expects, the kind of tool, the revision of the function.

``rules.csv`` names the items that are not decided by the rules alone; raise the revision of an item whenever its function decides
otherwise than before, so that a repeated check can tell a changed rule from changed material.
"""

from collections.abc import Mapping
from functools import cache, lru_cache

from lantai.core.checks.edition import Edition, Telling, edition
from lantai.core.checks.outcomes import Gate
from lantai.core.checks.scheme import Scheme
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import tables

_MADE: dict[str, Edition] = {}


@cache
def tellings() -> Mapping[str, Telling]:
    """Return what is told of every item, by number."""
    rows = {row["number"]: row for row in tables.rows("rules.csv")}
    found = {}
    for item in da_t_70.items():
        row = rows.get(item.code.partition("-")[2], {})
        found[item.number] = Telling(item.basis, row.get("tool", "lantai"), row.get("revision", "1"))
    return found


@lru_cache(maxsize=64)
def edition_of(scheme: Scheme) -> Edition:
    """Return the edition of a scheme; the same value for the same scheme."""
    made = edition(scheme, tellings())
    _MADE[made.digest] = made
    return made


def made(digest: str) -> Edition | None:
    """Return an edition that this process has judged by, None for any other."""
    return _MADE.get(digest)


@cache
def current(gate: Gate) -> Edition:
    """Return the edition of a gate's default scheme."""
    return edition_of(da_t_70.scheme(gate))
