"""Reading the tables of a standard: one CSV a table, each row with its source and certainty (S stored source, K memory, ? unverified)."""

import csv
from functools import cache
from importlib.resources import files

CERTAINTIES = ("S", "S*", "K", "?")


@cache
def rows(standard: str, table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``lantai/standards/<standard>/<table>.csv``, in order, by column."""
    text = (files("lantai.standards") / standard / f"{table}.csv").read_text("utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
