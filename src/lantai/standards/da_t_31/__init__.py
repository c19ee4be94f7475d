"""DA/T 31-2017 digitisation of paper records: what a scan must, should and may be. Rows marked ``?`` are kept and never used to judge."""

from dataclasses import dataclass
from functools import cache

from lantai.standards.rows import rows


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: ``level`` least, most, must, should or may; values joined by ``|``; the element of DA/T 46 that records it."""

    name: str
    label: str
    level: str
    value: str
    unit: str
    certainty: str
    source: str
    element: str


@cache
def parameters() -> dict[str, Parameter]:
    """Return every parameter by name, those to be verified among them."""
    return {row["name"]: Parameter(**row) for row in rows("da_t_31", "parameters")}


def least(name: str) -> float | None:
    """Return the number of a parameter, None where it is to be verified or no number."""
    row = parameters()[name]
    return float(row.value) if row.certainty != "?" and row.value.replace(".", "", 1).isdigit() else None
