"""The Oxford Common File Layout 1.0 and 1.1 (https://ocfl.io): its validation codes, and the names of registered extensions."""

import csv
from functools import cache
from importlib.resources import files

EDITIONS = ("1.0", "1.1")


@cache
def extensions() -> frozenset[str]:
    """Return the names of the registered extensions."""
    text = (files(__package__) / "extensions.csv").read_text("utf-8")
    return frozenset(row["name"] for row in csv.DictReader(text.splitlines()))
