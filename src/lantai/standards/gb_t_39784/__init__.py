"""GB/T 39784-2021 functions of an electronic records management system, with what law asks beside: one testable statement a row.

The numbers are ours, as clause numbers were not to be had. Level M must, E extended, L law.
"""

from dataclasses import dataclass
from functools import cache

from lantai.standards.rows import rows


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: its number here, level, text, certainty and source."""

    id: str
    level: str
    text: str
    certainty: str
    source: str


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return every requirement in order."""
    return tuple(Requirement(**row) for row in rows("gb_t_39784", "requirements"))
