"""The table files of this folder, read once."""

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table file by its name."""
    return tuple(csv.DictReader(files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()))


def number(code: str) -> str:
    """Return the place of an item in the standard (``1.08``) from its short form (``1-8``)."""
    group, _, place = code.partition("-")
    return f"{group}.{int(place):02d}"
