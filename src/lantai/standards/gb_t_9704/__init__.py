"""GB/T 9704-2012, the layout of official documents of Party and government agencies: their elements, and the words that tell them."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lantai.core.officialdoc import Words


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element: its key here, its name and clause in the standard, its number in DA/T 46 (empty: an extension of ours), the zone of the
    page it stands in (head 版头, body 主体, imprint 版记, page), and how sure the row is (K from memory, ? to be verified)."""

    key: str
    name: str
    clause: str
    da_t_46: str
    zone: str
    certainty: str
    source: str


@cache
def elements() -> tuple[ElementRow, ...]:
    """Return the elements in the order in which the standard puts them on the page."""
    lines = (files(__package__) / "elements.csv").read_text("utf-8").splitlines()
    return tuple(ElementRow(**row) for row in csv.DictReader(lines))


@cache
def words() -> Words:
    """Return the word lists for ``core.officialdoc``."""
    table = _table()
    lists = {row["name"]: tuple(row["words"]) for row in table["list"]}
    return Words(**lists, type_endings=tuple((row["ending"], row["document_type"]) for row in table["ending"]))


def sources() -> dict[str, tuple[str, str]]:
    """Return source and certainty of every word list, by its name."""
    return {row["name"]: (row["source"], row["certainty"]) for row in _table()["list"]}


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
